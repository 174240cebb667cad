"""What can be seen of a cluster by others than Pulumi: its objects, its pods, its API server's life, its audit log."""

from collections.abc import Callable
from typing import Any

from tools.controlplane import AuditEvent, ControlPlane, Event
from tools.walk.kubectl import Kubectl, KubectlError
from tools.walk.report import running
from tools.walk.waiting import until

__all__ = ["ADMIN", "PLUGIN", "Sight"]

ADMIN = "kubernetes-admin"
PLUGIN = "PodSecurityPolicy"
BASELINE = frozenset({"podsecuritypolicies", "clusterroles", "clusterrolebindings", "rolebindings"})
PATIENCE_SECONDS = 180


class Sight:
    """One cluster, looked at."""

    def __init__(self, cluster: ControlPlane) -> None:
        self.cluster = cluster
        self._awake = len(self.starts())
        self.kubectl = Kubectl(cluster.kubeconfig(), cluster.record.version)

    def files(self) -> tuple[bytes, bytes]:
        """kubeadm's configuration and the API server's manifest, to the byte."""
        return self.cluster.config_file.read_bytes(), (self.cluster.manifests / "kube-apiserver.yaml").read_bytes()

    def starts(self) -> list[Event]:
        """Every start of the API server."""
        return [
            event for event in self.cluster.events() if event.component == "kube-apiserver" and event.kind == "started"
        ]

    def plugin_on(self) -> bool:
        """Whether the API server process that was started last has the plugin in its command line."""
        return PLUGIN in self.starts()[-1].admission_plugins

    def policies(self) -> set[str]:
        """The names of all policies."""
        return self.names("podsecuritypolicies")

    def bindings(self) -> set[str]:
        """The names of the bindings that carry the right to use a policy."""
        found = self.names("clusterrolebindings") | self.names("rolebindings")
        return {name for name in found if "psp" in name}

    def names(self, resource: str) -> set[str]:
        """The names of all objects of a resource, in every namespace."""
        return {found["metadata"]["name"] for found in self.kubectl.get(resource, "--all-namespaces")["items"]}

    def writes(self) -> list[AuditEvent]:
        """Every lasting change of policies, roles and bindings that an administrator made, oldest first."""
        return [
            event
            for event in self.cluster.audit_events()
            if event.user.username == ADMIN
            and event.object_ref.resource in BASELINE
            and "dryRun=" not in event.request_uri
            and event.response_status.code < 300
        ]

    def refused_pods(self, namespace: str) -> list[AuditEvent]:
        """Every pod of a namespace that somebody tried to create in earnest and could not."""
        return [
            event
            for event in self.cluster.audit_events()
            if event.verb == "create"
            and event.object_ref.resource == "pods"
            and not event.object_ref.subresource
            and event.object_ref.namespace == namespace
            and "dryRun=" not in event.request_uri
            and event.response_status.code >= 400
        ]

    def recycled(self, namespace: str, selector: str) -> list[dict[str, Any]]:
        """Delete pods and wait for their controller to have made others that run: the proof that it can."""
        self.wait_for_api_server()
        chosen = (f"--namespace={namespace}", f"--selector={selector}")
        before = {pod["metadata"]["uid"] for pod in self.kubectl.get("pods", *chosen)["items"]}
        self.kubectl.run("delete", "pods", *chosen, "--wait=false")

        def fresh() -> list[dict[str, Any]] | None:
            pods = running(self.kubectl, *chosen) or []
            return pods if pods and before.isdisjoint(pod["metadata"]["uid"] for pod in pods) else None

        pods: list[dict[str, Any]] = wait(fresh, f"new pods of {namespace} {selector}")
        return pods

    def can_create_pods(self) -> None:
        """Fail unless both the cluster's own pods and an application's can be replaced."""
        self.recycled("kube-system", "k8s-app=kube-dns")
        self.recycled("shop", "app=cart")

    def wait_for_api_server(self) -> None:
        """Return when the API server says that it is ready, with controllers that have noticed."""

        def ready() -> str | None:
            try:
                return self.kubectl.run("get", "--raw=/readyz")
            except KubectlError:
                return None

        wait(ready, "the API server being ready")
        if len(self.starts()) != self._awake:
            self._awake = len(self.starts())
            self.cluster.wake_clients()

    def wait_for_plugin(self) -> None:
        """Return when the API server has been started with the plugin and is ready."""
        wait(lambda: self.plugin_on() or None, "a start with the plugin")
        self.wait_for_api_server()


def wait(found: Callable[[], Any], what: str) -> Any:
    """Wait as long as a loaded machine may need."""
    return until(found, what, seconds=PATIENCE_SECONDS)
