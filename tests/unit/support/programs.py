"""Programs that register our components, for recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi

import pulumi_pod_security as ps
from pulumi_pod_security.testing import EchoMocks, RecordingMonitor, record

__all__ = [
    "COMPONENTS",
    "NothingExists",
    "aks",
    "baseline",
    "cel",
    "eks",
    "enablement",
    "gke",
    "kapsule",
    "mke",
    "recorded",
]


class NothingExists(EchoMocks):
    """A preview of a first update: nothing has an id yet."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Answer without an id."""
        return None, args.inputs


def baseline(name: str = "baseline", opts: pulumi.ResourceOptions | None = None, **args: Any) -> ps.PodSecurityBaseline:
    """A baseline with two policies, three grants and an administrator, but for what `args` say."""
    usual: dict[str, Any] = {
        "policies": [ps.presets.privileged(), ps.presets.default()],
        "grants": [
            ps.Grant(policy="privileged", namespace="kube-system", subjects=[ps.nodes(), ps.user("kubelet")]),
            ps.Grant(policy="privileged", namespace="kube-system", subjects=[ps.service_accounts()]),
            ps.Grant(policy="default", subjects=[ps.authenticated()]),
        ],
        "admins": [ps.group("platform-team")],
    }
    return ps.PodSecurityBaseline(name, ps.PodSecurityBaselineArgs(**{**usual, **args}), opts)


def enablement(**args: Any) -> ps.KubeadmEnablement:
    """Enforcement of that baseline on a kubeadm cluster."""
    usual: dict[str, Any] = {"config": "/etc/kubernetes/kubeadm.yaml"}
    given = {**usual, **args}
    given.setdefault("baseline", baseline())
    return ps.KubeadmEnablement("enforce", ps.KubeadmEnablementArgs(**given))


def eks(**args: Any) -> ps.EksEnablement:
    """Enforcement of that baseline on Amazon EKS."""
    return ps.EksEnablement("enforce", ps.EksEnablementArgs(**{"baseline": baseline(), **args}))


def mke(**args: Any) -> ps.MkeEnablement:
    """Enforcement of a baseline on Mirantis Kubernetes Engine, whose own policy is named `privileged`."""
    grants = [ps.Grant(policy="default", subjects=[ps.authenticated()])]
    usual = baseline(policies=[ps.presets.default()], grants=grants)
    return ps.MkeEnablement("enforce", ps.MkeEnablementArgs(**{"baseline": usual, **args}))


def gke(name: str = "enforce", **args: Any) -> ps.GkeEnablement:
    """Enforcement of that baseline on GKE."""
    usual: dict[str, Any] = {"project": "shop-1234", "location": "europe-west1", "cluster": "prod"}
    given = {**usual, **args}
    given.setdefault("baseline", baseline())
    return ps.GkeEnablement(name, ps.GkeEnablementArgs(**given))


def aks(name: str = "enforce", **args: Any) -> ps.AksEnablement:
    """Enforcement of that baseline on AKS."""
    usual: dict[str, Any] = {"subscription": "0000", "resource_group": "shop", "cluster": "prod"}
    given = {**usual, **args}
    given.setdefault("baseline", baseline())
    return ps.AksEnablement(name, ps.AksEnablementArgs(**given))


def kapsule(name: str = "enforce", **args: Any) -> ps.KapsuleEnablement:
    """Enforcement of that baseline on Kapsule."""
    usual: dict[str, Any] = {"region": "fr-par", "cluster": "1111"}
    given = {**usual, **args}
    given.setdefault("baseline", baseline())
    return ps.KapsuleEnablement(name, ps.KapsuleEnablementArgs(**given))


def cel(**args: Any) -> ps.CelEnablement:
    """Enforcement of that baseline by admission policies."""
    usual: dict[str, Any] = {"mutates": True, "stage": "deny"}
    given = {**usual, **args}
    given.setdefault("baseline", baseline(enforcement="cel"))
    return ps.CelEnablement("enforce", ps.CelEnablementArgs(**given))


def recorded(program: Callable[[], Any], *, preview: bool = False) -> RecordingMonitor:
    """The program recorded, as an update or as the preview of a first one."""
    return record(program, mocks=NothingExists() if preview else EchoMocks(), preview=preview)


COMPONENTS: dict[str, Callable[[], Any]] = {
    "PodSecurityBaseline": baseline,
    "KubeadmEnablement": enablement,
    "EksEnablement": eks,
    "MkeEnablement": mke,
    "KapsuleEnablement": kapsule,
    "GkeEnablement": gke,
    "AksEnablement": aks,
    "CelEnablement": cel,
}
"""How each exported component is made; a test keeps this complete."""
