"""Azure Resource Manager, as far as one managed cluster and its operations go, and the identity that gives tokens."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.standins.faults import Fault, Script
from tests.standins.managed import Change, Managed
from tests.standins.tls import certificate
from tests.standins.web import Answer, Request, serving

__all__ = ["CLUSTER", "IDENTITY_HEADER", "RESOURCE_GROUP", "SUBSCRIPTION", "TOKEN", "AksStandin", "serve"]

SUBSCRIPTION = "00000000-1111-2222-3333-444444444444"
RESOURCE_GROUP = "shop"
CLUSTER = "prod"
TOKEN = "eyJ0-planted-azure-token"
IDENTITY_HEADER = "planted-identity-header"
API_VERSION = "2025-02-01"
FIELD = "enablePodSecurityPolicy"
_PLACE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}"
_PATH = f"{_PLACE}/providers/Microsoft.ContainerService/managedClusters/{CLUSTER}"
# Azure tells no case in any of the names.
_LOWER = _PATH.lower()
_OPERATIONS = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.ContainerService/locations/westeurope/operations/"


@dataclass(kw_only=True)
class AksStandin:
    """One cluster.

    Attributes:
        knows: whether the service knows the property.
        retired: whether the service has dropped the API version.
        revision: what the etag tells.
        asynchronous: whether a change has an operation of its own to follow.
        url, environment: where it is served, and what leads Azure's SDK there.
        sent: the bodies of all changes.
        document: the cluster but for what `managed` knows; the SDK knows nothing of what is called `unknown`.
    """

    managed: Managed
    script: Script = field(default_factory=Script)
    knows: bool = True
    retired: bool = False
    revision: int = 1
    asynchronous: bool = True
    url: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)
    document: dict[str, Any] = field(
        default_factory=lambda: {
            "id": _PATH,
            "name": CLUSTER,
            "type": "Microsoft.ContainerService/ManagedClusters",
            "location": "westeurope",
            "tags": {"team": "shop"},
            "sku": {"name": "Base", "tier": "Free", "unknown": 1},
            "unknown": {"deep": [1, 2]},
            "properties": {
                "dnsPrefix": "prod",
                "enableRBAC": True,
                "unknown": {"deep": [None, {"deeper": True}]},
                "apiServerAccessProfile": None,
                "agentPoolProfiles": [{"name": "np", "count": 3, "mode": "System", "unknown": True}],
                "networkProfile": {"networkPlugin": "kubenet", "unknown": "z"},
            },
        }
    )

    def answer(self, request: Request) -> Answer:
        """What Azure Resource Manager says."""
        if self.retired:
            message = f"No registered resource provider found for API version '{request.query['api-version']}'."
            return _error(400, "NoRegisteredProviderFound", message)
        if request.path.lower().startswith(_OPERATIONS.lower()):
            return self._operation(int(request.path.rpartition("/")[2]))
        if request.path.lower() != _LOWER or request.query["api-version"] != API_VERSION:
            return _error(404, "ResourceNotFound", "The resource was not found.")
        return self._put(request) if request.method == "PUT" else Answer(body=self._shown())

    def _put(self, request: Request) -> Answer:
        if self.managed.running:
            message = "Operation is not allowed: another operation is in progress."
            return _error(409, "OperationNotAllowed", message)
        if request.headers.get("if-match", "").strip('"') not in ("", f"etag-{self.revision}"):
            return _error(412, "PreconditionFailed", "The etag does not match.")
        self.sent.append(request.body)
        self.revision += 1
        wanted = bool(request.body["properties"].get(FIELD)) and self.knows
        change = self.managed.begin(wanted)
        address = f"{request.server}{_OPERATIONS}{change.number}?api-version={API_VERSION}"
        return Answer(body=self._shown(), headers={"Azure-AsyncOperation": address} if self.asynchronous else {})

    def _operation(self, number: int) -> Answer:
        change = self.managed.changes[number - 1]
        if not change.ended.is_set():
            return Answer(body={"name": str(number), "status": "InProgress"})
        if change.failure is None:
            return Answer(body={"name": str(number), "status": "Succeeded"})
        error = {"code": "ControlPlaneUpdateFailed", "message": change.failure}
        return Answer(body={"name": str(number), "status": "Failed", "error": error})

    def _shown(self) -> dict[str, Any]:
        shown = copy.deepcopy(self.document)
        version = self.managed.version
        shown["eTag"] = f"etag-{self.revision}"
        shown["properties"] |= {"provisioningState": self._state(), "kubernetesVersion": version}
        shown["properties"]["fqdn"] = self.managed.address
        if self.knows:
            shown["properties"][FIELD] = self.managed.enabled
        return shown

    def _state(self) -> str:
        last: Change | None = self.managed.changes[-1] if self.managed.changes else None
        if self.managed.running:
            return "Updating"
        return "Failed" if last and last.failure else "Succeeded"


@contextmanager
def serve(managed: Managed, folder: Path) -> Iterator[AksStandin]:
    """Serve one cluster on loopback, and the managed identity of the machine that the program runs on."""
    made = certificate(folder)
    standin = AksStandin(managed=managed)
    with ExitStack() as servers:
        identity = servers.enter_context(serving(Script(), "x-identity-header", _token, _refusal))
        standin.url = servers.enter_context(
            serving(standin.script, "authorization", standin.answer, _refusal, made.context)
        )
        standin.environment = {
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
            "IDENTITY_ENDPOINT": f"{identity}/token",
            "IDENTITY_HEADER": IDENTITY_HEADER,
            "REQUESTS_CA_BUNDLE": str(made.bundle),
        }
        yield standin


def _token(request: Request) -> Answer:
    if request.headers.get("x-identity-header") != IDENTITY_HEADER:
        return Answer(code=401, body={"message": "no"})
    body = {"access_token": TOKEN, "expires_on": "4102444800", "resource": request.query["resource"]}
    return Answer(body={**body, "token_type": "Bearer"})


def _error(code: int, kind: str, message: str) -> Answer:
    return Answer(code=code, body={"error": {"code": kind, "message": message}})


def _refusal(fault: Fault) -> dict[str, Any]:
    return {"error": {"code": fault.kind, "message": fault.message}}
