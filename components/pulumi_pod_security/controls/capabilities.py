"""Capabilities are added, dropped and refused by list.

Policy: `defaultAddCapabilities` are added to each container that does not drop them, `requiredDropCapabilities` are
dropped by each; beyond the default-added ones only `allowedCapabilities` may be added, `*` for all.
Pod: `securityContext.capabilities` of every container. What the policy writes is sorted.

Standards: baseline refuses adding what is not in a list; restricted, from 1.22 on, refuses adding anything but
NET_BIND_SERVICE and not dropping ALL, from 1.25 on not in pods for Windows.

Upstream: pkg/security/podsecuritypolicy/capabilities/capabilities.go, kubernetes v1.24.17;
policy/check_capabilities_baseline.go and policy/check_capabilities_restricted.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses, Refused, Written, either, is_in, literal, own
from pulumi_pod_security.controls.check import Check, Refusal, Rule, except_on_windows
from pulumi_pod_security.controls.control import of_containers
from pulumi_pod_security.controls.naming import counted, in_quotes, names
from pulumi_pod_security.controls.pod import (
    Capabilities,
    Container,
    Pod,
    PodSecurityContext,
    SecurityContext,
    each_container,
    security,
)
from pulumi_pod_security.controls.reason import Reason, Reasons, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "Settings"]

_NONE = Capabilities()
_ADD = f"{own('capabilities')}.?add.orValue([])"
_DROP = f"{own('capabilities')}.?drop.orValue([])"
# The container runtime's default set, as the standards know it.
_DEFAULT = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
_LOW_PORTS = frozenset({"NET_BIND_SERVICE"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The three lists; `addable` is None when everything may be added and nothing is checked."""

    added: frozenset[str]
    dropped: tuple[str, ...]
    addable: frozenset[str] | None


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked when everything may be added and nothing is written."""
    spec = policy.spec
    added, allowed = frozenset(spec.default_add_capabilities or ()), frozenset(spec.allowed_capabilities or ())
    dropped = tuple(spec.required_drop_capabilities or ())
    # Nothing can be required to be dropped beside '*'; the API server refuses such a policy.
    if "*" in allowed and not added:
        return None
    return Settings(added=added, dropped=dropped, addable=None if "*" in allowed else added | allowed)


def default(settings: Settings, own: SecurityContext, _inherited: PodSecurityContext) -> SecurityContext:
    """Add and drop what the container does not yet."""
    found = own.capabilities or _NONE
    add, drop = found.add or (), found.drop or ()
    adding = [name for name in settings.added if name not in add and name not in drop]
    dropping = [name for name in settings.dropped if name not in drop]
    if not adding and not dropping:
        return own
    all_add, all_drop = tuple(sorted({*add, *adding})), tuple(sorted({*drop, *dropping}))
    return replace(own, capabilities=Capabilities(add=all_add or None, drop=all_drop or None))


def judge(settings: Settings, own: SecurityContext, _inherited: PodSecurityContext, place: str) -> Reasons:
    """Each capability that may not be added, and each that must be dropped and is not."""
    found, path = own.capabilities, f"{place}.securityContext.capabilities"
    if found is not None:
        return () if settings.addable is None else tuple(_list_reasons(settings, settings.addable, found, path))
    if not settings.added and not settings.dropped:
        return ()
    return (invalid(path, printing.UNSET, "required capabilities are not set on the securityContext"),)


def _list_reasons(settings: Settings, addable: frozenset[str], found: Capabilities, path: str) -> Iterator[Reason]:
    for name in found.add or ():
        if name not in addable:
            yield invalid(f"{path}.add", printing.quoted(name), "capability may not be added")
    for name in settings.dropped:
        if name not in (found.drop or ()):
            detail = f"{name} is required to be dropped but was not found"
            yield invalid(f"{path}.drop", printing.capabilities(found.drop), detail)


def cel(settings: Settings) -> Clauses:
    """Each capability that may not be added; and those that are to be added or dropped and are not."""
    clauses: Clauses = ()
    if settings.addable is not None:
        listed = ", ".join(sorted(settings.addable)) or "none"
        says = f"securityContext.capabilities.add: only these may be added: {listed}"
        when = f"{_ADD}.exists(k, !({is_in('k', settings.addable)}))"
        clauses += (Refused(part="container", when=when, says=says),)
    added, dropped = sorted(settings.added), sorted({*settings.dropped})
    if not added and not dropped:
        return clauses
    adding = [f"!({literal(name)} in {_ADD} || {literal(name)} in {_DROP})" for name in added]
    dropping = [f"!({literal(name)} in {_DROP})" for name in dropped]
    missing = Written(
        part="container",
        when=either([*adding, *dropping]),
        says=f"securityContext.capabilities: must add {added} where they are not dropped, and drop {dropped}",
        field=("securityContext", "capabilities"),
        value=_written_value(added, dropped),
    )
    return *clauses, missing


def _written_value(added: Sequence[str], dropped: Sequence[str]) -> str:
    """Both lists sorted, each name once, and none of them where it is empty."""
    more = f"{literal(added)}.filter(k, !(k in {_DROP}))"
    return f'{{?"add": {_sorted(_ADD, more)}, ?"drop": {_sorted(_DROP, literal(dropped))}}}'


def _sorted(found: str, more: str) -> str:
    # Without dyn a sorted list is taken for one of numbers.
    return f"optional.ofNonZeroValue(dyn(({found} + {more}).distinct().sort()))"


CONTROL = of_containers(
    "capabilities",
    psp_fields=("defaultAddCapabilities", "requiredDropCapabilities", "allowedCapabilities"),
    settings=settings,
    judge=judge,
    cel=cel,
    default=default,
)


def refuse_beyond_default(pod: Pod) -> Refusal | None:
    """Each container that adds to the default set."""
    found = _adding(pod, _DEFAULT)
    return Refusal(reason="non-default capabilities", detail=found) if found else None


def refuse_any(pod: Pod) -> Refusal | None:
    """Each container that does not drop everything, and each that adds something that can do harm."""
    keeping = names(pod, lambda container: "ALL" not in (_of(container).drop or ()))
    kept = f'{counted("container", keeping)} must set securityContext.capabilities.drop=["ALL"]' if keeping else ""
    details = [detail for detail in (kept, _adding(pod, _LOW_PORTS)) if detail]
    return Refusal(reason="unrestricted capabilities", detail="; ".join(details)) if details else None


def _adding(pod: Pod, allowed: frozenset[str]) -> str:
    """Who adds what beyond these; nothing when nobody does."""
    added = {name for container in each_container(pod) for name in _of(container).add or () if name not in allowed}
    if not added:
        return ""
    adding = names(pod, lambda container: not added.isdisjoint(_of(container).add or ()))
    must_not = f"must not include {in_quotes(sorted(added))} in securityContext.capabilities.add"
    return f"{counted('container', adding)} {must_not}"


def _of(container: Container) -> Capabilities:
    return security(container).capabilities or _NONE


_OVERRIDES = ("capabilities_baseline",)
CHECKS = (
    Check(id="capabilities_baseline", level="baseline", rules=(Rule(since=0, judge=refuse_beyond_default),)),
    Check(
        id="capabilities_restricted",
        level="restricted",
        rules=(
            Rule(since=22, judge=refuse_any, overrides=_OVERRIDES),
            Rule(since=25, judge=except_on_windows(refuse_any), overrides=_OVERRIDES),
        ),
    ),
)
