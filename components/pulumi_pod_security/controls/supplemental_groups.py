"""The groups a pod's processes are in besides their own: in ranges, or any.

Policy: `supplementalGroups`. `MustRunAs` gives the first range's minimum to a pod that has none and refuses groups
outside the ranges; `MayRunAs` only refuses. Pod: `securityContext.supplementalGroups`; an empty list is not the same as
none: nothing is given to it.

Upstream: pkg/security/podsecuritypolicy/group/mustrunas.go and mayrunas.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from msgspec.structs import replace

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses, Refused, Written, inherited, literal, within
from pulumi_pod_security.controls.control import of_security
from pulumi_pod_security.controls.pod import PodSecurityContext
from pulumi_pod_security.controls.ranges import Groups, group_reasons, groups_of
from pulumi_pod_security.controls.reason import Reasons
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL"]


def settings(policy: PodSecurityPolicy) -> Groups | None:
    """Nothing is asked under `RunAsAny`."""
    return groups_of(policy.spec.supplemental_groups)


def default(asked: Groups, own: PodSecurityContext) -> PodSecurityContext:
    """Set the group of a pod that has none."""
    if not asked.needed or own.supplemental_groups is not None:
        return own
    return replace(own, supplemental_groups=(asked.ranges[0].min,))


def judge(asked: Groups, own: PodSecurityContext) -> Reasons:
    """Each group that the pod may not have."""
    return group_reasons("spec.securityContext.supplementalGroups", own.supplemental_groups, asked)


def cel(asked: Groups) -> Clauses:
    """Each group that the pod may not have; and one that is missing, of which an empty list is no sign here."""
    field, listed = "securityContext.supplementalGroups", f"{inherited('supplementalGroups')}.orValue([])"
    refused = Refused(
        part="pod",
        when=f"{listed}.exists(g, !({within('g', asked.ranges)}))",
        says=f"{field}: groups must be in the ranges: {printing.ranges(asked.ranges)}",
    )
    if not asked.needed:
        return (refused,)
    first = asked.ranges[0].min
    missing = Written(
        part="pod",
        when=f"{listed}.size() == 0",
        says=f"{field}: must be set, such as to [{first}]",
        field=("securityContext", "supplementalGroups"),
        value=literal([first]),
    )
    return refused, missing


CONTROL = of_security(
    "supplemental_groups", psp_fields=("supplementalGroups",), settings=settings, judge=judge, cel=cel, default=default
)
