"""Scaleway's API, as far as a Kapsule cluster and the versions on offer go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.standins.faults import Fault, Script
from tests.standins.managed import Managed
from tests.standins.web import Answer, Request, serving

__all__ = ["CLUSTER", "REGION", "SECRET_KEY", "KapsuleStandin", "serve"]

REGION = "fr-par"
CLUSTER = "11111111-2222-3333-4444-555555555555"
ACCESS_KEY = "SCWABCDEFGHJKLMNPQRS"
SECRET_KEY = "0badc0de-5ec2-4e7a-b0a7-91a27ed5ec27"
PLUGIN = "PodSecurityPolicy"


@dataclass(kw_only=True)
class KapsuleStandin:
    """One cluster.

    Attributes:
        others: the cluster's other admission plugins, in their order.
        offered: the admission plugins of its version.
        status: of the cluster while nothing goes on.
        url: where it is served.
        sent: the bodies of all changes.
    """

    managed: Managed
    script: Script = field(default_factory=Script)
    others: list[str] = field(default_factory=lambda: ["AlwaysPullImages", "PodNodeSelector"])
    offered: list[str] = field(default_factory=lambda: ["PodNodeSelector", "AlwaysPullImages", PLUGIN])
    status: str = "ready"
    url: str = ""
    sent: list[Any] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What leads Scaleway's SDK here."""
        return {
            "SCW_ACCESS_KEY": ACCESS_KEY,
            "SCW_SECRET_KEY": SECRET_KEY,
            "SCW_API_URL": self.url,
            "SCW_CONFIG_PATH": "/nonexistent",
            "SCW_DEFAULT_REGION": "nl-ams",
        }

    def answer(self, request: Request) -> Answer:
        """What Scaleway says."""
        if request.path == f"/k8s/v1/regions/{REGION}/versions":
            versions = [_version("1.30.0", []), _version(self.managed.version, self.offered)]
            return Answer(body={"versions": versions, "total_count": len(versions)})
        if request.path != f"/k8s/v1/regions/{REGION}/clusters/{CLUSTER}":
            body = {"type": "not_found", "message": "resource is not found", "resource": "cluster"}
            return Answer(code=404, body=body)
        if request.method == "PATCH":
            if self.managed.running:
                return Answer(code=409, body=_transient())
            self.sent.append(request.body)
            self.others = [name for name in request.body["admission_plugins"] if name != PLUGIN]
            self.managed.begin(PLUGIN in request.body["admission_plugins"])
        return Answer(body=self._cluster())

    def _cluster(self) -> dict[str, Any]:
        plugins = [*self.others, PLUGIN] if self.managed.enabled else self.others
        return {
            "id": CLUSTER,
            "name": "shop",
            "region": REGION,
            "version": self.managed.version,
            "status": "updating" if self.managed.running else self.status,
            "admission_plugins": plugins,
            "cluster_url": f"https://{self.managed.address}:6443" if self.managed.address else "",
            "project_id": CLUSTER,
            "organization_id": CLUSTER,
            "type": "kapsule",
            "cni": "cilium",
            "created_at": "2023-01-01T00:00:00Z",
            "feature_gates": [],
            "tags": [],
            "added_later": {"unknown": 1},
        }


@contextmanager
def serve(managed: Managed) -> Iterator[KapsuleStandin]:
    """Serve one cluster on loopback."""
    standin = KapsuleStandin(managed=managed)
    with serving(standin.script, "x-auth-token", standin.answer, _refusal) as standin.url:
        yield standin


def _refusal(fault: Fault) -> dict[str, Any]:
    return {"type": fault.kind, "message": fault.message}


def _transient() -> dict[str, Any]:
    message = "resource is in a transient state"
    return {"type": "transient_state", "resource": "cluster", "current_state": "updating", "message": message}


def _version(name: str, plugins: list[str]) -> dict[str, Any]:
    return {"region": REGION, "name": name, "label": f"Kubernetes {name}", "available_admission_plugins": plugins}
