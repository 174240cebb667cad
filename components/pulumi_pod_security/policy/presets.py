"""Policies ready for use, each with the name and the values it is known by.

`privileged` and `default` are the pair a baseline starts from; `unprivileged`, `norootcontainers` and `seccomppolicy`
are those of Mirantis Kubernetes Engine; `example` is the smallest policy there is; `restricted` is the one of
Kubernetes' own documentation for 1.24. A field that a policy's author left out is left out here too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType

from pulumi_pod_security.errors import Fault, UnknownPreset, one_of
from pulumi_pod_security.policy.model import (
    AllowedHostPath,
    FSGroupStrategy,
    HostPortRange,
    IDRange,
    PodSecurityPolicy,
    PodSecurityPolicySpec,
    ProfilePolicy,
    RunAsUserStrategy,
    SELinuxStrategy,
    SupplementalGroupsStrategy,
)

__all__ = [
    "PRESETS",
    "default",
    "example",
    "norootcontainers",
    "preset",
    "privileged",
    "privileged_with_unsafe_sysctls",
    "restricted",
    "seccomppolicy",
    "unprivileged",
]

_ANY_USER = RunAsUserStrategy(rule="RunAsAny")
_ANY_LABEL = SELinuxStrategy(rule="RunAsAny")
_ANY_GROUPS = SupplementalGroupsStrategy(rule="RunAsAny")
_ANY_FS_GROUP = FSGroupStrategy(rule="RunAsAny")
_EVERY_PORT = (HostPortRange(min=0, max=65535),)
_DOCKER_DEFAULT = ProfilePolicy(allowed=("docker/default",), default="docker/default")


def privileged() -> PodSecurityPolicy:
    """Everything is allowed, as if there were no policies: for nodes and kube-system."""
    return PodSecurityPolicy(
        name="privileged",
        seccomp=ProfilePolicy(allowed=("*",)),
        spec=PodSecurityPolicySpec(
            privileged=True,
            allow_privilege_escalation=True,
            allowed_capabilities=("*",),
            volumes=("*",),
            host_network=True,
            host_ports=_EVERY_PORT,
            host_ipc=True,
            host_pid=True,
            run_as_user=_ANY_USER,
            se_linux=_ANY_LABEL,
            supplemental_groups=_ANY_GROUPS,
            fs_group=_ANY_FS_GROUP,
        ),
    )


def privileged_with_unsafe_sysctls() -> PodSecurityPolicy:
    """`privileged`, and every sysctl too; some network plugins set sysctls that Kubernetes counts as unsafe."""
    policy = privileged()
    return dataclasses.replace(policy, spec=dataclasses.replace(policy.spec, allowed_unsafe_sysctls=("*",)))


def default() -> PodSecurityPolicy:
    """No privilege, no host, harmless volumes and the container runtime's seccomp profile: for everyone else."""
    return PodSecurityPolicy(
        name="default",
        seccomp=_DOCKER_DEFAULT,
        spec=PodSecurityPolicySpec(
            privileged=False,
            allow_privilege_escalation=False,
            allowed_capabilities=(),
            volumes=("configMap", "emptyDir", "projected", "secret", "downwardAPI", "persistentVolumeClaim"),
            host_network=False,
            host_ipc=False,
            host_pid=False,
            run_as_user=_ANY_USER,
            se_linux=_ANY_LABEL,
            supplemental_groups=_ANY_GROUPS,
            fs_group=_ANY_FS_GROUP,
        ),
    )


def unprivileged() -> PodSecurityPolicy:
    """No privilege escalation and no host path but a read-only /dev/null; every other volume and host port."""
    return PodSecurityPolicy(
        name="unprivileged",
        spec=PodSecurityPolicySpec(
            allow_privilege_escalation=False,
            allowed_host_paths=(AllowedHostPath(path_prefix="/dev/null", read_only=True),),
            host_ports=_EVERY_PORT,
            volumes=("*",),
            run_as_user=_ANY_USER,
            se_linux=_ANY_LABEL,
            supplemental_groups=_ANY_GROUPS,
            fs_group=_ANY_FS_GROUP,
        ),
    )


def norootcontainers() -> PodSecurityPolicy:
    """`unprivileged`, and no container may run as root."""
    policy = unprivileged()
    spec = dataclasses.replace(policy.spec, run_as_user=RunAsUserStrategy(rule="MustRunAsNonRoot"))
    return dataclasses.replace(policy, name="norootcontainers", spec=spec)


def seccomppolicy() -> PodSecurityPolicy:
    """`unprivileged`, and every pod gets the container runtime's seccomp profile."""
    return dataclasses.replace(unprivileged(), name="seccomppolicy", seccomp=_DOCKER_DEFAULT)


def example() -> PodSecurityPolicy:
    """No privileged containers, and nothing else asked; escalation is allowed because the field is left out."""
    return PodSecurityPolicy(
        name="example",
        spec=PodSecurityPolicySpec(
            privileged=False,
            volumes=("*",),
            run_as_user=_ANY_USER,
            se_linux=_ANY_LABEL,
            supplemental_groups=_ANY_GROUPS,
            fs_group=_ANY_FS_GROUP,
        ),
    )


def restricted() -> PodSecurityPolicy:
    """Not root, all capabilities dropped, no host, AppArmor's default: the documentation's hardened policy."""
    above_root = (IDRange(min=1, max=65535),)
    return PodSecurityPolicy(
        name="restricted",
        seccomp=ProfilePolicy(allowed=("docker/default", "runtime/default")),
        apparmor=ProfilePolicy(allowed=("runtime/default",), default="runtime/default"),
        spec=PodSecurityPolicySpec(
            privileged=False,
            allow_privilege_escalation=False,
            required_drop_capabilities=("ALL",),
            volumes=(
                *("configMap", "emptyDir", "projected", "secret", "downwardAPI"),
                *("csi", "persistentVolumeClaim", "ephemeral"),
            ),
            host_network=False,
            host_ipc=False,
            host_pid=False,
            run_as_user=RunAsUserStrategy(rule="MustRunAsNonRoot"),
            se_linux=_ANY_LABEL,
            supplemental_groups=SupplementalGroupsStrategy(rule="MustRunAs", ranges=above_root),
            fs_group=FSGroupStrategy(rule="MustRunAs", ranges=above_root),
            read_only_root_filesystem=False,
        ),
    )


_ALL = (privileged, default, unprivileged, norootcontainers, seccomppolicy, example, restricted)

PRESETS: Mapping[str, Callable[[], PodSecurityPolicy]] = MappingProxyType({make.__name__: make for make in _ALL})
"""The presets by the name of their policy."""


def preset(name: str) -> PodSecurityPolicy:
    """The preset of that name.

    Raises:
        UnknownPreset: saying which ones there are.
    """
    if name not in PRESETS:
        allowed = one_of(PRESETS, given=name)
        raise UnknownPreset("preset", [Fault(path="preset", value=name, allowed=allowed)])
    return PRESETS[name]()
