"""A PodSecurityPolicy as a value: frozen, hashable, and never one that the API server would refuse.

Reading and writing lose nothing but one distinction, which the server does not keep either: an empty `labels` or
`annotations` map is written as none. `extensions/v1beta1` is read and `policy/v1beta1` is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_pod_security.errors import Fault, InvalidPolicy, shown
from pulumi_pod_security.policy.frozen import FrozenMap, Part
from pulumi_pod_security.policy.profiles import APPARMOR, SECCOMP, ProfilePolicy
from pulumi_pod_security.policy.reading import at, read, write
from pulumi_pod_security.policy.spec import (
    AllowedCSIDriver,
    AllowedFlexVolume,
    AllowedHostPath,
    HostPortRange,
    PodSecurityPolicySpec,
)
from pulumi_pod_security.policy.strategies import (
    FSGroupStrategy,
    IDRange,
    RunAsGroupStrategy,
    RunAsUserStrategy,
    RuntimeClassStrategy,
    SELinuxOptions,
    SELinuxStrategy,
    SupplementalGroupsStrategy,
)
from pulumi_pod_security.policy.validation import examine

__all__ = [
    "AllowedCSIDriver",
    "AllowedFlexVolume",
    "AllowedHostPath",
    "FSGroupStrategy",
    "HostPortRange",
    "IDRange",
    "PodSecurityPolicy",
    "PodSecurityPolicySpec",
    "ProfilePolicy",
    "RunAsGroupStrategy",
    "RunAsUserStrategy",
    "RuntimeClassStrategy",
    "SELinuxOptions",
    "SELinuxStrategy",
    "SupplementalGroupsStrategy",
]

_PROFILES = (("seccomp", SECCOMP), ("apparmor", APPARMOR))
_PROFILE_KEYS = {key: name for name, keys in _PROFILES for key in (keys.allowed, keys.default)}


@dataclass(frozen=True, kw_only=True)
class PodSecurityPolicy(Part):
    """A named policy. `annotations` are all but the seccomp and AppArmor ones, which have members of their own.

    Raises:
        InvalidPolicy: with every fault, when the API server would refuse it.
    """

    name: str
    spec: PodSecurityPolicySpec
    labels: Mapping[str, str] = field(default_factory=FrozenMap)
    annotations: Mapping[str, str] = field(default_factory=FrozenMap)
    seccomp: ProfilePolicy = field(default_factory=ProfilePolicy)
    apparmor: ProfilePolicy = field(default_factory=ProfilePolicy)

    def __post_init__(self) -> None:
        """Refuse what the API server would refuse; what was given as plain data becomes its type."""
        super().__post_init__()
        own: list[Fault] = []
        for name, _ in _PROFILES:
            object.__setattr__(self, name, _read_profiles(getattr(self, name), name, own))
        _check_annotations(self.annotations, own)
        manifest, faults = examine(self._manifest({} if own else self._annotations()))
        if own or faults:
            raise InvalidPolicy(_title(self.name), (*own, *faults))
        object.__setattr__(self, "spec", manifest.spec)

    @classmethod
    def from_manifest(cls, data: Mapping[str, Any]) -> PodSecurityPolicy:
        """The policy that a manifest says, as it is written in a file.

        Raises:
            InvalidPolicy: with every fault, unknown fields among them.
        """
        manifest, faults = examine(data)
        if faults:
            raise InvalidPolicy(_title(manifest.metadata.name), faults)
        annotations = manifest.metadata.annotations or {}
        return cls(
            name=manifest.metadata.name,
            spec=manifest.spec,
            labels=manifest.metadata.labels or {},
            annotations={key: value for key, value in annotations.items() if key not in _PROFILE_KEYS},
            seccomp=SECCOMP.read(annotations),
            apparmor=APPARMOR.read(annotations),
        )

    def to_manifest(self) -> dict[str, Any]:
        """The policy as plain data, in policy/v1beta1."""
        return self._manifest(self._annotations())

    def _annotations(self) -> dict[str, str]:
        return {**self.annotations, **SECCOMP.write(self.seccomp), **APPARMOR.write(self.apparmor)}

    def _manifest(self, annotations: Mapping[str, str]) -> dict[str, Any]:
        metadata = {"name": self.name, "labels": write(self.labels), "annotations": annotations}
        return {
            "apiVersion": "policy/v1beta1",
            "kind": "PodSecurityPolicy",
            "metadata": {key: value for key, value in metadata.items() if value != {}},
            "spec": write(self.spec),
        }


def _title(name: object) -> str:
    return f"PodSecurityPolicy {shown(name)}" if name else "PodSecurityPolicy"


def _read_profiles(profiles: object, path: str, faults: list[Fault]) -> ProfilePolicy:
    result: ProfilePolicy = read(ProfilePolicy, write(profiles), path, faults)
    if result.allowed == ():
        allowed = "at least one name; None for no annotation"
        faults.append(Fault(path=f"{path}.allowed", value=(), allowed=allowed))
    for index, name in enumerate(result.allowed or ()):
        if "," in name:
            faults.append(Fault(path=f"{path}.allowed[{index}]", value=name, allowed="one name, without ','"))
    return result


def _check_annotations(annotations: object, faults: list[Fault]) -> None:
    path = "metadata.annotations"
    for key in read(Mapping[str, str], annotations, path, faults):
        if key in _PROFILE_KEYS:
            allowed = f"this annotation as {_PROFILE_KEYS[key]}=ProfilePolicy(...)"
            faults.append(Fault(path=at(path, key), value=key, allowed=allowed))
