"""The SELinux label of containers: the policy's, or any.

Policy: `seLinux`. `MustRunAs` gives its label to a pod that has none, and refuses a pod or container whose label is
another. Categories may stand in any order. Pod: `seLinuxOptions` of the pod, and of every container, else of the pod.

Standards: baseline refuses users and roles, and all types but those of containers, of which 1.31 knows one more.

Upstream: pkg/security/podsecuritypolicy/selinux/mustrunas.go, kubernetes v1.24.17;
policy/check_seLinuxOptions.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses, Refused, Written, either, inherited, literal, own
from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.naming import Context, contexts, counted, setters
from pulumi_pod_security.controls.pod import (
    Pod,
    SELinuxOptions,
    containers,
    pod_security,
    security,
    with_pod_security,
)
from pulumi_pod_security.controls.reason import Reason, Reasons, invalid, required
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The label to run with."""

    label: SELinuxOptions


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked under `RunAsAny`."""
    strategy = policy.spec.se_linux
    label = strategy.se_linux_options
    if strategy.rule == "RunAsAny" or label is None:
        return None
    return Settings(
        label=SELinuxOptions(
            user=label.user or None, role=label.role or None, type=label.type or None, level=label.level or None
        )
    )


def default(settings: Settings, pod: Pod) -> Pod:
    """Set the label of a pod that has none; containers inherit it."""
    return pod if pod_security(pod).se_linux_options else with_pod_security(pod, se_linux_options=settings.label)


def judge(settings: Settings, pod: Pod) -> Reasons:
    """Each part of a label that is not the policy's, of the pod and of each container."""
    inherited = pod_security(pod).se_linux_options
    reasons = _label_reasons(settings.label, inherited, "spec")
    for place, container in containers(pod):
        own = security(container).se_linux_options
        reasons += _label_reasons(settings.label, own or inherited, place)
    return reasons


def _label_reasons(wanted: SELinuxOptions, found: SELinuxOptions | None, place: str) -> Reasons:
    if found == wanted:
        return ()
    path = f"{place}.securityContext.seLinuxOptions"
    return (required(path, ""),) if found is None else tuple(_unequal_parts(wanted, found, path))


def _unequal_parts(wanted: SELinuxOptions, found: SELinuxOptions, path: str) -> Iterator[Reason]:
    if not _same_level(wanted.level or "", found.level or ""):
        yield _unequal(f"{path}.level", wanted.level, found.level)
    for part in ("role", "type", "user"):
        asked, given = getattr(wanted, part), getattr(found, part)
        if (asked or "") != (given or ""):
            yield _unequal(f"{path}.{part}", asked, given)


def _unequal(path: str, asked: str | None, given: str | None) -> Reason:
    return invalid(path, printing.quoted(given or ""), f"must be {asked or ''}")


def _same_level(asked: str, given: str) -> bool:
    if asked == given:
        return True
    sensitivity, colon, categories = asked.partition(":")
    given_sensitivity, given_colon, given_categories = given.partition(":")
    return (
        bool(colon and given_colon)
        and sensitivity == given_sensitivity
        and sorted(categories.split(",")) == sorted(given_categories.split(","))
    )


def cel(settings: Settings) -> Clauses:
    """A label that is not the policy's, of the pod and of each container; and one that the pod lacks."""
    field, label = "seLinuxOptions", settings.label
    says = f"securityContext.seLinuxOptions: must be {_text(label)}"
    of_pod, of_container = (f"{each(field)}.optMap(o, {_differs(label)}).orValue(false)" for each in (inherited, own))
    parts = {part: text for part in label.__struct_fields__ if (text := getattr(label, part))}
    return (
        Refused(part="pod", when=of_pod, says=says),
        Refused(part="container", when=of_container, says=says),
        Written(
            part="pod",
            when=f"!{inherited(field)}.hasValue()",
            says=says,
            field=("securityContext", field),
            value=literal(parts),
        ),
    )


def _text(label: SELinuxOptions) -> str:
    return ":".join(getattr(label, part) or "" for part in label.__struct_fields__)


def _differs(label: SELinuxOptions) -> str:
    """Whether the label `o` is another."""
    unequal = [f'o.?{part}.orValue("") != {literal(getattr(label, part) or "")}' for part in ("user", "role", "type")]
    return either([*unequal, f"!({_is_level(label.level or '')})"])


def _is_level(asked: str) -> str:
    """Whether the level of `o` is the one asked for, its categories in any order."""
    given = 'o.?level.orValue("")'
    same = f"{given} == {literal(asked)}"
    sensitivity, colon, listed = asked.partition(":")
    if not colon:
        return same
    categories = listed.split(",")
    counts = [f"l.filter(x, x == {literal(each)}).size() == {categories.count(each)}" for each in sorted({*categories})]
    tail = f"[{given}.substring({len(sensitivity) + 1}).split(',')]"
    all_there = " && ".join([f"l.size() == {len(categories)}", *counts])
    return f"{same} || {given}.startsWith({literal(sensitivity + ':')}) && {tail}.exists(l, {all_there})"


CONTROL = of_pods("se_linux", psp_fields=("seLinux",), settings=settings, judge=judge, cel=cel, default=default)


def refuse(types: frozenset[str], pod: Pod) -> Refusal | None:
    """Each label with a user, a role, or a type that is not one of these."""
    found = setters(pod, partial(_is_foreign, types))
    if not found:
        return None
    detail = f"{' and '.join(found)} set forbidden securityContext.seLinuxOptions: {_forbidden(pod, types)}"
    return Refusal(reason="seLinuxOptions", detail=detail)


def _is_foreign(types: frozenset[str], own: Context) -> bool:
    label = own.se_linux_options
    return label is not None and bool((label.type or "") not in types or label.user or label.role)


def _forbidden(pod: Pod, types: frozenset[str]) -> str:
    labels = [label for own in contexts(pod) if (label := own.se_linux_options)]
    bad_types = sorted({label.type for label in labels if label.type and label.type not in types})
    parts = [counted("type", bad_types)] if bad_types else []
    parts += ["user may not be set"] if any(label.user for label in labels) else []
    parts += ["role may not be set"] if any(label.role for label in labels) else []
    return "; ".join(parts)


_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t"})
CHECKS = (
    Check(
        id="seLinuxOptions",
        level="baseline",
        rules=(
            Rule(since=0, judge=partial(refuse, _TYPES)),
            Rule(since=31, judge=partial(refuse, _TYPES | {"container_engine_t"})),
        ),
    ),
)
