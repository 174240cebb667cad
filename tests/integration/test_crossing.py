"""A server is upgraded across 1.25 under a stack: the next `up` goes through, and no forbidden pod gets in meanwhile.

From 1.24.17 with the plugin to 1.36.3 on the same etcd data. On the way labels of Pod Security Admission hold, which
were there before; then admission policies take over, and the labels go.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.policy.identity import Identity
from tests.integration.support.asking import Asker, Question
from tests.integration.support.outcome import changes, succeeded
from tests.integration.support.probing import Prober, probing
from tests.integration.support.project import SOURCES, write_program
from tools.controlplane import LoneServer
from tools.stack import Stack

pytestmark = [pytest.mark.integration, pytest.mark.story]

PROGRAM = """
import os

import pulumi
from pulumi_kubernetes import Provider

import pulumi_pod_security as ps

kubeconfig = os.environ["KUBECONFIG"]
choice = ps.enforcement_of(kubeconfig)
grants = [
    ps.Grant(policy="privileged", namespace="kube-system", subjects=[ps.user("operator")]),
    ps.Grant(policy="default", subjects=[ps.authenticated()]),
]
args = ps.PodSecurityBaselineArgs(
    policies=[ps.presets.privileged(), ps.presets.default()],
    grants=grants,
    kubeconfig=kubeconfig,
    enforcement=choice.enforcement,
)
provider = Provider("cluster", kubeconfig=kubeconfig)
standards = []
if LABELS:
    labels = ps.NamespaceStandardsArgs(namespaces=["shop"], enforce="baseline", kubeconfig=kubeconfig)
    standards.append(ps.NamespaceStandards("standards", labels))
after = pulumi.ResourceOptions(providers=[provider], depends_on=standards)
baseline = ps.PodSecurityBaseline("baseline", args, after)
if choice.enforcement == "cel":
    admission = ps.CelEnablementArgs(baseline=baseline, mutates=choice.mutates, stage="deny")
    ps.CelEnablement("on", admission, pulumi.ResourceOptions(providers=[provider]))
pulumi.export("enforcement", args.enforcement)
"""
WITHOUT_LABELS = PROGRAM.replace("if LABELS:", "if False:")
PROGRAM = PROGRAM.replace("if LABELS:", "if True:")
FLAGS = {"enable-admission-plugins": "NodeRestriction,PodSecurityPolicy"}
RBAC = "rbac.authorization.k8s.io"
POLICIES = {"baseline-privileged", "baseline-default"}
GRANTS = {
    "baseline-privileged-psp",
    "baseline-default-psp",
    "baseline-kube-system/privileged-psp-operator",
}
ACTS = {"baseline-server", "baseline-guard"}
ADMISSION = {
    "on-preflight",
    *(f"on-{sort}AdmissionPolicy{end}" for sort in ("Mutating", "Validating") for end in ("", "Binding")),
}
BY_PLUGIN, BY_LABELS, BY_CEL = "by the plugin", "by the labels", "by admission policies"
MARKS = {
    BY_PLUGIN: b"is forbidden: PodSecurityPolicy: ",
    BY_LABELS: b"violates PodSecurity",
    BY_CEL: b"is forbidden: ValidatingAdmissionPolicy 'podsecuritypolicy.policy.k8s.io'",
}
HOST_PATH = {"volumes": [{"name": "etc", "hostPath": {"path": "/etc"}}]}
# Who, where and what, and whether the policies let it in.
PODS: dict[str, tuple[str, str, dict[str, Any], bool]] = {
    "one that asks for nothing": ("jane", "shop", {}, True),
    "one of the operator's": ("operator", "shop", {}, True),
    "the node's network": ("jane", "shop", {"hostNetwork": True}, False),
    "a folder of the node": ("jane", "shop", HOST_PATH, False),
    "a folder of the node for the operator, elsewhere": ("operator", "shop", HOST_PATH, False),
    "a folder of the node for the operator": ("operator", "kube-system", HOST_PATH, True),
}


def question(user: str, namespace: str, spec: dict[str, Any]) -> Question:
    """Whether a user may make a pod."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "tried-"},
        "spec": {"containers": [{"name": "app", "image": "app"}], **spec},
    }
    identity = Identity(user=user, groups=frozenset({"system:authenticated"}))
    path = f"/api/v1/namespaces/{namespace}/pods?dryRun=All"
    return Question(method="POST", path=path, body=pod, identity=identity)


