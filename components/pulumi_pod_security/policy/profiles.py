"""Seccomp and AppArmor profiles of a policy: typed here, four annotations in the manifest.

An annotation that is left out and an empty one differ: without the AppArmor list every profile may be used.
Neither list knows patterns; `*` stands for all seccomp profiles and means nothing to AppArmor
(seccomp/strategy.go and apparmor/strategy.go in pkg/security/podsecuritypolicy, kubernetes v1.24.17).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pulumi_pod_security.errors import Fault
from pulumi_pod_security.policy.frozen import Part

__all__ = ["APPARMOR", "SECCOMP", "ProfileAnnotations", "ProfilePolicy", "profile_faults"]


@dataclass(frozen=True, kw_only=True)
class ProfilePolicy(Part):
    """The profiles that may be named, and the one given to a pod that names none."""

    allowed: Sequence[str] | None = None
    default: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProfileAnnotations:
    """The two annotation keys that carry one kind of profile."""

    allowed: str
    default: str

    def read(self, annotations: Mapping[str, str]) -> ProfilePolicy:
        """The profiles the annotations say."""
        listed = annotations.get(self.allowed)
        return ProfilePolicy(
            allowed=None if listed is None else tuple(listed.split(",")), default=annotations.get(self.default)
        )

    def write(self, profiles: ProfilePolicy) -> dict[str, str]:
        """The annotations that say the profiles."""
        listed = {} if profiles.allowed is None else {self.allowed: ",".join(profiles.allowed)}
        return listed if profiles.default is None else {**listed, self.default: profiles.default}


SECCOMP = ProfileAnnotations(
    allowed="seccomp.security.alpha.kubernetes.io/allowedProfileNames",
    default="seccomp.security.alpha.kubernetes.io/defaultProfileName",
)
"""pkg/security/podsecuritypolicy/seccomp/strategy.go, kubernetes v1.24.17."""
APPARMOR = ProfileAnnotations(
    allowed="apparmor.security.beta.kubernetes.io/allowedProfileNames",
    default="apparmor.security.beta.kubernetes.io/defaultProfileName",
)
"""core/v1/annotation_key_constants.go, k8s.io/api v0.24.17."""

_SECCOMP_NAMES = "'runtime/default', 'docker/default', 'unconfined' or 'localhost/' and a relative path without '..'"
_APPARMOR_NAMES = "'runtime/default', 'unconfined' or 'localhost/' and a profile's name"


def profile_faults(annotations: Mapping[str, str], path: str) -> Iterator[Fault]:
    """What the API server refuses in the four annotations; an empty annotation is let in, unjudged, as there.

    `ValidatePodSecurityPolicySpecificAnnotations` in pkg/apis/policy/validation/validation.go, kubernetes v1.24.17.
    """
    for listed, allowed in ((SECCOMP.allowed, f"'*', {_SECCOMP_NAMES}"), (APPARMOR.allowed, _APPARMOR_NAMES)):
        fits = _may_list_seccomp if listed == SECCOMP.allowed else _is_apparmor
        text = annotations.get(listed, "")
        wrong = [name for name in text.split(",") if text and not fits(name)]
        if wrong:
            yield Fault(path=f"{path}[{listed}]", value=",".join(wrong), allowed=f"names joined by ',', each {allowed}")
    seccomp, apparmor = annotations.get(SECCOMP.default, ""), annotations.get(APPARMOR.default, "")
    if seccomp and not _is_seccomp(seccomp):
        yield Fault(path=f"{path}[{SECCOMP.default}]", value=seccomp, allowed=_SECCOMP_NAMES)
    if not _is_apparmor(apparmor):
        yield Fault(path=f"{path}[{APPARMOR.default}]", value=apparmor, allowed=_APPARMOR_NAMES)


def _may_list_seccomp(name: str) -> bool:
    return name == "*" or _is_seccomp(name)


def _is_seccomp(name: str) -> bool:
    """`ValidateSeccompProfile` in pkg/apis/core/validation/validation.go, kubernetes v1.24.17."""
    if name in ("runtime/default", "docker/default", "unconfined"):
        return True
    local = name.removeprefix("localhost/")
    return local != name and not local.startswith("/") and ".." not in local.split("/")


def _is_apparmor(name: str) -> bool:
    """`ValidateAppArmorProfileFormat` in pkg/apis/core/validation/validation.go, kubernetes v1.24.17."""
    return name in ("", "runtime/default", "unconfined") or name.startswith("localhost/")
