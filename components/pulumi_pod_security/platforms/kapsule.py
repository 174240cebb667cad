"""Scaleway Kubernetes Kapsule: the plugin is one name in the cluster's list of admission plugins.

Credentials are those of Scaleway's own tools: the environment (`SCW_ACCESS_KEY`, `SCW_SECRET_KEY`, `SCW_API_URL`), or
their configuration file.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from concurrent.futures import Future
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_pod_security.errors import shown
from pulumi_pod_security.platforms.bounded import Overdue, bounded
from pulumi_pod_security.platforms.moving import NotYet, Pace, ProviderField, Reading, words
from pulumi_pod_security.platforms.platform import Platform
from pulumi_pod_security.platforms.sdk import imported, last_part, retry_after
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.policy.plugin import PLUGIN

if TYPE_CHECKING:
    from scaleway.k8s.v1 import K8SV1API

__all__ = ["PLATFORM", "KapsuleApi", "kapsule_field"]

T = TypeVar("T")

PLATFORM = Platform(
    kind="kapsule",
    name="Scaleway Kapsule",
    versions="those whose available_admission_plugins name it",
    by_default="the plugin is off, and there is no policy",
    enforcement="adds PodSecurityPolicy to the cluster's admission_plugins, and leaves the others as they are",
    instead="use Pod Security Standards there: label namespaces with pod-security.kubernetes.io/enforce",
    domain=".scw.cloud",
    closed=(
        "Scaleway runs the control plane, "
        "and the Kapsule API has a field for names of admission plugins, and none for their configuration"
    ),
)

_BUSY = ("creating", "updating", "deleting")
# A cluster in the middle of something refuses with the first, one that another call just changed with the second.
_CONFLICTS = (409, 423)


def kapsule_field(*, region: str, cluster: str, pace: Pace) -> ProviderField:
    """The plugin of one Kapsule cluster."""
    return ProviderField(KapsuleApi(region=region, cluster=cluster), PLATFORM, pace)


class KapsuleApi:
    """One cluster in Scaleway's API.

    Args:
        region: such as `fr-par`.
        cluster: its id; `region/id`, as Pulumi's own resource has it, is one too.
    """

    def __init__(self, *, region: str, cluster: str) -> None:
        self._region = region
        self._cluster = last_part(cluster)
        self._given_up: tuple[Future[Any], bool] | None = None

    @property
    def where(self) -> str:
        """The cluster by its id."""
        return f"the Kapsule cluster {self._cluster} in {self._region}"

    @property
    def kubeconfig_command(self) -> str:
        """What writes a kubeconfig of it."""
        return shlex.join(("scw", "k8s", "kubeconfig", "install", self._cluster, f"region={self._region}"))

    def read(self, seconds: float) -> Reading:
        """Look at the cluster; raises as `PluginApi` does."""
        found = self._asked(lambda api: api.get_cluster(cluster_id=self._cluster, region=self._region), seconds)
        plugins = found.admission_plugins
        if str(found.id).lower() != self._cluster.lower() or not _is_list(plugins):
            # What an incomplete list lacks would be taken out of the cluster's.
            raise NotYet("Scaleway's API answers with something else than this cluster")
        status = str(found.status)
        return Reading(
            enabled=PLUGIN in plugins,
            version=str(found.version or ""),
            busy=f"is {status}" if status in _BUSY else "",
            late=self._late(),
            servers=(str(found.cluster_url or ""),),
            content=plugins,
        )

    def change(self, found: Reading, *, enabled: bool, seconds: float) -> None:
        """Send the list as it was found, with or without our name; raises as `PluginApi` does."""
        others = [name for name in found.content if name != PLUGIN]
        wanted = [*others, PLUGIN] if enabled else others
        try:
            self._asked(
                lambda api: api.update_cluster(cluster_id=self._cluster, region=self._region, admission_plugins=wanted),
                seconds,
            )
        except _Unanswered as unanswered:
            self._given_up = (unanswered.outcome, enabled)
            raise

    def lacking(self, found: Reading, seconds: float) -> str | None:
        """Whether the cluster's version offers the plugin; a version that is offered no more tells nothing."""
        listed = self._asked(lambda api: api.list_versions(region=self._region), seconds).versions
        offered = next((each.available_admission_plugins for each in listed if each.name == found.version), None)
        if offered is None or not _is_list(offered) or PLUGIN in offered:
            return None
        return f"Kubernetes {found.version} offers no PodSecurityPolicy (it offers {', '.join(offered) or 'nothing'})"

    def _late(self) -> bool | None:
        """The SDK cannot take back a request, so one that was given up is remembered until it has come to its end."""
        return self._given_up[1] if self._given_up and not self._given_up[0].done() else None

    @cached_property
    def _api(self) -> K8SV1API:
        scaleway = imported("scaleway", extra="kapsule")
        v1 = imported("scaleway.k8s.v1", extra="kapsule")
        profile = imported("scaleway_core.profile", extra="kapsule").Profile
        try:
            # Without its file the SDK would warn that there is none.
            file = os.path.exists(profile.get_default_config_file_path())
            client = scaleway.Client.from_config_file_and_env() if file else scaleway.Client.from_env()
            api: K8SV1API = v1.K8SV1API(client)
        except (ValueError, TypeError, AttributeError):
            # The SDK's own words would show the secret key.
            raise SwitchError(
                f"{self.where}: the credentials for Scaleway are missing or malformed; set SCW_ACCESS_KEY and "
                "SCW_SECRET_KEY, or run: scw init"
            ) from None
        return api

    def _asked(self, ask: Callable[[K8SV1API], T], seconds: float) -> T:
        from requests.exceptions import RequestException

        api = self._api
        from scaleway_core.api import ScalewayException

        try:
            return bounded(lambda: ask(api), seconds)
        except Overdue as overdue:
            raise _Unanswered(overdue.outcome, seconds) from None
        except ScalewayException as error:
            raise self._refusal(error) from None
        except RequestException as error:
            # Only the kind: a connection's error may hold the address with what was sent.
            raise NotYet(f"Scaleway's API was not heard ({type(error).__name__})") from None
        except (TypeError, AttributeError, LookupError, RecursionError) as error:
            # The SDK reads what it gets as if it were an answer, also a proxy's page.
            raise NotYet(f"Scaleway's API was not understood ({type(error).__name__})") from None
        except ValueError:
            # The SDK puts both into an address, and refuses what does not fit in one.
            raise SwitchError(
                f"{self.where}: region {shown(self._region)} or cluster {shown(self._cluster)} is no name in "
                f"Scaleway's API; see what there is: scw k8s cluster list"
            ) from None

    def _refusal(self, error: Any) -> Exception:
        code, said = error.status_code, words(error)
        if code in _CONFLICTS:
            return NotYet(f"is busy: {said}")
        if code == 429 or code >= 500:
            return NotYet(f"Scaleway's API says {code}: {said}", after=retry_after(error.response.headers))
        return SwitchError(f"{self.where}: Scaleway's API refuses ({code}): {said}; {_mending(code, self._region)}")


def _is_list(plugins: Any) -> bool:
    return isinstance(plugins, list) and all(isinstance(name, str) for name in plugins)


class _Unanswered(NotYet):
    def __init__(self, outcome: Future[Any], seconds: float) -> None:
        super().__init__(f"Scaleway's API gave no answer within {seconds:.0f} s")
        self.outcome = outcome


def _mending(code: int, region: str) -> str:
    if code in (401, 403):
        return "the API key needs the permission KubernetesFullAccess in the cluster's project"
    if code == HTTPStatus.NOT_FOUND:
        return f"see which clusters there are: scw k8s cluster list region={region}"
    return "mend that, then run the same command again"
