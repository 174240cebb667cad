"""The questions asked of a live API server: its version, who may do what, and what it would say to a pod."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from pulumi_pod_security.admission.manifests import LivePod
from pulumi_pod_security.cluster.api import Api, ClusterError, Refused, Unreachable
from pulumi_pod_security.cluster.objects import AccessReview, Identified, Version
from pulumi_pod_security.errors import shown
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.plugin import LAST_VERSION
from pulumi_pod_security.targets.psp import API_GROUPS

__all__ = ["ANSWERED_BY_PSP", "Answer", "Cluster", "Right", "ServerVersion"]

ANSWERED_BY_PSP = "kubernetes.io/psp"
"""Annotation the plugin writes on every pod it admits: the name of the policy it chose
(`ValidatedPSPAnnotation` in pkg/security/podsecuritypolicy/util/util.go, kubernetes v1.24.17)."""

WORKERS = 8
_POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"
# An API server that is not quite up refuses with nothing but this word, which is a Kubernetes client's for an
# answer without text (newUnstructuredResponseError in rest/request.go, k8s.io/client-go v0.24.17).
_STARTING = "unknown"
# In plugin/namespace/lifecycle/admission.go, k8s.io/apiserver v0.24.17, which is asked before any policy.
_ENDING = re.compile(r"unable to create new content in namespace \S+ because it is being terminated$")
# Not logged in (any more), too busy, not ready: none of these is a verdict on the pod.
_NO_VERDICT = (401, 429, 503)
# Clouds append to the numbers, as in `24+`.
_NUMBER = re.compile(r"[0-9]{1,4}(?![0-9])")
T = TypeVar("T")
# A dry run stores nothing, so that it may be sent again.
_again_if_lost = Retrying(
    stop=stop_after_attempt(3), wait=wait_fixed(0.2), retry=retry_if_exception_type(Unreachable), reraise=True
)


@dataclass(frozen=True, kw_only=True)
class ServerVersion:
    """The version of an API server, and what follows from it."""

    major: int
    minor: int
    git_version: str

    @property
    def has_psp(self) -> bool:
        """Whether the PodSecurityPolicy API and plugin exist."""
        return (self.major, self.minor) <= LAST_VERSION


@dataclass(frozen=True, kw_only=True)
class Right:
    """Something our own kubeconfig must be allowed to do."""

    verb: str
    resource: str
    group: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}" + (f".{self.group}" if self.group else "")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server said to a pod in a dry run.

    Attributes:
        policy: the policy the plugin chose; None when the plugin did not judge it (off, or refused).
        refusal: the server's words; None when the pod was admitted.
        gone: whether it was refused because its namespace goes or is gone, so that nothing creates it any more.
    """

    policy: str | None = None
    refusal: str | None = None
    gone: bool = False

    @property
    def refused_by_psp(self) -> bool:
        """Whether the refusal is the plugin's: 1.19 and later name it, earlier ones say `pod security policy`.

        plugin/pkg/admission/security/podsecuritypolicy/admission.go, kubernetes v1.18.20, v1.19.0 and v1.24.17.
        """
        text = self.refusal or ""
        return "PodSecurityPolicy: " in text or "pod security policy: [" in text

    @property
    def refused_otherwise(self) -> bool:
        """Whether something else than the plugin refused the pod."""
        return self.refusal is not None and not self.refused_by_psp

    @property
    def judged_by_psp(self) -> bool:
        """Whether the plugin had a say at all: the proof that it is on."""
        return self.policy is not None or self.refused_by_psp


