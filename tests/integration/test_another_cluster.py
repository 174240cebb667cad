"""A stack that is led to another cluster: the new one is enforced, then the old one gets back what it had."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.support.furniture import SECRETS
from tests.integration.support.outcome import changes, refused, succeeded
from tests.integration.support.project import Project, new_project
from tests.integration.support.provider import EKS, PLANTED, apply, eks_objects, enforce_with, open_platform, stored
from tests.integration.support.sight import PLUGIN, Sight
from tools.controlplane import ControlPlane

pytestmark = [pytest.mark.integration, pytest.mark.story]

OURS = {"privileged", "default"}
THEIRS = {"eks.privileged"}


@pytest.fixture(scope="class")
def other(tmp_path_factory: pytest.TempPathFactory, control_plane: ControlPlane) -> Iterator[Sight]:
    """Another cluster of the same provider."""
    sight = Sight(control_plane)
    apply(sight, tmp_path_factory.mktemp("other"), eks_objects(2))
    control_plane.restart_api_server({"enable-admission-plugins": f"NodeRestriction,{PLUGIN}"})
    yield sight
    control_plane.reset()


@pytest.fixture(scope="class")
def defaults(sight: Sight, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What the first cluster had."""
    open_platform(sight, tmp_path_factory.mktemp("first"), eks_objects(1))
    return stored(sight, EKS)


@pytest.fixture(scope="class")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory, sight: Sight) -> Path:
    """A file that leads to one cluster, and later to another."""
    file = tmp_path_factory.mktemp("access") / "cluster.conf"
    file.write_bytes(sight.cluster.kubeconfig().read_bytes())
    return file


@pytest.fixture(scope="class")
def project(fresh_cluster: ControlPlane, kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project for the first cluster."""
    project = new_project(tmp_path_factory.mktemp("project"), fresh_cluster, (*SECRETS, PLANTED))
    enforce_with(project, "Eks")
    project.configure(kubeconfig=str(kubeconfig))
    return project


class TestAnotherCluster:
    """The story."""

    def test_up(self, project: Project, sight: Sight, defaults: dict[str, dict[str, object]]) -> None:
        """The first cluster is enforced."""
        assert set(defaults) == set(EKS)
        succeeded(project.up())
        assert (stored(sight, EKS), sight.policies()) == ({}, OURS)

    def test_a_kubeconfig_that_was_changed_behind_our_back(
        self, project: Project, sight: Sight, other: Sight, kubeconfig: Path
    ) -> None:
        """Destroy would put back on another cluster what was never there: it does nothing, on neither."""
        there = stored(other, EKS)
        kubeconfig.write_bytes(other.cluster.kubeconfig().read_bytes())
        refused(project.destroy(), "another cluster than the one that this was done on")
        assert (stored(other, EKS), other.policies()) == (there, THEIRS)
        assert (stored(sight, EKS), sight.policies()) == ({}, OURS)
        kubeconfig.write_bytes(sight.cluster.kubeconfig().read_bytes())

    def test_led_elsewhere(
        self, project: Project, sight: Sight, other: Sight, defaults: dict[str, dict[str, object]]
    ) -> None:
        """The second cluster is enforced, and the first one is as it was; nothing was refused there meanwhile."""
        project.configure(kubeconfig=str(other.cluster.kubeconfig()))
        assert "enforce-removed" in changes(succeeded(project.up()))["replaced"]
        assert (stored(other, EKS), other.policies()) == ({}, OURS)
        assert (stored(sight, EKS), sight.policies()) == (defaults, THEIRS)
        sight.can_create_pods()
        assert [event for space in ("kube-system", "shop") for event in sight.refused_pods(space)] == []

    def test_destroy(self, project: Project, other: Sight) -> None:
        """The second one gets back its own."""
        succeeded(project.destroy())
        assert set(stored(other, EKS)) == set(EKS)
        assert other.policies() == THEIRS
