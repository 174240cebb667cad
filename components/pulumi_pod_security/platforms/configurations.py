"""Where a cluster's kubeadm configuration is kept: in a file, or in the ConfigMap that kubeadm itself upgrades from.

What makes a control-plane node follow (cmd/kubeadm/app, v1.24.17): `kubeadm upgrade node` renders a node's manifests
from the ConfigMap and replaces those that differ; its phase `control-plane` does that and leaves the kubelet's
configuration as it is. `kubeadm init phase upload-config kubeadm` takes a file's ClusterConfiguration to the ConfigMap
and nothing else of the file. Not used: `kubeadm upgrade apply --config`, which gives the node it runs on what the file
says of another, and puts defaults in place of the kubelet's and kube-proxy's configuration where the file has none
(loadConfig in cmd/upgrade/common.go); from 1.31 on it takes no ClusterConfiguration at all.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import msgspec
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

from pulumi_pod_security.cluster.api import Api, Refused
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.platforms.clusterconfiguration import enables_plugin, with_plugin
from pulumi_pod_security.platforms.files import read, replace
from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["NODE", "Configuration", "ConfigurationFile", "LiveConfiguration"]

Edit = Callable[[str], str]
NODE = "NODE"
"""Stands for each control-plane node in a command where their names are not known."""

_RENDER = "sudo kubeadm upgrade node phase control-plane"
_UPLOAD = "sudo kubeadm init phase upload-config kubeadm --config"
_NAME = "ConfigMap kube-system/kubeadm-config"
_PATH = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"
_KEY = "ClusterConfiguration"
_TRIES = 5
_MEND = f"give `config`, the file that kubeadm was given, or upload it on a control-plane node: {_UPLOAD} FILE"


class Configuration(Protocol):
    """A kubeadm configuration where it is kept; `str` names the place. Everything raises PodSecurityError."""

    def read(self) -> str:
        """Its text."""

    def change(self, edit: Edit) -> None:
        """Make it what `edit` makes of its text, in one step; an equal text is not written."""

    def rehearse(self) -> str:
        """Its text, once it is known that the plugin can be added to it."""

    def command(self, nodes: Sequence[str]) -> str:
        """What makes these control-plane nodes follow it, for a shell."""


class ConfigurationFile:
    """A file, read and replaced to the byte.

    Args:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        # Not Path.resolve, which in Python 3.11 and 3.12 answers a loop of links with a RuntimeError.
        self._path = Path(os.path.realpath(path))
        self._name = str(path)

    def __str__(self) -> str:
        return self._name

    def read(self) -> str:
        """Its text; raises SwitchError."""
        return read(self._path)

    def change(self, edit: Edit) -> None:
        """Replace the file in one step; raises SwitchError."""
        replace(self._path, edit(self.read()))

    def rehearse(self) -> str:
        """Raises SwitchError when it cannot be read or cannot take the plugin."""
        return _switchable(self, self.read())

    def command(self, nodes: Sequence[str]) -> str:
        """The first node takes the file to the ConfigMap, from which all are rendered."""
        first = shlex.quote(nodes[0])
        taken = f"scp {shlex.quote(str(self._path))} {first}:kubeadm.yaml && ssh {first} {_UPLOAD} kubeadm.yaml"
        return f"{taken} && {_rendered(nodes)}"


class _Metadata(msgspec.Struct, rename="camel"):
    resource_version: str


class _ConfigMap(msgspec.Struct):
    metadata: _Metadata
    data: dict[str, str] | None = None


class LiveConfiguration:
    """The key `ClusterConfiguration` of the live ConfigMap; what else it holds stays to the byte.

    Args:
        connection: how the cluster is reached.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __str__(self) -> str:
        return _NAME

    def read(self) -> str:
        """Its text; raises SwitchError when there is none, ClusterError when no server answers."""
        return self._text(self._found())

    def change(self, edit: Edit) -> None:
        """Change this key of the ConfigMap that was read; where others changed it meanwhile it is read again.

        Raises:
            SwitchError: there is none, we may not, or it changes again and again.
        """
        try:
            _again_if_changed(self._change, edit)
        except Refused as refusal:
            raise self._refusal(refusal) from None

    def holds_plugin(self) -> bool:
        """Whether there is one, and nodes rendered from it would run the plugin.

        Raises:
            SwitchError: we may not read it, or it holds what cannot be read.
        """
        try:
            found = self._api.find(_PATH, _ConfigMap)
            text = ((found and found.data) or {}).get(_KEY)
            return text is not None and enables_plugin(text)
        except Refused as refusal:
            raise self._refusal(refusal) from None
        except SwitchError as error:
            raise SwitchError(f"{self}: {error}") from None

    def rehearse(self) -> str:
        """Raises like `change`, without changing anything: a dry run shows that we may."""
        found = self._found()
        text = _switchable(self, self._text(found))
        try:
            self._patch(found, with_plugin(text), dryRun="All")
        except Refused as refusal:
            # Changed by others meanwhile, which a later change will read again.
            if refusal.code != HTTPStatus.CONFLICT:
                raise self._refusal(refusal) from None
        return text

    def command(self, nodes: Sequence[str]) -> str:
        """Every node is rendered from the ConfigMap."""
        return _rendered(nodes)

    @cached_property
    def _api(self) -> Api:
        return self._connection.open()

    def _found(self) -> _ConfigMap:
        try:
            return self._api.get(_PATH, _ConfigMap)
        except Refused as refusal:
            raise self._refusal(refusal) from None

    def _change(self, edit: Edit) -> None:
        found = self._found()
        before = self._text(found)
        after = edit(before)
        if after != before:
            self._patch(found, after)

    def _patch(self, found: _ConfigMap, text: str, **query: str) -> None:
        change = {"metadata": {"resourceVersion": found.metadata.resource_version}, "data": {_KEY: text}}
        self._api.patch(_PATH, change, _ConfigMap, **query)

    def _text(self, found: _ConfigMap) -> str:
        text = (found.data or {}).get(_KEY)
        if text is None:
            raise SwitchError(f"{self} at {self._api.where} has no key {_KEY}; {_MEND}")
        return text

    def _refusal(self, refusal: Refused) -> Exception:
        if refusal.code == HTTPStatus.NOT_FOUND:
            return SwitchError(f"there is no {self} at {self._api.where}: kubeadm keeps it there; {_MEND}")
        if refusal.code == HTTPStatus.FORBIDDEN:
            check = "kubectl --namespace kube-system auth can-i patch configmaps/kubeadm-config"
            return SwitchError(f"{self} at {self._api.where}: {refusal.message}; check `get` and `patch` with: {check}")
        if refusal.code == HTTPStatus.CONFLICT:
            return SwitchError(f"{self} at {self._api.where} was changed by others {_TRIES} times meanwhile; try again")
        return refusal


_again_if_changed = Retrying(
    stop=stop_after_attempt(_TRIES),
    wait=wait_random(0.05, 0.5),
    retry=retry_if_exception(lambda error: isinstance(error, Refused) and error.code == HTTPStatus.CONFLICT),
    reraise=True,
)


def _rendered(nodes: Sequence[str]) -> str:
    """One after the other, so that an API server is there all the time."""
    return " && ".join(f"ssh {shlex.quote(node)} {_RENDER}" for node in nodes)


def _switchable(place: Configuration, text: str) -> str:
    try:
        with_plugin(text)
    except SwitchError as error:
        raise SwitchError(f"{place}: {error}") from None
    return text
