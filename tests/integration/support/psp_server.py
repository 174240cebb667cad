"""The real PodSecurityPolicy plugin, asked: by a cluster that can also answer without it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

from tests.fixtures.psp_cases import WITNESSES, Round
from tests.fixtures.psp_updates import STORED, debugged, stored_namespace, stored_pod
from tests.fixtures.psp_values import NAMESPACES, Manifest
from tests.fixtures.waiting import eventually
from tests.integration.support.asking import WORKERS, Question
from tests.integration.support.pod_server import PodServer, creating, deletions, rights
from tools.controlplane import ControlPlane

__all__ = ["PolicyServer"]

_POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"
_PLUGINS = "enable-admission-plugins"
_OF_ROUNDS = "labelSelector=round%3Ddifferential"


class PolicyServer(PodServer):
    """A cluster whose API server has the plugin or has it not.

    Args:
        plugins: the admission plugins it has now, beside the usual ones.
    """

    def __init__(self, cluster: ControlPlane, plugins: str) -> None:
        super().__init__(cluster)
        self.cluster = cluster
        self.plugins = plugins

    def furnish(self, seed: str) -> None:
        """Make what requests need to reach the plugin, and pods to change; the plugin must be off."""
        self.admit_anybody()
        eventually(lambda: all(self._has_default_account(namespace) for namespace in NAMESPACES))
        with ThreadPoolExecutor(WORKERS) as workers:
            self.stored = list(workers.map(partial(self._stored, seed), range(STORED)))

    def switch(self, plugins: str) -> None:
        """See to it that the API server has these admission plugins, beside the usual ones."""
        if plugins != self.plugins:
            self.cluster.restart_api_server({_PLUGINS: plugins})
            self.plugins = plugins

    def enact(self, round_: Round) -> None:
        """Put the round's policies and rights in the place of those before; return when the plugin knows them."""
        self.asker.ask_all([Question(method="DELETE", path=f"{_POLICIES}?{_OF_ROUNDS}"), *deletions()])
        *policies, witnessed = round_.policies
        split = len(round_.rights) - len(WITNESSES)
        self.asker.make(*(creating(_POLICIES, policy) for policy in policies), *rights(round_, 0, split))
        # The server hears of objects of one kind in the order in which they were made: these come last.
        self.asker.make(creating(_POLICIES, witnessed), *rights(round_, split, None))
        eventually(lambda: all(self.chosen(user) == round_.witnessed for user in WITNESSES))

    def withdraw(self, policy: str) -> None:
        """Take away the policy that the witnesses may use."""
        self.asker.make(Question(method="DELETE", path=f"{_POLICIES}/{policy}"))
        eventually(lambda: all(self.chosen(user) is None for user in WITNESSES))

    def notes(self) -> Mapping[str, Mapping[str, str]]:
        """What the plugin has written into the audit log, by case; later notes replace earlier ones."""
        return {event.user_agent: event.annotations for event in self.cluster.audit_events()}

    def _stored(self, seed: str, index: int) -> Manifest:
        """A pod, stored; at times with containers for debugging."""
        rng, path = Random(f"{seed}/stored/{index}"), f"/api/v1/namespaces/{stored_namespace(index)}/pods"
        while (reply := self.asker.ask(creating(path, stored_pod(rng, index)))).code == 422:
            pass  # Validation refuses this one; the next is another.
        pod: Manifest = reply.content
        path += f"/{pod['metadata']['name']}"
        if rng.random() < 0.4:
            body = debugged(rng, pod)
            self.asker.make(Question(method="PUT", path=f"{path}/ephemeralcontainers", body=body))
        (found,) = self.asker.make(Question(method="GET", path=path))
        return dict(found.content)

    def _has_default_account(self, namespace: str) -> bool:
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default"
        return self.asker.ask(Question(method="GET", path=path)).code == 200
