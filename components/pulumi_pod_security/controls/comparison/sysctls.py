"""Sysctls: the safe ones, those that the policy's patterns begin with, and others below each of them.

Each is refused or not by itself. Below a pattern that ends in `*` a name is looked for that no other pattern matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from string import ascii_lowercase, digits

from pulumi_pod_security.controls import sysctls
from pulumi_pod_security.controls.comparison.changing import security_of_pod
from pulumi_pod_security.controls.comparison.concern import Concern, Use
from pulumi_pod_security.controls.pod import Sysctl
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERN"]

# Safe in no version and in some policies.
_OTHERS = ("kernel.msgmax", "net.core.somaxconn")


def uses(policy: PodSecurityPolicy) -> Iterator[Use]:
    """Each that tells anything apart."""
    patterns = [*(policy.spec.allowed_unsafe_sysctls or ()), *(policy.spec.forbidden_sysctls or ())]
    below = [name for pattern in ("*", *patterns) for name in _below(pattern, patterns)]
    for name in dict.fromkeys((*sorted(sysctls.SAFE_ONES), *below, *_OTHERS)):
        yield Use(what="sysctls", example=name, change=security_of_pod(sysctls=(Sysctl(name=name, value="1"),)))


def _below(pattern: str, patterns: Iterable[str]) -> Iterator[str]:
    """Names that the pattern matches: itself, and one that continues it as no other does."""
    stem = pattern.removesuffix("*")
    if stem and stem[-1].isalnum():
        yield stem
    if stem != pattern:
        continued = {each[len(stem)] for each in patterns if each.startswith(stem) and len(each) > len(stem)}
        free = next((letter for letter in ascii_lowercase + digits if letter not in continued), "z")
        yield f"{stem}{free}.another" if not stem else f"{stem}{free}"


CONCERN = Concern(id="sysctls", controls=(sysctls.CONTROL,), checks=sysctls.CHECKS, uses=uses)