def furnish(server: LoneServer) -> None:
    """A namespace with an application, and two people who may make pods in it and in kube-system."""
    metadata = {"labels": {"app": "cart"}}
    template = {"metadata": metadata, "spec": {"containers": [{"name": "app", "image": "app"}]}}
    deployment = {"selector": {"matchLabels": metadata["labels"]}, "template": template}
    # Which `edit` is made of by a controller that does not run.
    editors = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "editors"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "system:aggregate-to-edit"},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user} for user in ("jane", "operator")],
    }
    made: dict[str, dict[str, Any]] = {
        "/api/v1/namespaces": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
        "/apis/apps/v1/namespaces/shop/deployments": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "cart"},
            "spec": deployment,
        },
        f"/apis/{RBAC}/v1/namespaces/shop/rolebindings": editors,
        f"/apis/{RBAC}/v1/namespaces/kube-system/rolebindings": editors,
    }
    asker = Asker(server)
    for path, body in made.items():
        asker.make(Question(method="POST", path=path, body=body))


@pytest.fixture(scope="class")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoneServer]:
    """Of 1.24.17 at first, with the plugin on."""
    server = LoneServer(tmp_path_factory.mktemp("crossing") / "server", "1.24.17", FLAGS, ["garbagecollector"])
    try:
        server.start(owner=os.getpid())
        furnish(server)
        yield server
    finally:
        server.destroy()


