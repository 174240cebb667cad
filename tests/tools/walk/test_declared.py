"""What a stack declares is looked for on the server, one by one."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import pulumi_pod_security as ps
from tools.walk.declared import RESOURCES, read_declared
from tools.walk.places import STACK_FILE

__all__: list[str] = []

OBJECTS = (
    "PodSecurityPolicy/privileged",
    "PodSecurityPolicy/default",
    "ClusterRole/privileged-psp",
    "ClusterRole/default-psp",
    "RoleBinding/kube-system/privileged-psp-nodes",
    "ClusterRoleBinding/default-psp",
)


class Found:
    """kubectl on a server with the objects given, beside those of Kubernetes itself."""

    def __init__(self, *references: str) -> None:
        self._items = [_item(reference) for reference in (*references, "ClusterRole/cluster-admin")]

    def get(self, resources: str, everywhere: str) -> dict[str, Any]:
        """Everything."""
        assert (resources, everywhere) == (RESOURCES, "--all-namespaces")
        return {"items": self._items}


def _item(reference: str) -> dict[str, Any]:
    kind, *namespace, name = reference.split("/")
    return {"kind": kind, "metadata": {"name": name} | ({"namespace": namespace[0]} if namespace else {})}


def test_the_local_stack_declares_policies_roles_and_bindings() -> None:
    """Every object that its components make."""
    declared = read_declared(STACK_FILE)
    assert declared.objects == OBJECTS
    assert declared.counted == "2 PodSecurityPolicy, 2 ClusterRole, 1 RoleBinding, 1 ClusterRoleBinding"
    assert [grant.policy for grant in declared.grants] == ["privileged", "default"]


@pytest.mark.parametrize("left", OBJECTS)
def test_whatever_is_left_is_found(left: str) -> None:
    """A role or a binding as well as a policy."""
    assert read_declared(STACK_FILE).left(Found(left)) == [left]  # type: ignore[arg-type]


def test_what_is_not_the_stacks_is_not_left() -> None:
    """But any policy is: nothing else makes policies there."""
    others = ("ClusterRole/other", "RoleBinding/shop/privileged-psp-nodes", "PodSecurityPolicy/other")
    assert read_declared(STACK_FILE).left(Found(*others)) == ["PodSecurityPolicy/other"]  # type: ignore[arg-type]


def test_whole_policies_and_admins_are_declared_too(tmp_path: Path) -> None:
    """Whatever the stack's configuration may hold."""
    manifest = ps.preset("example").to_manifest()
    config = {"pod-security:policies": [manifest], "pod-security:grants": [], "pod-security:admins": ["user:jane"]}
    path = tmp_path / "Pulumi.mine.yaml"
    path.write_text(yaml.safe_dump({"config": config}))
    kinds = [reference.partition("/")[0] for reference in read_declared(path).objects]
    assert kinds == ["PodSecurityPolicy", "ClusterRole", "ClusterRoleBinding"]
