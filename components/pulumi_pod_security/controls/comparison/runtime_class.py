"""RuntimeClasses: those that the policy names, another, and none. No level asks anything of them."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.controls import runtime_class
from pulumi_pod_security.controls.comparison.changing import pod_spec
from pulumi_pod_security.controls.comparison.concern import Concern, Use, fresh
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERN"]


def uses(policy: PodSecurityPolicy) -> Iterator[Use]:
    """Each that tells anything apart."""
    strategy = policy.spec.runtime_class
    named = (strategy.allowed_runtime_class_names if strategy else None) or ()
    yield Use(what="pods without a RuntimeClass", change=pod_spec(runtime_class_name=None))
    for name in dict.fromkeys((*named, fresh("another", named))):
        yield Use(what="RuntimeClasses", example=name, change=pod_spec(runtime_class_name=name))


CONCERN = Concern(id="runtime_class", controls=(runtime_class.CONTROL,), checks=(), uses=uses)
