"""Google Kubernetes Engine: `up` enables the plugin by the API of a stand-in, `destroy` disables it, no more."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from tests.integration.support.managed import enforced, flip, managed_project
from tests.integration.support.outcome import changes, refused, succeeded
from tests.integration.support.project import Project
from tests.integration.support.sight import Sight
from tests.standins.gke import CLUSTER, LOCATION, PROJECT, GkeStandin, serve
from tests.standins.managed import Managed
from tools.controlplane import ControlPlane

pytestmark = [pytest.mark.integration, pytest.mark.story]


@pytest.fixture(scope="class")
def standin(fresh_cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GkeStandin]:
    """The provider's API, with the cluster in it."""
    with serve(Managed(flip=partial(flip, fresh_cluster)), tmp_path_factory.mktemp("standin")) as standin:
        yield standin


@pytest.fixture(scope="class")
def project(fresh_cluster: ControlPlane, standin: GkeStandin, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that enforces a baseline there."""
    place = {"project": PROJECT, "location": LOCATION, "cluster": CLUSTER, "api_endpoint": standin.endpoint}
    program = enforced("Gke", **place, timeout_seconds=180)
    folder = tmp_path_factory.mktemp("project")
    return managed_project(folder, fresh_cluster, program, standin.environment, tuple(standin.key.splitlines()[1:-1]))


class TestGke:
    """The plugin is off by default."""

    def test_not_to_be_had(self, project: Project, standin: GkeStandin) -> None:
        """A version that has no such plugin is refused by the preview, in one sentence that names another way."""
        standin.managed.version = "1.25.4"
        refused(project.run("preview"), "has no PodSecurityPolicy", "pod-security.kubernetes.io/enforce")
        standin.managed.version = "1.24.17"

    def test_preview(self, project: Project, standin: GkeStandin, sight: Sight) -> None:
        """Nothing is changed, neither there nor on the cluster."""
        succeeded(project.run("preview"))
        assert standin.sent == []
        assert not sight.policies()

    def test_up(self, project: Project, standin: GkeStandin, sight: Sight) -> None:
        """Policies first, then the one field, and the API server starts with the plugin."""
        said = succeeded(project.up()).output
        assert standin.sent == [{"desired_pod_security_policy_config": True}]
        assert sight.plugin_on()
        assert project.outputs()["enforced"] is True
        assert (
            f"the GKE cluster projects/{PROJECT}/locations/{LOCATION}/clusters/{CLUSTER}: UPDATE_CLUSTER is RUNNING ("
            in said
        )
        assert [event for event in sight.writes() if event.time > sight.starts()[-1].time] == []
        sight.can_create_pods()

    def test_again(self, project: Project, standin: GkeStandin) -> None:
        """A second update changes nothing."""
        assert changes(succeeded(project.up())) == {}
        assert len(standin.sent) == 1

    def test_secrets(self, project: Project, standin: GkeStandin) -> None:
        """Credentials went over the wire, and are neither in the state nor in any file beside it."""
        tokens = {sent.removeprefix("Bearer ") for sent in standin.script.credentials}
        assert all(token.startswith("ey") for token in tokens)
        secrets = (*project.secrets, *tokens)
        folder = project.stack.state / "backend"
        texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        assert texts
        assert not any(secret.encode() in text for text in texts for secret in secrets)

    def test_destroy(self, project: Project, standin: GkeStandin, sight: Sight) -> None:
        """The plugin goes off before any policy goes, and nobody was refused a pod that had to be."""
        succeeded(project.destroy())
        assert standin.sent[-1] == {"desired_pod_security_policy_config": False}
        assert not sight.plugin_on()
        assert not sight.policies()
        deleted = [event for event in sight.writes() if event.verb == "delete"]
        assert [event for event in deleted if event.time < sight.starts()[-1].time] == []
        assert [sight.refused_pods(namespace) for namespace in ("kube-system", "shop")] == [[], []]
        sight.can_create_pods()
