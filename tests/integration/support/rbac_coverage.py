"""Which branches of the authorizer a run of random questions has reached, by the answers that depended on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pulumi_pod_security.admission.rbac import Named, Rbac
from pulumi_pod_security.admission.rbac.because import Because
from pulumi_pod_security.admission.rbac.links import Links, links, role_of
from tests.fixtures.rbac_graphs import FLAVOUR, GRANTS, SHAPES, TRAPS, Question

__all__ = ["BRANCHES", "branches"]

BRANCHES = (
    *("no", "masters", "User", "Group", "ServiceAccount", "lent namespace", "everyone", "outside of namespaces"),
    *("cluster", "namespace", "Role", "ClusterRole", "by name", "every policy", "aggregated"),
    *(f"grant {flavour}" for flavour in GRANTS),
    *(f"trap {flavour}" for flavour in (*TRAPS, "urls", "missing")),
    *(f"aggregated by {shape.lower()}" for shape in SHAPES),
)


def branches(rbac: Rbac, questions: list[Question]) -> Counter[str]:
    """How many of the questions reached each branch."""
    roles = (*rbac.objects.cluster_roles, *rbac.objects.roles)
    flavours = {role.named: (role.metadata.labels or {}).get(FLAVOUR) or "" for role in roles}
    bindings = (*rbac.objects.cluster_role_bindings, *rbac.objects.role_bindings)
    every = Links(links(bindings, {role_of(binding) for binding in bindings}))
    lent = {
        binding.named
        for binding in bindings
        if any(one.kind == "ServiceAccount" and not one.namespace for one in binding.subjects or ())
    }
    counts: Counter[str] = Counter()
    for question in questions:
        because = rbac.because(question.identity, question.policy, question.namespace)
        found = _given(because, flavours, lent) if because else _traps(question, every, flavours)
        counts.update({*found, *(("outside of namespaces",) if because and not question.namespace else ())})
    return counts


def _given(because: Because, flavours: dict[Named, str], lent: set[Named]) -> Iterator[str]:
    if because.binding is None or because.role is None or because.origin is None or because.rule is None:
        yield "masters"
        return
    yield because.subject.kind
    yield "namespace" if because.namespace else "cluster"
    yield because.role.kind
    yield "by name" if because.rule.resource_names else "every policy"
    yield f"grant {flavours[because.origin]}"
    if because.binding in lent and because.subject.kind == "ServiceAccount" and because.subject.name == "root":
        yield "lent namespace"
    if because.subject.name == "system:authenticated":
        yield "everyone"
    if because.origin != because.role:
        yield "aggregated"
        yield f"aggregated by {because.role.name.rpartition('-')[0]}"


def _traps(question: Question, every: Links, flavours: dict[Named, str]) -> Iterator[str]:
    yield "no"
    for link in every.of(question.identity):
        if link.namespace in ("", question.namespace):
            yield f"trap {flavours.get(link.role, 'missing')}"
