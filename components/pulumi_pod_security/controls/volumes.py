"""Volumes of kinds the policy does not list are refused.

Policy: `volumes`, no volume at all when left out, `*` for all. Pod: `volumes[]`. A projected volume counts as a secret
if all it holds is what the API server itself mounts: the service account's token, the cluster's root certificate and
the pod's namespace.

Standards: restricted refuses all kinds but those that stay within the pod and the cluster. An image is no kind that a
policy or this package reads; such a volume counts as one without a source, which becomes an emptyDir.

Upstream: pkg/security/podsecuritypolicy/provider.go and util/util.go, kubernetes v1.24.17;
policy/check_restrictedVolumes.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses, Refused, either
from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.naming import counted, users
from pulumi_pod_security.controls.pod import Pod, pod_volumes
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.controls.volume import Projection, Volume
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "Settings", "allows"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The kinds of volumes that may be used."""

    kinds: frozenset[str]


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked when every kind may be used."""
    kinds = frozenset(policy.spec.volumes or ())
    return None if "*" in kinds else Settings(kinds=kinds)


def allows(policy: PodSecurityPolicy, kind: str) -> bool:
    """Whether volumes of the kind may be used, which leaves it to other controls to ask more of them."""
    return not {"*", kind}.isdisjoint(policy.spec.volumes or ())


def judge(settings: Settings, pod: Pod) -> Reasons:
    """Each volume of a kind that is not listed."""
    reasons: Reasons = ()
    for index, volume in enumerate(pod_volumes(pod)):
        kind = volume.kind
        if kind not in settings.kinds and not ("secret" in settings.kinds and _is_token_volume(volume)):
            detail = f"{kind} volumes are not allowed to be used"
            reasons += (invalid(f"spec.volumes[{index}]", printing.quoted(kind), detail),)
    return reasons


def _is_token_volume(volume: Volume) -> bool:
    if volume.kind != "projected" or volume.projected is None:
        return False
    return all(map(_is_of_token_volume, volume.projected.sources or ()))


def _is_of_token_volume(source: Projection) -> bool:
    token, config_map, downward = source.service_account_token, source.config_map, source.downward_api
    if token is None and config_map is None and downward is None:
        return False
    if token is not None and (token.path != "token" or token.audience):
        return False
    if config_map is not None and config_map.name != "kube-root-ca.crt":
        return False
    return all(
        item.path == "namespace"
        and item.field_ref is not None
        and (item.field_ref.api_version or "v1") == "v1"
        and item.field_ref.field_path == "metadata.namespace"
        for item in (downward.items if downward is not None else None) or ()
    )


def cel(settings: Settings) -> Clauses:
    """Each volume of a kind that is not listed."""
    sources = [f"has(v.{'cephfs' if kind == 'cephFS' else kind})" for kind in sorted(settings.kinds)]
    if "secret" in settings.kinds:
        sources.append(f"has(v.projected) && v.projected.?sources.orValue([]).all(s, {_IS_OF_TOKEN_VOLUME})")
    says = f"volumes: only these kinds are allowed to be used: {', '.join(sorted(settings.kinds)) or 'none'}"
    return (Refused(part="volume", when=f"!({either(sources)})", says=says),)


_IS_OF_TOKEN_VOLUME = (
    "(has(s.serviceAccountToken) || has(s.configMap) || has(s.downwardAPI))"
    " && (!has(s.serviceAccountToken)"
    ' || s.serviceAccountToken.path == "token" && s.serviceAccountToken.?audience.orValue("") == "")'
    ' && (!has(s.configMap) || s.configMap.?name.orValue("") == "kube-root-ca.crt")'
    ' && s.?downwardAPI.?items.orValue([]).all(i, i.path == "namespace"'
    ' && i.?fieldRef.?fieldPath.orValue("") == "metadata.namespace"'
    ' && i.?fieldRef.?apiVersion.orValue("v1") == "v1")'
)


CONTROL = of_pods("volumes", psp_fields=("volumes",), settings=settings, judge=judge, cel=cel)

_PERMITTED = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)


def refuse(pod: Pod) -> Refusal | None:
    """Each volume of another kind."""
    found = [volume for volume in pod_volumes(pod) if volume.kind not in _PERMITTED]
    if not found:
        return None
    # The standards call every source as a pod does, a policy but for one.
    kinds = sorted({"cephfs" if volume.kind == "cephFS" else volume.kind for volume in found})
    using = users("volume", [volume.name for volume in found])
    return Refusal(reason="restricted volume types", detail=f"{using} {counted('restricted volume type', kinds)}")


CHECKS = (
    Check(
        id="restrictedVolumes",
        level="restricted",
        rules=(Rule(since=0, judge=refuse, overrides=("hostPathVolumes",)),),
    ),
)
