"""How a cluster is reached: a kubeconfig and a context, as kubectl reads them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_pod_security.cluster.api import Api, ClusterError
from pulumi_pod_security.cluster.credentials import take_plugin

if TYPE_CHECKING:
    from kubernetes.client import Configuration
    from kubernetes.config.kube_config import ConfigNode

__all__ = ["Connection", "is_contents", "plain_address"]


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
            ClusterError: the kubeconfig cannot be read, has no such context, or its credential plugin fails.
        """
        from kubernetes.client import ApiClient, Configuration
        from kubernetes.config import ConfigException
        from urllib3.exceptions import HTTPError, LocationValueError
        from yaml import YAMLError

        configuration = Configuration(host="")
        configuration.connection_pool_maxsize = 8
        try:
            self._load(configuration)
            configuration.host = self._address(configuration.host)
            return Api(ApiClient(configuration=configuration), self._where(configuration.host))
        except LocationValueError:
            # The library's own words would show a password in the address.
            raise ClusterError(
                f"{self.named}: cannot be used: its cluster's server or proxy-url is no address; "
                "allowed: an https:// address"
            ) from None
        except HTTPError:
            raise ClusterError(
                f"{self.named}: cannot be used: its login has ended, and who gave it does not answer; log in again"
            ) from None
        except (ConfigException, OSError) as error:
            raise ClusterError(f"{self.named}: cannot be used: {_first_line(error)}") from None
        except YAMLError:
            raise ClusterError(f"{self.named}: cannot be used: it is not YAML") from None
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            # Python's own words may quote what they could not read.
            raise ClusterError(f"{self.named}: cannot be used: it is not built like a kubeconfig") from None

    @property
    def named(self) -> str:
        """What errors call this kubeconfig; never its contents."""
        if self.kubeconfig is None:
            return f"kubeconfig {os.environ.get('KUBECONFIG') or '~/.kube/config'}"
        return "the given kubeconfig" if is_contents(self.kubeconfig) else f"kubeconfig {self.kubeconfig}"

    def _where(self, address: str) -> str:
        return address + (f" (context {self.context})" if self.context else "")

    def _address(self, host: str) -> str:
        address = plain_address(host)
        if address is None:
            raise ClusterError(f"{self.named}: cannot be used: its cluster has no server; allowed: an https:// address")
        return address

    def _load(self, configuration: Configuration) -> None:
        from kubernetes.config.kube_config import KubeConfigLoader

        kubeconfig = self._read()
        plugin = take_plugin(kubeconfig, self.context, self.named)
        loader = KubeConfigLoader(config_dict=kubeconfig, active_context=self.context, config_base_path=None)
        loader.load_and_set(configuration)
        if plugin is not None:
            configuration.refresh_api_key_hook = plugin.renew
        cluster = kubeconfig["clusters"].get_with_name(loader.current_context["context"]["cluster"])["cluster"]
        # The official client reads it only from version 37 on.
        configuration.proxy = cluster.safe_get("proxy-url") or configuration.proxy

    def _read(self) -> ConfigNode:
        from kubernetes.config import kube_config

        if self.kubeconfig is not None and is_contents(self.kubeconfig):
            return kube_config.ConfigNode("kube-config", _parsed(self.kubeconfig))
        path = None if self.kubeconfig is None else os.path.expanduser(self.kubeconfig)
        if path is not None and not os.path.exists(path):
            raise FileNotFoundError("there is no such file")
        return _merged(kube_config.KUBE_CONFIG_DEFAULT_LOCATION if path is None else path)


def plain_address(text: str) -> str | None:
    """A server's address as errors may show it: without a user, a password or a query, which are not sent.

    None where there is no scheme or no host; raises LocationValueError where it cannot be read at all.
    """
    from urllib3.util import Url, parse_url

    url = parse_url(text)
    if url.scheme not in ("http", "https") or not url.host:
        return None
    return Url(scheme=url.scheme, host=url.host, port=url.port, path=url.path).url.rstrip("/")


# No path anyone types is longer; a kubeconfig in base64 always is.
_LONGEST_PATH = 200


def is_contents(kubeconfig: str) -> bool:
    """Whether a kubeconfig is given as its text, which may hold credentials, rather than as a path."""
    long = len(kubeconfig) > _LONGEST_PATH and not os.path.exists(kubeconfig)
    return long or any(mark in kubeconfig for mark in "\n\r{")


def _parsed(text: str) -> dict[str, Any]:
    from kubernetes.config import ConfigException
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        loaded = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        raise ConfigException("it is not YAML") from None
    if not isinstance(loaded, dict):
        raise TypeError("it is not a YAML mapping")
    return loaded


def _merged(paths: str) -> ConfigNode:
    from kubernetes.config import ConfigException
    from kubernetes.config.kube_config import KubeConfigMerger

    try:
        config: ConfigNode | None = KubeConfigMerger(paths).config
    except ConfigException:
        # The client's own words would show an entry whole, with its credentials.
        raise TypeError("an entry has no name, or a file is empty") from None
    if config is None:
        raise FileNotFoundError("there is no such file")
    for kind in ("clusters", "contexts", "users"):
        for entry in config.value[kind]:
            entry.name = f"{config.name}/{kind}"
    return config


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
