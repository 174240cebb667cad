"""Which RBAC objects an API server of Kubernetes 1.24 would refuse, and why.

An object that is refused grants nothing, however reasonable the rest of it looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_pod_security.admission.rbac.objects import (
    Binding,
    ClusterRole,
    ClusterRoleBinding,
    LabelSelector,
    RbacObject,
    Requirement,
    Role,
    RoleBinding,
    Rule,
    Subject,
)
from pulumi_pod_security.errors import MISSING, Fault, one_of
from pulumi_pod_security.policy.syntax import DNS_LABEL, DNS_SUBDOMAIN, LABEL_VALUE, RBAC_NAME, is_qualified_name

__all__ = ["GROUP", "refusals"]

GROUP = "rbac.authorization.k8s.io"
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


def refusals(found: RbacObject) -> Iterator[Fault]:
    """Every reason the API server would have for refusing the object, each at the object's path."""
    where = str(found.named)
    yield from _metadata(found, f"{where}: metadata")
    if isinstance(found, Binding):
        yield from _role_ref(found, f"{where}: roleRef")
        for index, subject in enumerate(found.subjects or ()):
            yield from _subject(subject, found, f"{where}: subjects[{index}]")
    if isinstance(found, Role | ClusterRole):
        for index, rule in enumerate(found.rules or ()):
            yield from _rule(rule, found, f"{where}: rules[{index}]")
    if isinstance(found, ClusterRole) and found.aggregation_rule:
        yield from _aggregation(found.aggregation_rule.cluster_role_selectors or (), f"{where}: aggregationRule")


def _metadata(found: RbacObject, path: str) -> Iterator[Fault]:
    yield from _rbac_name(found.metadata.name, f"{path}.name")
    namespace = found.metadata.namespace or ""
    if isinstance(found, Role | RoleBinding) and not DNS_LABEL.admits(namespace):
        yield Fault(path=f"{path}.namespace", value=namespace or MISSING, allowed=DNS_LABEL.allowed)
    yield from _labels(found.metadata.labels or {}, f"{path}.labels")


def _rbac_name(name: str, path: str) -> Iterator[Fault]:
    if not RBAC_NAME.pattern.fullmatch(name):
        yield Fault(path=path, value=name or MISSING, allowed="a name without '/' and '%', and not '.' or '..'")


def _labels(labels: Mapping[str, str | None], path: str) -> Iterator[Fault]:
    for key, value in labels.items():
        if not is_qualified_name(key):
            yield Fault(path=path, value=key, allowed="keys such as 'team' or 'example.com/team'")
        if not LABEL_VALUE.admits(value or ""):
            yield Fault(path=f"{path}[{key}]", value=value, allowed=LABEL_VALUE.allowed)


def _role_ref(binding: Binding, path: str) -> Iterator[Fault]:
    role = binding.role_ref
    if role.api_group not in (None, "", GROUP):
        yield Fault(path=f"{path}.apiGroup", value=role.api_group, allowed=GROUP)
    kinds = ("ClusterRole",) if isinstance(binding, ClusterRoleBinding) else ("Role", "ClusterRole")
    if role.kind not in kinds:
        yield Fault(path=f"{path}.kind", value=role.kind or MISSING, allowed=one_of(kinds, given=role.kind))
    yield from _rbac_name(role.name, f"{path}.name")


def _subject(subject: Subject, binding: Binding, path: str) -> Iterator[Fault]:
    if not subject.name:
        yield Fault(path=f"{path}.name", value=MISSING, allowed="the name of a user, group or service account")
    if subject.kind == "ServiceAccount":
        yield from _service_account(subject, binding, path)
    elif subject.kind not in ("User", "Group"):
        allowed = one_of(("User", "Group", "ServiceAccount"), given=subject.kind)
        yield Fault(path=f"{path}.kind", value=subject.kind or MISSING, allowed=allowed)
    elif subject.api_group not in (None, "", GROUP):
        yield Fault(path=f"{path}.apiGroup", value=subject.api_group, allowed=GROUP)


def _service_account(subject: Subject, binding: Binding, path: str) -> Iterator[Fault]:
    if subject.name and not DNS_SUBDOMAIN.admits(subject.name):
        yield Fault(path=f"{path}.name", value=subject.name, allowed=DNS_SUBDOMAIN.allowed)
    if subject.api_group:
        yield Fault(path=f"{path}.apiGroup", value=subject.api_group, allowed="none; service accounts are in no group")
    if isinstance(binding, ClusterRoleBinding) and not subject.namespace:
        allowed = "the account's namespace; a ClusterRoleBinding has none to lend"
        yield Fault(path=f"{path}.namespace", value=MISSING, allowed=allowed)


def _rule(rule: Rule, role: Role | ClusterRole, path: str) -> Iterator[Fault]:
    if not rule.verbs:
        yield Fault(path=f"{path}.verbs", value=MISSING, allowed="at least one verb, such as 'use'")
    if not rule.non_resource_urls:
        if not rule.api_groups:
            yield Fault(path=f"{path}.apiGroups", value=MISSING, allowed="at least one API group, such as 'policy'")
        if not rule.resources:
            allowed = "at least one resource, such as 'podsecuritypolicies'"
            yield Fault(path=f"{path}.resources", value=MISSING, allowed=allowed)
    elif isinstance(role, Role) or rule.api_groups or rule.resources or rule.resource_names:
        allowed = "none in a Role, and none beside apiGroups, resources or resourceNames"
        yield Fault(path=f"{path}.nonResourceURLs", value=rule.non_resource_urls, allowed=allowed)


def _aggregation(selectors: tuple[LabelSelector, ...], path: str) -> Iterator[Fault]:
    if not selectors:
        yield Fault(path=f"{path}.clusterRoleSelectors", value=MISSING, allowed="at least one label selector")
    for index, selector in enumerate(selectors):
        at = f"{path}.clusterRoleSelectors[{index}]"
        yield from _labels(selector.match_labels or {}, f"{at}.matchLabels")
        for number, requirement in enumerate(selector.match_expressions or ()):
            yield from _requirement(requirement, f"{at}.matchExpressions[{number}]")


def _requirement(requirement: Requirement, path: str) -> Iterator[Fault]:
    if not is_qualified_name(requirement.key):
        yield Fault(path=f"{path}.key", value=requirement.key or MISSING, allowed="a label key, such as 'team'")
    if requirement.operator not in _OPERATORS:
        allowed = one_of(_OPERATORS, given=requirement.operator)
        yield Fault(path=f"{path}.operator", value=requirement.operator or MISSING, allowed=allowed)
    elif bool(requirement.values) != (requirement.operator in ("In", "NotIn")):
        allowed = "values with 'In' and 'NotIn', and none with 'Exists' and 'DoesNotExist'"
        yield Fault(path=f"{path}.values", value=requirement.values or MISSING, allowed=allowed)
    for value in requirement.values or ():
        if not LABEL_VALUE.admits(value):
            yield Fault(path=f"{path}.values", value=value, allowed=LABEL_VALUE.allowed)
