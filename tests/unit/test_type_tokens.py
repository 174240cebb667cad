"""What is in users' state and must never change: type tokens, and the module paths of dynamic providers."""

from __future__ import annotations

import base64
import pickletools

import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.testing import RecordingMonitor
from tests.unit.support.programs import aks, baseline, enablement, gke, kapsule, recorded

DYNAMIC = {
    "pulumi-python:dynamic/pod-security:Server": ("pulumi_pod_security.resources.server", "ServerProvider"),
    "pulumi-python:dynamic/pod-security:Preflight": ("pulumi_pod_security.resources.preflight", "PreflightProvider"),
    "pulumi-python:dynamic/pod-security:Guard": ("pulumi_pod_security.resources.guard", "GuardProvider"),
    "pulumi-python:dynamic/pod-security:Recycled": ("pulumi_pod_security.resources.recycled", "RecycledProvider"),
    "pulumi-python:dynamic/pod-security:KubeadmFound": (
        "pulumi_pod_security.resources.kubeadm_switch",
        "FoundProvider",
    ),
    "pulumi-python:dynamic/pod-security:KubeadmSwitch": (
        "pulumi_pod_security.resources.kubeadm_switch",
        "SwitchProvider",
    ),
    "pulumi-python:dynamic/pod-security:DefaultsSaved": ("pulumi_pod_security.resources.defaults", "SavedProvider"),
    "pulumi-python:dynamic/pod-security:DefaultsRemoved": ("pulumi_pod_security.resources.defaults", "RemovedProvider"),
    "pulumi-python:dynamic/pod-security:NamespaceStandards": (
        "pulumi_pod_security.resources.namespace_standards",
        "NamespaceStandardsProvider",
    ),
    "pulumi-python:dynamic/pod-security:GkeFound": ("pulumi_pod_security.resources.gke", "GkeFoundProvider"),
    "pulumi-python:dynamic/pod-security:GkeSwitch": ("pulumi_pod_security.resources.gke", "GkeSwitchProvider"),
    "pulumi-python:dynamic/pod-security:AksFound": ("pulumi_pod_security.resources.aks", "AksFoundProvider"),
    "pulumi-python:dynamic/pod-security:AksSwitch": ("pulumi_pod_security.resources.aks", "AksSwitchProvider"),
    "pulumi-python:dynamic/pod-security:KapsuleFound": (
        "pulumi_pod_security.resources.kapsule",
        "KapsuleFoundProvider",
    ),
    "pulumi-python:dynamic/pod-security:KapsuleSwitch": (
        "pulumi_pod_security.resources.kapsule",
        "KapsuleSwitchProvider",
    ),
}
COMPONENTS = {
    "pod-security:index:PodSecurityBaseline",
    "pod-security:index:KubeadmEnablement",
    "pod-security:index:EksEnablement",
    "pod-security:index:MkeEnablement",
    "pod-security:index:GkeEnablement",
    "pod-security:index:AksEnablement",
    "pod-security:index:KapsuleEnablement",
}
OBJECTS = {
    "kubernetes:policy/v1beta1:PodSecurityPolicy",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
}


@pytest.fixture(scope="module")
def graph() -> RecordingMonitor:
    """Everything this package registers."""
    return recorded(_everything)


def _everything() -> None:
    made = baseline()
    enforced = enablement(baseline=made, node=ps.KubeadmNode())
    ps.Recycled("recycled", ps.RecycledArgs(baseline=made, enablement=enforced))
    of_eks = baseline("eks")
    ps.EksEnablement("eks-on", ps.EksEnablementArgs(baseline=of_eks))
    of_mke = baseline("mke", policies=[ps.presets.default()], grants=[])
    ps.MkeEnablement("mke-on", ps.MkeEnablementArgs(baseline=of_mke))
    ps.NamespaceStandards("labels", ps.NamespaceStandardsArgs(namespaces=["shop"], enforce="baseline"))
    for make in (gke, aks, kapsule):
        make(make.__name__, baseline=made)


def blob(graph: RecordingMonitor, token: str) -> bytes:
    """The provider of a dynamic resource, as it is kept in state: the same in all of a type."""
    (provider,) = {registration.inputs["__provider"] for registration in graph.of_type(token)}
    return base64.b64decode(provider)


def test_the_type_tokens_stay(graph: RecordingMonitor) -> None:
    """A renamed type would replace the resource in every user's stack."""
    assert {registration.type for registration in graph.registrations.values()} == {*DYNAMIC, *COMPONENTS, *OBJECTS}


@pytest.mark.parametrize("token", DYNAMIC)
def test_providers_are_kept_by_reference(graph: RecordingMonitor, token: str) -> None:
    """Kept by value they would hold byte code, and differ with every change and every Python."""
    assert len(blob(graph, token)) < 200


@pytest.mark.parametrize(("token", "path"), DYNAMIC.items())
def test_the_paths_of_providers_stay(graph: RecordingMonitor, token: str, path: tuple[str, str]) -> None:
    """A provider that moved could not be found by a stack that was made before."""
    words = [argument for _, argument, _ in pickletools.genops(blob(graph, token)) if isinstance(argument, str)]
    assert tuple(words) == path


def test_providers_are_no_secrets(graph: RecordingMonitor) -> None:
    """Nothing is captured in them, so previews stay readable."""
    assert not any("__provider" in graph.of_type(token)[0].secrets for token in DYNAMIC)
