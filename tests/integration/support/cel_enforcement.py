"""Sets of policies in force, one after the other, on one API server."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import tenacity

from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.targets.cel import NAME, Stage, cel_manifests
from tests.fixtures.psp_grants import right_of
from tests.fixtures.psp_policies import narrowest_policy
from tests.fixtures.waiting import eventually
from tests.integration.support.asking import Question, Reply
from tests.integration.support.cel_server import CelServer, collection_of
from tests.integration.support.pod_server import creating

__all__ = ["STRANGER", "WITNESS", "Enforcement", "last_policy", "note"]

WITNESS = "witness"
"""May use the last policy of every set."""
STRANGER = "stranger"
"""May use nothing."""

_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_PATIENCE_SECONDS = 60
_KINDS = ("MutatingAdmissionPolicyBinding", "MutatingAdmissionPolicy")


def last_policy() -> PodSecurityPolicy:
    """One that admits a pod without anything, so that it shows when a set is in force."""
    return PodSecurityPolicy.from_manifest(narrowest_policy("last"))


class Enforcement:
    """Policies on a server, and questions about pods in anybody's name."""

    def __init__(self, server: CelServer) -> None:
        self.server = server
        self._sets = 0
        self.last = _name(0)
        self.allow(WITNESS, self.last)

    def enforce(self, policies: Sequence[PodSecurityPolicy], *, mutates: bool = True, **settings: Any) -> None:
        """Refuse what no policy accepts; return when the server does.

        The last policy has a name of its own in every set, and the witness may use that alone: the sets before refuse
        the witness, or note another name.
        """
        manifests = self.put(policies, stage="deny", mutates=mutates, **settings)
        wanted = [self.last if mutates else "", "403"]
        try:
            eventually(lambda: self._answers() == wanted, _PATIENCE_SECONDS)
        except tenacity.RetryError:
            pytest.fail(f"{self._answers()} instead of {wanted}: {[each['kind'] for each in manifests]}")

    def put(
        self, policies: Sequence[PodSecurityPolicy], *, stage: Stage, mutates: bool, **settings: Any
    ) -> Sequence[Mapping[str, Any]]:
        """Put the set in the place of the one before, and wait for nothing."""
        self._sets += 1
        self.last = _name(self._sets)
        named = [*policies[:-1], dataclasses.replace(policies[-1], name=self.last)]
        manifests = list(cel_manifests(named, stage=stage, mutates=mutates, **settings))
        kept = {manifest["kind"] for manifest in manifests}
        for kind in _KINDS:
            if kind not in kept:
                self.take_away(kind)
        for manifest in manifests:
            self.server.put(manifest)
        role = right_of(WITNESS, self.last, None).role
        self.server.asker.make(Question(method="PUT", path=f"{_RBAC}/clusterroles/{WITNESS}", body=role))
        return manifests

    def take_away(self, kind: str) -> None:
        """Delete the object of the kind, if it is there."""
        reply = self.server.asker.ask(Question(method="DELETE", path=f"{collection_of(kind)}/{NAME}"))
        assert reply.code in (200, 404), reply.body

    def allow(self, user: str, policy: str) -> None:
        """Grant the use of one policy, everywhere."""
        right = right_of(user, policy, None)
        self.server.asker.make(
            creating(f"{_RBAC}/clusterroles", right.role), creating(f"{_RBAC}/clusterrolebindings", right.binding)
        )

    def ask(self, pod: Mapping[str, Any], user: str, *groups: str, namespace: str = "apps") -> Reply:
        """What is said to the pod."""
        return self.server.asker.ask(_question(pod, user, groups, namespace))

    def ask_all(self, asked: Sequence[tuple[Mapping[str, Any], str]]) -> list[Reply]:
        """What is said to each pod of each user."""
        return self.server.asker.ask_all(_question(pod, user, (), "apps") for pod, user in asked)

    def _answers(self) -> list[str]:
        replies = [self.server.try_out(WITNESS), self.server.try_out(STRANGER)]
        return [str(reply.code) if reply.code >= 300 else note(reply) for reply in replies]


def note(reply: Reply) -> str:
    """By which policy the pod was admitted."""
    return str(reply.content["metadata"].get("annotations", {}).get("kubernetes.io/psp", ""))


def _question(pod: Mapping[str, Any], user: str, groups: Sequence[str], namespace: str) -> Question:
    path = f"/api/v1/namespaces/{namespace}/pods?dryRun=All"
    identity = Identity(user=user, groups=frozenset({"system:unauthenticated", *groups}))
    return Question(method="POST", path=path, body=dict(pod), identity=identity)


def _name(number: int) -> str:
    return f"zz-{number}"
