"""The platforms that a stack's configuration may name, each with the keys it has there."""

from typing import Annotated, Any, get_args

import msgspec

__all__ = [
    "KINDS",
    "AksPlatform",
    "EksPlatform",
    "GkePlatform",
    "KapsulePlatform",
    "KubeadmPlatform",
    "MkePlatform",
    "Platform",
    "Text",
]

Text = Annotated[str, msgspec.Meta(min_length=1)]
Seconds = Annotated[int, msgspec.Meta(ge=1)]


class _Platform(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", tag_field="kind", kw_only=True
):
    """What all of them have.

    Attributes:
        timeout_seconds: how long the API server may take to follow; None for what the platform's component takes.
    """

    timeout_seconds: Seconds | None = None

    @property
    def patience(self) -> dict[str, Any]:
        """The time-out as an argument of the platform's component, if it is given."""
        return {} if self.timeout_seconds is None else {"timeout_seconds": self.timeout_seconds}


class KubeadmPlatform(_Platform, frozen=True, tag="kubeadm"):
    """A cluster that kubeadm made.

    Attributes:
        config: path of the kubeadm configuration file; None for the live ConfigMap `kubeadm-config`.
        manifests: the kubelet's static Pod folder, when the program runs on the control-plane node.
        kubeadm: the kubeadm binary of the cluster's version.
    """

    config: Text | None = None
    manifests: Text | None = None
    kubeadm: Text = "kubeadm"


class EksPlatform(_Platform, frozen=True, tag="eks"):
    """Amazon EKS: its own permissive defaults go.

    Attributes:
        cluster: its name, where the kubeconfig is to be made of what the EKS API says.
        region: None for the AWS tools' own.
    """

    cluster: Text | None = None
    region: Text | None = None


class MkePlatform(_Platform, frozen=True, tag="mke"):
    """Mirantis Kubernetes Engine: its own permissive binding goes."""


class GkePlatform(_Platform, frozen=True, tag="gke"):
    """Google Kubernetes Engine.

    Attributes:
        location: region or zone.
        server: the kubeconfig's server where it is a tunnel or proxy to the cluster; None where the provider tells it.
    """

    project: Text
    location: Text
    cluster: Text
    server: Text | None = None


class AksPlatform(_Platform, frozen=True, tag="aks"):
    """Azure Kubernetes Service.

    Attributes:
        subscription: the id of the subscription.
        server: the kubeconfig's server where it is a tunnel or proxy to the cluster; None where the provider tells it.
    """

    subscription: Text
    resource_group: Text
    cluster: Text
    server: Text | None = None


class KapsulePlatform(_Platform, frozen=True, tag="kapsule"):
    """Scaleway Kubernetes Kapsule.

    Attributes:
        cluster: the id of the cluster.
        server: the kubeconfig's server where it is a tunnel or proxy to the cluster; None where the provider tells it.
    """

    region: Text
    cluster: Text
    server: Text | None = None


Platform = KubeadmPlatform | EksPlatform | MkePlatform | GkePlatform | AksPlatform | KapsulePlatform

KINDS = tuple(sorted(str(each.__struct_config__.tag) for each in get_args(Platform)))
"""How the configuration names them."""
