"""Waiting until a cluster can be used, and giving up early, with the log, when it never will."""

import time
from collections.abc import Callable, Mapping

import tenacity

from tools.controlplane.api import Api, healthy
from tools.controlplane.errors import ClusterError, ControlPlaneError
from tools.controlplane.events import read_events
from tools.controlplane.layout import Layout
from tools.controlplane.settings import Record

__all__ = ["Readiness", "log_tail"]

PATIENCE = 90
# A component may die once or twice while what it needs is not up yet.
HOPELESS_CRASHES = 4
TAIL_LINES = 15
Conditions = Mapping[str, Callable[[], bool]]


class Readiness:
    """What must be true of a cluster, component by component."""

    def __init__(self, layout: Layout, record: Record) -> None:
        self.layout = layout
        self.record = record
        self.api = Api(layout.kubeconfigs / "admin.conf")

    def api_server(self) -> Conditions:
        """The API server answers."""
        return {"kube-apiserver": self.api.ready}

    def everything(self) -> Conditions:
        """Pods can be created, are scheduled, and run."""
        return {
            **self.api_server(),
            "kube-controller-manager": self._controllers_work,
            "kube-scheduler": lambda: healthy(self.record.ports.scheduler),
            "kwok": self._nodes_ready,
        }

    def met(self) -> bool:
        """Whether everything is true right now."""
        return all(_holds(condition) for condition in self.everything().values())

    def wait(self, conditions: Conditions) -> None:
        """Return when all are met; raise when a component keeps crashing or time is up."""
        since = time.time()
        for component, met in conditions.items():
            try:
                tenacity.Retrying(
                    wait=tenacity.wait_fixed(0.1),
                    stop=tenacity.stop_after_delay(PATIENCE),
                    retry=tenacity.retry_if_result(lambda result: not result),
                )(self._checked(component, met, since))
            except tenacity.RetryError:
                raise ClusterError(
                    f"{component} is not ready after {PATIENCE} s\n{log_tail(self.layout, component)}"
                ) from None

    def _checked(self, component: str, met: Callable[[], bool], since: float) -> Callable[[], bool]:
        def check() -> bool:
            crashes = [
                event
                for event in read_events(self.layout.events)
                if event.component == component and event.kind == "crashed" and event.time > since
            ]
            if len(crashes) >= HOPELESS_CRASHES:
                raise ClusterError(f"{component} keeps crashing\n{log_tail(self.layout, component)}")
            return _holds(met)

        return check

    def _controllers_work(self) -> bool:
        account = "/api/v1/namespaces/default/serviceaccounts/default"
        return healthy(self.record.ports.controller_manager) and self.api.exists(account)

    def _nodes_ready(self) -> bool:
        nodes = self.api.call("GET", "/api/v1/nodes")["items"]
        return len(nodes) > self.record.workers and all(
            any(
                condition["type"] == "Ready" and condition["status"] == "True"
                for condition in node["status"].get("conditions", [])
            )
            for node in nodes
        )


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except ControlPlaneError:
        # The API server answered a moment ago, and is away again or not set up in full.
        return False


def log_tail(layout: Layout, component: str) -> str:
    """The end of a component's log."""
    log = layout.log(component)
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:]) if log.exists() else f"{log}: no log"
