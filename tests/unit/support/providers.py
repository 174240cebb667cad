"""The three providers' stand-ins, for what is the same on all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.platforms.aks import aks_field
from pulumi_pod_security.platforms.gke import gke_field
from pulumi_pod_security.platforms.kapsule import kapsule_field
from pulumi_pod_security.platforms.moving import Pace, ProviderField
from tests.standins import aks, gke, kapsule
from tests.standins.faults import Fault
from tests.standins.managed import Managed

__all__ = ["PACE", "PROVIDERS", "Provider", "Served", "served"]

PACE = Pace(timeout=10, look=3, request=1, poll=0.01)


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What differs.

    Attributes:
        kind: as the platform's configuration names it.
        serve: its stand-in.
        place: the inputs of its resources that name the cluster.
        spelt: other spellings of some of these, which name the same cluster.
        field: the field, from those inputs.
        read, change: the names of its calls.
        busy, throttled, denied: how it refuses.
    """

    kind: str
    serve: Callable[[Managed, Path], AbstractContextManager[Any]]
    place: Callable[[Any], dict[str, Any]]
    spelt: dict[str, str]
    field: Callable[..., ProviderField]
    read: str
    change: str
    busy: Fault
    throttled: Fault
    denied: Fault


@dataclass(frozen=True, kw_only=True)
class Served:
    """A provider whose stand-in is served, with the environment that leads its SDK there."""

    provider: Provider
    standin: Any

    @property
    def managed(self) -> Managed:
        """The cluster."""
        managed: Managed = self.standin.managed
        return managed

    @property
    def place(self) -> dict[str, Any]:
        """The inputs that name the cluster."""
        return self.provider.place(self.standin)

    def field(self, pace: Pace = PACE) -> ProviderField:
        """The cluster's field, with nothing remembered."""
        return self.provider.field(**self.place, pace=pace)


@contextmanager
def served(provider: Provider, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Serve one cluster with the plugin off."""
    with provider.serve(Managed(), folder) as standin:
        for name, value in standin.environment.items():
            monkeypatch.setenv(name, value)
        yield Served(provider=provider, standin=standin)


_SOON = {"Retry-After": "0"}

PROVIDERS = (
    Provider(
        kind="kapsule",
        serve=lambda managed, _folder: kapsule.serve(managed),
        place=lambda _standin: {"region": kapsule.REGION, "cluster": kapsule.CLUSTER},
        spelt={"cluster": f"{kapsule.REGION}/{kapsule.CLUSTER}"},
        field=kapsule_field,
        read="GET",
        change="PATCH",
        busy=Fault(code=409, kind="transient_state", message="resource is in a transient state"),
        throttled=Fault(code=429, kind="too_many_requests", message="slow down", headers=_SOON),
        denied=Fault(code=403, kind="denied_authentication", message="no such right"),
    ),
    Provider(
        kind="aks",
        serve=aks.serve,
        place=lambda standin: {
            "subscription": aks.SUBSCRIPTION,
            "resource_group": aks.RESOURCE_GROUP,
            "cluster": aks.CLUSTER,
            "endpoint": standin.url,
        },
        spelt={
            "subscription": aks.SUBSCRIPTION.upper(),
            "resource_group": aks.RESOURCE_GROUP.title(),
            "cluster": aks.CLUSTER.upper(),
        },
        field=aks_field,
        read="GET",
        change="PUT",
        busy=Fault(code=409, kind="OperationNotAllowed", message="another operation is in progress"),
        throttled=Fault(code=429, kind="TooManyRequests", message="slow down", headers=_SOON),
        denied=Fault(code=403, kind="AuthorizationFailed", message="no such right"),
    ),
    Provider(
        kind="gke",
        serve=gke.serve,
        place=lambda standin: {
            "project": gke.PROJECT,
            "location": gke.LOCATION,
            "cluster": gke.CLUSTER,
            "api_endpoint": standin.endpoint,
        },
        spelt={"cluster": f"projects/{gke.PROJECT}/locations/{gke.LOCATION}/clusters/{gke.CLUSTER}"},
        field=gke_field,
        read="GetCluster",
        change="UpdateCluster",
        busy=Fault(code="FAILED_PRECONDITION", message="Cluster is running incompatible operation operation-7."),
        throttled=Fault(code="UNAVAILABLE", message="slow down"),
        denied=Fault(code="PERMISSION_DENIED", message="no such right"),
    ),
)
