"""A fault at every call of the two providers behind removed defaults: refused, lost on its way back, or the last one
of a killed run. They run in this process, on the real server.

After each fault everything that ran can be created again, and the same act once more ends right. The number of steps
tried is shown at the end of the run; `POD_SECURITY_FAULTS=all` breaks every single question too, not every twentieth.
"""

import dataclasses
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.config import grant_from_config
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.resources.defaults import RemovedProvider, SavedProvider
from pulumi_pod_security.targets.psp import psp_manifests
from tests.integration.support.breaking import How, Killed, any_call, breaking, change
from tests.integration.support.faulty import nothing_is_refused
from tests.integration.support.project import GRANTS
from tests.integration.support.provider import EKS, MKE, apply, eks_objects, mke_objects, open_platform, stored
from tests.integration.support.sight import Sight
from tests.standins.faults import THOROUGH

pytestmark = pytest.mark.integration

State = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and where.

    Attributes:
        how: what becomes of the call.
        named: which calls count.
        stride: from one call that is broken to the next.
    """

    how: How
    named: Callable[[Any], str | None] = change
    stride: int = 1

    def __str__(self) -> str:
        return "unanswered" if self.named is any_call else str(self.how)


FAULTS = pytest.mark.parametrize(
    "fault",
    [
        *(Fault(how) for how in How),
        Fault(How.FAILS, any_call, 1 if THOROUGH else 20),
    ],
    ids=str,
)


class OwnCalls:
    """What each provider's defaults go through.

    Attributes:
        platform: its name.
        references: its defaults.
        objects: everything of it that is there at first.
        policies, grants: the baseline.
    """

    platform: ClassVar[str]
    references: ClassVar[tuple[str, ...]]
    objects: ClassVar[list[dict[str, Any]]]
    policies: ClassVar[tuple[PodSecurityPolicy, ...]]
    grants: ClassVar[tuple[Mapping[str, Any], ...]]

    @pytest.fixture(scope="class")
    @classmethod
    def defaults(cls, sight: Sight, tmp_path_factory: pytest.TempPathFactory) -> State:
        """The provider's objects, on a cluster that has been in use."""
        open_platform(sight, tmp_path_factory.mktemp("provider"), cls.objects)
        return stored(sight, cls.references)

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def tried(cls, sight: Sight, figure: Callable[[str], None]) -> Iterator[Counter[str]]:
        """Say how many steps were tried, and that nothing that ran was ever refused."""
        tried: Counter[str] = Counter()
        yield tried
        figure(f"{cls.platform}: {tried.total()} steps ({', '.join(f'{name} {n}' for name, n in tried.items())})")
        assert [event for space in ("kube-system", "shop") for event in sight.refused_pods(space)] == []

    @pytest.fixture(scope="class")
    @classmethod
    def props(cls, sight: Sight, defaults: State, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
        """The inputs of both resources, on a cluster that has the baseline."""
        assert set(defaults) == set(cls.references)
        grants = [grant_from_config(dict(grant)) for grant in cls.grants]
        apply(sight, tmp_path_factory.mktemp("baseline"), psp_manifests(cls.policies, grants))
        return {
            "kubeconfig": str(sight.cluster.kubeconfig()),
            "policies": [json.dumps(policy.to_manifest()) for policy in cls.policies],
            "grants": [dict(grant) for grant in cls.grants],
            "platform": cls.platform,
            "defaults": list(cls.references),
            "timeout_seconds": 30.0,
            "refused": [],
        }

    @FAULTS
    def test_up(
        self, props: Mapping[str, Any], sight: Sight, defaults: State, fault: Fault, tried: Counter[str]
    ) -> None:
        """Whatever happens, the next update removes all of them, and destroy puts back what was there at first."""
        saved = _saved(props)
        for went in _steps(fault, lambda: RemovedProvider().create(saved)):
            if not fault.how.kills and not went:
                assert stored(sight, self.references) == defaults
            nothing_is_refused(sight)

            assert not SavedProvider().diff("saved", saved, dict(props)).changes
            done = RemovedProvider().create(saved).outs or {}
            assert done["enforced"] is True
            assert stored(sight, self.references) == {}
            nothing_is_refused(sight)
            RemovedProvider().delete("enforcement", done)
            assert stored(sight, self.references) == defaults
            tried[f"up {fault}"] += 1
        RemovedProvider().delete("enforcement", saved)

    @FAULTS
    def test_destroy(
        self, props: Mapping[str, Any], sight: Sight, defaults: State, fault: Fault, tried: Counter[str]
    ) -> None:
        """Whatever happens, the next destroy finishes, before any grant or policy goes."""
        done = RemovedProvider().create(_saved(props)).outs or {}
        for _ in _steps(fault, lambda: RemovedProvider().delete("enforcement", done)):
            nothing_is_refused(sight)
            RemovedProvider().delete("enforcement", done)
            assert stored(sight, self.references) == defaults
            nothing_is_refused(sight)
            tried[f"destroy {fault}"] += 1
            RemovedProvider().create(done)
        assert stored(sight, self.references) == defaults

    def test_up_killed_then_destroyed(
        self, props: Mapping[str, Any], sight: Sight, defaults: State, tried: Counter[str]
    ) -> None:
        """Destroyed without another update, with nothing of the removal in the state."""
        saved = _saved(props)
        for _ in _steps(Fault(How.KILLED_AFTER), lambda: RemovedProvider().create(saved)):
            SavedProvider().delete("saved", saved)
            assert stored(sight, self.references) == defaults
            nothing_is_refused(sight)
            tried["up killed, then destroy"] += 1
        SavedProvider().delete("saved", saved)


class TestEks(OwnCalls):
    """Amazon EKS: three objects."""

    platform = "Amazon EKS"
    references = EKS
    objects = eks_objects(1)
    policies = (presets.privileged(), presets.default())
    grants = GRANTS


class TestMke(OwnCalls):
    """Mirantis Kubernetes Engine: one binding, of a policy whose name no other may have."""

    platform = "Mirantis Kubernetes Engine"
    references = MKE
    objects = mke_objects()
    policies = (dataclasses.replace(presets.privileged(), name="infrastructure"), presets.default())
    grants = ({**GRANTS[0], "policy": "infrastructure"}, GRANTS[1])


def _saved(props: Mapping[str, Any]) -> dict[str, Any]:
    return SavedProvider().create(dict(props)).outs or {}


def _steps(fault: Fault, act: Callable[[], object]) -> Iterator[bool]:
    """Do it with a fault at one call after the other, until one try has none; says whether it went through all the
    same, as where a question is put again."""
    for step in itertools.count(1, fault.stride):
        with breaking(step, fault.how, fault.named) as calls:
            try:
                act()
                went = True
            except (PodSecurityError, Killed):
                went = False
        if not calls.is_met:
            assert went
            assert step > 1
            return
        yield went
