"""Scaleway Kapsule: `up` adds the plugin by the API of a stand-in, `destroy` takes it out; what was there stays."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from tests.integration.support.killing import kill
from tests.integration.support.managed import enforced, flip, managed_project
from tests.integration.support.outcome import changes, refused, succeeded
from tests.integration.support.project import Project
from tests.integration.support.sight import Sight, wait
from tests.standins.kapsule import CLUSTER, REGION, SECRET_KEY, KapsuleStandin, serve
from tests.standins.managed import Managed
from tools.controlplane import ControlPlane

pytestmark = [pytest.mark.integration, pytest.mark.story]

PROGRAM = enforced("Kapsule", region=REGION, cluster=CLUSTER, timeout_seconds=180)


@pytest.fixture(scope="class")
def standin(fresh_cluster: ControlPlane) -> Iterator[KapsuleStandin]:
    """Scaleway's API, with the cluster in it."""
    with serve(Managed(flip=partial(flip, fresh_cluster))) as standin:
        yield standin


@pytest.fixture(scope="class")
def project(fresh_cluster: ControlPlane, standin: KapsuleStandin, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that enforces a baseline there."""
    folder = tmp_path_factory.mktemp("project")
    return managed_project(folder, fresh_cluster, PROGRAM, standin.environment, (SECRET_KEY,))


class TestUp:
    """The plugin is off, as Kapsule has it by default."""

    def test_another_cluster(self, project: Project, standin: KapsuleStandin) -> None:
        """A kubeconfig that leads elsewhere is refused by the preview, with the command that makes the right one."""
        standin.managed.address = "prod.api.k8s.fr-par.scw.cloud"
        command = f"scw k8s kubeconfig install {CLUSTER} region=fr-par"
        refused(project.run("preview"), "has its API server at 'prod.api.k8s.fr-par.scw.cloud', but", command)
        standin.managed.address = "127.0.0.1"

    def test_preview(self, project: Project, standin: KapsuleStandin, sight: Sight) -> None:
        """Nothing is changed, neither there nor on the cluster."""
        succeeded(project.run("preview"))
        assert standin.sent == []
        assert not sight.policies()

    def test_up(self, project: Project, standin: KapsuleStandin, sight: Sight) -> None:
        """Policies first, then the name is added to the list, and the API server starts with the plugin."""
        said = succeeded(project.up()).output
        assert standin.sent == [{"admission_plugins": ["AlwaysPullImages", "PodNodeSelector", "PodSecurityPolicy"]}]
        assert sight.plugin_on()
        assert project.outputs()["enforced"] is True
        assert f"the Kapsule cluster {CLUSTER} in fr-par: is updating (" in said
        assert [event for event in sight.writes() if event.time > sight.starts()[-1].time] == []
        sight.can_create_pods()

    def test_again(self, project: Project, standin: KapsuleStandin) -> None:
        """A second update changes nothing."""
        assert changes(succeeded(project.up())) == {}
        assert len(standin.sent) == 1

    def test_turned_off_by_hand(self, project: Project, standin: KapsuleStandin, sight: Sight) -> None:
        """Someone took the name out: the preview says so and the next update adds it again."""
        standin.managed.begin(False)
        standin.managed.settle()
        assert not sight.plugin_on()
        assert "enforce-switch" in succeeded(project.run("preview")).output
        assert changes(succeeded(project.up())) == {"updated": {"enforce-switch"}}
        assert sight.plugin_on()

    def test_secrets(self, project: Project, standin: KapsuleStandin) -> None:
        """The key went over the wire, and is neither in the state nor in any file beside it."""
        assert standin.script.credentials == {SECRET_KEY}
        folder = project.stack.state / "backend"
        texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        assert texts
        assert not any(SECRET_KEY.encode() in text for text in texts)

    def test_destroy(self, project: Project, standin: KapsuleStandin, sight: Sight) -> None:
        """Only our name goes, before any policy does."""
        succeeded(project.destroy())
        assert standin.sent[-1] == {"admission_plugins": ["AlwaysPullImages", "PodNodeSelector"]}
        assert not sight.plugin_on()
        assert not sight.policies()
        deleted = [event for event in sight.writes() if event.verb == "delete"]
        assert [event for event in deleted if event.time < sight.starts()[-1].time] == []
        assert [sight.refused_pods(namespace) for namespace in ("kube-system", "shop")] == [[], []]
        sight.can_create_pods()


class TestFoundOn:
    """The plugin is on before us."""

    def test_up(self, project: Project, standin: KapsuleStandin, sight: Sight) -> None:
        """It is only verified."""
        standin.managed.begin(True)
        standin.managed.settle()
        succeeded(project.up())
        assert standin.sent == []
        sight.can_create_pods()

    def test_destroy(self, project: Project, standin: KapsuleStandin, sight: Sight) -> None:
        """It stays on: the guard lets the baseline go only when nothing needs it."""
        refused(project.destroy(), "policy")
        assert standin.sent == []
        assert sight.plugin_on()
        sight.can_create_pods()


class TestKilled:
    """Killed while Scaleway changes the cluster."""

    def test_up_killed(self, project: Project, standin: KapsuleStandin, sight: Sight) -> None:
        """Policies and grants are there, so pods can be created whatever becomes of the change."""
        _killed(project, standin, "up")
        standin.managed.settle()
        sight.wait_for_plugin()
        assert sight.policies()
        sight.can_create_pods()

    def test_next_up(self, project: Project, standin: KapsuleStandin, sight: Sight) -> None:
        """The next update only proves what is there, and still knows that it was off before us."""
        assert "enforce-switch" in changes(succeeded(project.up()))["created"]
        assert len(standin.sent) == 1
        sight.can_create_pods()

    def test_destroy_killed(self, project: Project, standin: KapsuleStandin, sight: Sight) -> None:
        """No policy goes before the change has come to its end."""
        _killed(project, standin, "destroy")
        standin.managed.settle()
        sight.wait_for_api_server()
        assert sight.policies()
        sight.can_create_pods()

    def test_next_destroy(self, project: Project, sight: Sight) -> None:
        """The next run deletes what is left; nobody in all this was refused a pod."""
        succeeded(project.destroy())
        assert not sight.plugin_on()
        assert not sight.policies()
        assert sight.refused_pods("kube-system") == []
        assert sight.refused_pods("shop") == []

    def test_up_killed_then_destroyed(self, project: Project, standin: KapsuleStandin, sight: Sight) -> None:
        """With no switch in the state the change still goes on: it is waited for, and taken back."""
        _killed(project, standin, "up")
        succeeded(project.destroy())
        assert standin.managed.running is None
        assert not sight.plugin_on()
        assert not sight.policies()
        sight.can_create_pods()


class TestNotToBeHad:
    """A version that offers no such plugin."""

    def test_preview(self, project: Project, standin: KapsuleStandin) -> None:
        """The preview refuses in one sentence that names another way."""
        standin.offered.remove("PodSecurityPolicy")
        refused(
            project.run("preview"),
            "Kubernetes 1.24.17 offers no PodSecurityPolicy",
            "pod-security.kubernetes.io/enforce",
        )
        assert not project.stack.resources()


def _killed(project: Project, standin: KapsuleStandin, *arguments: str) -> None:
    """Start a run and kill it once the provider has begun the change."""
    before = len(standin.managed.changes)
    run = project.stack.start(*arguments, "--yes", "--skip-preview")
    try:
        wait(lambda: len(standin.managed.changes) > before or run.poll() is not None or None, "the change")
        assert run.poll() is None, run.communicate()[0]
    finally:
        kill(run)
    project.stack.select()
