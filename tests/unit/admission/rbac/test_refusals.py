"""RBAC objects that an API server refuses. The integration tests put the same tables to a real one."""

from __future__ import annotations

import pytest

from pulumi_pod_security.admission.rbac import Objects
from pulumi_pod_security.admission.rbac.refusals import GROUP
from pulumi_pod_security.policy.syntax import DNS_SUBDOMAIN, LABEL_VALUE
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


@pytest.mark.parametrize(
    ("case", "value", "allowed"),
    [
        ("no selectors", "missing", "at least one label selector"),
        ("an operator", "'in'", "one of 'In', 'NotIn', 'Exists', 'DoesNotExist'; did you mean 'In'?"),
        ("no operator", "missing", "one of 'In', 'NotIn', 'Exists', 'DoesNotExist'"),
        ("In without values", "missing", "values with 'In' and 'NotIn', and none with 'Exists' and 'DoesNotExist'"),
        ("Exists with values", "('a',)", "values with 'In' and 'NotIn', and none with 'Exists' and 'DoesNotExist'"),
        ("a value to select", "'a b'", LABEL_VALUE.allowed),
        ("a key to select", "missing", "a label key, such as 'team'"),
        ("another key to select", "'-'", "a label key, such as 'team'"),
        ("an account's API group", f"'{GROUP}'", "none; service accounts are in no group"),
        ("an account's name", "'App'", DNS_SUBDOMAIN.allowed),
    ],
)
def test_what_is_told(case: str, value: str, allowed: str) -> None:
    """The fault names what stands there and what may."""
    manifest, path = REFUSED[case]
    (fault,) = rbac(manifest).faults
    assert str(fault).endswith(f"{path}: {value}; allowed: {allowed}")


@pytest.mark.parametrize("case", TAKEN)
def test_taken(case: str) -> None:
    """Much that means nothing is taken."""
    assert rbac(TAKEN[case]).faults == ()


def test_a_refused_binding_gives_nothing() -> None:
    """One bad subject takes the right from all of a binding's subjects."""
    found = rbac(role("r", rule("p")), binding("b", "r", user("jane"), user("joe", apiGroup="v1")))
    assert not found.may_use(JANE, "p", "shop")
