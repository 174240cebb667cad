"""What is refused in a policy's strategies and lists, in which words."""

from __future__ import annotations

import pytest

from tests.fixtures.policy_cases import Case
from tests.fixtures.refused_lists import REFUSED_LISTS
from tests.fixtures.refused_strategies import REFUSED_STRATEGIES
from tests.unit.support.policies import by_name, refused


@pytest.mark.parametrize("case", [*REFUSED_STRATEGIES, *REFUSED_LISTS], ids=by_name)
def test_refused(case: Case) -> None:
    """A spec with one thing wrong is refused with the words for that and no others."""
    assert refused(case) == case.faults
