"""Servers and kubeconfigs that will not do: one clear sentence, and nothing is created, even without a preview."""

import json
from pathlib import Path

import pytest
import yaml

from pulumi_pod_security.cluster.preflight import READ_RIGHTS
from pulumi_pod_security.resources.server import WRITE_RIGHTS
from tests.integration.support.outcome import refused
from tests.integration.support.people import Rule, kubeconfig_of
from tests.integration.support.project import Project
from tests.integration.support.sight import Sight
from tests.integration.support.wire import open_wire
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
        project.configure(kubeconfig=str(kubeconfig_of("jane", _all_rights("create"), sight, tmp_path)))
        resources = [f"{resource}.{group}" for group, resources in BASELINE.items() for resource in resources]
        said = refused(
            project.up(),
            "the kubeconfig's user may not do all that is needed at ",
            *(
                f"  {verb} {resource}\n"
                for verb in ("get", "list", "watch", "patch", "delete")
                for resource in resources
            ),
            "  use podsecuritypolicies.policy\n",
            "  bind clusterroles.rbac.authorization.k8s.io\n",
            "check with: kubectl auth can-i get podsecuritypolicies.policy",
        )
        assert "  create " not in said
        assert not sight.policies()

    def test_no_right_to_ask(self, project: Project, sight: Sight, tmp_path: Path) -> None:
        """A user who may not ask on behalf of others is refused by the preview, so that nothing is created."""
        lacking = dict.fromkeys(("users", "groups", "serviceaccounts"), "impersonate")
        rules = [
            {"apiGroups": [right.group], "resources": [right.resource], "verbs": [right.verb]}
            for right in (*WRITE_RIGHTS, *READ_RIGHTS)
            if lacking.get(right.resource) != right.verb
        ]
        project.configure(kubeconfig=str(kubeconfig_of("jane", rules, sight, tmp_path)))
        said = refused(
            project.run("up", "--yes"),
            "the kubeconfig's user may not do all that is needed at ",
            *(f"  {verb} {resource}\n" for resource, verb in lacking.items()),
        )
        assert "  list " not in said
        assert not sight.policies()
        assert len(sight.starts()) == 1


def _all_rights(*verbs: str) -> list[Rule]:
    """These verbs on all that a baseline consists of, one rule for each API group."""
    return [
        {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}
        for group, resources in BASELINE.items()
    ]


def _written(folder: Path, content: object) -> str:
    file = folder / "nowhere.conf"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return str(file)
