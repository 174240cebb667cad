"""Grants beside the API server's own authorizer: the objects are taken, and they grant what the grants cover."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import (
    Grant,
    Identity,
    authenticated,
    group,
    nodes,
    service_account,
    service_accounts,
    user,
)
from pulumi_pod_security.targets.psp import psp_manifests
from tools.controlplane import ControlPlane

pytestmark = pytest.mark.integration

_POLICIES = (presets.privileged(), presets.default(), presets.example())
_GRANTS = (
    Grant(policy="privileged", namespace="kube-system", subjects=[nodes(), user("kubelet"), service_accounts()]),
    Grant(policy="default", subjects=[authenticated()]),
    Grant(policy="example", subjects=[service_account("app", "kube-public"), group("team/devs")]),
    Grant(policy="example", namespace="default", subjects=[service_account("app"), service_accounts("kube-public")]),
    Grant(policy="privileged", namespace="default", subjects=[user("system:serviceaccount:default:root")]),
    Grant(
        policy="privileged", namespace="kube-public", subjects=[user("oidc:https://id/100%#jane")], binding="b" * 1024
    ),
)
_ACCOUNTS = [(namespace, name) for namespace in ("default", "kube-public", "kube-system") for name in ("app", "root")]
_IDENTITIES = (
    *(Identity.service_account(*account) for account in _ACCOUNTS),
    *(Identity.authenticated_service_account(*account) for account in _ACCOUNTS),
    Identity(user="kubelet"),
    Identity(user="worker", groups=frozenset({"system:nodes", "system:authenticated"})),
    Identity(user="jane", groups=frozenset({"team/devs"})),
    Identity(user="oidc:https://id/100%#jane"),
)
_COLLECTIONS = {
    "PodSecurityPolicy": "/apis/policy/v1beta1/podsecuritypolicies",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
}


@pytest.fixture(scope="module")
def api(control_plane: ControlPlane) -> Iterator[Api]:
    """The API server with a baseline of all kinds of grants on it."""
    api = Connection(kubeconfig=str(control_plane.kubeconfig())).open()
    for manifest in psp_manifests(_POLICIES, _GRANTS, [user("jeff"), group("sec")]):
        api.post(_collection(manifest), manifest, dict[str, Any])
    yield api
    control_plane.reset()


def _collection(manifest: dict[str, Any]) -> str:
    if manifest["kind"] == "RoleBinding":
        return f"/apis/rbac.authorization.k8s.io/v1/namespaces/{manifest['metadata']['namespace']}/rolebindings"
    return _COLLECTIONS[manifest["kind"]]


def _may(api: Api, identity: Identity, verb: str, namespace: str, policy: str, *, api_group: str = "policy") -> bool:
    attributes = {"verb": verb, "group": api_group, "resource": "podsecuritypolicies"}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": identity.user,
            "groups": sorted(identity.groups),
            "resourceAttributes": {**attributes, "namespace": namespace, "name": policy},
        },
    }
    answer = api.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", review, dict[str, Any])
    return bool(answer["status"]["allowed"])


def _await_last_binding(api: Api) -> None:
    # The authorizer learns of bindings a moment after they were made, in the order in which they were.
    deadline = time.monotonic() + 30
    while not _may(api, Identity(user="x", groups=frozenset({"sec"})), "list", "", ""):
        assert time.monotonic() < deadline, "the authorizer never heard of the bindings"
        time.sleep(0.2)


def test_the_authorizer_agrees(api: Api) -> None:
    """An identity may use a policy in a namespace when, and only when, a grant of the policy covers it there."""
    _await_last_binding(api)
    namespaces, names = ("default", "kube-public", "kube-system"), [policy.name for policy in _POLICIES]
    for identity, namespace, name in itertools.product(_IDENTITIES, namespaces, names):
        covered = any(grant.policy == name and grant.covers(identity, namespace) for grant in _GRANTS)
        assert _may(api, identity, "use", namespace, name) is covered, (identity, namespace, name)


def test_both_api_groups_grant(api: Api) -> None:
    """A grant holds in the API group that policies were in before, too, and in no other."""
    _await_last_binding(api)
    jane = Identity(user="jane", groups=frozenset({"team/devs"}))
    assert _may(api, jane, "use", "", "example", api_group="extensions")
    assert not _may(api, jane, "use", "", "example", api_group="apps")


@pytest.mark.parametrize("verb", ["create", "delete", "get", "list", "patch", "update"])
def test_those_who_manage_policies(api: Api, verb: str) -> None:
    """They may do with policies what managing takes, and may use none of them by that."""
    _await_last_binding(api)
    assert _may(api, Identity(user="jeff"), verb, "", "default")
    assert not _may(api, Identity(user="jeff"), "use", "", "default")
    assert not _may(api, Identity(user="kubelet"), verb, "", "default")
