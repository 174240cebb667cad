"""What is refused in a policy, in which words, and what is not."""

from __future__ import annotations

import pytest

from pulumi_pod_security.errors import InvalidPolicy
from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.fixtures.accepted_policies import ACCEPTED, OURS_ALONE
from tests.fixtures.policy_cases import Case
from tests.fixtures.refused_policies import REFUSED


def _by_name(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", [*REFUSED, *OURS_ALONE], ids=_by_name)
def test_refused(case: Case) -> None:
    """A policy with one thing wrong is refused with the words for that and no others."""
    with pytest.raises(InvalidPolicy) as refusal:
        PodSecurityPolicy.from_manifest(case.manifest())
    assert tuple(map(str, refusal.value.faults)) == case.faults


@pytest.mark.parametrize("case", ACCEPTED, ids=_by_name)
def test_accepted(case: Case) -> None:
    """What the API server takes is taken, however odd."""
    PodSecurityPolicy.from_manifest(case.manifest())


def test_the_tables_name_each_case_once() -> None:
    """No case hides behind the name of another."""
    names = [case.name for case in (*REFUSED, *OURS_ALONE, *ACCEPTED)]
    assert len(names) == len(set(names))
