"""Mirantis Kubernetes Engine: one binding lets everyone use `privileged`. Infrastructure gets a policy that allows
everything, users get others: one user `users`, one `norootcontainers`, one `seccomppolicy`, and the rest nothing.

The steps share one cluster with the engine's two policies, their roles, and the binding.
"""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_pod_security.policy import presets
from tests.integration.support.furniture import SECRETS
from tests.integration.support.outcome import refused, succeeded
from tests.integration.support.project import Project, new_project
from tests.integration.support.provider import (
    MKE,
    cluster_role_binding,
    enforce_with,
    mke_objects,
    open_platform,
    stored,
)
from tests.integration.support.sight import Sight, wait
from tools.controlplane import ControlPlane, User
from tools.walk.kubectl import Kubectl, KubectlError
from tools.walk.places import MANIFESTS
from tools.walk.report import running

pytestmark = [pytest.mark.integration, pytest.mark.story]

RBAC = "rbac.authorization.k8s.io"
(BINDING,) = MKE
OWN = {"privileged", "unprivileged"}
USERS = ("jeff", "nora", "sam", "mallory")
INFRASTRUCTURE = dataclasses.replace(presets.privileged(), name="infrastructure").to_manifest()
FOR_USERS = dataclasses.replace(presets.unprivileged(), name="users").to_manifest()
POLICIES = (INFRASTRUCTURE, FOR_USERS, "norootcontainers", "seccomppolicy")
EVERYONE = ["nodes", "authenticated", "service-accounts"]
GRANTS: tuple[dict[str, Any], ...] = (
    {"policy": "infrastructure", "namespace": "kube-system", "to": EVERYONE},
    {"policy": "infrastructure", "namespace": "monitoring", "to": ["service-accounts"]},
    {"policy": "users", "namespace": "shop", "to": ["serviceaccount:default"]},
    {"policy": "users", "namespace": "default", "to": ["user:jeff"]},
    {"policy": "norootcontainers", "namespace": "default", "to": ["user:nora"]},
    {"policy": "seccomppolicy", "namespace": "default", "to": ["user:sam"]},
)
TO_DEFAULT = {"policy": "users", "namespace": "default", "to": ["serviceaccount:default"]}


