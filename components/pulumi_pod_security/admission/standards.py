"""What Pod Security Admission says to a pod in a namespace whose labels ask for a level of the standards.

The answers are those of an API server of Kubernetes 1.36, also for the older versions that a namespace may ask for. A
cluster's exemptions (user names, runtime classes, namespaces) are not known here: who is exempt is never judged.

Upstream: admission/admission.go, policy/checks.go and api/helpers.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pulumi_pod_security.admission.conversion import converted
from pulumi_pod_security.admission.syncing import as_synced
from pulumi_pod_security.controls.check import Refusal
from pulumi_pod_security.controls.pod import Container, Pod, PodSpec
from pulumi_pod_security.controls.standards import NEWEST, STANDARDS
from pulumi_pod_security.errors import Fault, InvalidStandard, one_of

__all__ = ["LATEST", "Standard", "StandardLevel", "StandardVerdict", "against_standard", "is_significant", "judge"]

StandardLevel = Literal["privileged", "baseline", "restricted"]

LATEST = "latest"
"""The version of a standard that is the newest that the server knows."""

_VERSION = re.compile(r"v1\.(0|[1-9][0-9]{0,17})", re.ASCII)
_NO_SPEC = PodSpec()


@dataclass(frozen=True, kw_only=True)
class Standard:
    """A level of the Pod Security Standards in a version, as the two labels of a namespace name them.

    Attributes:
        version: `latest`, or `v1.` and a minor version; what is newer than we know is taken for the newest we know.

    Raises:
        InvalidStandard: there is no such level or version.
    """

    level: StandardLevel
    version: str = LATEST

    def __post_init__(self) -> None:
        faults = tuple(self._faults())
        if faults:
            raise InvalidStandard("standard", faults)

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"

    @property
    def minor(self) -> int:
        """The minor version that is judged by."""
        return NEWEST if self.version == LATEST else min(int(self.version.removeprefix("v1.")), NEWEST)

    @staticmethod
    def has_version(text: str) -> bool:
        """Whether there is such a version, or may be one day."""
        return text == LATEST or _VERSION.fullmatch(text) is not None

    def _faults(self) -> Iterator[Fault]:
        levels = get_args(StandardLevel)
        if self.level not in levels:
            yield Fault(path="level", value=self.level, allowed=one_of(levels, given=self.level))
        if not self.has_version(str(self.version)):
            yield Fault(path="version", value=self.version, allowed="'latest' or a version such as 'v1.30'")


@dataclass(frozen=True, kw_only=True)
class StandardVerdict:
    """What a level of the standards has against a pod.

    Attributes:
        refusals: One for each check that refuses it, in the order in which the API server tells them.
    """

    standard: Standard
    refusals: tuple[Refusal, ...]

    @property
    def admitted(self) -> bool:
        """Whether nothing is against the pod."""
        return not self.refusals

    @property
    def message(self) -> str | None:
        """What the API server says after the pod's name when it refuses."""
        if self.admitted:
            return None
        return f'violates PodSecurity "{self.standard}": {", ".join(map(str, self.refusals))}'


def against_standard(manifest: Mapping[str, Any], standard: Standard) -> StandardVerdict:
    """The verdict on a pod, or the template of one, as it would be sent to the API server.

    Raises:
        InvalidInput: it has a field of a wrong type, which no API server would take.
    """
    return judge(as_synced(converted(manifest, Pod, "pod")), standard)


def judge(pod: Pod, standard: Standard) -> StandardVerdict:
    """The verdict on a pod as the API server stores it."""
    if standard.level == "privileged":
        return StandardVerdict(standard=standard, refusals=())
    found = (rule.judge(pod) for rule in STANDARDS[standard.level][standard.minor].values())
    return StandardVerdict(standard=standard, refusals=tuple(refusal for refusal in found if refusal is not None))


def is_significant(pod: Pod, old: Pod) -> bool:
    """Whether an update is judged at all: one that changes images, or the number of containers, or adds a debugger."""
    spec, before = pod.spec or _NO_SPEC, old.spec or _NO_SPEC
    if _images(spec.containers) != _images(before.containers):
        return True
    if _images(spec.init_containers) != _images(before.init_containers):
        return True
    known = {container.name: container.image or "" for container in before.ephemeral_containers or ()}
    return any(known.get(each.name) != (each.image or "") for each in spec.ephemeral_containers or ())


def _images(containers: tuple[Container, ...] | None) -> list[str]:
    return [container.image or "" for container in containers or ()]
