"""RBAC objects that an API server refuses. The integration tests put the same tables to a real one."""

from __future__ import annotations

import pytest

from pulumi_pod_security.admission.rbac import Objects, Rbac, read
from pulumi_pod_security.admission.rbac.refusals import GROUP
from pulumi_pod_security.policy.syntax import DNS_LABEL, DNS_SUBDOMAIN, LABEL_VALUE
from tests.fixtures.rbac_refused import REFUSED, TAKEN
from tests.unit.support.rbac import JANE, binding, rbac, role, rule, user

_ALLOWED_LABEL = f"allowed: {LABEL_VALUE.allowed}"
_ALLOWED_NAME = "allowed: a name without '/' and '%', and not '.' or '..'"
_ALLOWED_OPERATOR = "allowed: one of 'In', 'NotIn', 'Exists', 'DoesNotExist'"
_ALLOWED_SUBJECT = "allowed: one of 'User', 'Group', 'ServiceAccount'"
_ALLOWED_URLS = "allowed: none in a Role, and none beside apiGroups, resources or resourceNames"
_ALLOWED_VALUES = "allowed: values with 'In' and 'NotIn', and none with 'Exists' and 'DoesNotExist'"
TOLD = {
    "no verbs": "missing; allowed: at least one verb, such as 'use'",
    "no API groups": "missing; allowed: at least one API group, such as 'policy'",
    "no resources": "missing; allowed: at least one resource, such as 'podsecuritypolicies'",
    "URLs beside all of these": f"('/healthz',); {_ALLOWED_URLS}",
    "URLs beside apiGroups": f"('/healthz',); {_ALLOWED_URLS}",
    "URLs beside resources": f"('/healthz',); {_ALLOWED_URLS}",
    "URLs beside resourceNames": f"('/healthz',); {_ALLOWED_URLS}",
    "URLs in a Role": f"('/healthz',); {_ALLOWED_URLS}",
    "a name with a slash": f"'a/b'; {_ALLOWED_NAME}",
    "a label key": "'-'; allowed: keys such as 'team' or 'example.com/team'",
    "a label value": f"'a b'; {_ALLOWED_LABEL}",
    "no selectors": "missing; allowed: at least one label selector",
    "an operator": f"'in'; {_ALLOWED_OPERATOR}; did you mean 'In'?",
    "no operator": f"missing; {_ALLOWED_OPERATOR}",
    "In without values": f"missing; {_ALLOWED_VALUES}",
    "Exists with values": f"('a',); {_ALLOWED_VALUES}",
    "a value to select": f"'a b'; {_ALLOWED_LABEL}",
    "a key to select": "missing; allowed: a label key, such as 'team'",
    "another key to select": "'-'; allowed: a label key, such as 'team'",
    "a label to select": f"'a b'; {_ALLOWED_LABEL}",
    "a Role for the cluster": "'Role'; allowed: 'ClusterRole'",
    "a binding for a role": "'RoleBinding'; allowed: one of 'Role', 'ClusterRole'",
    "a role's kind": "'clusterrole'; allowed: one of 'Role', 'ClusterRole'; did you mean 'ClusterRole'?",
    "a role without a kind": "missing; allowed: one of 'Role', 'ClusterRole'",
    "a role's API group": f"'policy'; allowed: {GROUP}",
    "a role without a name": f"missing; {_ALLOWED_NAME}",
    "a role's name": f"'a%b'; {_ALLOWED_NAME}",
    "a subject's kind": f"'user'; {_ALLOWED_SUBJECT}; did you mean 'User'?",
    "a subject without a kind": f"missing; {_ALLOWED_SUBJECT}",
    "a subject without a name": "missing; allowed: the name of a user, group or service account",
    "a user's API group": f"'v1'; allowed: {GROUP}",
    "an account's API group": f"'{GROUP}'; allowed: none; service accounts are in no group",
    "an account's name": f"'App'; allowed: {DNS_SUBDOMAIN.allowed}",
    "an account of no namespace": "missing; allowed: the account's namespace; a ClusterRoleBinding has none to lend",
}
"""By case, what stands there and what may."""


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    """One fault at the place where it is, with what may stand there, and the object does not count."""
    manifest, path = REFUSED[case]
    found = rbac(manifest)
    (fault,) = found.faults
    assert fault.path.startswith(f"{manifest['kind']} ")
    assert str(fault).endswith(f"{path}: {TOLD[case]}")
    assert found.objects == Objects()


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("No Such", "Role No Such/r: metadata.namespace: 'No Such'"),
        ("", "Role r: metadata.namespace: missing"),
    ],
)
def test_a_namespace_that_cannot_be(given: str, fault: str) -> None:
    """A Role is in a namespace, and by a name that one can have; no server is asked, whose path would have it."""
    found = read([("[0]", role("r", rule("p"), namespace=given) | {"kind": "Role"})], namespace="")
    (told,) = Rbac(found).faults
    assert str(told) == f"{fault}; allowed: {DNS_LABEL.allowed}"


@pytest.mark.parametrize("case", TAKEN)
def test_taken(case: str) -> None:
    """Much that means nothing is taken."""
    assert rbac(TAKEN[case]).faults == ()


def test_a_refused_binding_gives_nothing() -> None:
    """One bad subject takes the right from all of a binding's subjects."""
    found = rbac(role("r", rule("p")), binding("b", "r", user("jane"), user("joe", apiGroup="v1")))
    assert not found.may_use(JANE, "p", "shop")
