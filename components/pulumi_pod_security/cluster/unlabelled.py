"""Pod Security's defaults and exemptions proven: by what we know before a switch, by the server itself after it.

Judged before: everything that runs or could run, in every namespace for which the labels do not say all. Asked after:
the same, and canaries in a namespace without labels, as dry runs in the name of who would send them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.admission.workloads import Workload, controller
from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.inventory import workloads
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.refusal import PreflightRefused, listed
from pulumi_pod_security.cluster.standards import newly_refused
from pulumi_pod_security.cluster.verification import Surprise, Verified
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.targets.admissionconfiguration import PodSecurityConfiguration
from pulumi_pod_security.targets.psa import LABELS, enforced

__all__ = ["StandardsVerification", "require_defaults_admit", "server_start"]

_CREATORS = tuple(map(controller, ("replicaset-controller", "job-controller", "daemon-set-controller")))
_STARTED = "process_start_time_seconds "
_REFUSED = "violates PodSecurity "
# Admitted by every level in every version.
_HARMLESS = {
    "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "canary",
            "image": "canary",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
}
# Refused by every level that refuses anything.
_PRIVILEGED = {"hostPID": True, "containers": [{"name": "canary", "image": "canary"}]}


class _Metadata(msgspec.Struct, rename="camel"):
    name: str
    labels: dict[str, str] | None = None
    deletion_timestamp: str | None = None


class _Namespace(msgspec.Struct):
    metadata: _Metadata

    @property
    def labels(self) -> Mapping[str, str]:
        return self.metadata.labels or {}


def server_start(cluster: Cluster) -> float:
    """When the API server that answers began, in seconds since 1970, to about a second.

    Raises:
        ClusterError: no server answers, or does not say, or we may not know.
    """
    path = "/metrics"
    for line in cluster.api.text(path).splitlines():
        if line.startswith(_STARTED):
            try:
                return float(line.removeprefix(_STARTED))
            except ValueError:
                break
    raise ClusterError(
        f"{cluster.api.where}: {path} does not say when the server started; ask: kubectl get --raw {path}"
    )


def require_defaults_admit(cluster: Cluster, before: PodSecurityConfiguration, after: PodSecurityConfiguration) -> None:
    """Refuse defaults that something which runs or could run does not fit, unless it was refused already.

    Raises:
        PreflightRefused: with every workload that would be refused.
        ClusterError: a list was refused or no server answers.
    """
    judged = [each for each in _namespaces(cluster) if each.metadata.name not in after.exemptions.namespaces]
    changes = {each.metadata.name: (_enforced(each, before), _enforced(each, after)) for each in judged}
    stricter = {name: pair for name, pair in changes.items() if pair[0] != pair[1] and pair[1].level != "privileged"}
    if not stricter:
        return
    found = [each for each in workloads(cluster.api) if each.namespace in stricter and not _is_exempt(each, after)]
    told = newly_refused(cluster, found, stricter)
    if told:
        heading = f"{len(told)} of {len(found)} workloads would not be admitted; nothing was changed"
        raise PreflightRefused(listed(heading, told))


@dataclass(frozen=True, kw_only=True)
class StandardsVerification:
    """The questions that defaults and exemptions are verified with; made before the switch.

    Attributes:
        cluster: the server.
        configuration: what it is to enforce.
        refused: workloads that Pod Security refused already.
    """

    cluster: Cluster
    configuration: PodSecurityConfiguration
    refused: frozenset[str]

    @classmethod
    def begin(cls, cluster: Cluster, configuration: PodSecurityConfiguration) -> StandardsVerification:
        """Ask the server about everything that runs now; raises ClusterError."""
        refused = frozenset(str(workload) for workload, _ in _refused(cluster))
        return cls(cluster=cluster, configuration=configuration, refused=refused)

    def run(self) -> Verified:
        """Ask the server about everything that runs now and about the canaries; raises ClusterError."""
        found = workloads(self.cluster.api)
        surprises = [
            Surprise(subject=f"{workload} ({workload.circumstances})", words=words)
            for workload, words in _refused(self.cluster)
            if str(workload) not in self.refused
        ]
        canaries = self._canaries()
        wrong = [surprise for pod, is_refused in canaries if (surprise := self._wrong(pod, is_refused))]
        return Verified(workloads=len(found), canaries=len(canaries), surprises=(*surprises, *wrong))

    def _canaries(self) -> list[tuple[dict[str, Any], bool]]:
        """Pods, and whether each must be refused; none where every namespace has labels or is exempt."""
        exempt = self.configuration.exemptions
        plain = sorted(
            each.metadata.name
            for each in _namespaces(self.cluster)
            if not any(label in each.labels for label in LABELS)
            and each.metadata.deletion_timestamp is None
            and each.metadata.name not in exempt.namespaces
        )
        if not plain or self._creator is None:
            return []
        namespace = "default" if "default" in plain else plain[0]
        enforces = self.configuration.defaults.enforce.level != "privileged"
        harmless, privileged = _pod(namespace, _HARMLESS), _pod(namespace, _PRIVILEGED)
        return [(harmless, False), (privileged, True)] if enforces else [(harmless, False)]

    @property
    def _creator(self) -> Identity | None:
        usernames = self.configuration.exemptions.usernames
        return next((creator for creator in _CREATORS if creator.user not in usernames), None)

    def _wrong(self, pod: dict[str, Any], is_refused: bool) -> Surprise | None:  # noqa: FBT001 - what is wanted
        assert self._creator is not None
        answer = self.cluster.dry_run(pod, self._creator)
        kind = "privileged" if is_refused else "harmless"
        subject = f"{kind} canary in namespace {pod['metadata']['namespace']}"
        standard = self.configuration.defaults.enforce
        by_default = f'{_REFUSED}"{standard}"' in (answer.refusal or "")
        if is_refused and answer.refusal is None:
            return Surprise(subject=subject, words=f"was admitted, though the default there is {standard}")
        if not is_refused and by_default:
            return Surprise(subject=subject, words=f"was refused: {answer.refusal}")
        return None


def _refused(cluster: Cluster) -> Iterator[tuple[Workload, str]]:
    """What Pod Security refuses of everything that runs, and its words."""
    found = workloads(cluster.api)
    answers = cluster.ask(lambda workload: cluster.dry_run(workload.pod, workload.creator), found)
    for workload, answer in zip(found, answers, strict=True):
        if answer.refusal and _REFUSED in answer.refusal:
            yield workload, answer.refusal


def _enforced(namespace: _Namespace, configuration: PodSecurityConfiguration) -> Standard:
    if namespace.metadata.name in configuration.exemptions.namespaces:
        return Standard(level="privileged")
    return enforced(namespace.labels, configuration.defaults.enforce)


def _is_exempt(workload: Workload, configuration: PodSecurityConfiguration) -> bool:
    spec = workload.pod.get("spec") or {}
    exempt = configuration.exemptions
    return workload.creator.user in exempt.usernames or spec.get("runtimeClassName") in exempt.runtime_classes


def _namespaces(cluster: Cluster) -> list[_Namespace]:
    return list(cluster.api.items("/api/v1/namespaces", _Namespace))


def _pod(namespace: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {"name": "canary", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": dict(spec)}
