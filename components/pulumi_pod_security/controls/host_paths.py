"""Host paths below none of the policy's prefixes are refused, and so are writable mounts of read-only ones.

Policy: `allowedHostPaths`, every path when left out or empty, once `hostPath` volumes are allowed. A prefix matches by
whole path elements; one trailing slash on either side does not count. A path that any writable entry matches may be
written. Pod: `volumes[].hostPath.path`, and `volumeMounts[].readOnly` of every container.

Standards: baseline refuses every host path; restricted does so among other volumes (`volumes`).

Upstream: pkg/security/podsecuritypolicy/provider.go and util/util.go, kubernetes v1.24.17;
policy/check_hostPathVolumes.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_pod_security.controls import printing, volumes
from pulumi_pod_security.controls.cel import Clauses, Refused, either, literal
from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.naming import counted
from pulumi_pod_security.controls.pod import Pod, containers, pod_volumes
from pulumi_pod_security.controls.reason import Reason, Reasons, invalid
from pulumi_pod_security.policy.model import AllowedHostPath, PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The prefixes that may be mounted."""

    prefixes: tuple[AllowedHostPath, ...]


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked without prefixes, or where host paths are refused as such."""
    prefixes = tuple(policy.spec.allowed_host_paths or ())
    return Settings(prefixes=prefixes) if prefixes and volumes.allows(policy, "hostPath") else None


def judge(settings: Settings, pod: Pod) -> Reasons:
    """Each host path that no prefix matches, and each writable mount of one that may only be read."""
    reasons: Reasons = ()
    for index, volume in enumerate(pod_volumes(pod)):
        # No other source counts before this one.
        if volume.host_path is None:
            continue
        path = volume.host_path.path or ""
        matching = [prefix for prefix in settings.prefixes if _begins(path, prefix.path_prefix)]
        if not matching:
            place = f"spec.volumes[{index}].hostPath.pathPrefix"
            reasons += (invalid(place, printing.quoted(path), "is not allowed to be used"),)
        elif all(prefix.read_only for prefix in matching):
            reasons += tuple(_writable_mounts(volume.name, pod))
    return reasons


def _writable_mounts(volume: str, pod: Pod) -> Iterator[Reason]:
    for path, container in containers(pod):
        for index, mount in enumerate(container.volume_mounts or ()):
            if mount.name == volume and not mount.read_only:
                yield invalid(f"{path}.volumeMounts[{index}].readOnly", "false", "must be read-only")


def _begins(path: str, prefix: str) -> bool:
    path, prefix = path.removesuffix("/"), prefix.removesuffix("/")
    return path == prefix or path.startswith(prefix + "/")


def cel(settings: Settings) -> Clauses:
    """Each volume with a path that no prefix matches, or a writable mount of one that may only be read."""
    writable = either(_begins_with(prefix) for prefix in settings.prefixes if not prefix.read_only)
    readable = either(_begins_with(prefix) for prefix in settings.prefixes if prefix.read_only)
    mounts = "c.?volumeMounts.orValue([]).all(m, m.name != v.name || m.?readOnly.orValue(false))"
    only_read = f"({readable}) && variables.containers.all(c, {mounts})"
    listed = ", ".join(f"{each.path_prefix}{' (read-only)' if each.read_only else ''}" for each in settings.prefixes)
    return (
        Refused(
            part="volume",
            when=f"has(v.hostPath) && !(({writable}) || {only_read})",
            says=f"volumes.hostPath: only paths below these are allowed to be used: {listed}",
        ),
    )


def _begins_with(prefix: AllowedHostPath) -> str:
    path, begin = 'v.hostPath.?path.orValue("")', prefix.path_prefix.removesuffix("/")
    below = f"{path}.startsWith({literal(begin + '/')})"
    # A path that ends in a slash is looked at without it.
    return below if begin.endswith("/") else f"{path} == {literal(begin)} || {below}"


CONTROL = of_pods("host_paths", psp_fields=("allowedHostPaths",), settings=settings, judge=judge, cel=cel)


def refuse(pod: Pod) -> Refusal | None:
    """Each volume with a path of the node."""
    found = [volume.name for volume in pod_volumes(pod) if volume.host_path is not None]
    return Refusal(reason="hostPath volumes", detail=counted("volume", found)) if found else None


CHECKS = (Check(id="hostPathVolumes", level="baseline", rules=(Rule(since=0, judge=refuse),)),)
