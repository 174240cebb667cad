"""Google Kubernetes Engine: the plugin is one message of the cluster, which API v1beta1 alone has.

Credentials are Application Default Credentials, as of `gcloud auth application-default login`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_pod_security.platforms.moving import NotYet, Operation, Pace, ProviderField, Reading, words
from pulumi_pod_security.platforms.platform import Platform
from pulumi_pod_security.platforms.sdk import has_plugin, imported, last_part
from pulumi_pod_security.platforms.switch import SwitchError

if TYPE_CHECKING:
    from google.cloud.container_v1beta1 import Cluster, ClusterManagerClient

__all__ = ["PLATFORM", "GkeApi", "gke_field"]

T = TypeVar("T")

PLATFORM = Platform(
    kind="gke",
    name="GKE",
    versions="up to 1.24",
    by_default="the plugin is off, and there is no policy",
    enforcement="enables pod_security_policy_config of the cluster, waits for the operation, and changes nothing else",
    instead="use Pod Security Standards there: label namespaces with pod-security.kubernetes.io/enforce",
    mark="-gke.",
    closed="Google runs the control plane, and the GKE API has no field for flags of the API server",
)

_BUSY = ("PROVISIONING", "RECONCILING", "STOPPING")
# As gRPC names them: the server is overloaded, restarting, or was not heard.
_PASSING = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "INTERNAL", "UNKNOWN", "ABORTED", "CANCELLED")
_ANOTHER = re.compile(r"\boperation\b", re.IGNORECASE)
_NO_TOKEN = "Getting metadata from plugin failed"
_QUOTA_PAUSE_SECONDS = 10


def gke_field(*, project: str, location: str, cluster: str, api_endpoint: str | None, pace: Pace) -> ProviderField:
    """The plugin of one GKE cluster."""
    api = GkeApi(project=project, location=location, cluster=cluster, api_endpoint=api_endpoint)
    return ProviderField(api, PLATFORM, pace)


class GkeApi:
    """One cluster in Google's API.

    Args:
        project, location, cluster: the cluster's name in parts; a full name is taken as `cluster` too.
        api_endpoint: host and port of the API where it is not Google's public one.
    """

    def __init__(self, *, project: str, location: str, cluster: str, api_endpoint: str | None = None) -> None:
        self._project, self._location, self._cluster = project, location, last_part(cluster)
        self._place = f"projects/{project}/locations/{location}"
        self._name = f"{self._place}/clusters/{self._cluster}"
        self._api_endpoint = api_endpoint

    @property
    def where(self) -> str:
        """The cluster by its full name."""
        return f"the GKE cluster {self._name}"

    @property
    def kubeconfig_command(self) -> str:
        """What writes a kubeconfig of it."""
        command = ("gcloud", "container", "clusters", "get-credentials", self._cluster)
        return shlex.join((*command, f"--location={self._location}", f"--project={self._project}"))

    def read(self, seconds: float) -> Reading:
        """Look at the cluster; raises as `PluginApi` does."""
        found = self._asked(lambda: self._client.get_cluster({"name": self._name}, timeout=seconds, retry=None))
        if found.name != self._cluster:
            raise NotYet("Google's API answers with something else than this cluster")
        status = _named(found.status)
        return Reading(
            enabled=found.pod_security_policy_config.enabled,
            version=found.current_master_version,
            busy=f"is {status}" if status in _BUSY else "",
            servers=_servers(found),
        )

    def change(self, found: Reading, *, enabled: bool, seconds: float) -> Operation:  # noqa: ARG002 - one field alone
        """Send this one field; raises as `PluginApi` does."""
        update = {"desired_pod_security_policy_config": {"enabled": enabled}}
        request = {"name": self._name, "update": update}
        begun = self._asked(lambda: self._client.update_cluster(request, timeout=seconds, retry=None))
        return lambda seconds: self._follow(f"{self._place}/operations/{begun.name}", seconds)

    def lacking(self, found: Reading, seconds: float) -> str | None:  # noqa: ARG002 - the version tells
        """From 1.25 on no GKE cluster has the plugin."""
        return (
            None if has_plugin(found.version) else f"GKE {found.version} has no PodSecurityPolicy, which ended at 1.24"
        )

    def _follow(self, name: str, seconds: float) -> None:
        """One look at the operation: it may be gone, but when it failed it says why."""
        from google.api_core.exceptions import NotFound

        try:
            request = {"name": name}
            found = self._asked(lambda: self._client.get_operation(request, timeout=seconds, retry=None), NotFound)
        except NotFound:
            return
        if found.error.code:
            raise SwitchError(
                f"{self.where}: {_named(found.operation_type)} failed: {words(found.error.message)}; mend that, then "
                "run the same command again"
            )
        status = _named(found.status)
        if status != "DONE":
            done = ", ".join(f"{each.name} {each.int_value}" for each in found.progress.metrics if each.int_value)
            raise NotYet(f"{_named(found.operation_type)} is {status}" + (f" ({done})" if done else ""))

    @cached_property
    def _client(self) -> ClusterManagerClient:
        sdk = imported("google.cloud.container_v1beta1", extra="gke")
        from google.auth.exceptions import GoogleAuthError

        options = {"api_endpoint": self._api_endpoint} if self._api_endpoint else None
        try:
            client: ClusterManagerClient = sdk.ClusterManagerClient(client_options=options)
        except (GoogleAuthError, ValueError, OSError):
            # Their own words may quote the file of the credentials.
            raise self._no_credentials() from None
        return client

    def _no_credentials(self) -> SwitchError:
        return SwitchError(
            f"{self.where}: Google's Application Default Credentials are missing or cannot be used; run: "
            "gcloud auth application-default login"
        )

    def _asked(self, ask: Callable[[], T], *passed: type[Exception]) -> T:
        imported("google.cloud.container_v1beta1", extra="gke")
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError

        try:
            return ask()
        except passed:
            raise
        except GoogleAPICallError as error:
            raise self._refusal(error) from None
        except GoogleAuthError:
            raise self._no_credentials() from None

    def _refusal(self, error: Any) -> Exception:
        code = getattr(error.grpc_status_code, "name", "UNKNOWN")
        if _NO_TOKEN in error.message:
            return self._no_credentials()
        if code == "FAILED_PRECONDITION" and _ANOTHER.search(error.message):
            return NotYet(f"is busy: {words(error.message)}")
        if code in _PASSING:
            return NotYet(f"Google's API says {code}: {words(error.message)}", after=_pause(code))
        return SwitchError(f"{self.where}: Google's API refuses ({code}): {words(error.message)}; {_mending(code)}")


def _servers(found: Cluster) -> tuple[str, ...]:
    """Older private clusters tell their addresses beside what newer ones have."""
    private, endpoints = found.private_cluster_config, found.control_plane_endpoints_config
    by_ip = endpoints.ip_endpoints_config
    return (
        found.endpoint,
        private.public_endpoint,
        private.private_endpoint,
        by_ip.public_endpoint,
        by_ip.private_endpoint,
        endpoints.dns_endpoint_config.endpoint,
    )


def _named(value: Any) -> str:
    """A value of an enumeration; one that is newer than the SDK comes as its number."""
    return str(getattr(value, "name", value))


def _pause(code: str) -> float:
    """How many seconds to leave Google alone: its quota is counted by the minute."""
    return _QUOTA_PAUSE_SECONDS if code == "RESOURCE_EXHAUSTED" else 0


def _mending(code: str) -> str:
    if code in ("PERMISSION_DENIED", "UNAUTHENTICATED"):
        return "the account needs container.clusters.get, container.clusters.update and container.operations.get"
    if code == "NOT_FOUND":
        return "see which clusters there are: gcloud container clusters list"
    return "mend that, then run the same command again"
