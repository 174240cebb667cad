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
from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.policy.config import grant_from_config
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["BASELINE", "Provider", "connection_of", "differ", "grants_of", "is_known", "policies_of"]

BASELINE = ("kubeconfig", "context", "policies", "grants")
"""The inputs that every resource of a baseline has; `delete` gets no others than those recorded last."""


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


def connection_of(props: Mapping[str, Any]) -> Connection:
    """The connection in a resource's inputs."""
    return Connection(kubeconfig=props.get("kubeconfig"), context=props.get("context"))


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
        except PodSecurityError as error:
            return CheckResult(news, [CheckFailure("", str(error))])
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """A change of any input is an update in place."""
        return DiffResult(changes=differ(_olds, _news, _news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """A refresh finds what was recorded: these resources are acts, not objects."""
        return ReadResult(id_, props)


def _without_our_tracebacks(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, PodSecurityError)
