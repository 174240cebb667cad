"""What the walk's stack declares, and what of it is on a server."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

import pulumi_pod_security as ps
from pulumi_pod_security.cluster.plan import reference
from pulumi_pod_security.policy.config import policy_from_config
from tools.walk.kubectl import Kubectl

__all__ = ["RESOURCES", "Declared", "read_declared"]

RESOURCES = "podsecuritypolicies,clusterroles,clusterrolebindings,rolebindings"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """The objects and the grants of a stack.

    Attributes:
        objects: `Kind/name`, or `Kind/namespace/name`.
        grants: who is given what.
    """

    objects: tuple[str, ...]
    grants: tuple[ps.Grant, ...]

    @property
    def counted(self) -> str:
        """How many objects of each kind there are, in words."""
        counts = Counter(name.partition("/")[0] for name in self.objects)
        return ", ".join(f"{count} {kind}" for kind, count in counts.items())

    def left(self, kubectl: Kubectl) -> list[str]:
        """Those of the objects that are on the server, and every policy, whosever it is."""
        found = [reference(item) for item in kubectl.get(RESOURCES, "--all-namespaces")["items"]]
        return [name for name in found if name in self.objects or name.startswith("PodSecurityPolicy/")]


def read_declared(stack_file: Path) -> Declared:
    """What the stack's configuration file declares."""
    config = yaml.safe_load(stack_file.read_text(encoding="utf-8"))["config"]
    grants = [ps.grant_from_config(written) for written in config["pod-security:grants"]]
    policies = [policy_from_config(written) for written in config["pod-security:policies"]]
    admins = [ps.parse_subject(text) for text in config.get("pod-security:admins", ())]
    return Declared(objects=tuple(map(reference, ps.psp_manifests(policies, grants, admins))), grants=tuple(grants))
