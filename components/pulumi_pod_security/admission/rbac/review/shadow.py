"""Permissive policies that everyone may use: what the others refuse, these let in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_pod_security.admission.rbac.links import Link
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.rbac.review.pitfall import Pitfall, listed
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.spec import PodSecurityPolicySpec

__all__ = ["EVERYONE", "openings", "shadows"]

EVERYONE = ("system:authenticated", "system:serviceaccounts")
"""Groups that are in effect everyone: whoever logs in, and every pod's own account."""


def shadows(rbac: Rbac, policies: Sequence[PodSecurityPolicy]) -> Iterator[Pitfall]:
    """Policies that everyone may use and that give away the node: no other policy refuses anybody."""
    links = [link for link in rbac.links.all if link.subject.kind == "Group" and link.subject.name in EVERYONE]
    names = {policy.name for policy in policies}
    for policy in sorted(policies, key=lambda found: found.name):
        if opened := openings(policy.spec):
            for link in _widest([link for link in links if rbac.gives(link, policy.name)]):
                yield _shadow(policy.name, listed(opened), link, len(names) - 1)


def _widest(links: list[Link]) -> Iterator[Link]:
    """The first link of each namespace, or of the whole cluster if there is one."""
    first = {link.namespace: link for link in reversed(links)}
    yield from [first[""]] if "" in first else (first[namespace] for namespace in sorted(first))


def _shadow(policy: str, opened: str, link: Link, others: int) -> Pitfall:
    place = f" in namespace {link.namespace}" if link.namespace else ""
    rest = f"what the other {'policy refuses' if others == 1 else f'{others} policies refuse'}, this one lets in"
    what = f"everyone ({link.subject}) may use it{place} by {link.binding}, and it allows {opened}"
    mend = "give it to the accounts that need it, in their namespaces"
    return Pitfall(
        kind="shadow", where=f"PodSecurityPolicy {policy}", what=f"{what}: {rest}" if others else what, mend=mend
    )


def openings(spec: PodSecurityPolicySpec) -> tuple[str, ...]:
    """What in a policy gives a pod its node: none of the other controls binds such a pod any more."""
    volumes = spec.volumes or ()
    any_path = ("*" in volumes or "hostPath" in volumes) and not spec.allowed_host_paths
    return (
        *(("privileged containers",) if spec.privileged else ()),
        *(("hostPath volumes of any path",) if any_path else ()),
    )
