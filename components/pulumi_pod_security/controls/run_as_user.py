"""The user ids containers run as: in ranges, not root, or any.

Policy: `runAsUser`. `MustRunAs` gives the first range's minimum to a container that has no uid and refuses uids outside
the ranges. `MustRunAsNonRoot` sets `runAsNonRoot` where neither it nor a uid is set, and refuses uid 0 and
`runAsNonRoot: false`. Pod: `runAsUser` and `runAsNonRoot` of every container, else of the pod.

Standards: restricted asks for `runAsNonRoot: true` of the pod or of every container, and refuses uid 0 from 1.23 on;
from 1.35 on neither in pods with users of their own.

Upstream: pkg/security/podsecuritypolicy/user/mustrunas.go and nonroot.go, kubernetes v1.24.17;
policy/check_runAsNonRoot.go and policy/check_runAsUser.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses, Refused, Written, literal, own_or_inherited
from pulumi_pod_security.controls.cel import within as within_ranges
from pulumi_pod_security.controls.check import Check, Refusal, Rule, except_in_user_namespaces
from pulumi_pod_security.controls.control import of_containers
from pulumi_pod_security.controls.naming import counted, names, setters
from pulumi_pod_security.controls.pod import Pod, PodSecurityContext, SecurityContext, pod_security, security
from pulumi_pod_security.controls.ranges import within
from pulumi_pod_security.controls.reason import Reasons, invalid, required
from pulumi_pod_security.policy.model import IDRange, PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The ranges of `MustRunAs`; empty under `MustRunAsNonRoot`."""

    ranges: tuple[IDRange, ...]


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked under `RunAsAny`."""
    strategy = policy.spec.run_as_user
    if strategy.rule == "RunAsAny":
        return None
    return Settings(ranges=tuple(strategy.ranges or ()) if strategy.rule == "MustRunAs" else ())


def default(settings: Settings, own: SecurityContext, inherited: PodSecurityContext) -> SecurityContext:
    """Set the uid, or that it must not be root, where neither the container nor the pod says anything of it."""
    if own.run_as_user is not None or inherited.run_as_user is not None:
        return own
    if settings.ranges:
        return replace(own, run_as_user=settings.ranges[0].min)
    if own.run_as_non_root is not None or inherited.run_as_non_root is not None:
        return own
    return replace(own, run_as_non_root=True)


def judge(settings: Settings, own: SecurityContext, inherited: PodSecurityContext, place: str) -> Reasons:
    """A uid that the container may not have."""
    uid = inherited.run_as_user if own.run_as_user is None else own.run_as_user
    if settings.ranges:
        return _outside(settings.ranges, uid, f"{place}.securityContext.runAsUser")
    non_root = inherited.run_as_non_root if own.run_as_non_root is None else own.run_as_non_root
    return _root(uid, place, non_root=non_root)


def _outside(ranges: Sequence[IDRange], uid: int | None, path: str) -> Reasons:
    if uid is None:
        return (required(path, ""),)
    if within(uid, ranges):
        return ()
    return (invalid(path, str(uid), f"must be in the ranges: {printing.ranges(ranges)}"),)


def _root(uid: int | None, place: str, *, non_root: bool | None) -> Reasons:
    if non_root is None and uid is None:
        return (required(f"{place}.securityContext.runAsNonRoot", "must be true"),)
    if non_root is False:
        return (invalid(f"{place}.securityContext.runAsNonRoot", "false", "must be true"),)
    if uid == 0:
        return (invalid(f"{place}.securityContext.runAsUser", "0", "running with the root UID is forbidden"),)
    return ()


def cel(settings: Settings) -> Clauses:
    """A uid that the container may not have; and where it says nothing of it."""
    return _in_ranges(settings.ranges) if settings.ranges else _not_root()


def _in_ranges(ranges: Sequence[IDRange]) -> Clauses:
    field, uid, first = "securityContext.runAsUser", own_or_inherited("runAsUser"), ranges[0].min
    return (
        Refused(
            part="container",
            when=f"{uid}.optMap(u, !({within_ranges('u', ranges)})).orValue(false)",
            says=f"{field}: must be in the ranges: {printing.ranges(ranges)}",
        ),
        Written(
            part="container",
            when=f"!{uid}.hasValue()",
            says=f"{field}: must be set, such as to {first}",
            field=("securityContext", "runAsUser"),
            value=literal(first),
        ),
    )


def _not_root() -> Clauses:
    uid, non_root = own_or_inherited("runAsUser"), own_or_inherited("runAsNonRoot")
    field = "securityContext.runAsNonRoot"
    return (
        Refused(part="container", when=f"!{non_root}.orValue(true)", says=f"{field}: must be true"),
        Refused(
            part="container",
            when=f"{uid}.orValue(1) == 0",
            says="securityContext.runAsUser: running with the root UID is forbidden",
        ),
        Written(
            part="container",
            when=f"!{uid}.hasValue() && !{non_root}.hasValue()",
            says=f"{field}: must be true",
            field=("securityContext", "runAsNonRoot"),
            value=literal(True),
        ),
    )


CONTROL = of_containers(
    "run_as_user", psp_fields=("runAsUser",), settings=settings, judge=judge, cel=cel, default=default
)


def refuse_possible_root(pod: Pod) -> Refusal | None:
    """Whoever may run as root, and else whoever does not say that it must not."""
    allowing = setters(pod, lambda own: own.run_as_non_root is False)
    if allowing:
        return _root_refusal(f"{' and '.join(allowing)} must not set securityContext.runAsNonRoot=false")
    if pod_security(pod).run_as_non_root:
        return None
    silent = names(pod, lambda container: security(container).run_as_non_root is None)
    if not silent:
        return None
    return _root_refusal(f"pod or {counted('container', silent)} must set securityContext.runAsNonRoot=true")


def _root_refusal(detail: str) -> Refusal:
    return Refusal(reason="runAsNonRoot != true", detail=detail)


def refuse_root(pod: Pod) -> Refusal | None:
    """Whoever runs as root."""
    found = setters(pod, lambda own: own.run_as_user == 0)
    return Refusal(reason="runAsUser=0", detail=f"{' and '.join(found)} must not set runAsUser=0") if found else None


CHECKS = (
    Check(
        id="runAsNonRoot",
        level="restricted",
        rules=(
            Rule(since=0, judge=refuse_possible_root),
            Rule(since=35, judge=except_in_user_namespaces(refuse_possible_root)),
        ),
    ),
    Check(
        id="runAsUser",
        level="restricted",
        rules=(Rule(since=23, judge=refuse_root), Rule(since=35, judge=except_in_user_namespaces(refuse_root))),
    ),
)
