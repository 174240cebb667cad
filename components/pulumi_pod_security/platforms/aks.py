"""Azure Kubernetes Service: the plugin is one property of the managed cluster, in API versions up to 2025-02-01.

The API has no partial update of it, so the whole cluster is sent back as it was read, with the one property changed,
on condition that nobody changed it in between. Credentials are those of `azure.identity.DefaultAzureCredential`, as of
`az login`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_pod_security.errors import shown
from pulumi_pod_security.platforms.moving import NotYet, Operation, Pace, ProviderField, Reading, words
from pulumi_pod_security.platforms.platform import Platform
from pulumi_pod_security.platforms.sdk import has_plugin, imported, retry_after
from pulumi_pod_security.platforms.switch import SwitchError

if TYPE_CHECKING:
    from azure.mgmt.containerservice import ContainerServiceClient

__all__ = ["PLATFORM", "AksApi", "aks_field"]

T = TypeVar("T")

PLATFORM = Platform(
    kind="aks",
    name="AKS",
    versions="up to 1.24, where the service still takes the property",
    by_default="the plugin is off, and there is no policy",
    enforcement="sets enablePodSecurityPolicy of the managed cluster, and sends everything else back as it was",
    instead="use Pod Security Standards there: label namespaces with pod-security.kubernetes.io/enforce",
    domain=".azmk8s.io",
    closed="Azure runs the control plane, and managedClusters have no field for flags of the API server",
)

_API_VERSION = "2025-02-01"
_FIELD = "enablePodSecurityPolicy"
_SERVERS = ("fqdn", "privateFQDN", "azurePortalFQDN")
_BUSY = ("Creating", "Updating", "Upgrading", "Deleting", "Scaling", "Starting", "Stopping", "Migrating")
_DONE = "Succeeded"
_BROKEN = ("Failed", "Canceled")
_RETIRED = ("NoRegisteredProviderFound", "InvalidApiVersionParameter", "UnsupportedApiVersion")


def aks_field(
    *, subscription: str, resource_group: str, cluster: str, endpoint: str | None, pace: Pace
) -> ProviderField:
    """The plugin of one AKS cluster."""
    api = AksApi(subscription=subscription, resource_group=resource_group, cluster=cluster, endpoint=endpoint)
    return ProviderField(api, PLATFORM, pace)


class AksApi:
    """One cluster in Azure Resource Manager.

    Args:
        subscription, resource_group, cluster: the cluster's name in parts.
        endpoint: address of Azure Resource Manager where it is not that of the cloud named by `AZURE_CLOUD`.
    """

    def __init__(self, *, subscription: str, resource_group: str, cluster: str, endpoint: str | None = None) -> None:
        self._subscription = subscription
        self._named: dict[str, Any] = {"resource_group_name": resource_group, "resource_name": cluster}
        self._endpoint = endpoint

    @property
    def where(self) -> str:
        """The cluster by its name."""
        return f"the AKS cluster {self._named['resource_name']} in resource group {self._named['resource_group_name']}"

    @property
    def kubeconfig_command(self) -> str:
        """What writes a kubeconfig of it."""
        group, name = self._named["resource_group_name"], self._named["resource_name"]
        place = (f"--subscription={self._subscription}", f"--resource-group={group}", f"--name={name}")
        return shlex.join(("az", "aks", "get-credentials", *place))

    def read(self, seconds: float) -> Reading:
        """Look at the cluster; raises as `PluginApi` does."""
        found = self._asked(lambda: self._client.managed_clusters.get(**self._named, **_within(seconds)))
        properties = self._properties(found)
        state = str(properties.get("provisioningState") or _DONE)
        return Reading(
            enabled=bool(properties.get(_FIELD)),
            version=str(properties.get("currentKubernetesVersion") or properties.get("kubernetesVersion") or ""),
            busy=f"is {state}" if state in _BUSY else "",
            broken=f"provisioningState {state}" if state in _BROKEN else "",
            servers=tuple(str(properties.get(each) or "") for each in _SERVERS),
            content=found,
        )

    def change(self, found: Reading, *, enabled: bool, seconds: float) -> Operation | None:
        """Send the cluster back with this one property; raises as `PluginApi` does."""
        from azure.core import MatchConditions

        cluster = found.content
        cluster["properties"][_FIELD] = enabled
        unchanged = {"etag": cluster.e_tag, "match_condition": MatchConditions.IfNotModified} if cluster.e_tag else {}
        heard: list[str] = []

        def hear(response: Any) -> None:
            heard.append(response.http_response.headers.get("Azure-AsyncOperation") or "")

        self._asked(
            lambda: self._client.managed_clusters.begin_create_or_update(
                **self._named,
                parameters=cluster,
                polling=False,
                raw_response_hook=hear,
                **unchanged,
                **_within(seconds),
            )
        )
        address = heard[-1] if heard else ""
        return (lambda seconds: self._follow(address, seconds)) if address else None

    def lacking(self, found: Reading, seconds: float) -> str | None:  # noqa: ARG002 - the version tells
        """From 1.25 on no AKS cluster has the plugin; whether the service still takes the property only it can tell."""
        return (
            None if has_plugin(found.version) else f"AKS {found.version} has no PodSecurityPolicy, which ended at 1.24"
        )

    def _properties(self, found: Any) -> Mapping[str, Any]:
        """Those of the cluster that was asked for: what else is answered tells nothing of it, nor may it be sent."""
        properties = found.get("properties") if isinstance(found, Mapping) else None
        name = str(found.get("name")) if isinstance(found, Mapping) else ""
        if not isinstance(properties, Mapping) or name.lower() != self._named["resource_name"].lower():
            raise NotYet("Azure Resource Manager answers with something else than this cluster")
        return properties

    def _follow(self, address: str, seconds: float) -> None:
        """One look at the operation, which says why when it failed; where it is gone, the cluster itself tells."""
        from azure.core.rest import HttpRequest

        answer = self._asked(lambda: self._sent(HttpRequest("GET", address), seconds))
        if not isinstance(answer, Mapping):
            raise NotYet("Azure Resource Manager answers with something else than an operation")
        status, error = str(answer.get("status")), answer.get("error")
        error = error if isinstance(error, Mapping) else {}
        if status in _BROKEN:
            raise SwitchError(
                f"{self.where}: the update is {status}: {words(error.get('code'))}: {words(error.get('message'))}; "
                "mend that, then run the same command again"
            )
        if status != _DONE:
            raise NotYet(f"the update is {words(status)}")

    def _sent(self, request: Any, seconds: float) -> Any:
        response = self._client.send_request(request, **_within(seconds))
        if response.status_code == HTTPStatus.NOT_FOUND:
            return {"status": _DONE}
        response.raise_for_status()
        return response.json()

    @cached_property
    def _client(self) -> ContainerServiceClient:
        sdk, identity = imported("azure.mgmt.containerservice", extra="aks"), imported("azure.identity", extra="aks")
        place: dict[str, Any] = {}
        if self._endpoint:
            endpoint = self._endpoint.rstrip("/")
            if not endpoint.startswith("https://"):
                raise SwitchError(f"{self.where}: endpoint: {shown(endpoint)}; allowed: an https:// address")
            place = {"base_url": endpoint, "credential_scopes": [f"{endpoint}/.default"]}
        client: ContainerServiceClient = sdk.ContainerServiceClient(
            identity.DefaultAzureCredential(),
            self._subscription,
            api_version=_API_VERSION,
            # Whoever waits here looks again before anything is sent twice.
            retry_total=0,
            **place,
        )
        return client

    def _asked(self, ask: Callable[[], T]) -> T:
        imported("azure.mgmt.containerservice", extra="aks")
        from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

        try:
            return ask()
        except ClientAuthenticationError as error:
            raise SwitchError(
                f"{self.where}: Azure gives no access: {words(_first_line(error))}; run: az login, or set the "
                "environment variables of azure-identity"
            ) from None
        except HttpResponseError as error:
            raise self._refusal(error) from None
        except AzureError as error:
            raise NotYet(f"Azure Resource Manager was not heard ({type(error).__name__})") from None
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            # The SDK reads what it gets as if it were an answer, also a proxy's page or nothing at all.
            raise NotYet(f"Azure Resource Manager was not understood ({type(error).__name__})") from None

    def _refusal(self, error: Any) -> Exception:
        code, kind = error.status_code or 0, getattr(error.error, "code", None) or "no reason given"
        said = f"{code} {kind}: {words(getattr(error.error, 'message', None) or error.reason)}"
        if kind in _RETIRED:
            return SwitchError(
                f"{self.where}: Azure no longer has the API version {_API_VERSION}, the last with {_FIELD}; "
                f"{PLATFORM.instead}"
            )
        if code in (409, 412):
            return NotYet(f"is busy: {said}")
        if code == 429 or not 400 <= code < 500:
            return NotYet(f"Azure Resource Manager says {said}", after=retry_after(error.response.headers))
        return SwitchError(f"{self.where}: Azure Resource Manager refuses ({said}); {_mending(code)}")


def _within(seconds: float) -> dict[str, Any]:
    return {"connection_timeout": seconds, "read_timeout": seconds}


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _mending(code: int) -> str:
    if code == 403:
        return (
            "the account needs Microsoft.ContainerService/managedClusters/read and /write, as of the role Contributor"
        )
    if code == HTTPStatus.NOT_FOUND:
        return "see which clusters there are: az aks list --output table"
    return "mend that, then run the same command again"
