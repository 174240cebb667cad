"""A fault at every single call that changes something: refused, lost on its way back, or the last one of a killed run.

After each of them everything that ran can be created again, and the same run once more ends right. The number of
steps tried is shown at the end of the run; `POD_SECURITY_FAULTS=all` tries them all.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Api, Unreachable
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import refused_workloads
from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.config import grant_from_config
from pulumi_pod_security.resources.defaults import RemovedProvider, SavedProvider
from pulumi_pod_security.targets.psp import psp_manifests
from tests.integration.support.furniture import SECRETS
from tests.integration.support.killing import killed
from tests.integration.support.outcome import succeeded
from tests.integration.support.project import GRANTS, Project, new_project
from tests.integration.support.provider import EKS, PLANTED, apply, eks_objects, enforce_with, open_platform, stored
from tests.integration.support.sight import Sight
from tests.integration.support.wire import open_wire
from tests.standins.faults import THOROUGH
from tools.controlplane import ControlPlane

pytestmark = pytest.mark.integration

UP = ("up", "--yes", "--skip-preview")
DESTROY = ("destroy", "--yes", "--skip-preview")
BASELINE = (presets.privileged(), presets.default())
CHANGES = 3
"""Of the three defaults, each is deleted once, and created once."""
ALL_CHANGES = 9
"""With two policies, two roles and two bindings, of which each is created once, and deleted once."""

State = dict[str, dict[str, Any]]
Fault = Callable[[pytest.MonkeyPatch, int], None]
tried: Counter[str] = Counter()


class Killed(BaseException):
    """What a killed process meets wherever it would go on."""


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
def props(sight: Sight, defaults: State, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The inputs of both resources, on a cluster that has the baseline."""
    assert list(defaults) == list(EKS)
    grants = [grant_from_config(dict(grant)) for grant in GRANTS]
    apply(sight, tmp_path_factory.mktemp("baseline"), psp_manifests(BASELINE, grants))
    return {
        "kubeconfig": str(sight.cluster.kubeconfig()),
        "policies": [json.dumps(policy.to_manifest()) for policy in BASELINE],
        "grants": [dict(grant) for grant in GRANTS],
        "platform": "Amazon EKS",
        "defaults": list(EKS),
        "timeout_seconds": 30.0,
        "refused": [],
    }


