"""`KubeadmEnablement`: PodSecurityPolicy enforced on a kubeadm cluster, proven, and undone by itself when it is not.

Order: preflight, then what is there is saved, then the switch. Destroy puts back what was saved before any grant or
policy goes.
With several control-plane nodes it is people who run kubeadm on each: enforcement counts as on when all API servers
run the plugin, and as off when none does. With `node` given several are refused, with their addresses.
"""

import os
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_pod_security.errors import MISSING, Fault, InvalidInput
from pulumi_pod_security.resources.arguments import require_plugin, require_seconds
from pulumi_pod_security.resources.baseline import PodSecurityBaseline
from pulumi_pod_security.resources.enablement import Enablement
from pulumi_pod_security.resources.kubeadm_switch import Found, Switch
from pulumi_pod_security.resources.preflight import Preflight, PreflightArgs

__all__ = ["KubeadmEnablement", "KubeadmEnablementArgs", "KubeadmNode"]


@dataclass(frozen=True, kw_only=True)
class KubeadmNode:
    """The control-plane node this program runs on.

    Attributes:
        manifests: the kubelet's folder of static Pod manifests.
        kubeadm: the kubeadm binary of the cluster's version; a name is looked up on PATH.
    """

    manifests: str = "/etc/kubernetes/manifests"
    kubeadm: str = "kubeadm"


@dataclass(frozen=True, kw_only=True)
class KubeadmEnablementArgs:
    """How enforcement is turned on.

    Attributes:
        baseline: the policies and grants to enforce.
        config: path of the kubeadm configuration file that holds the cluster's ClusterConfiguration; None for the
            live ConfigMap `kubeadm-config`, of which only the plugin's flag is changed.
        node: the control-plane node this program runs on, which needs `config`; None where there are several or they
            are elsewhere: then only the configuration is changed, and the output `command` says what to run for each
            node before the next update verifies.
        timeout_seconds: how long the API server may take to come back.
    """

    baseline: PodSecurityBaseline
    config: str | None = None
    node: KubeadmNode | None = None
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        require_plugin(self, self.baseline.args.enforcement)
        require_seconds(self, self.timeout_seconds)


class KubeadmEnablement(Enablement):
    """Preflight, then `Found`, then `Switch`."""

    def __init__(self, name: str, args: KubeadmEnablementArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("pod-security:index:KubeadmEnablement", name, None, opts)
        place = _place(args)
        switched = {**args.baseline.as_inputs, **place}

        preflight = Preflight(f"{name}-preflight", PreflightArgs(baseline=args.baseline), self._after([]))
        before = [*args.baseline.ready, preflight]
        found = Found(f"{name}-found", switched, self._after(before))
        switch = Switch(f"{name}-switch", {**switched, **_saved(args, found)}, self._after([*before, found]))

        self._done(preflight, found, switch=switch)


_NODE_WITHOUT_CONFIG = Fault(
    path="config",
    value=MISSING,
    allowed="with `node` the path of the file that `kubeadm init` was given: the live ConfigMap says nothing of a node",
)


def _place(args: KubeadmEnablementArgs) -> dict[str, Any]:
    """Where the switch is; absolute, because providers run in a process with a folder of its own."""
    place: dict[str, Any] = {"timeout_seconds": args.timeout_seconds}
    if args.config is not None:
        place["config"] = os.path.abspath(args.config)
    if args.node is not None:
        if args.config is None:
            raise InvalidInput("KubeadmEnablementArgs", [_NODE_WITHOUT_CONFIG])
        place |= {"manifests": os.path.abspath(args.node.manifests), "kubeadm": args.node.kubeadm}
    return place


def _saved(args: KubeadmEnablementArgs, found: Found) -> dict[str, Any]:
    """What was there before, and what the plugin refused before the baseline changed."""
    return {
        "found_config": found.config_text,
        "found_manifest": found.manifest_text,
        "refused": args.baseline.refused,
    }