@pytest.fixture(scope="class")
def stack(server: LoneServer, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack of the program, and nothing in it yet."""
    folder = tmp_path_factory.mktemp("stack")
    write_program(folder / "project", PROGRAM)
    variables = {"PYTHONPATH": SOURCES, "KUBECONFIG": str(server.kubeconfig())}
    stack = Stack(project=folder / "project", state=folder / "state", name="test", variables=variables)
    stack.select()
    return stack


@pytest.fixture(scope="class")
def with_policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the state as the old server left it."""
    return tmp_path_factory.mktemp("states") / "with-policies.json"


@pytest.fixture(scope="class")
def prober(server: LoneServer) -> Iterator[Prober]:
    """Jane, who tries to get at the node's folders."""
    with probing(server, question("jane", "shop", HOST_PATH), MARKS) as prober:
        yield prober


@pytest.fixture
def admitted(server: LoneServer) -> Callable[[], dict[str, bool]]:
    """What the server says to each of the pods."""

    def ask() -> dict[str, bool]:
        replies = Asker(server).ask_all(question(user, where, spec) for user, where, spec, _ in PODS.values())
        assert {reply.code for reply in replies} <= {201, 403}, replies
        return {name: reply.code == 201 for name, reply in zip(PODS, replies, strict=True)}

    return ask


class TestCrossing:
    """The story."""

    def test_policies_on_the_old_server(
        self, stack: Stack, prober: Prober, admitted: Callable[[], dict[str, bool]]
    ) -> None:
        """Policies and grants, and labels that are enough for the way."""
        prober.wait(BY_PLUGIN)
        done = succeeded(stack.run("up", "--yes", "--skip-preview"))
        assert changes(done)["created"] >= POLICIES | GRANTS | ACTS | {"standards"}
        assert (
            "enforcement psp, the best that the server can do: Kubernetes v1.24.17 has PodSecurityPolicy" in done.output
        )
        assert admitted() == {name: let_in for name, (*_, let_in) in PODS.items()}

    def test_the_new_server(self, server: LoneServer, prober: Prober, admitted: Callable[[], dict[str, bool]]) -> None:
        """Before anybody runs Pulumi again the labels refuse what the plugin refused."""
        server.upgrade("1.36.3")
        prober.wait(BY_LABELS)
        assert admitted() == {name: let_in for name, (*_, let_in) in PODS.items()}

    def test_a_refresh_lets_policies_go(self, stack: Stack, with_policies: Path) -> None:
        """What has no API is not there, so that a preview with a refresh shows nothing to delete and no error."""
        succeeded(stack.run("stack", "export", f"--file={with_policies}"))
        shown = succeeded(stack.run("preview", "--refresh")).output
        assert "error" not in shown
        assert "to delete" not in shown

    def test_the_next_update(self, stack: Stack, prober: Prober) -> None:
        """Policies leave the state; grants stay as they were, and labels follow the server's version."""
        done = succeeded(stack.run("up", "--yes"))
        assert changes(done) == {"deleted": POLICIES, "updated": ACTS | {"standards"}, "created": ADMISSION}
        assert "enforcement cel, the best that the server can do: Kubernetes v1.36.3 has Validating" in done.output
        assert "PodSecurityPolicy" not in {found["type"].rpartition(":")[2] for found in stack.resources()}
        prober.wait(BY_LABELS)

    def test_a_clean_state(self, stack: Stack, admitted: Callable[[], dict[str, bool]]) -> None:
        """Nothing is left to be done, neither by the state nor by the server; the same pods as before get in."""
        succeeded(stack.run("up", "--yes", "--expect-no-changes"))
        succeeded(stack.run("up", "--yes", "--refresh", "--expect-no-changes"))
        assert admitted() == {name: let_in for name, (*_, let_in) in PODS.items()}

    def test_labels_may_go(self, stack: Stack, prober: Prober, admitted: Callable[[], dict[str, bool]]) -> None:
        """Admission policies refuse alone what the plugin refused, and say so in its words."""
        (stack.project / "__main__.py").write_text(WITHOUT_LABELS, encoding="utf-8")
        done = succeeded(stack.run("up", "--yes", "--skip-preview"))
        assert changes(done) == {"deleted": {"standards"}}
        prober.wait(BY_CEL)
        assert admitted() == {name: let_in for name, (*_, let_in) in PODS.items()}

    def test_nobody_got_in(self, prober: Prober, figure: Callable[[str], None]) -> None:
        """Every answer that there was refused the pod, by the one or by the other."""
        figure(f"crossing 1.25: {dict(prober.counts)}; otherwise: {sorted({reply.body for reply in prober.other})}")
        assert prober.admitted == 0
        assert prober.saw(BY_PLUGIN) > 0
        assert prober.saw(BY_LABELS) > 0
        assert prober.saw(BY_CEL) > 0

    def test_destroy(self, server: LoneServer, stack: Stack) -> None:
        """Nothing of it stays on the new server."""
        succeeded(stack.run("destroy", "--yes"))
        assert stack.resources() == []
        asker = Asker(server)
        (shop,) = asker.make(Question(method="GET", path="/api/v1/namespaces/shop"))
        assert set(shop.content["metadata"]["labels"]) == {"kubernetes.io/metadata.name"}
        gone = asker.ask(Question(method="GET", path=f"/apis/{RBAC}/v1/clusterroles/default-psp"))
        assert gone.code == 404

    def test_destroy_without_an_update_before(self, stack: Stack, with_policies: Path) -> None:
        """A state that still has policies, on a server that has none, is taken down all the same."""
        succeeded(stack.run("stack", "import", f"--file={with_policies}"))
        assert "PodSecurityPolicy" in {found["type"].rpartition(":")[2] for found in stack.resources()}
        succeeded(stack.run("destroy", "--yes"))
        assert stack.resources() == []