@pytest.fixture(scope="class")
def project(fresh_cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A new project for the cluster."""
    project = new_project(tmp_path_factory.mktemp("project"), fresh_cluster, SECRETS)
    enforce_with(project, "Mke")
    project.configure(policies=["privileged", "unprivileged"], grants=[])
    return project


@pytest.fixture(scope="class")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the story keeps files."""
    return tmp_path_factory.mktemp("mke")


@pytest.fixture(scope="class")
def engine(sight: Sight, folder: Path) -> dict[str, dict[str, Any]]:
    """The engine's own objects, an infrastructure that needs them, and people; what there was of the binding."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "monitoring"}}
    agent = yaml.safe_load((MANIFESTS / "hostpath.yaml").read_text(encoding="utf-8"))
    agent["metadata"] |= {"name": "agent", "namespace": "monitoring"}
    open_platform(sight, folder, [*mke_objects(), namespace, *_people(), agent])
    wait(lambda: running(sight.kubectl, "--namespace=monitoring"), "monitoring running")
    return stored(sight, [BINDING])


class TestMke:
    """The story."""

    def test_the_engines_own_names_are_refused(self, project: Project, engine: dict[str, dict[str, Any]]) -> None:
        """A policy that differs would change the engine's, an equal one would go with the stack: what to do is said."""
        assert list(engine) == [BINDING]
        refused(
            project.run("preview"),
            "PodSecurityPolicy/privileged is on the server already, is not this stack's, and differs from the declared "
            "one in seccomp: give the declared one another name",
        )
        project.configure(policies=["unprivileged"])
        refused(
            project.run("preview"),
            "pod security baseline on Mirantis Kubernetes Engine: 1 fault",
            "PodSecurityPolicy: 'unprivileged'; allowed: a name that is not one of Mirantis Kubernetes Engine's own "
            "objects, which would go with this stack",
        )

    def test_what_only_the_engine_lets_in_is_named(self, project: Project, sight: Sight) -> None:
        """The policy `privileged` stays, yet counts for nobody who has it by the binding alone."""
        project.configure(policies=list(POLICIES), grants=[GRANTS[0], *GRANTS[2:]])
        said = refused(project.run("preview"), "monitoring/Deployment/agent", "may use none of: infrastructure, ")
        assert {place.partition("/")[0] for place in re.findall(r"(\S+) \([^()]+, created by ", said)} == {"monitoring"}
        assert set(stored(sight, [BINDING])) == {BINDING}

    def test_up(self, project: Project, sight: Sight) -> None:
        """The binding goes, and the engine's policies stay."""
        project.configure(grants=list(GRANTS))
        succeeded(project.run("up", "--yes"))
        assert project.outputs()["enforced"] is True
        assert stored(sight, [BINDING]) == {}
        assert sight.policies() == {*OWN, "infrastructure", "users", "norootcontainers", "seccomppolicy"}

    def test_infrastructure_and_users_apart(self, sight: Sight) -> None:
        """New pods of each namespace carry the policy of their kind."""
        sight.can_create_pods()
        (agent,) = sight.recycled("monitoring", "app=nginx-hostpath")
        assert _policy(agent) == "infrastructure"
        carts = sight.kubectl.get("pods", "--namespace=shop")["items"]
        assert {_policy(pod) for pod in carts} == {"users"}

    def test_each_user_has_a_policy_of_their_own(self, sight: Sight) -> None:
        """A demo pod is changed as the policy says: no root for one, a seccomp profile for the other."""
        assert _policy(_created(sight, "jeff")) == "users"
        nora = _created(sight, "nora")
        assert _policy(nora) == "norootcontainers"
        assert nora["spec"]["containers"][0]["securityContext"]["runAsNonRoot"] is True
        sam = _created(sight, "sam")
        assert _policy(sam) == "seccomppolicy"
        assert sam["metadata"]["annotations"]["seccomp.security.alpha.kubernetes.io/pod"] == "docker/default"

    def test_who_has_none_is_refused(self, sight: Sight) -> None:
        """In the plugin's own words."""
        with pytest.raises(KubectlError, match="PodSecurityPolicy: unable to admit pod: \\[\\]"):
            _created(sight, "mallory")

    def test_a_users_grant_is_not_their_deployments(self, project: Project, sight: Sight) -> None:
        """Controllers act for the service account: without a grant to it a Deployment has no pods, with one it has."""
        _as(sight, "jeff").run("apply", f"--filename={MANIFESTS / 'nginx.yaml'}")
        wait(lambda: sight.refused_pods("default")[3:] or None, "refusals of the Deployment's pods")
        assert sight.kubectl.get("pods", "--namespace=default", "--selector=app=nginx")["items"] == []
        project.configure(grants=[*GRANTS, TO_DEFAULT])
        succeeded(project.up())
        pods = wait(lambda: running(sight.kubectl, "--namespace=default", "--selector=app=nginx"), "nginx running")
        assert {_policy(pod) for pod in pods} == {"users"}

    def test_destroy(self, project: Project, sight: Sight, engine: dict[str, dict[str, Any]]) -> None:
        """The binding is as it was, and only the engine's policies are left."""
        succeeded(project.destroy())
        assert stored(sight, [BINDING]) == engine
        assert sight.policies() == OWN
        assert _policy(_created(sight, "mallory")) == "privileged"

    def test_nothing_that_ran_was_ever_refused(self, sight: Sight) -> None:
        """From the audit log: not one pod of what ran before, in all of the above."""
        sight.can_create_pods()
        refusals = [event for space in ("kube-system", "shop", "monitoring") for event in sight.refused_pods(space)]
        assert refusals == []


def _people() -> list[dict[str, Any]]:
    """Users who may create what they like in the namespace `default`."""
    subjects = [{"apiGroup": RBAC, "kind": "User", "name": name} for name in USERS]
    edit = cluster_role_binding("people", "edit", subjects)
    return [{**edit, "kind": "RoleBinding", "metadata": {"name": "people", "namespace": "default"}}]


def _as(sight: Sight, name: str) -> Kubectl:
    return Kubectl(sight.cluster.kubeconfig(User(name=name)), sight.cluster.record.version)


def _created(sight: Sight, name: str) -> dict[str, Any]:
    """A demo pod of a user's, as the server keeps it."""
    user = _as(sight, name)
    user.run("run", f"demo-{name}", "--image=nginx", "--namespace=default")
    pod: dict[str, Any] = user.get("pod", f"demo-{name}", "--namespace=default")
    return pod


def _policy(pod: dict[str, Any]) -> str:
    return str(pod["metadata"]["annotations"]["kubernetes.io/psp"])
