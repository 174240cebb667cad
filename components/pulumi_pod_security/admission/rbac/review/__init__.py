"""What is probably not meant in the RBAC of a cluster or of some files, as far as it is about policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.rbac.review.bindings import impossible_subjects, missing_roles
from pulumi_pod_security.admission.rbac.review.grants import broad_grants
from pulumi_pod_security.admission.rbac.review.pitfall import Kind, Pitfall
from pulumi_pod_security.admission.rbac.review.roles import (
    circles,
    near_misses,
    one_api_group,
    overwritten,
    unknown_policies,
)
from pulumi_pod_security.admission.rbac.review.shadow import shadows
from pulumi_pod_security.errors import shown
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["Kind", "Pitfall", "pitfalls"]


def pitfalls(rbac: Rbac, policies: Sequence[PodSecurityPolicy]) -> tuple[Pitfall, ...]:
    """Everything found, what gives too much first, then what gives too little, then what could not be read."""
    return (
        *shadows(rbac, policies),
        *broad_grants(rbac),
        *unknown_policies(rbac, {policy.name for policy in policies}),
        *missing_roles(rbac),
        *impossible_subjects(rbac),
        *near_misses(rbac),
        *overwritten(rbac),
        *circles(rbac),
        *one_api_group(rbac),
        *_faults(rbac),
    )


def _faults(rbac: Rbac) -> Iterator[Pitfall]:
    for fault in rbac.faults:
        mend = f"allowed: {fault.allowed}"
        yield Pitfall(kind="fault", where=fault.path, what=f"{shown(fault.value)} counts for nothing", mend=mend)
