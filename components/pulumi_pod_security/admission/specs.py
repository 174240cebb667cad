"""Specs of pods in their two forms: whole, to be sent to a server, and with what policies read, to be judged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from pulumi_pod_security.admission.manifests import BoundSpec
from pulumi_pod_security.admission.wellknown import TOKEN_PREFIX
from pulumi_pod_security.controls.pod import Container, PodSpec
from pulumi_pod_security.controls.volume import Volume

__all__ = ["Spec", "as_sent", "as_written", "node_name", "service_account", "with_claims"]

Spec = dict[str, Any] | PodSpec

# What admission and the scheduler added to a running pod; a create request that carries them is refused or differs.
_ADDED = ("ephemeralContainers", "nodeName", "overhead", "priority", "preemptionPolicy")


def service_account(spec: Spec) -> str:
    """The service account, by either of its two fields."""
    if isinstance(spec, PodSpec):
        return spec.service_account_name or spec.service_account or "default"
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")


def node_name(spec: Spec) -> str:
    """The node that the pod is bound to."""
    if isinstance(spec, BoundSpec):
        return spec.node_name or ""
    return "" if isinstance(spec, PodSpec) else spec.get("nodeName", "")


def with_claims(spec: Spec, claims: Sequence[str], pod: str) -> Spec:
    """The spec with a volume for each claim, which come before the template's own and stand for those of their name
    (`updateStorage` in pkg/controller/statefulset/stateful_set_utils.go, kubernetes v1.24.17).

    Args:
        pod: whose claims they are.
    """
    if isinstance(spec, PodSpec):
        own = (volume for volume in spec.volumes or () if volume.name not in claims)
        made = (Volume(name=name, persistent_volume_claim={"claimName": f"{name}-{pod}"}) for name in claims)
        return replace(spec, volumes=(*made, *own))
    kept = [volume for volume in spec.get("volumes") or () if volume.get("name") not in claims]
    added = [{"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{pod}"}} for name in claims]
    return {**spec, "volumes": [*added, *kept]}


def as_written(spec: Spec) -> Spec:
    """The spec of a pod that no server has touched."""
    return _unbound(spec) if isinstance(spec, BoundSpec) else spec


def as_sent(spec: Spec) -> Spec:
    """The spec of a running pod as its creator sent it, as far as the server's additions can be told."""
    if isinstance(spec, PodSpec):
        return _judged_as_sent(spec)
    sent = {key: value for key, value in spec.items() if key not in _ADDED}
    volumes = sent.get("volumes") or ()
    tokens = {volume["name"] for volume in volumes if _is_written_token(volume)}
    sent["volumes"] = [volume for volume in volumes if not _is_written_token(volume)]
    for key in ("initContainers", "containers"):
        if key in sent:
            sent[key] = [_without(tokens, container) for container in sent[key] or ()]
    return sent


def _without(tokens: Collection[str], container: dict[str, Any]) -> dict[str, Any]:
    mounts = [mount for mount in container.get("volumeMounts") or () if mount.get("name") not in tokens]
    return {**container, "volumeMounts": mounts}


def _judged_as_sent(spec: PodSpec) -> PodSpec:
    tokens = {volume.name for volume in spec.volumes or () if _is_token(volume)}
    return _unbound(
        spec,
        volumes=tuple(volume for volume in spec.volumes or () if not _is_token(volume)),
        containers=_judged_without(tokens, spec.containers),
        init_containers=_judged_without(tokens, spec.init_containers),
        ephemeral_containers=None,
    )


def _unbound(spec: PodSpec, **changed: Any) -> PodSpec:
    return PodSpec(**{name: getattr(spec, name) for name in PodSpec.__struct_fields__} | changed)


def _judged_without(tokens: Collection[str], found: tuple[Container, ...] | None) -> tuple[Container, ...] | None:
    return found and tuple(
        replace(each, volume_mounts=tuple(mount for mount in each.volume_mounts or () if mount.name not in tokens))
        for each in found
    )


def _is_written_token(volume: dict[str, Any]) -> bool:
    if not str(volume.get("name")).startswith(TOKEN_PREFIX):
        return False
    try:
        return _is_token(msgspec.convert(volume, Volume))
    except msgspec.ValidationError:
        # Not from a server, which will say so.
        return False


def _is_token(volume: Volume) -> bool:
    """Whether the server added the volume. The name alone is anyone's, whatever is behind it."""
    if not (volume.name.startswith(TOKEN_PREFIX) and volume.projected):
        return False
    projections = volume.projected.sources or ()
    of_token = any(projection.service_account_token is not None for projection in projections)
    return of_token and volume == Volume(name=volume.name, projected=volume.projected)
