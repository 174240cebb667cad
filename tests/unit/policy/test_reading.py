"""What is refused because of its type, in which words."""

from __future__ import annotations

import pytest

from tests.fixtures.mistyped_policies import MISTYPED
from tests.fixtures.policy_cases import Case
from tests.unit.support.policies import by_name, refused


@pytest.mark.parametrize("case", MISTYPED, ids=by_name)
def test_refused(case: Case) -> None:
    """A value of a wrong type is refused with what may stand there, and nothing else is."""
    assert refused(case) == case.faults
