"""What is refused in a policy, in which words, and what is not."""

from __future__ import annotations

import pytest

from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.fixtures.accepted_policies import ACCEPTED, OURS_ALONE
from tests.fixtures.policy_cases import Case
from tests.fixtures.refused_metadata import REFUSED_METADATA
from tests.fixtures.refused_policies import REFUSED
from tests.unit.support.policies import by_name, refused


@pytest.mark.parametrize("case", [*REFUSED_METADATA, *OURS_ALONE], ids=by_name)
def test_refused(case: Case) -> None:
    """A policy with one thing wrong is refused with the words for that and no others."""
    assert refused(case) == case.faults


@pytest.mark.parametrize("case", ACCEPTED, ids=by_name)
def test_accepted(case: Case) -> None:
    """What the API server takes is taken, however odd."""
    PodSecurityPolicy.from_manifest(case.manifest())


def test_the_tables_name_each_case_once() -> None:
    """No case hides behind the name of another."""
    names = [case.name for case in (*REFUSED, *OURS_ALONE, *ACCEPTED)]
    assert len(names) == len(set(names))
