"""How a cluster is reached: a kubeconfig and a context, as kubectl reads them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_pod_security.cluster.api import Api, ClusterError

if TYPE_CHECKING:
    from kubernetes.client import Configuration

__all__ = ["Connection", "is_contents"]


@dataclass(frozen=True, kw_only=True)
class Connection:
    """Where the API server is and who we are there.

    Attributes:
        kubeconfig: path of a kubeconfig file, or its contents; None means `$KUBECONFIG`, else `~/.kube/config`.
        context: name of a context in it; None means its current context.
    """

    kubeconfig: str | None = None
    context: str | None = None

    def open(self) -> Api:
        """Log in with the kubeconfig; nothing is sent yet.

        Raises:
            ClusterError: the kubeconfig cannot be read, or has no such context.
        """
        from kubernetes.client import ApiClient, Configuration
        from kubernetes.config import ConfigException
        from urllib3 import Retry
        from yaml import YAMLError

        configuration = Configuration()
        configuration.connection_pool_maxsize = 8
        # A server that is too busy is asked again when it says; one that does not answer at once is not, which would
        # log a warning each time.
        configuration.retries = Retry(3, connect=0, read=0, redirect=0, other=0, allowed_methods=None)
        try:
            self._load(configuration)
        except (ConfigException, OSError, ValueError) as error:
            raise ClusterError(f"{self.named}: cannot be used: {_first_line(error)}") from None
        except YAMLError:
            raise ClusterError(f"{self.named}: cannot be used: it is not YAML") from None
        except (TypeError, KeyError, AttributeError):
            raise ClusterError(f"{self.named}: cannot be used: it is not built like a kubeconfig") from None
        return Api(ApiClient(configuration=configuration), self._where(configuration.host))

    @property
    def named(self) -> str:
        """What errors call this kubeconfig; never its contents."""
        if self.kubeconfig is None:
            return f"kubeconfig {os.environ.get('KUBECONFIG') or '~/.kube/config'}"
        return "the given kubeconfig" if is_contents(self.kubeconfig) else f"kubeconfig {self.kubeconfig}"

    def _where(self, host: str) -> str:
        scheme, separator, rest = host.partition("://")
        if not separator:
            raise ClusterError(f"{self.named}: cannot be used: its cluster has no server; allowed: an https:// address")
        # An address may carry a password before an @.
        address = scheme + separator + rest.rpartition("@")[2]
        return address + (f" (context {self.context})" if self.context else "")

    def _load(self, configuration: Configuration) -> None:
        from kubernetes.config import load_kube_config, load_kube_config_from_dict

        if self.kubeconfig is not None and is_contents(self.kubeconfig):
            load_kube_config_from_dict(
                _parsed(self.kubeconfig), context=self.context, client_configuration=configuration, persist_config=False
            )
            return
        path = None if self.kubeconfig is None else os.path.expanduser(self.kubeconfig)
        if path is not None and not os.path.exists(path):
            raise FileNotFoundError("there is no such file")
        load_kube_config(path, context=self.context, client_configuration=configuration, persist_config=False)


# No path anyone types is longer; a kubeconfig in base64 always is.
_LONGEST_PATH = 200


def is_contents(kubeconfig: str) -> bool:
    """Whether a kubeconfig is given as its text, which may hold credentials, rather than as a path."""
    long = len(kubeconfig) > _LONGEST_PATH and not os.path.exists(kubeconfig)
    return long or any(mark in kubeconfig for mark in "\n\r{")


def _parsed(text: str) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        loaded = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        raise ValueError("it is not YAML") from None
    if not isinstance(loaded, dict):
        raise TypeError("it is not a YAML mapping")
    return loaded


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
