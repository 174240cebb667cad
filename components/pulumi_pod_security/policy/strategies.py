"""The strategies of a policy: what each one takes for users, groups, SELinux labels and runtime classes.

`RunAsAny` asks nothing. `MustRunAs` gives the first range's minimum to a pod that leaves the field out and refuses a
pod outside the ranges; `MayRunAs` only refuses; `MustRunAsNonRoot` refuses uid 0. None of them is judged here.
Rules and fields: policy/v1beta1/types.go, k8s.io/api v0.24.17. What they do to a pod: user, group and selinux in
pkg/security/podsecuritypolicy, such as user/mustrunas.go, and provider.go for RuntimeClasses, kubernetes v1.24.17.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pulumi_pod_security.policy.frozen import Part
from pulumi_pod_security.policy.reading import Integer

__all__ = [
    "FSGroupStrategy",
    "GroupRule",
    "IDRange",
    "RunAsGroupStrategy",
    "RunAsUserRule",
    "RunAsUserStrategy",
    "RuntimeClassStrategy",
    "SELinuxOptions",
    "SELinuxRule",
    "SELinuxStrategy",
    "SupplementalGroupsStrategy",
]

RunAsUserRule = Literal["MustRunAs", "MustRunAsNonRoot", "RunAsAny"]
GroupRule = Literal["MayRunAs", "MustRunAs", "RunAsAny"]
SELinuxRule = Literal["MustRunAs", "RunAsAny"]


@dataclass(frozen=True, kw_only=True)
class IDRange(Part):
    """User or group ids from `min` to `max`, both included."""

    min: Annotated[int, Integer(bits=64)]
    max: Annotated[int, Integer(bits=64)]


@dataclass(frozen=True, kw_only=True)
class RunAsUserStrategy(Part):
    """The uids a container may run as."""

    rule: RunAsUserRule
    ranges: Sequence[IDRange] | None = None


@dataclass(frozen=True, kw_only=True)
class RunAsGroupStrategy(Part):
    """The primary gids a container may run as; `RunAsAny` takes no ranges here, the other rules need one.

    `validatePSPRunAsGroup` in pkg/apis/policy/validation/validation.go, kubernetes v1.24.17.
    """

    rule: GroupRule
    ranges: Sequence[IDRange] | None = None


@dataclass(frozen=True, kw_only=True)
class SupplementalGroupsStrategy(Part):
    """The supplemental groups a pod may ask for."""

    rule: GroupRule
    ranges: Sequence[IDRange] | None = None


@dataclass(frozen=True, kw_only=True)
class FSGroupStrategy(Part):
    """The group that may own a pod's volumes."""

    rule: GroupRule
    ranges: Sequence[IDRange] | None = None


@dataclass(frozen=True, kw_only=True)
class SELinuxOptions(Part):
    """An SELinux label: user:role:type:level."""

    user: str | None = None
    role: str | None = None
    type: str | None = None
    level: str | None = None


@dataclass(frozen=True, kw_only=True)
class SELinuxStrategy(Part):
    """The SELinux label containers may run with."""

    rule: SELinuxRule
    se_linux_options: SELinuxOptions | None = None


@dataclass(frozen=True, kw_only=True)
class RuntimeClassStrategy(Part):
    """The RuntimeClasses a pod may name: `*` for all of them, an empty list for none.

    `validateRuntimeClassName` in pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17.
    """

    allowed_runtime_class_names: Sequence[str] | None = None
    default_runtime_class_name: str | None = None
