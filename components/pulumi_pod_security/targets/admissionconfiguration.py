"""Pod Security for namespaces without labels, and who is exempt: the AdmissionConfiguration that an API server reads.

The file is given to the server by `--admission-control-config-file`, and read once, when it starts.

Upstream: admission/api/v1/types.go and admission/api/validation/validation.go, pod-security-admission v0.36.3, and
pkg/admission/config.go, k8s.io/apiserver v0.36.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.errors import Fault, InvalidExemption, InvalidInput
from pulumi_pod_security.policy.frozen import Part
from pulumi_pod_security.policy.syntax import DNS_LABEL, DNS_SUBDOMAIN, Syntax

__all__ = ["PodSecurityConfiguration", "PodSecurityDefaults", "PodSecurityExemptions"]

_GROUP = "pod-security.admission.config.k8s.io"
# The first minor version that reads each, newest first; later servers read the earlier ones too, and warn.
_SINCE = {25: "v1", 23: "v1beta1", 22: "v1alpha1"}
_PRIVILEGED = Standard(level="privileged")
_USERNAME = "a user name as the API server knows it, such as 'system:serviceaccount:ci:builder', which is not empty"


@dataclass(frozen=True, kw_only=True)
class PodSecurityDefaults:
    """What holds in a namespace whose labels do not say: a standard for each mode; by default nothing is refused.

    A label with a level and none with a version has the version from here (`PolicyToEvaluate` in api/helpers.go,
    pod-security-admission v0.36.3).
    """

    enforce: Standard = _PRIVILEGED
    audit: Standard = _PRIVILEGED
    warn: Standard = _PRIVILEGED

    def to_manifest(self) -> dict[str, str]:
        """All six fields, also those that are as the server would have them."""
        modes = {"enforce": self.enforce, "audit": self.audit, "warn": self.warn}
        pairs = (((mode, each.level), (f"{mode}-version", each.version)) for mode, each in modes.items())
        return dict(entry for pair in pairs for entry in pair)


@dataclass(frozen=True, kw_only=True)
class PodSecurityExemptions(Part):
    """Whose pods are never judged, whatever a namespace's labels say.

    Attributes:
        usernames: who sends the request, to the letter; pods of a Deployment are sent by a controller's account, which
            named here exempts everybody who may create one.
        namespaces, runtime_classes: by name.

    Raises:
        InvalidExemption: one that an API server would not start with.
    """

    usernames: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    runtime_classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        faults = (
            *_faults("usernames", self.usernames, _is_username, _USERNAME),
            *_spelled("namespaces", self.namespaces, DNS_LABEL),
            *_spelled("runtimeClasses", self.runtime_classes, DNS_SUBDOMAIN),
        )
        if faults:
            raise InvalidExemption("Pod Security exemptions", faults)

    def to_manifest(self) -> dict[str, list[str]]:
        """All three lists."""
        return {
            "usernames": list(self.usernames),
            "runtimeClasses": list(self.runtime_classes),
            "namespaces": list(self.namespaces),
        }


@dataclass(frozen=True, kw_only=True)
class PodSecurityConfiguration:
    """What an API server is told about Pod Security beside the labels of namespaces."""

    defaults: PodSecurityDefaults = field(default_factory=PodSecurityDefaults)
    exemptions: PodSecurityExemptions = field(default_factory=PodSecurityExemptions)

    def plugin(self, minor: int) -> dict[str, Any]:
        """The entry under `plugins` of an AdmissionConfiguration, for a server of Kubernetes 1.`minor`.

        Raises:
            InvalidInput: that server has no Pod Security admission.
        """
        version = next((version for since, version in _SINCE.items() if minor >= since), None)
        if version is None:
            allowed = (
                f"1.{min(_SINCE)} or later: earlier API servers have no Pod Security admission; "
                "use PodSecurityBaseline there"
            )
            raise InvalidInput(
                "Pod Security configuration", [Fault(path="version", value=f"1.{minor}", allowed=allowed)]
            )
        configuration = {
            "apiVersion": f"{_GROUP}/{version}",
            "kind": "PodSecurityConfiguration",
            "defaults": self.defaults.to_manifest(),
            "exemptions": self.exemptions.to_manifest(),
        }
        return {"name": "PodSecurity", "configuration": configuration}

    def admission_configuration(self, minor: int) -> dict[str, Any]:
        """The whole file, for a server of Kubernetes 1.`minor` that configures no other plugin; raises like `plugin`.

        1.22 has the plugin only with `--feature-gates=PodSecurity=true`.
        """
        return {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "AdmissionConfiguration",
            "plugins": [self.plugin(minor)],
        }


def _spelled(path: str, names: object, syntax: Syntax) -> Iterator[Fault]:
    return _faults(path, names, syntax.admits, syntax.allowed)


def _faults(path: str, names: object, admits: Callable[[str], bool], allowed: str) -> Iterator[Fault]:
    place = f"exemptions.{path}"
    if not isinstance(names, tuple):
        yield Fault(path=place, value=names, allowed="a list of names")
        return
    seen = set[str]()
    for index, name in enumerate(names):
        if not isinstance(name, str) or not admits(name):
            yield Fault(path=f"{place}[{index}]", value=name, allowed=allowed)
        elif name in seen:
            yield Fault(path=f"{place}[{index}]", value=name, allowed="each name once")
        else:
            seen.add(name)


def _is_username(text: str) -> bool:
    """Any text but none; half of a character, which Python can hold, is in no file."""
    return bool(text) and not any("\ud800" <= character <= "\udfff" for character in text)
