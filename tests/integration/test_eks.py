"""Amazon EKS: the plugin is on, and everyone may use `eks.privileged`. One `pulumi up` takes that away, destroy
puts it back, and nothing that runs is ever refused.

The steps share one cluster with the provider's three objects, which have random labels, annotations and subjects.
"""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import refused_workloads
from tests.integration.support.furniture import SECRETS
from tests.integration.support.outcome import changes, refused, succeeded
from tests.integration.support.project import GRANTS, Project, new_project
from tests.integration.support.provider import EKS, PLANTED, apply, eks_objects, enforce_with, open_platform, stored
from tests.integration.support.sight import Sight, wait
from tools.controlplane import ControlPlane
from tools.walk.places import MANIFESTS
from tools.walk.report import refusal, running

pytestmark = [pytest.mark.integration, pytest.mark.story]

SEED = secrets.randbits(32)
ACTS = {"baseline-server", "baseline-guard", "enforce-preflight", "enforce-saved", "enforce-removed"}
OBJECTS = {
    "baseline-privileged",
    "baseline-default",
    "baseline-privileged-psp",
    "baseline-default-psp",
    "baseline-kube-system/privileged-psp-nodes",
}
BINDING = EKS[0].partition("/")[2]


@pytest.fixture(scope="class")
def project(fresh_cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A new project for the cluster."""
    project = new_project(tmp_path_factory.mktemp("project"), fresh_cluster, (*SECRETS, PLANTED))
    enforce_with(project, "Eks")
    return project


@pytest.fixture(scope="class")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the story keeps files."""
    return tmp_path_factory.mktemp("eks")


@pytest.fixture(scope="class")
def defaults(sight: Sight, folder: Path, figure: Callable[[str], None]) -> dict[str, dict[str, object]]:
    """What was there before anything was done."""
    figure(f"EKS: defaults of seed {SEED}")
    open_platform(sight, folder, eks_objects(SEED))
    return stored(sight, EKS)


class TestEks:
    """The story."""

    def test_before(self, sight: Sight, defaults: dict[str, dict[str, object]]) -> None:
        """Everything runs under the provider's policy."""
        assert list(defaults) == list(EKS)
        assert {_policy(pod) for pod in sight.kubectl.get("pods", "--namespace=shop")["items"]} == {"eks.privileged"}

    def test_preflight_judges_as_if_they_were_gone(
        self, project: Project, sight: Sight, defaults: dict[str, dict[str, object]]
    ) -> None:
        """A workload that only the provider's policy lets in is named, and nothing is created or removed."""
        project.configure(grants=[GRANTS[0]])
        refused(
            project.run("up", "--yes"),
            "workloads would not be admitted; enforcement was not touched",
            "shop/Deployment/cart (2 replicas, service account shop:default, created by ",
            "grant one:  - {policy: ",
        )
        assert stored(sight, EKS) == defaults
        assert sight.policies() == {"eks.privileged"}
        project.configure(grants=list(GRANTS))

    def test_up(self, project: Project, sight: Sight) -> None:
        """Policies and grants are created, and the provider's three objects are gone."""
        done = changes(succeeded(project.run("up", "--yes")))
        assert done["created"] == ACTS | OBJECTS | {"baseline-default-psp"}
        assert project.outputs()["enforced"] is True
        assert stored(sight, EKS) == {}
        assert sight.policies() == {"privileged", "default"}
        assert len(sight.starts()) == 2

    def test_the_binding_went_last_of_the_changes_and_first_of_the_defaults(self, sight: Sight) -> None:
        """The audit log has every policy, role and binding created before anything was deleted."""
        writes = [(event.verb, event.object_ref.name) for event in sight.writes() if event.verb != "patch"]
        deleted = [name for verb, name in writes if verb == "delete"]
        assert deleted == [reference.partition("/")[2] for reference in EKS]
        assert writes[-3:] == [("delete", name) for name in deleted]

    def test_everything_that_runs_is_admitted(self, sight: Sight) -> None:
        """New pods come, and they carry the policies of the baseline."""
        sight.can_create_pods()
        assert {_policy(pod) for pod in sight.kubectl.get("pods", "--namespace=shop")["items"]} == {"default"}
        assert refused_workloads(_cluster(sight)) == []

    def test_a_pod_without_a_grant_is_refused(self, sight: Sight) -> None:
        """A Deployment that mounts a folder of the node gets no pods any more."""
        sight.kubectl.run("apply", f"--filename={MANIFESTS / 'hostpath.yaml'}")
        said = wait(lambda: refusal(sight.kubectl, "default", "nginx-hostpath"), "the refusal")
        assert "PodSecurityPolicy: unable to admit pod" in said
        sight.kubectl.run("delete", f"--filename={MANIFESTS / 'hostpath.yaml'}")

    def test_nothing_new_is_no_change(self, project: Project, sight: Sight) -> None:
        """A second update leaves state and cluster as they are."""
        writes = len(sight.writes())
        assert changes(succeeded(project.up())) == {}
        assert len(sight.writes()) == writes

    def test_what_was_saved_is_a_secret(self, project: Project) -> None:
        """The state has it, and not in clear; the fixture looks for what is planted in it."""
        exported = succeeded(project.run("stack", "export")).output
        assert '"saved"' in exported

    def test_drift(self, project: Project, sight: Sight, folder: Path) -> None:
        """The provider brings its objects back, newer ones: seen in the preview, saved anew, and removed again."""
        newer = eks_objects(SEED)
        newer[1]["metadata"]["labels"]["release"] = "newer"
        apply(sight, folder, newer)
        shown = succeeded(project.run("preview", "--diff"))
        assert "enforce-removed" in shown.output
        assert "enforce-saved" in shown.output
        assert set(stored(sight, EKS)) == set(EKS)
        assert changes(succeeded(project.up())) == {"updated": {"enforce-saved", "enforce-removed"}}
        assert stored(sight, EKS) == {}
        sight.can_create_pods()

    def test_destroy(self, project: Project, sight: Sight, defaults: dict[str, dict[str, object]]) -> None:
        """Every field of every object is as it was, but for what the provider changed; no object of ours is left."""
        succeeded(project.destroy())
        restored = stored(sight, EKS)
        role = restored[EKS[1]]
        assert role["metadata"]["labels"].pop("release") == "newer"
        before = {name: {**found, "metadata": _without_applied(found)} for name, found in defaults.items()}
        after = {name: {**found, "metadata": _without_applied(found)} for name, found in restored.items()}
        assert after == before
        assert sight.policies() == {"eks.privileged"}
        assert not sight.bindings() - {BINDING}
        assert not project.stack.resources()

    def test_they_were_back_before_anything_of_ours_went(self, sight: Sight) -> None:
        """The audit log has them created again, the binding last, before the first policy or grant was deleted."""
        writes = [(event.verb, event.object_ref.name) for event in sight.writes()]
        back = writes.index(("create", BINDING), writes.index(("delete", BINDING)))
        ours = {name for verb, name in writes[back:] if verb == "delete"}
        assert {"privileged", "default", "privileged-psp", "default-psp", "privileged-psp-nodes"} <= ours
        names = [reference.partition("/")[2] for reference in reversed(EKS)]
        assert [name for verb, name in writes[back - 2 : back + 1] if verb == "create"] == names

    def test_nothing_that_ran_was_ever_refused(self, sight: Sight) -> None:
        """From the audit log: not one pod of what ran before, in all of the above."""
        sight.can_create_pods()
        assert wait(lambda: running(sight.kubectl, "--all-namespaces"), "every pod running")
        assert [event for space in ("kube-system", "shop") for event in sight.refused_pods(space)] == []
        assert sight.refused_pods("default")


def test_restored_equals_saved_at_once(project: Project, sight: Sight, folder: Path) -> None:
    """Up and destroy with nothing in between: every field is the same, kubectl's own annotation too.

    `test_defaults_restored` has twenty seeds more, without the CLI.
    """
    open_platform(sight, folder, eks_objects(SEED + 1))
    before = stored(sight, EKS)
    succeeded(project.up())
    assert stored(sight, EKS) == {}
    succeeded(project.destroy())
    assert stored(sight, EKS) == before


def _policy(pod: dict[str, dict[str, dict[str, str]]]) -> str:
    return pod["metadata"]["annotations"]["kubernetes.io/psp"]


def _without_applied(found: dict[str, object]) -> dict[str, object]:
    """Metadata without what kubectl noted when the provider applied something newer."""
    metadata: dict[str, object] = yaml.safe_load(yaml.safe_dump(found["metadata"]))
    annotations = metadata["annotations"]
    assert isinstance(annotations, dict)
    annotations.pop("kubectl.kubernetes.io/last-applied-configuration")
    return metadata


def _cluster(sight: Sight) -> Cluster:
    return Cluster(Connection(kubeconfig=str(sight.cluster.kubeconfig())).open())
