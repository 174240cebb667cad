"""`migrate` on a real API server: what it takes over is what the server says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_pod_security.cli.declared import Declared
from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.policy import presets
from tests.fixtures.waiting import eventually
from tests.unit.support.granting import DEFAULT, PRIVILEGED, grant
from tests.unit.support.rbac import account, aggregated, binding, role, rule, user
from tests.unit.support.terminal import PRIVILEGED_CONTAINER, deployment, run
from tools.controlplane import ControlPlane

pytestmark = pytest.mark.integration

_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"
_ASKED = (
    ("jane", "default", "own"),
    ("jane", "default", "privileged"),
    ("joe", "default", "own"),
    ("joe", "kube-system", "default"),
    ("system:serviceaccount:default:cart", "default", "privileged"),
    ("system:serviceaccount:default:cart", "kube-system", "privileged"),
    ("system:serviceaccount:default:cart", "default", "own"),
)


def _own() -> dict[str, Any]:
    """A policy with something of each kind."""
    manifest = presets.restricted().to_manifest()
    manifest["metadata"] |= {"name": "own", "labels": {"team": "a"}}
    manifest["spec"]["allowedHostPaths"] = [{"pathPrefix": "/var/log", "readOnly": True}]
    manifest["spec"]["runAsUser"] = {"rule": "MustRunAs", "ranges": [{"min": 1000, "max": 2000}]}
    return manifest


def _manifests() -> list[dict[str, Any]]:
    part = role("part", rule("own"), labels={"into": "whole"})
    web = deployment("web", "default", containers=[PRIVILEGED_CONTAINER])
    web["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}
    web["spec"]["selector"] = {"matchLabels": {"app": "web"}}
    return [
        *(DEFAULT, PRIVILEGED, _own()),
        *grant("default"),
        *grant("privileged", account("cart", "default"), namespace="default"),
        *(part, aggregated("whole", {"matchLabels": {"into": "whole"}}), binding("whole", "whole", user("jane"))),
        *(role("every", rule()), binding("every", "every", user("joe"), namespace="default")),
        web,
    ]


def _place(manifest: dict[str, Any]) -> str:
    namespace = manifest["metadata"].get("namespace")
    if manifest["kind"] == "PodSecurityPolicy":
        return _POLICIES
    if manifest["kind"] == "Deployment":
        return f"/apis/apps/v1/namespaces/{namespace}/deployments"
    return f"{_RBAC}/{f'namespaces/{namespace}/' if namespace else ''}{manifest['kind'].lower()}s"


def _may_use(api: Api, user_name: str, namespace: str, policy: str) -> bool:
    """What the API server's own authorizer says."""
    asked = {"group": "policy", "resource": "podsecuritypolicies", "verb": "use", "namespace": namespace}
    parts = user_name.split(":")
    groups = [f"system:serviceaccounts:{parts[2]}"] if len(parts) == 4 else ["system:authenticated"]
    spec = {"user": user_name, "groups": groups, "resourceAttributes": {**asked, "name": policy}}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    return bool(
        api.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", review, dict[str, Any])["status"]["allowed"]
    )


@pytest.fixture
def kubeconfig(control_plane: ControlPlane) -> Iterator[str]:
    """A cluster with policies, RBAC of several sorts, and a privileged Deployment."""
    path = str(control_plane.kubeconfig())
    api = Connection(kubeconfig=path).open()
    for manifest in _manifests():
        api.post(_place(manifest), manifest, dict[str, Any])
    eventually(lambda: _may_use(api, "jane", "default", "own"), 60)
    yield path
    control_plane.reset()


def test_what_is_taken_over_gives_the_same_answers(kubeconfig: str, tmp_path: Path) -> None:
    """The server is asked about the same people, with its own RBAC and with what was taken over in its place."""
    api, file = Connection(kubeconfig=kubeconfig).open(), tmp_path / "Pulumi.prod.yaml"
    before = {asked: _may_use(api, *asked) for asked in _ASKED}
    done = run("migrate", "--kubeconfig", kubeconfig, "--output", f"yaml={file}", "--output", "json")
    assert done.exit_code == 0, done.stdout
    told = json.loads(done.stdout)

    declared = Declared.by_stack_file(str(file))
    made = declared.manifests()
    for manifest in _manifests():
        if manifest["kind"] != "Deployment":
            path = f"{_place(manifest)}/{manifest['metadata']['name']}"
            found = api.get(path, dict[str, Any])["metadata"]
            api.delete(path, uid=found["uid"], resource_version=found["resourceVersion"])
    stored = [api.post(_POLICIES, manifest, dict[str, Any]) for manifest in made.policies]
    for manifest in (*made.roles, *made.bindings):
        api.post(_place(manifest), manifest, dict[str, Any])
    again = yaml.safe_load(run("migrate", "--kubeconfig", kubeconfig, "--output", "yaml").stdout)
    assert again == yaml.safe_load(file.read_text())
    assert {one["metadata"]["name"] for one in stored} == {"default", "privileged", "own"}

    left = {("jane", "default", "own"), ("joe", "default", "own")}
    expected = {asked: allowed and asked not in left for asked, allowed in before.items()}
    eventually(lambda: {asked: _may_use(api, *asked) for asked in _ASKED} == expected, 60)
    assert before["jane", "default", "own"]
    whats = [one["what"].partition(", ")[0] for one in told["notTakenOver"]]
    for what in (
        "user jane may use policy own: ClusterRoleBinding whole gives ClusterRole whole",
        "user joe may use every policy in namespace default: RoleBinding default/every gives ClusterRole every",
        "group system:masters may use every policy: ClusterRoleBinding cluster-admin gives ClusterRole cluster-admin",
    ):
        assert whats.count(what) == 1, whats


def test_levels_are_those_of_what_runs(kubeconfig: str) -> None:
    """A Deployment that no policy lets in needs the loosest level, and its policies are named."""
    told = json.loads(run("migrate", "--kubeconfig", kubeconfig, "--output", "json").stdout)
    assert {one["policy"]: one["nearest"] for one in told["policies"]} == {
        "default": "baseline",
        "own": "restricted",
        "privileged": "privileged",
    }
    found = next(one for one in told["namespaces"] if one["namespace"] == "default")
    assert (found["workloads"], found["tightest"], found["nearest"]) == (1, "privileged", None)
    assert {one["policy"] for one in told["idle"]} == {"default", "own", "privileged"}
