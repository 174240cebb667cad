"""RuntimeClasses the policy does not list are refused, and one may be given.

Policy: `runtimeClass`, any when left out; `*` in its list is all. Pod: `runtimeClassName`; none is always allowed.
Whether the RuntimeClass exists is asked by another admission plugin, later.

Upstream: pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clause, Clauses, Refused, Written, is_in, literal
from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.pod import Pod, PodSpec
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The names that may be used, and the one to give."""

    names: frozenset[str]
    default: str | None


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked when the policy says nothing of it."""
    strategy = policy.spec.runtime_class
    if strategy is None:
        return None
    names = frozenset(strategy.allowed_runtime_class_names or ())
    return Settings(names=names, default=strategy.default_runtime_class_name)


def default(settings: Settings, pod: Pod) -> Pod:
    """Name the policy's RuntimeClass in a pod that names none."""
    spec = pod.spec or PodSpec()
    if settings.default is None or spec.runtime_class_name is not None:
        return pod
    return replace(pod, spec=replace(spec, runtime_class_name=settings.default))


def judge(settings: Settings, pod: Pod) -> Reasons:
    """The pod's RuntimeClass, if it may not be used."""
    name = pod.spec.runtime_class_name if pod.spec else None
    if name is None or not settings.names.isdisjoint(("*", name)):
        return ()
    return (invalid("spec.runtimeClassName", printing.quoted(name), ""),)


def cel(settings: Settings) -> Clauses:
    """The pod's RuntimeClass, if it may not be used; and one that is missing."""
    found, clauses = "object.spec.?runtimeClassName", list[Clause]()
    if "*" not in settings.names:
        says = f"runtimeClassName: only these may be used: {', '.join(sorted(settings.names)) or 'none'}"
        refused = f"{found}.optMap(n, !({is_in('n', settings.names)})).orValue(false)"
        clauses.append(Refused(part="pod", when=refused, says=says))
    if settings.default is not None:
        clauses.append(
            Written(
                part="pod",
                when=f"!{found}.hasValue()",
                says=f"runtimeClassName: must be set, such as to {settings.default}",
                field=("runtimeClassName",),
                value=literal(settings.default),
            )
        )
    return tuple(clauses)


CONTROL = of_pods(
    "runtime_class", psp_fields=("runtimeClass",), settings=settings, judge=judge, cel=cel, default=default
)
