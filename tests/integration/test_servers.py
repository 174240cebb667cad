"""Servers and kubeconfigs that will not do: one clear sentence, and nothing is created, even without a preview."""

import json
from pathlib import Path

import pytest
import yaml

from tests.integration.support.outcome import refused
from tests.integration.support.project import Project
from tests.integration.support.sight import Sight
from tests.integration.support.wire import open_wire
from tools.controlplane import User
from tools.controlplane.ports import held_ports

pytestmark = pytest.mark.integration

BASELINE = {
    "policy": ("podsecuritypolicies",),
    "rbac.authorization.k8s.io": ("clusterroles", "clusterrolebindings", "rolebindings"),
}
REVIEWS = ("selfsubjectaccessreviews", "subjectaccessreviews")


class TestServersThatWillNotDo:
    """None of these changes the cluster, so they share one."""

    @pytest.mark.parametrize("minor", ["25", "36"])
    def test_no_psp(self, project: Project, tmp_path: Path, minor: str) -> None:
        """A server of 1.25 or later is refused in one sentence, before anything is sent that would create something."""
        version = {"major": "1", "minor": minor, "gitVersion": f"v1.{minor}.3"}
        with open_wire(project.cluster) as wire:
            wire.answers["/version"] = json.dumps(version).encode()
            project.configure(kubeconfig=str(wire.kubeconfig(tmp_path)))
            said = refused(
                project.up(),
                f"runs Kubernetes v1.{minor}.3, and PodSecurityPolicy was removed in 1.25: nothing was created; "
                "use Pod Security Standards or CEL admission there",
            )
        assert said.count("has a problem") == said.count("runs Kubernetes")
        changing = [request for request in wire.asked if not request.startswith("GET ")]
        assert [request for request in changing if not request.endswith(REVIEWS)] == []

    def test_no_server(self, project: Project, tmp_path: Path) -> None:
        """A kubeconfig that leads nowhere is refused with the address, and the way to look at it."""
        content = yaml.safe_load(project.cluster.kubeconfig().read_text(encoding="utf-8"))
        with held_ports(1) as (port,):
            content["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"
            project.configure(kubeconfig=_written(tmp_path, content))
            refused(
                project.up(),
                f"no Kubernetes API server answers at https://127.0.0.1:{port}: ",
                "check the kubeconfig and context with: kubectl cluster-info",
            )
        assert not project.outputs()

    def test_no_right_to_write(self, project: Project, sight: Sight, tmp_path: Path) -> None:
        """A user who may not create or grant what a baseline consists of is told every verb and resource that lacks."""
        rules = [*_all_rights("create"), *_all_rights("get", "patch", "delete")[:1]]
        self._as_jane(project, sight, tmp_path, rules)
        lacking = [f"{verb} rolebindings.rbac.authorization.k8s.io" for verb in ("get", "patch", "delete")]
        said = refused(
            project.up(),
            "the kubeconfig's user may not do all that is needed at ",
            *lacking,
            "use podsecuritypolicies.policy",
            "bind clusterroles.rbac.authorization.k8s.io",
            "check with: kubectl auth can-i get clusterroles.rbac.authorization.k8s.io",
        )
        assert "create rolebindings" not in said
        assert "patch podsecuritypolicies" not in said
        assert not sight.policies()

    def test_no_right_to_ask(self, project: Project, sight: Sight, tmp_path: Path) -> None:
        """A user who may not ask on behalf of others is refused by the preview, so that nothing is created."""
        rules = [
            *_all_rights("get", "list", "create", "patch", "delete"),
            {"apiGroups": ["policy", "extensions"], "resources": ["podsecuritypolicies"], "verbs": ["use"]},
            {"apiGroups": ["authorization.k8s.io"], "resources": ["subjectaccessreviews"], "verbs": ["create"]},
            {"apiGroups": ["", "apps", "batch"], "resources": ["*"], "verbs": ["list"]},
        ]
        self._as_jane(project, sight, tmp_path, rules)
        said = refused(
            project.run("up", "--yes"),
            "missing:",
            "create pods",
            "impersonate users",
            "impersonate groups",
            "impersonate serviceaccounts",
        )
        assert "list pods" not in said
        assert not sight.policies()
        assert len(sight.starts()) == 1

    def _as_jane(self, project: Project, sight: Sight, folder: Path, rules: list[dict[str, list[str]]]) -> None:
        """Use the stack as somebody who has these rights only."""
        api = "rbac.authorization.k8s.io"
        named = {"apiVersion": f"{api}/v1", "metadata": {"name": "jane"}}
        role = {**named, "kind": "ClusterRole", "rules": rules}
        reference = {"apiGroup": api, "kind": "ClusterRole", "name": "jane"}
        subjects = [{"apiGroup": api, "kind": "User", "name": "jane"}]
        binding = {**named, "kind": "ClusterRoleBinding", "roleRef": reference, "subjects": subjects}
        file = folder / "jane.yaml"
        file.write_text(yaml.safe_dump_all([role, binding]), encoding="utf-8")
        sight.kubectl.run("apply", f"--filename={file}")
        project.configure(kubeconfig=str(project.cluster.kubeconfig(User(name="jane"))))


def _all_rights(*verbs: str) -> list[dict[str, list[str]]]:
    """These verbs on all that a baseline consists of, one rule for each API group."""
    return [
        {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}
        for group, resources in BASELINE.items()
    ]


def _written(folder: Path, content: object) -> str:
    file = folder / "nowhere.conf"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return str(file)
