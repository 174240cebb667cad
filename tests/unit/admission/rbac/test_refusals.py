"""RBAC objects that an API server refuses. The integration tests put the same tables to a real one."""

from __future__ import annotations

import pytest

from pulumi_pod_security.admission.rbac import Objects
from tests.fixtures.rbac_refused import REFUSED, TAKEN
from tests.unit.support.rbac import JANE, binding, rbac, role, rule, user


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    """One fault at the place where it is, and the object does not count."""
    manifest, path = REFUSED[case]
    found = rbac(manifest)
    (fault,) = found.faults
    assert fault.path.startswith(f"{manifest['kind']} ")
    assert fault.path.endswith(path)
    assert found.objects == Objects()


@pytest.mark.parametrize("case", TAKEN)
def test_taken(case: str) -> None:
    """Much that means nothing is taken."""
    assert rbac(TAKEN[case]).faults == ()


def test_a_refused_binding_gives_nothing() -> None:
    """One bad subject takes the right from all of a binding's subjects."""
    found = rbac(role("r", rule("p")), binding("b", "r", user("jane"), user("joe", apiGroup="v1")))
    assert not found.may_use(JANE, "p", "shop")
