"""Bindings that give more than a policy: everything there is by `*`, or every policy for want of names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from pulumi_pod_security.admission.rbac.aggregation import HeldRule
from pulumi_pod_security.admission.rbac.because import MASTERS
from pulumi_pod_security.admission.rbac.links import Link
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.rbac.review.pitfall import Pitfall, listed
from pulumi_pod_security.admission.rbac.rules import wildcards

__all__ = ["broad_grants"]

_NARROW = "apiGroups: [policy, extensions], resources: [podsecuritypolicies], verbs: [use], resourceNames: [POLICY]"


def broad_grants(rbac: Rbac) -> Iterator[Pitfall]:
    """Grants by wildcard and grants of every policy, binding by binding."""
    for _, links in groupby(rbac.links.all, key=lambda link: link.binding):
        given = [link for link in links if not _to_masters(link)]
        for held in rbac.rules[given[0].role] if given else ():
            yield from _broad(given, held)


def _to_masters(link: Link) -> bool:
    # They may do everything anyhow, and every cluster binds them so.
    return link.subject.kind == "Group" and link.subject.name == MASTERS


def _broad(given: list[Link], held: HeldRule) -> Iterator[Pitfall]:
    link, fields = given[0], wildcards(held.rule)
    policies = "the policies it names" if held.rule.resource_names else "every policy, those to come included"
    what = f"lets {listed(one.subject for one in given)} use {policies}, by rules[{held.place}] of {held.origin}"
    if fields:
        what += f" with '*' in {listed(fields)}"
        yield Pitfall(kind="wildcard", where=str(link.binding), what=what, mend=f"a rule of its own instead: {_NARROW}")
    elif not held.rule.resource_names:
        what += " without resourceNames"
        yield Pitfall(
            kind="every-policy", where=str(link.binding), what=what, mend="name them: resourceNames: [POLICY]"
        )
