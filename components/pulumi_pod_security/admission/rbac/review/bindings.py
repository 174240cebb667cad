"""Bindings that give nothing: to nobody there can be, or of a role that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from pulumi_pod_security.admission.rbac.links import Link, role_of
from pulumi_pod_security.admission.rbac.objects import Named
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.rbac.review.pitfall import Pitfall
from pulumi_pod_security.errors import closest
from pulumi_pod_security.policy.subjects import Subject, SubjectKind, subject_faults

__all__ = ["impossible_subjects", "missing_roles"]


def missing_roles(rbac: Rbac) -> Iterator[Pitfall]:
    """Bindings to roles that do not exist, whatever they were to give."""
    known = {role.named for role in (*rbac.objects.cluster_roles, *rbac.objects.roles)}
    for binding in sorted(
        (*rbac.objects.cluster_role_bindings, *rbac.objects.role_bindings), key=lambda one: one.named
    ):
        role = role_of(binding)
        if role not in known:
            what = f"refers to {role}, which does not exist, and gives nothing until somebody makes one of that name"
            yield Pitfall(kind="missing-role", where=str(binding.named), what=what, mend=_instead(role, known))


def _instead(role: Named, known: set[Named]) -> str:
    elsewhere = Named("ClusterRole", role.name)
    if role.kind == "Role" and elsewhere in known:
        return f"there is a {elsewhere}: roleRef.kind: ClusterRole"
    alike = (one.name for one in known if (one.kind, one.namespace) == (role.kind, role.namespace))
    guess = closest(role.name, sorted(alike))
    return f"did you mean {guess!r}?" if guess else f"make the {role.kind}, or delete the binding"


def impossible_subjects(rbac: Rbac) -> Iterator[Pitfall]:
    """Subjects, of bindings that give a policy, that no authenticator ever names so."""
    for link in rbac.links.all:
        where, subject = f"{link.binding}: {link.subject}", link.subject
        if subject.kind in get_args(SubjectKind):
            yield from _impossible(where, link)
        if subject.kind != "ServiceAccount" and subject.namespace:
            what = (
                f"has a namespace, {subject.namespace!r}, which an API server drops: it holds wherever the binding does"
            )
            mend = "leave it out, or give the role by a RoleBinding in that namespace"
            yield Pitfall(kind="impossible-subject", where=where, what=what, mend=mend)


def _impossible(where: str, link: Link) -> Iterator[Pitfall]:
    subject = link.subject
    namespace = subject.namespace if subject.kind == "ServiceAccount" else None
    named = Subject(kind=subject.kind, name=subject.name, namespace=namespace)  # type: ignore[arg-type]
    for fault in subject_faults(named, "", link.namespace):
        mend = f"allowed: {fault.allowed}"
        yield Pitfall(kind="impossible-subject", where=where, what="is nobody that could log in", mend=mend)