class Cluster:
    """Questions to one API server; answers about access are remembered for the life of this object."""

    def __init__(self, api: Api, api_groups: Sequence[str] = API_GROUPS) -> None:
        self.api = api
        self._api_groups = api_groups
        self.may_use = cache(self._may_use)
        self._holds = cache(self._asked_of_us)

    @cached_property
    def version(self) -> ServerVersion:
        """The server's version; raises ClusterError when no server answers or the answer is not one."""
        answer = self.api.get("/version", Version)
        numbers = [_NUMBER.match(text) for text in (answer.major, answer.minor)]
        if not all(numbers):
            raise ClusterError(
                f"{self.api.where}: /version says {shown(answer.git_version)}, which is no Kubernetes version"
            )
        major, minor = (int(number.group()) for number in numbers if number)
        return ServerVersion(major=major, minor=minor, git_version=answer.git_version)

    @cached_property
    def uid(self) -> str:
        """What tells this cluster from every other: the uid of its namespace `kube-system`; raises ClusterError.

        The namespace is made with the cluster and cannot be deleted (`NamespaceLifecycle` in
        plugin/pkg/admission/namespace/lifecycle/admission.go, kubernetes v1.24.17).
        """
        return self.api.get("/api/v1/namespaces/kube-system", Identified).metadata.uid

    def missing(self, rights: Iterable[Right]) -> tuple[Right, ...]:
        """Those of `rights` our own kubeconfig lacks, by SelfSubjectAccessReview, in the order given."""
        asked = tuple(rights)
        return tuple(right for right, held in zip(asked, self.ask(self._holds, asked), strict=True) if not held)

    def policies(self) -> Mapping[str, dict[str, Any]]:
        """The PodSecurityPolicies on the server by name, whole; raises ClusterError when one has no name."""
        return {self._name(found): found for found in self.api.items(_POLICIES, dict[str, Any])}

    def dry_run(self, pod: Mapping[str, Any], creator: Identity) -> Answer:
        """What the server would say if `creator` created `pod`: every plugin runs, nothing is stored.

        Raises:
            ClusterError: no server answers, or it answers something that is no verdict.
        """
        namespace = pod["metadata"]["namespace"]
        try:
            admitted = _again_if_lost(
                lambda: self.api.post(
                    f"/api/v1/namespaces/{quote(namespace, safe='')}/pods", pod, LivePod, identity=creator, dryRun="All"
                )
            )
        except Refused as refusal:
            if refusal.code in _NO_VERDICT or refusal.message == _STARTING:
                raise
            gone = refusal.code == HTTPStatus.NOT_FOUND or _ENDING.search(refusal.message) is not None
            return Answer(refusal=refusal.message, gone=gone)
        return Answer(policy=(admitted.metadata.annotations or {}).get(ANSWERED_BY_PSP))

    def ask(self, question: Any, about: Iterable[T]) -> list[Any]:
        """Put one question about many things, a few at a time; answers come in the order of `about`."""
        with ThreadPoolExecutor(max_workers=WORKERS) as workers:
            return list(workers.map(question, about))

    def _name(self, found: Mapping[str, Any]) -> str:
        metadata = found.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        if not (isinstance(name, str) and name):
            raise ClusterError(
                f"{self.api.where}: the list at {_POLICIES} is not what an API server says: metadata of a policy is "
                f"{shown(metadata)}, without a name"
            )
        return name

    def _may_use(self, identity: Identity, policy: str, namespace: str) -> bool:
        """Whether the authorizer lets `identity` use `policy` for pods of `namespace`; `""` asks for all namespaces."""
        return any(self._reviewed(identity, policy, namespace, group) for group in self._api_groups)

    def _reviewed(self, identity: Identity, policy: str, namespace: str, group: str) -> bool:
        """`buildAttributes` in plugin/pkg/admission/security/podsecuritypolicy/admission.go, kubernetes v1.24.17."""
        attributes = {
            "group": group,
            "version": "*",
            "resource": "podsecuritypolicies",
            "verb": "use",
            "name": policy,
            "namespace": namespace,
        }
        spec = {"user": identity.user, "groups": sorted(identity.groups), "resourceAttributes": attributes}
        return self._allowed("subjectaccessreviews", "SubjectAccessReview", spec)

    def _asked_of_us(self, right: Right) -> bool:
        attributes = {"group": right.group, "resource": right.resource, "verb": right.verb}
        return self._allowed("selfsubjectaccessreviews", "SelfSubjectAccessReview", {"resourceAttributes": attributes})

    def _allowed(self, resource: str, kind: str, spec: Mapping[str, Any]) -> bool:
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}
        return self.api.post(f"/apis/authorization.k8s.io/v1/{resource}", body, AccessReview).status.allowed
