"""Credentials that the exec plugin of a kubeconfig gives, or one clear error.

The official client runs the plugin; when that fails it logs the plugin's own words, which may hold credentials, and
goes on as nobody. So it is run here, and the client finds what it gave where a kubeconfig has credentials of its own.
"""

from __future__ import annotations

import base64
import os
import re
from concurrent.futures import Future, wait
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.begun import begun
from pulumi_pod_security.errors import shown

if TYPE_CHECKING:
    from kubernetes.client import Configuration
    from kubernetes.config.exec_provider import ExecProvider
    from kubernetes.config.kube_config import ConfigNode

__all__ = ["Plugin", "take_plugin"]

# A request signed in its last moment would arrive after it.
_MARGIN = timedelta(seconds=30)
# Somebody may have to log in by hand meanwhile.
_PATIENCE_SECONDS = 300
_EXITED = re.compile(r"exec: process returned (-?[0-9]+)")
_NOTHING = "printed no ExecCredential of the kubeconfig's apiVersion with a token, or a certificate and its key"


class _Credential(msgspec.Struct, rename="camel"):
    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    @property
    def usable(self) -> bool:
        return bool(self.token or (self.client_certificate_data and self.client_key_data))

    @property
    def expired(self) -> bool:
        return self.expiration_timestamp is not None and self.expiration_timestamp - _MARGIN < datetime.now(UTC)


class Plugin:
    """The exec plugin of a kubeconfig's user, run at once and again when what it gave expires.

    Args:
        provider: the official client's way to run it.
        named: what errors call the kubeconfig.

    Raises:
        ClusterError: it cannot be run, or gives no credential.
    """

    def __init__(self, provider: ExecProvider, named: str) -> None:
        self._provider = provider
        self._named = named
        self._lock = Lock()
        self._begun: Future[Any] | None = None
        self._credential = self._run()

    def give_to(self, user: dict[str, Any]) -> None:
        """Write the credential into a user of a kubeconfig."""
        given = self._credential
        if given.token:
            user["token"] = given.token
        if given.client_certificate_data and given.client_key_data:
            user["client-certificate-data"] = base64.b64encode(given.client_certificate_data.encode()).decode()
            user["client-key-data"] = base64.b64encode(given.client_key_data.encode()).decode()

    def renew(self, configuration: Configuration) -> None:
        """Give the client a new token once the old one expires; raises ClusterError when there is none."""
        with self._lock:
            if self._credential.expired:
                renewed = self._run()
                if not renewed.token:
                    raise self._failure(_NOTHING)
                self._credential = renewed
                configuration.api_key["BearerToken"] = f"Bearer {renewed.token}"

    def _run(self) -> _Credential:
        from kubernetes.config import ConfigException

        try:
            credential = msgspec.convert(self._printed(), _Credential)
        except TimeoutError:
            raise self._failure(f"gave nothing within {_PATIENCE_SECONDS:g} s") from None
        except OSError as error:
            raise self._failure(f"cannot be run ({error.strerror or type(error).__name__})") from None
        except ConfigException as error:
            # The rest of the client's words are the plugin's, which may hold credentials.
            exited = _EXITED.match(str(error))
            raise self._failure(f"failed with exit code {exited.group(1)}" if exited else _NOTHING) from None
        except AttributeError:
            # On a terminal the client has no words of a plugin that failed, and stumbles over that.
            raise self._failure("failed") from None
        except (TypeError, ValueError, RecursionError):
            raise self._failure(_NOTHING) from None
        if not credential.usable:
            raise self._failure(_NOTHING)
        return credential

    def _printed(self) -> Any:
        """What the plugin printed; one that hangs is left alone, and not waited for once more."""
        seconds = 0 if self._begun else _PATIENCE_SECONDS
        self._begun = self._begun or begun(self._provider.run)
        if not wait([self._begun], timeout=seconds).done:
            raise TimeoutError
        done, self._begun = self._begun, None
        return done.result()

    def _failure(self, what: str) -> ClusterError:
        return ClusterError(
            f"{self._named}: its credential plugin {shown(self._provider.args[0])} {what}, so that nobody is logged "
            "in; install or mend it, and log in where it asks for that; its own words are shown by: kubectl version"
        )


def take_plugin(kubeconfig: ConfigNode, context: str | None, named: str) -> Plugin | None:
    """Run the exec plugin of the context's user, if it has one, and leave its credential in the plugin's place.

    Raises:
        ClusterError: the plugin cannot be run, or gives no credential.
        ConfigException, TypeError, KeyError, AttributeError: it is not built like a kubeconfig.
    """
    chosen = kubeconfig["contexts"].get_with_name(kubeconfig["current-context"] if context is None else context)
    user = _user(kubeconfig, chosen["context"])
    if user is None or "exec" not in user.value:
        return None
    provider = None if user.value["exec"] is None else _provider(user, kubeconfig, chosen["context"])
    del user.value["exec"]
    # A token beside a plugin goes first, as with kubectl.
    if provider is None or user.safe_get("token") or user.safe_get("tokenFile"):
        return None
    plugin = Plugin(provider, named)
    plugin.give_to(user.value)
    return plugin


def _user(kubeconfig: ConfigNode, context: ConfigNode) -> ConfigNode | None:
    if not (context.safe_get("user") and kubeconfig.safe_get("users")):
        return None
    found = kubeconfig["users"].get_with_name(context["user"], safe=True)
    return None if found is None else found["user"]


def _provider(user: ConfigNode, kubeconfig: ConfigNode, context: ConfigNode) -> ExecProvider:
    from kubernetes.config.exec_provider import ExecProvider

    cluster = kubeconfig["clusters"].get_with_name(context["cluster"])["cluster"]
    folder = cluster.path and os.path.dirname(os.path.abspath(cluster.path))
    provider = ExecProvider(user["exec"], folder, cluster)
    if not all(isinstance(text, str) for text in (*provider.args, *provider.env, *provider.env.values())):
        raise TypeError("a plugin's command, arguments and variables are strings")
    return provider


# msgspec 0.22 crashes when threads meet a type for the first time at once, so it meets this one here.
msgspec.json.Decoder(_Credential)
