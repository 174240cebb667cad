"""The parts of objects that create pods, as typed structures (Kubernetes API v1.24 field names).

`LivePod`, `TemplateOwner` and `CronJob` keep specs of pods whole, because they are sent back to a server in dry runs.
`JudgedPod`, `JudgedOwner` and `JudgedCronJob` have what policies read of them, and all else is skipped unread.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from pulumi_pod_security.controls.pod import PodSpec

__all__ = [
    "BoundSpec",
    "CronJob",
    "CronJobOf",
    "JudgedCronJob",
    "JudgedOwner",
    "JudgedPod",
    "LivePod",
    "Meta",
    "OwnerOf",
    "OwnerReference",
    "PodOf",
    "PodTemplate",
    "TemplateOf",
    "TemplateOwner",
]

SpecT = TypeVar("SpecT")
TemplateT = TypeVar("TemplateT")


class OwnerReference(msgspec.Struct, rename="camel"):
    """The owner of an object; the one with `controller: true` re-creates it."""

    kind: str
    name: str
    api_version: str = ""
    uid: str = ""
    controller: bool | None = None


class Meta(msgspec.Struct, rename="camel"):
    """ObjectMeta, as far as it is needed to judge and re-create a pod. A text may be null, which is an empty one."""

    name: str | None = None
    namespace: str | None = None
    generate_name: str | None = None
    uid: str | None = None
    labels: dict[str, str | None] | None = None
    annotations: dict[str, str | None] | None = None
    owner_references: list[OwnerReference] | None = None
    deletion_timestamp: str | None = None

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that re-creates this object, if it has one."""
        return next((owner for owner in self.owner_references or () if owner.controller), None)


class _Named(msgspec.Struct):
    name: str = ""


class _Container(msgspec.Struct, rename="camel"):
    volume_mounts: list[_Named] | None = None


class _PodSpec(msgspec.Struct, rename="camel"):
    volumes: list[_Named] | None = None
    containers: list[_Container] | None = None
    init_containers: list[_Container] | None = None
    node_name: str | None = None
    service_account_name: str | None = None
    service_account: str | None = None


def _check(spec: dict[str, Any]) -> None:
    """Refuse a pod's spec in which a member that is read here has another type than Kubernetes gives it."""
    try:
        msgspec.convert(spec, _PodSpec)
    except msgspec.ValidationError as error:
        raise ValueError(f"in a pod's spec: {error}") from None


class PodStatus(msgspec.Struct):
    """The phase of a pod; empty where no server has said one."""

    phase: str = ""


class BoundSpec(PodSpec, frozen=True, rename="camel", omit_defaults=True):
    """The spec of a pod as far as policies read it, and its node."""

    node_name: str | None = None


class PodOf(msgspec.Struct, Generic[SpecT]):
    """A pod, in a file or on a server; there it has a phase."""

    metadata: Meta
    spec: SpecT
    status: PodStatus = msgspec.field(default_factory=PodStatus)


class LivePod(PodOf[dict[str, Any]]):
    """A pod with its whole spec."""

    def __post_init__(self) -> None:
        """Refuse a spec of wrong types."""
        _check(self.spec)


class TemplateOf(msgspec.Struct, Generic[SpecT]):
    """A pod template of a workload."""

    spec: SpecT
    metadata: Meta | None = None


class PodTemplate(TemplateOf[dict[str, Any]]):
    """A pod template with its whole spec."""

    def __post_init__(self) -> None:
        """Refuse a spec of wrong types."""
        _check(self.spec)


class ClaimTemplate(msgspec.Struct):
    """A claim template of a StatefulSet, by its name."""

    metadata: Meta


class TemplateSpec(msgspec.Struct, Generic[TemplateT], rename="camel"):
    """The spec of a workload that holds one pod template."""

    template: TemplateT
    replicas: int | None = None
    volume_claim_templates: list[ClaimTemplate] | None = None


class Condition(msgspec.Struct):
    """A condition of an object's status."""

    type: str
    status: str


class OwnerStatus(msgspec.Struct):
    """The status of a workload, as far as it tells whether it still creates pods."""

    conditions: list[Condition] | None = None

    @property
    def finished(self) -> bool:
        """Whether this is a Job that came to its end."""
        ended = ("Complete", "Failed")
        return any(found.type in ended and found.status == "True" for found in self.conditions or ())


class OwnerOf(msgspec.Struct, Generic[TemplateT]):
    """A workload with a pod template: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, ReplicationController."""

    metadata: Meta
    spec: TemplateSpec[TemplateT]
    status: OwnerStatus = msgspec.field(default_factory=OwnerStatus)


class JobTemplate(msgspec.Struct, Generic[TemplateT]):
    """The template of the Jobs a CronJob creates."""

    spec: TemplateSpec[TemplateT]


class CronJobSpec(msgspec.Struct, Generic[TemplateT], rename="camel"):
    """The spec of a CronJob."""

    job_template: JobTemplate[TemplateT]


class CronJobOf(msgspec.Struct, Generic[TemplateT]):
    """A CronJob, suspended or not."""

    metadata: Meta
    spec: CronJobSpec[TemplateT]


class TemplateOwner(OwnerOf[PodTemplate]):
    """A workload with its whole template."""


class CronJob(CronJobOf[PodTemplate]):
    """A CronJob with its whole template."""


class JudgedPod(PodOf[BoundSpec]):
    """A pod, as far as it is judged."""


class JudgedOwner(OwnerOf[TemplateOf[PodSpec]]):
    """A workload, as far as it is judged."""


class JudgedCronJob(CronJobOf[TemplateOf[PodSpec]]):
    """A CronJob, as far as it is judged."""


# msgspec 0.22 crashes when threads meet a type for the first time at once, so it meets this one here.
msgspec.json.Decoder(_PodSpec)
