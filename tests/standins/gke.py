"""Google's Kubernetes Engine API v1beta1 over gRPC and TLS, as far as one cluster and its operations go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.cloud.container_v1beta1 import types

from tests.standins.faults import Fault, How, Script
from tests.standins.managed import Managed
from tests.standins.tls import certificate, private_key

__all__ = ["CLUSTER", "LOCATION", "PROJECT", "GkeStandin", "serve"]

PROJECT, LOCATION, CLUSTER = "shop-1234", "europe-west1", "prod"
_NAME = f"projects/{PROJECT}/locations/{LOCATION}/clusters/{CLUSTER}"
_SERVICE = "google.container.v1beta1.ClusterManager"
_FIELD = "desired_pod_security_policy_config"


@dataclass(kw_only=True)
class GkeStandin:
    """One cluster.

    Attributes:
        endpoint: host and port where it is served.
        environment: what leads Google's SDK there.
        key: the private key of the service account.
        sent: the fields of all changes, with their values.
        more: further fields of the cluster.
    """

    managed: Managed
    script: Script = field(default_factory=Script)
    endpoint: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    key: str = ""
    sent: list[dict[str, bool]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def get_cluster(self, request: Any, context: Any) -> Any:
        """The cluster."""
        self._named(request.name, context)
        cluster = types.Cluster(
            name=CLUSTER,
            current_master_version=f"{self.managed.version}-gke.2155000",
            status="RECONCILING" if self.managed.running else "RUNNING",
            endpoint=self.managed.address,
            **self.more,
        )
        if self.managed.changes:
            cluster.pod_security_policy_config.enabled = self.managed.enabled
        return cluster

    def update_cluster(self, request: Any, context: Any) -> Any:
        """Begin a change of one field."""
        self._named(request.name, context)
        if change := self.managed.running:
            words = f"Cluster is running incompatible operation operation-{change.number}."
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, words)
        fields = [given.name for given, _ in types.ClusterUpdate.pb(request.update).ListFields()]
        if fields != [_FIELD]:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Must specify a field to update, and one only.")
        enabled = request.update.desired_pod_security_policy_config.enabled
        self.sent.append({_FIELD: enabled})
        return self._operation(self.managed.begin(enabled).number)

    def get_operation(self, request: Any, context: Any) -> Any:
        """How a change goes."""
        prefix = f"projects/{PROJECT}/locations/{LOCATION}/operations/operation-"
        if not request.name.startswith(prefix):
            context.abort(grpc.StatusCode.NOT_FOUND, f"Not found: {request.name}.")
        return self._operation(int(request.name.removeprefix(prefix)))

    def _operation(self, number: int) -> Any:
        change = self.managed.changes[number - 1]
        status = "DONE" if change.ended.is_set() else "RUNNING"
        operation = types.Operation(name=f"operation-{number}", operation_type="UPDATE_CLUSTER", status=status)
        if change.failure:
            operation.error = {"code": 13, "message": change.failure}
        return operation

    def _named(self, name: str, context: Any) -> None:
        if name != _NAME:
            context.abort(grpc.StatusCode.NOT_FOUND, f"Not found: {name}.")


@dataclass(frozen=True)
class _Handler(grpc.GenericRpcHandler):  # type: ignore[misc]
    standin: GkeStandin

    def service(self, call: Any) -> Any:
        """The method that is called; gRPC says UNIMPLEMENTED for any other."""
        methods: dict[str, tuple[Callable[..., Any], Any, Any]] = {
            "GetCluster": (self.standin.get_cluster, types.GetClusterRequest, types.Cluster),
            "UpdateCluster": (self.standin.update_cluster, types.UpdateClusterRequest, types.Operation),
            "GetOperation": (self.standin.get_operation, types.GetOperationRequest, types.Operation),
        }
        service, _, name = call.method.strip("/").partition("/")
        if service != _SERVICE or name not in methods:
            return None
        method, request, response = methods[name]
        return grpc.unary_unary_rpc_method_handler(
            lambda asked, context: self._answer(name, method, asked, context), request.deserialize, response.serialize
        )

    def _answer(self, name: str, method: Callable[..., Any], request: Any, context: Any) -> Any:
        sent = dict(context.invocation_metadata()).get("authorization", "")
        fault = self.standin.script.called(name, sent)
        if fault is None:
            return method(request, context)
        if fault.how is How.LOSE:
            method(request, context)
        elif fault.how is How.HANG:
            # Until the client hangs up: the server has only so many threads.
            while context.is_active() and not self.standin.script.over.wait(0.05):
                pass
        return context.abort(*_status(fault))


@contextmanager
def serve(managed: Managed, folder: Path) -> Iterator[GkeStandin]:
    """Serve one cluster on loopback, with a service account for it."""
    made, standin = certificate(folder), GkeStandin(managed=managed, key=private_key())
    server = grpc.server(ThreadPoolExecutor(16))
    server.add_generic_rpc_handlers((_Handler(standin),))
    credentials = grpc.ssl_server_credentials([(made.key.read_bytes(), made.bundle.read_bytes())])
    standin.endpoint = f"localhost:{server.add_secure_port('127.0.0.1:0', credentials)}"
    account = folder / "account.json"
    account.write_text(json.dumps(_account(standin.key)), encoding="utf-8")
    standin.environment = {
        "GOOGLE_APPLICATION_CREDENTIALS": str(account),
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(made.bundle),
    }
    server.start()
    try:
        yield standin
    finally:
        standin.script.over.set()
        server.stop(0).wait()


def _account(key: str) -> dict[str, str]:
    name = f"shop@{PROJECT}.iam.gserviceaccount.com"
    token = {"token_uri": "http://127.0.0.1:1/token", "private_key": key, "private_key_id": "planted"}
    return {"type": "service_account", "project_id": PROJECT, "client_email": name, "client_id": "1", **token}


def _status(fault: Fault) -> tuple[Any, str]:
    if fault.how is How.STATUS:
        return getattr(grpc.StatusCode, str(fault.code)), fault.message
    return grpc.StatusCode.UNAVAILABLE, "Socket closed"