@pytest.fixture(scope="class")
def project(fresh_cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that is run again and again."""
    project = new_project(tmp_path_factory.mktemp("project"), fresh_cluster, (*SECRETS, PLANTED))
    enforce_with(project, "Eks")
    # Its contents change, its path does not: destroy goes where the last update went.
    project.configure(kubeconfig=str(tmp_path_factory.mktemp("access") / "cluster.conf"))
    _lead(project, fresh_cluster.kubeconfig())
    return project


def fails(patch: pytest.MonkeyPatch, step: int) -> None:
    """The call does not reach the server."""
    _break(patch, step, before=Unreachable("the server", "broken"))


def lost(patch: pytest.MonkeyPatch, step: int) -> None:
    """The call is carried out, and its answer does not come back."""
    _break(patch, step, after=Unreachable("the server", "broken"))


def killed_before(patch: pytest.MonkeyPatch, step: int) -> None:
    """The process ends before the call; nothing of it is sent any more, the way back included."""
    _break(patch, step, before=Killed())


def killed_after(patch: pytest.MonkeyPatch, step: int) -> None:
    """The process ends after the call."""
    _break(patch, step, after=Killed())


FAULTS = pytest.mark.parametrize("fault", [fails, lost, killed_before, killed_after], ids=lambda fault: fault.__name__)
# A minute each, so that a normal run tries every third.
WHOLE = range(1, ALL_CHANGES + 1, 1 if THOROUGH else 3)


class TestOwnCalls:
    """The two providers, on the real server, in one process: each fault at each change."""

    @FAULTS
    @pytest.mark.parametrize("step", range(1, CHANGES + 1))
    def test_up(self, props: Mapping[str, Any], sight: Sight, defaults: State, fault: Fault, step: int) -> None:
        """Whatever happens, the next update removes all of them, and destroy puts back what was there at first."""
        saved = _saved(props)
        with pytest.MonkeyPatch.context() as patch:
            fault(patch, step)
            with pytest.raises((PodSecurityError, Killed)):
                RemovedProvider().create(saved)
        if fault in (fails, lost):
            assert stored(sight, EKS) == defaults
        _nothing_is_refused(sight)

        assert not SavedProvider().diff("saved", saved, dict(props)).changes
        done = RemovedProvider().create(saved).outs or {}
        assert done["enforced"] is True
        assert stored(sight, EKS) == {}
        _nothing_is_refused(sight)
        RemovedProvider().delete("enforcement", done)
        assert stored(sight, EKS) == defaults
        tried[f"up {fault.__name__}"] += 1

    @FAULTS
    @pytest.mark.parametrize("step", range(1, CHANGES + 1))
    def test_destroy(self, props: Mapping[str, Any], sight: Sight, defaults: State, fault: Fault, step: int) -> None:
        """Whatever happens, the next destroy finishes, before any grant or policy goes."""
        done = RemovedProvider().create(_saved(props)).outs or {}
        with pytest.MonkeyPatch.context() as patch:
            fault(patch, step)
            with pytest.raises((PodSecurityError, Killed)):
                RemovedProvider().delete("enforcement", done)
        _nothing_is_refused(sight)

        RemovedProvider().delete("enforcement", done)
        assert stored(sight, EKS) == defaults
        _nothing_is_refused(sight)
        tried[f"destroy {fault.__name__}"] += 1

    @pytest.mark.parametrize("step", range(1, CHANGES + 1))
    def test_up_killed_then_destroyed(self, props: Mapping[str, Any], sight: Sight, defaults: State, step: int) -> None:
        """Destroyed without another update, with nothing of the removal in the state."""
        saved = _saved(props)
        with pytest.MonkeyPatch.context() as patch:
            killed_after(patch, step)
            with pytest.raises(Killed):
                RemovedProvider().create(saved)
        SavedProvider().delete("saved", saved)
        assert stored(sight, EKS) == defaults
        _nothing_is_refused(sight)
        tried["up killed, then destroy"] += 1


class TestWholeRuns:
    """The real CLI, killed with everything it started when a change was made and its answer is still on the way."""

    @pytest.mark.parametrize("step", WHOLE)
    def test_killed(self, project: Project, sight: Sight, defaults: State, tmp_path: Path, step: int) -> None:
        """In `up` and in `destroy` of it, after the change of this number; the next run of each finishes."""
        _killed_at(project, UP, step, tmp_path)
        _nothing_is_refused(sight)
        succeeded(project.up())
        assert stored(sight, EKS) == {}
        assert project.outputs()["enforced"] is True
        _nothing_is_refused(sight)

        _killed_at(project, DESTROY, step, tmp_path)
        _nothing_is_refused(sight)
        succeeded(project.destroy())
        assert stored(sight, EKS) == defaults
        assert sight.policies() == {"eks.privileged"}
        _nothing_is_refused(sight)
        tried["CLI killed"] += 2


def _saved(props: Mapping[str, Any]) -> dict[str, Any]:
    return SavedProvider().create(dict(props)).outs or {}


def _break(
    patch: pytest.MonkeyPatch, step: int, *, before: BaseException | None = None, after: BaseException | None = None
) -> None:
    """Break the change of this number; a process that was killed makes no later call at all."""
    changes = iter(range(1, 1000))
    real, dead = Api._received, False

    def received(self: Api, request: Any) -> bytes:
        nonlocal dead
        if dead:
            raise Killed
        here = _is_change(request.method, f"{request.path}?{'&'.join(request.query)}") and next(changes) == step
        dead = here and isinstance(before or after, Killed)
        if here and before:
            raise before
        answer = real(self, request)
        if here and after:
            raise after
        return answer

    patch.setattr(Api, "_received", received)


def _is_change(method: str, path: str) -> bool:
    """Whether a call changes something for good; reviews are questions."""
    return method in {"POST", "PATCH", "PUT", "DELETE"} and "dryRun" not in path and "reviews" not in path


def _killed_at(project: Project, arguments: tuple[str, ...], step: int, folder: Path) -> None:
    """Run the CLI by way of a wire that keeps the answer to the change of this number, and kill it then."""
    changes = iter(range(1, 1000))
    with open_wire(project.cluster) as wire:
        wire.keeps = lambda request: _is_change(*request.split(" ", 1)) and next(changes) == step
        _lead(project, wire.kubeconfig(folder))
        killed(project, arguments, wire.kept.is_set)
    _lead(project, project.cluster.kubeconfig())


def _lead(project: Project, kubeconfig: Path) -> None:
    """Have every later run use this kubeconfig."""
    shutil.copy(kubeconfig, project.values["kubeconfig"])


def _nothing_is_refused(sight: Sight) -> None:
    """Everything that runs could be created now, by those who created it."""
    assert refused_workloads(Cluster(Connection(kubeconfig=str(sight.cluster.kubeconfig())).open())) == []
