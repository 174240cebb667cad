"""What Kubernetes 1.24 refuses in a PodSecurityPolicySpec beyond its types, one function per field.

The rules are those of `ValidatePodSecurityPolicySpec` in pkg/apis/policy/validation/validation.go, kubernetes v1.24.17;
a function names the one there that it restates. Two things the server lets in are worth knowing: host port ranges are
not looked at, and `MustRunAs` without ranges is kept although the admission plugin then passes the policy by
(`unusable`).
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence

from pulumi_pod_security.errors import MISSING, Fault
from pulumi_pod_security.policy.spec import PodSecurityPolicySpec
from pulumi_pod_security.policy.strategies import IDRange, RunAsGroupStrategy, RuntimeClassStrategy
from pulumi_pod_security.policy.syntax import DNS_SUBDOMAIN, SYSCTL_PATTERN

__all__ = ["spec_faults", "unusable"]


def spec_faults(spec: PodSecurityPolicySpec, path: str = "spec") -> Iterator[Fault]:
    """Every reason the API server would have for refusing the spec."""
    yield from _ranges(spec.run_as_user.ranges, f"{path}.runAsUser.ranges")
    yield from _run_as_group(spec.run_as_group, f"{path}.runAsGroup.ranges")
    yield from _ranges(spec.supplemental_groups.ranges, f"{path}.supplementalGroups.ranges")
    yield from _ranges(spec.fs_group.ranges, f"{path}.fsGroup.ranges")
    yield from _capabilities(spec, path)
    yield from _privilege_escalation(spec, f"{path}.defaultAllowPrivilegeEscalation")
    yield from _host_paths(spec, f"{path}.allowedHostPaths")
    yield from _drivers(spec, path)
    yield from _sysctls(spec.allowed_unsafe_sysctls or (), f"{path}.allowedUnsafeSysctls")
    yield from _sysctls(spec.forbidden_sysctls or (), f"{path}.forbiddenSysctls")
    yield from _sysctl_overlaps(spec, path)
    yield from _runtime_class(spec.runtime_class, f"{path}.runtimeClass")


def unusable(spec: PodSecurityPolicySpec, path: str = "spec") -> Iterator[Fault]:
    """Why the server would keep the policy and the admission plugin would still pass it by, for every pod.

    A policy whose strategies cannot be made is only logged (`createProvidersFromPolicies` in
    plugin/pkg/admission/security/podsecuritypolicy/admission.go); they cannot without ranges or options
    (user/mustrunas.go, group/mustrunas.go, group/mayrunas.go and selinux/mustrunas.go in
    pkg/security/podsecuritypolicy, kubernetes v1.24.17).
    """
    ranges = (
        ("runAsUser", spec.run_as_user.rule == "MustRunAs" and not spec.run_as_user.ranges),
        ("supplementalGroups", spec.supplemental_groups.rule != "RunAsAny" and not spec.supplemental_groups.ranges),
        ("fsGroup", spec.fs_group.rule != "RunAsAny" and not spec.fs_group.ranges),
    )
    for name, lacking in ranges:
        if lacking:
            allowed = "at least one {min, max}: without it the admission plugin passes this policy by"
            yield Fault(path=f"{path}.{name}.ranges", value=MISSING, allowed=allowed)
    if spec.se_linux.rule == "MustRunAs" and spec.se_linux.se_linux_options is None:
        allowed = "the label to run with: without it the admission plugin passes this policy by"
        yield Fault(path=f"{path}.seLinux.seLinuxOptions", value=MISSING, allowed=allowed)


def _ranges(ranges: Sequence[IDRange] | None, path: str) -> Iterator[Fault]:
    """`validateIDRanges`: no end below zero, and no min above its max."""
    for index, ids in enumerate(ranges or ()):
        if ids.min < 0:
            yield Fault(path=f"{path}[{index}].min", value=ids.min, allowed="0 or more")
        if ids.max < 0:
            yield Fault(path=f"{path}[{index}].max", value=ids.max, allowed="0 or more")
        if ids.min > ids.max >= 0:
            yield Fault(path=f"{path}[{index}]", value=ids, allowed="a min that is at most its max")


def _run_as_group(strategy: RunAsGroupStrategy | None, path: str) -> Iterator[Fault]:
    """`validatePSPRunAsGroup`: ranges with every rule but `RunAsAny`, and none with that."""
    if strategy is None:
        return
    if strategy.rule != "RunAsAny":
        yield from _ranges(strategy.ranges, path)
        if not strategy.ranges:
            yield Fault(path=path, value=strategy.ranges, allowed=f"at least one {{min, max}} with {strategy.rule}")
    elif strategy.ranges:
        yield Fault(path=path, value=strategy.ranges, allowed="nothing with RunAsAny; or rule: MustRunAs")


def _capabilities(spec: PodSecurityPolicySpec, path: str) -> Iterator[Fault]:
    """`validatePSPCapsAgainstDrops`, and the wildcard: what is dropped is neither allowed nor added by default."""
    dropped = frozenset(spec.required_drop_capabilities or ())
    if dropped and "*" in (spec.allowed_capabilities or ()):
        allowed = "nothing while allowedCapabilities has '*'"
        yield Fault(path=f"{path}.requiredDropCapabilities", value=spec.required_drop_capabilities, allowed=allowed)
    for name, listed in (
        ("defaultAddCapabilities", spec.default_add_capabilities),
        ("allowedCapabilities", spec.allowed_capabilities),
    ):
        for index, capability in enumerate(listed or ()):
            if capability in dropped:
                allowed = "a capability that requiredDropCapabilities does not list"
                yield Fault(path=f"{path}.{name}[{index}]", value=capability, allowed=allowed)


def _privilege_escalation(spec: PodSecurityPolicySpec, path: str) -> Iterator[Fault]:
    """`validatePSPDefaultAllowPrivilegeEscalation`: the default is not more than what is allowed."""
    if spec.default_allow_privilege_escalation and spec.allow_privilege_escalation is False:
        yield Fault(path=path, value=True, allowed="false while allowPrivilegeEscalation is false")


def _host_paths(spec: PodSecurityPolicySpec, path: str) -> Iterator[Fault]:
    """`validatePSPAllowedHostPaths`: a prefix, and no `..` in it."""
    for index, host_path in enumerate(spec.allowed_host_paths or ()):
        if not host_path.path_prefix or ".." in host_path.path_prefix.split("/"):
            allowed = "a path prefix such as '/var/log', without '..' in it"
            yield Fault(path=f"{path}[{index}].pathPrefix", value=host_path.path_prefix, allowed=allowed)


def _drivers(spec: PodSecurityPolicySpec, path: str) -> Iterator[Fault]:
    """`validatePSPAllowedFlexVolumes` and `validatePSPAllowedCSIDrivers`: every driver has a name.

    A CSI driver's is one of `ValidateCSIDriverName` in pkg/apis/core/validation/validation.go, kubernetes v1.24.17.
    """
    for index, flex in enumerate(spec.allowed_flex_volumes or ()):
        if not flex.driver:
            yield Fault(path=f"{path}.allowedFlexVolumes[{index}].driver", value="", allowed="a driver's name")
    for index, csi in enumerate(spec.allowed_csi_drivers or ()):
        if not (csi.name.isascii() and len(csi.name) <= 63 and DNS_SUBDOMAIN.admits(csi.name.lower())):
            allowed = "at most 63 of letters, digits, '-' and '.', such as 'ebs.csi.aws.com'"
            yield Fault(path=f"{path}.allowedCSIDrivers[{index}].name", value=csi.name, allowed=allowed)


def _sysctls(sysctls: Sequence[str], path: str) -> Iterator[Fault]:
    """`validatePodSecurityPolicySysctls`: each well spelt, and `*` alone."""
    for index, sysctl in enumerate(sysctls):
        if not SYSCTL_PATTERN.admits(sysctl):
            yield Fault(path=f"{path}[{index}]", value=sysctl, allowed=SYSCTL_PATTERN.allowed)
    if "*" in sysctls and len(sysctls) > 1:
        yield Fault(path=path, value=sysctls, allowed="'*' alone, or sysctls without '*' alone among them")


def _sysctl_overlaps(spec: PodSecurityPolicySpec, path: str) -> Iterator[Fault]:
    """`validatePodSecurityPolicySysctlListsDoNotOverlap`, whose fault is always told of the allowed one here."""
    # Misspelt ones have their fault already, and the spelling's length keeps the search below cheap.
    forbidden = [sysctl for sysctl in spec.forbidden_sysctls or () if SYSCTL_PATTERN.admits(sysctl)]
    whole, prefixes = set(forbidden), {sysctl[:-1] for sysctl in forbidden if sysctl.endswith("*")}
    stems = sorted(sysctl.removesuffix("*") for sysctl in forbidden)
    for index, sysctl in enumerate(spec.allowed_unsafe_sysctls or ()):
        stem = sysctl.removesuffix("*")
        if not SYSCTL_PATTERN.admits(sysctl):
            continue
        covered = sysctl in whole or any(stem[:length] in prefixes for length in range(len(stem) + 1))
        if covered or (sysctl.endswith("*") and _begins_with(stems, stem)):
            allowed = "a sysctl that nothing in forbiddenSysctls overlaps"
            yield Fault(path=f"{path}.allowedUnsafeSysctls[{index}]", value=sysctl, allowed=allowed)


def _begins_with(ordered: Sequence[str], prefix: str) -> bool:
    nearest = bisect.bisect_left(ordered, prefix)
    return nearest < len(ordered) and ordered[nearest].startswith(prefix)


def _runtime_class(strategy: RuntimeClassStrategy | None, path: str) -> Iterator[Fault]:
    """`validateRuntimeClassStrategy`: names of RuntimeClasses, each once, or `*` alone."""
    if strategy is None:
        return
    names, path = strategy.allowed_runtime_class_names or (), f"{path}.allowedRuntimeClassNames"
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name != "*" and not DNS_SUBDOMAIN.admits(name):
            yield Fault(path=f"{path}[{index}]", value=name, allowed="'*' or " + DNS_SUBDOMAIN.allowed)
        if name in seen:
            yield Fault(path=f"{path}[{index}]", value=name, allowed="a name that is not listed before")
        seen.add(name)
    if "*" in names and len(names) > 1:
        yield Fault(path=path, value=names, allowed="'*' alone, or names without '*'")
    yield from _default_runtime_class(strategy.default_runtime_class_name, names, path)


def _default_runtime_class(name: str | None, names: Sequence[str], path: str) -> Iterator[Fault]:
    """`validateRuntimeClassStrategy`: the default is one of the allowed."""
    if name is None:
        return
    if not DNS_SUBDOMAIN.admits(name):
        at = path.replace("allowedRuntimeClassNames", "defaultRuntimeClassName")
        yield Fault(path=at, value=name, allowed=DNS_SUBDOMAIN.allowed)
    if name not in names and "*" not in names:
        yield Fault(path=path, value=names, allowed=f"a list with {name!r} in it, the default, or '*'")
