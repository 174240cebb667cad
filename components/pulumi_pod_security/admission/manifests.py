"""The parts of objects that create pods, as typed structures (Kubernetes API v1.24 field names).

Specs of pods are kept whole, because they are sent back to a server in dry runs.
"""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["CronJob", "LivePod", "Meta", "OwnerReference", "PodTemplate", "TemplateOwner"]


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


class LivePod(msgspec.Struct):
    """A pod, in a file or on a server; there it has a phase."""

    metadata: Meta
    spec: dict[str, Any]
    status: PodStatus = msgspec.field(default_factory=PodStatus)

    def __post_init__(self) -> None:
        """Refuse a spec of wrong types."""
        _check(self.spec)


class PodTemplate(msgspec.Struct):
    """A pod template of a workload."""

    spec: dict[str, Any]
    metadata: Meta | None = None

    def __post_init__(self) -> None:
        """Refuse a spec of wrong types."""
        _check(self.spec)


class ClaimTemplate(msgspec.Struct):
    """A claim template of a StatefulSet, by its name."""

    metadata: Meta


class TemplateSpec(msgspec.Struct, rename="camel"):
    """The spec of a workload that holds one pod template."""

    template: PodTemplate
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


class TemplateOwner(msgspec.Struct):
    """A workload with a pod template: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, ReplicationController."""

    metadata: Meta
    spec: TemplateSpec
    status: OwnerStatus = msgspec.field(default_factory=OwnerStatus)


class JobTemplate(msgspec.Struct):
    """The template of the Jobs a CronJob creates."""

    spec: TemplateSpec


class CronJobSpec(msgspec.Struct, rename="camel"):
    """The spec of a CronJob."""

    job_template: JobTemplate


class CronJob(msgspec.Struct):
    """A CronJob, suspended or not."""

    metadata: Meta
    spec: CronJobSpec


# msgspec 0.22 crashes when threads meet a type for the first time at once, so it meets this one here.
msgspec.json.Decoder(_PodSpec)
