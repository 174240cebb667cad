"""Whole runs on a cluster whose defaults are removed, killed at one change; `test_defaults_calls` breaks each call.

After each of them everything that ran can be created again, and the same run once more ends right. The number of
steps tried is shown at the end of the run.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.faulty import is_change, nothing_is_refused
from tests.integration.support.furniture import SECRETS
from tests.integration.support.killing import killed
from tests.integration.support.outcome import succeeded
from tests.integration.support.project import Project, new_project
from tests.integration.support.provider import EKS, PLANTED, eks_objects, enforce_with, open_platform, stored
from tests.integration.support.sight import Sight
from tests.integration.support.wire import open_wire
from tools.controlplane import ControlPlane

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

UP = ("up", "--yes", "--skip-preview")
DESTROY = ("destroy", "--yes", "--skip-preview")
ALL_CHANGES = 9
"""With two policies, two roles and two bindings, of which each is created once, and deleted once."""

State = dict[str, dict[str, Any]]
tried: Counter[str] = Counter()


@pytest.fixture(scope="class")
def defaults(sight: Sight, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The provider's objects, on a cluster that has been in use."""
    open_platform(sight, tmp_path_factory.mktemp("eks"), eks_objects(1))
    return stored(sight, EKS)


@pytest.fixture(scope="class", autouse=True)
def count(sight: Sight, figure: Callable[[str], None]) -> Iterator[None]:
    """Say how many steps were tried, and that nothing that ran was ever refused."""
    yield
    figure(f"EKS: {sum(tried.values())} steps ({', '.join(f'{name} {times}' for name, times in tried.items())})")
    tried.clear()
    assert [event for space in ("kube-system", "shop") for event in sight.refused_pods(space)] == []


@pytest.fixture(scope="class")
def project(fresh_cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that is run again and again."""
    project = new_project(tmp_path_factory.mktemp("project"), fresh_cluster, (*SECRETS, PLANTED))
    enforce_with(project, "Eks")
    # Its contents change, its path does not: destroy goes where the last update went.
    project.configure(kubeconfig=str(tmp_path_factory.mktemp("access") / "cluster.conf"))
    _lead(project, fresh_cluster.kubeconfig())
    return project


class TestWholeRuns:
    """The real CLI, killed with everything it started when a change was made and its answer is still on the way."""

    @pytest.mark.parametrize("step", range(1, ALL_CHANGES + 1))
    def test_killed(self, project: Project, sight: Sight, defaults: State, tmp_path: Path, step: int) -> None:
        """In `up` and in `destroy` of it, after the change of this number; the next run of each finishes."""
        _killed_at(project, UP, step, tmp_path)
        nothing_is_refused(sight)
        succeeded(project.up())
        assert stored(sight, EKS) == {}
        assert project.outputs()["enforced"] is True
        nothing_is_refused(sight)

        _killed_at(project, DESTROY, step, tmp_path)
        nothing_is_refused(sight)
        succeeded(project.destroy())
        assert stored(sight, EKS) == defaults
        assert sight.policies() == {"eks.privileged"}
        nothing_is_refused(sight)
        tried["CLI killed"] += 2


def _killed_at(project: Project, arguments: tuple[str, ...], step: int, folder: Path) -> None:
    """Run the CLI by way of a wire that keeps the answer to the change of this number, and kill it then."""
    changes = iter(range(1, 1000))
    with open_wire(project.cluster) as wire:
        wire.keeps = lambda request: is_change(*request.split(" ", 1)) and next(changes) == step
        _lead(project, wire.kubeconfig(folder))
        killed(project, arguments, wire.kept.is_set)
    _lead(project, project.cluster.kubeconfig())


def _lead(project: Project, kubeconfig: Path) -> None:
    """Have every later run use this kubeconfig."""
    shutil.copy(kubeconfig, project.values["kubeconfig"])
