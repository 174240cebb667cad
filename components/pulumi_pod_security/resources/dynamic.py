"""What all dynamic providers here share: reading their inputs, and refusing in words instead of tracebacks.

Pulumi runs a provider in a process of its own. Inputs arrive as plain dictionaries whose numbers are floats, so
policies travel as JSON text; a value not known yet, as during a preview, arrives as a marker.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, DiffResult, ReadResult, ResourceProvider
from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.policy.config import grant_from_config
from pulumi_pod_security.policy.enforcement import PSP
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = [
    "BASELINE",
    "Provider",
    "cluster_of",
    "connection_of",
    "differ",
    "enforced_by",
    "grants_of",
    "is_known",
    "led_elsewhere",
    "policies_of",
]

BASELINE = ("kubeconfig", "context", "policies", "grants", "enforcement")
"""The inputs that every resource of a baseline has; `delete` gets no others than those recorded last."""

_CLUSTER = "cluster_uid"
_KUBECONFIG = "kubeconfig"


def is_known(value: object) -> bool:
    """Whether a value has no unknown part, as during the preview of what it depends on."""
    if isinstance(value, Mapping):
        return all(is_known(part) for part in value.values())
    if isinstance(value, list):
        return all(is_known(part) for part in value)
    return not isinstance(value, Unknown) and value != UNKNOWN


def policies_of(props: Mapping[str, Any]) -> list[PodSecurityPolicy]:
    """The policies in a resource's inputs."""
    return [PodSecurityPolicy.from_manifest(json.loads(text)) for text in props.get("policies") or ()]


def grants_of(props: Mapping[str, Any]) -> tuple[Grant, ...]:
    """The grants in a resource's inputs."""
    return tuple(grant_from_config(written) for written in props.get("grants") or ())


def enforced_by(props: Mapping[str, Any]) -> str:
    """What holds pods to the policies in a resource's inputs; before there was a choice it was PodSecurityPolicy."""
    return str(props.get("enforcement", PSP))


def connection_of(props: Mapping[str, Any]) -> Connection:
    """The connection in a resource's inputs."""
    return Connection(kubeconfig=props.get("kubeconfig"), context=props.get("context"))


def cluster_of(props: Mapping[str, Any]) -> Cluster:
    """The cluster that a resource was recorded on.

    Raises:
        PreflightRefused: the kubeconfig leads to another one now: what is put back or taken there was never of it.
        ClusterError: no server answers.
    """
    cluster = Cluster(connection_of(props).open())
    if props.get(_CLUSTER, cluster.uid) != cluster.uid:
        raise PreflightRefused(
            f"{_KUBECONFIG}: it leads to {cluster.api.where} now, which is another cluster than the one that this was "
            "done on; nothing was changed there. Let the kubeconfig lead to the cluster of before (see its context "
            "with: kubectl config get-contexts); if that cluster is gone for good: pulumi stack rm --force"
        )
    return cluster


def led_elsewhere(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """The inputs by which a resource stands on another cluster than before: then it is another resource.

    So the new cluster gets one of its own, before the old one's is deleted, which puts back what was there.
    """
    before, now = olds.get(_CLUSTER), news.get(_CLUSTER)
    return [_CLUSTER] if None not in (before, now) and before != now else []


def differ(olds: Mapping[str, Any], news: Mapping[str, Any], keys: Iterable[str]) -> bool:
    """Whether any of these inputs changed."""
    return any(olds.get(key) != news.get(key) for key in keys)


class Provider(ResourceProvider):
    """A provider that judges in `refusal`, on every preview and update, and keeps its inputs as outputs."""

    serialize_as_secret_always = False

    def configure(self, _req: ConfigureRequest) -> None:
        """Keep the traceback of our own refusals out of the log; anything else is a fault and keeps its own."""
        server = logging.getLogger("grpc._server")
        if _without_our_tracebacks not in server.filters:
            server.addFilter(_without_our_tracebacks)

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Raise PodSecurityError when `news` must not go ahead; nothing is changed here."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Turn a refusal into a check failure, the one kind of error Pulumi shows as it was written."""
        try:
            self.refusal(_olds, news)
            return CheckResult({**news, **_standing(news)}, [])
        except PodSecurityError as error:
            return CheckResult(news, [CheckFailure("", str(error))])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """On another cluster it is another resource; whatever else changes is an update in place."""
        if moved := self.moved(_olds, _news):
            return DiffResult(changes=True, replaces=moved)
        return DiffResult(changes=self.changes(_olds, _news))

    def moved(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
        """The inputs by which it stands on another cluster than before."""
        return led_elsewhere(olds, news)

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """Whether anything is to be done on the same cluster: any input that changed, unless a provider says else."""
        return differ(olds, news, news)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """A refresh finds what was recorded: these resources are acts, not objects."""
        return ReadResult(id_, props)


def _standing(props: Mapping[str, Any]) -> dict[str, Any]:
    """What tells the cluster from every other, so that it is recorded."""
    return {_CLUSTER: Cluster(connection_of(props).open()).uid} if is_known(props.get(_KUBECONFIG)) else {}


def _without_our_tracebacks(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, PodSecurityError)
