"""Every platform there is, and what to do where it has no PodSecurityPolicy any more."""

from __future__ import annotations

import pytest

from pulumi_pod_security.platforms import eks, mke
from pulumi_pod_security.platforms.known import PLATFORMS, instead, platform_of
from pulumi_pod_security.platforms.platform import Platform, require_admission_file
from pulumi_pod_security.platforms.switch import SwitchError


def test_each_is_there_once() -> None:
    """By the name that the configuration gives it."""
    kinds = [platform.kind for platform in PLATFORMS]
    assert sorted(set(kinds)) == kinds


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("v1.25.6-eks-48e63af", "on Amazon EKS from 1.25 on Pod Security Standards are built in"),
        ("v1.25.4-gke.2100", "use Pod Security Standards there: label namespaces with"),
        ("v1.27.7-mirantis-1", "on Mirantis Kubernetes Engine from Kubernetes 1.25 on use"),
        ("v1.25.6", "use Pod Security Standards or CEL admission there"),
    ],
)
def test_a_server_says_whose_it_is(version: str, words: str) -> None:
    """Providers put their marks into versions; without one the advice is everybody's."""
    assert instead(version).startswith(words)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: str(platform.kind))
def test_a_managed_control_plane_takes_no_file_of_ours(platform: Platform) -> None:
    """It is said of which platform, which field that is, and what to use instead; kubeadm's takes one."""
    if platform.kind == "kubeadm":
        require_admission_file(platform)
        return
    with pytest.raises(SwitchError) as refused:
        require_admission_file(platform)
    said = str(refused.value)
    assert said.startswith(f"{platform.name}: the API server's flag --admission-control-config-file, ")
    assert f"(PodSecurityConfiguration), cannot be set: {platform.closed}; " in said
    assert "label the namespaces instead, which ps.NamespaceStandards does" in said


@pytest.mark.parametrize(
    ("version", "host", "kind"),
    [
        ("v1.33.1-eks-5d4a308", "10.0.0.1", "eks"),
        ("v1.33.1", "ABC.gr7.eu-west-1.eks.amazonaws.com", "eks"),
        ("v1.33.1-gke.1", "10.0.0.1", "gke"),
        ("v1.33.1", "prod-1.hcp.westeurope.azmk8s.io", "aks"),
        ("v1.33.1", "uid.api.k8s.fr-par.scw.cloud", "kapsule"),
        ("v1.27.7-mirantis-1", "10.0.0.1", "mke"),
        ("v1.33.1", "azmk8s.io.example", None),
        ("v1.33.1", "", None),
    ],
)
def test_a_server_is_known_by_its_version_or_its_name(version: str, host: str, kind: str | None) -> None:
    """Where neither tells, nothing is claimed."""
    found = platform_of(version, f"https://{host}:6443")
    assert (found and found.kind) == kind


def test_the_defaults_are_those_of_the_providers_documentation() -> None:
    """The binding first, which is the switch."""
    assert eks.PLATFORM.defaults == (
        "ClusterRoleBinding/eks:podsecuritypolicy:authenticated",
        "ClusterRole/eks:podsecuritypolicy:privileged",
        "PodSecurityPolicy/eks.privileged",
    )
    assert mke.PLATFORM.defaults == ("ClusterRoleBinding/ucp:all:privileged-psp-role",)
