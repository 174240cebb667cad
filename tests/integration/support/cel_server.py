"""An API server without PodSecurityPolicy, whose admission policies are made of the same policies."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import tenacity

from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.targets.cel import cel_manifests
from tests.fixtures.cel_cases import api_groups, without_alpha_seccomp
from tests.fixtures.psp_cases import WITNESSES, Round
from tests.fixtures.psp_values import NAMESPACES, Manifest
from tests.fixtures.waiting import eventually
from tests.integration.support.asking import WORKERS, Question, Reply
from tests.integration.support.pod_server import PodServer, creating, deletions, rights

__all__ = ["CelServer"]

_OF_THE_SERVER = ("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation")
_PATIENCE_SECONDS = 60
_ADMISSION = "/apis/admissionregistration.k8s.io/v1"


class CelServer(PodServer):
    """Asked the same as the plugin."""

    def furnish(self, stored: Sequence[Manifest | None]) -> None:
        """Make what requests need, and the same pods to change, as far as validation takes them."""
        self.admit_anybody()
        accounts = (f"/api/v1/namespaces/{namespace}/serviceaccounts" for namespace in NAMESPACES)
        self.asker.make(*(creating(path, {"metadata": {"name": "default"}}) for path in accounts))
        with ThreadPoolExecutor(WORKERS) as workers:
            self.stored = list(workers.map(self._store, stored))

    def enact(self, round_: Round) -> None:
        """Put the round's policies and rights in the place of those before; return when the server knows them."""
        self.asker.ask_all(deletions())
        policies = [PodSecurityPolicy.from_manifest(manifest) for manifest in round_.policies]
        split = len(round_.rights) - len(WITNESSES)
        self.asker.make(*rights(round_, 0, split))
        manifests = cel_manifests(policies, stage="deny", mutates=True, api_groups=api_groups(round_))
        for manifest in manifests:
            self.put(manifest)
        self.asker.make(*rights(round_, split, None))
        wanted = [*(round_.witnessed for _ in WITNESSES), "403"]
        try:
            eventually(lambda: self._answers() == wanted, _PATIENCE_SECONDS)
        except tenacity.RetryError:
            pytest.fail(f"round {round_.number}: {self._answers()} instead of {wanted}")

    def _answers(self) -> list[str]:
        """Who is told what; a stranger's refusal shows that validation is there, and not only the choice."""
        replies = map(self.try_out, (*WITNESSES, "stranger"))
        return [str(reply.code) if reply.code >= 300 else _note(reply) for reply in replies]

    def put(self, manifest: Manifest) -> None:
        """Make the object, or put it in the place of the one of its name."""
        collection, name = collection_of(manifest["kind"]), manifest["metadata"]["name"]
        found = self.asker.ask(Question(method="GET", path=f"{collection}/{name}"))
        if found.code == 404:
            self.asker.make(creating(collection, manifest))
            return
        metadata = {**manifest["metadata"], "resourceVersion": found.content["metadata"]["resourceVersion"]}
        self.asker.make(Question(method="PUT", path=f"{collection}/{name}", body={**manifest, "metadata": metadata}))

    def _store(self, pod: Manifest | None) -> Manifest | None:
        if pod is None:
            return None
        plain = without_alpha_seccomp(pod)
        metadata = {key: value for key, value in plain["metadata"].items() if key not in _OF_THE_SERVER}
        spec = {key: value for key, value in plain["spec"].items() if key != "ephemeralContainers"}
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods"
        body = {"metadata": metadata, "spec": spec}
        reply = self.asker.ask(creating(path, body))
        if reply.code == 422:
            return None
        assert reply.code == 201, reply.body
        found: Manifest = reply.content
        if debugging := plain["spec"].get("ephemeralContainers"):
            path += f"/{metadata['name']}"
            found["spec"]["ephemeralContainers"] = debugging
            (reply,) = self.asker.make(Question(method="PUT", path=f"{path}/ephemeralcontainers", body=found))
            found = reply.content
        return found


def _note(reply: Reply) -> str:
    return str(reply.content["metadata"].get("annotations", {}).get("kubernetes.io/psp"))


def collection_of(kind: str) -> str:
    """Where admission policies and bindings of the kind are."""
    return (
        f"{_ADMISSION}/{kind.lower().replace('policy', 'policies') if kind.endswith('Policy') else kind.lower() + 's'}"
    )
