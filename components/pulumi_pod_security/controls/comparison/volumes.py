"""Volumes: of every kind; host paths and drivers that the policy names, and others that nobody names.

Each volume is refused or not by itself. A host path counts with a mount that may write it and without any, for each
prefix of the policy itself: what only a prefix to be read matches is refused there if it is anywhere. Kinds, host paths
and drivers are one concern, because the standards refuse host paths now by a check of their own and now as a kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_pod_security.controls import csi_drivers, flex_volumes, host_paths, volumes
from pulumi_pod_security.controls.comparison.changing import Change, each_with, pod_spec
from pulumi_pod_security.controls.comparison.concern import Concern, Use, fresh
from pulumi_pod_security.controls.pod import VolumeMount
from pulumi_pod_security.controls.volume import (
    CSISource,
    FlexSource,
    HostPathSource,
    ProjectedSource,
    Projection,
    ServiceAccountTokenProjection,
    Volume,
)
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERN"]

_NAME = "compared"
_OF_THEIR_OWN = frozenset({"host_path", "flex_volume", "csi", "projected"})
_TOKEN = Projection(service_account_token=ServiceAccountTokenProjection(path="token"))


def uses(policy: PodSecurityPolicy) -> Iterator[Use]:
    """A volume of each kind that tells anything apart."""
    for field in Volume.__struct_fields__[1:]:
        if field not in _OF_THEIR_OWN:
            yield _use("volumes", {field: {}})
    yield _use("volumes", {"projected": ProjectedSource(sources=(Projection(),))})
    yield _use("volumes of the service account's token", {"projected": ProjectedSource(sources=(_TOKEN,))}, "")
    yield from _host_paths(policy)
    yield from _drivers(policy)


def _host_paths(policy: PodSecurityPolicy) -> Iterator[Use]:
    prefixes = [each.path_prefix for each in policy.spec.allowed_host_paths or ()]
    other = fresh("other", (prefix.strip("/") for prefix in prefixes))
    # Nobody writes a path that does not begin at the root, but an API server takes it.
    for path in dict.fromkeys((*prefixes, f"/{other}", other)):
        source = {"host_path": HostPathSource(path=path)}
        yield _use("paths of the node", source, path)
        volume = _volume(source)
        yield Use(what="paths of the node, to be written", example=path, change=_mounted(volume))


def _drivers(policy: PodSecurityPolicy) -> Iterator[Use]:
    flex = [each.driver for each in policy.spec.allowed_flex_volumes or ()]
    for driver in dict.fromkeys((*flex, fresh("another/driver", flex))):
        yield _use("flexVolumes by driver", {"flex_volume": FlexSource(driver=driver)}, driver)
    csi = [each.name for each in policy.spec.allowed_csi_drivers or ()]
    for driver in dict.fromkeys((*csi, fresh("another.driver", csi))):
        yield _use("CSI volumes by driver", {"csi": CSISource(driver=driver)}, driver)


def _use(what: str, source: Mapping[str, Any], example: str | None = None) -> Use:
    volume = _volume(source)
    return Use(what=what, example=volume.kind if example is None else example, change=pod_spec(volumes=(volume,)))


def _volume(source: Mapping[str, Any]) -> Volume:
    return Volume(name=_NAME, **source)


def _mounted(volume: Volume) -> Change:
    mounting = each_with(volume_mounts=(VolumeMount(name=_NAME, mount_path="/compared"),))
    return lambda pod: mounting(pod_spec(volumes=(volume,))(pod))


CONCERN = Concern(
    id="volumes",
    controls=(volumes.CONTROL, host_paths.CONTROL, flex_volumes.CONTROL, csi_drivers.CONTROL),
    checks=(*host_paths.CHECKS, *volumes.CHECKS),
    uses=uses,
)
