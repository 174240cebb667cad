"""Every platform there is, and what to do where it has no PodSecurityPolicy any more."""

from __future__ import annotations

import pytest

from pulumi_pod_security.platforms import eks, mke
from pulumi_pod_security.platforms.known import PLATFORMS, instead


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


def test_the_defaults_are_those_of_the_providers_documentation() -> None:
    """The binding first, which is the switch."""
    assert eks.PLATFORM.defaults == (
        "ClusterRoleBinding/eks:podsecuritypolicy:authenticated",
        "ClusterRole/eks:podsecuritypolicy:privileged",
        "PodSecurityPolicy/eks.privileged",
    )
    assert mke.PLATFORM.defaults == ("ClusterRoleBinding/ucp:all:privileged-psp-role",)
