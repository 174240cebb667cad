"""The stack program under mocks: what it builds of a configuration, and how it refuses one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

import pulumi_pod_security as ps
import stacks
from pulumi_pod_security.policy.enforcement import Choice
from pulumi_pod_security.testing import RecordingMonitor
from tests.unit.support.programs import recorded
from tests.unit.support.stackfile import Configure, Secret
from tests.unit.support.world import kubeconfig

BASE = {"policies": ["privileged", "default"], "grants": [{"policy": "default", "to": ["authenticated"]}]}
KUBEADM = {"kind": "kubeadm", "config": "/k"}


def types(graph: RecordingMonitor) -> set[str]:
    """The last part of every type registered."""
    return {found.type.rpartition(":")[2] for found in graph.registrations.values()}


def test_without_a_platform_there_is_a_baseline_alone(configure: Configure) -> None:
    """Policies and grants may be put on a cluster long before they are enforced."""
    configure(**BASE)
    assert types(recorded(stacks.run)) == {
        "kubernetes",
        "PodSecurityBaseline",
        "Server",
        "Guard",
        "PodSecurityPolicy",
        "ClusterRole",
        "ClusterRoleBinding",
    }


def test_with_kubeadm_it_is_enforced(configure: Configure) -> None:
    """Preflight, what was found, and the switch."""
    configure(**BASE, platform={**KUBEADM, "manifests": "/m", "kubeadm": "/b", "timeoutSeconds": 7})
    graph = recorded(stacks.run)
    inputs = graph.named("enforce-switch").inputs
    assert {"KubeadmEnablement", "Preflight", "KubeadmFound", "KubeadmSwitch"} <= types(graph)
    assert [inputs[key] for key in ("config", "manifests", "kubeadm", "timeout_seconds")] == ["/k", "/m", "/b", 7]


def test_a_baseline_that_is_not_enforced_here_is_guarded(configure: Configure) -> None:
    """Where the plugin is on already, an update must not strand what runs."""
    configure(**BASE)
    graph = recorded(stacks.run)
    (guard,) = graph.of_type("Guard")
    assert all(graph.reaches(guard, found) for found in graph.of_type("ClusterRoleBinding"))


def test_on_nodes_elsewhere_no_manifest_is_touched(configure: Configure) -> None:
    """Without a folder of manifests there is none."""
    configure(**BASE, platform=KUBEADM)
    assert "manifests" not in recorded(stacks.run).named("enforce-found").inputs


def test_objects_and_checks_reach_the_same_cluster(configure: Configure) -> None:
    """One kubeconfig and one context for the provider and for us."""
    configure(**BASE, kubeconfig="~/.kube/config", context="prod")
    graph = recorded(stacks.run)
    provider = graph.named("cluster")
    for found in (provider, graph.named("baseline-server")):
        assert (found.inputs["kubeconfig"], found.inputs["context"]) == ("~/.kube/config", "prod")
    assert all(found.provider for found in graph.of_type("PodSecurityPolicy"))


@pytest.mark.parametrize(
    ("text", "secret"),
    [("~/.kube/config", False), (kubeconfig("https://127.0.0.1:6443"), True)],
    ids=["path", "contents"],
)
def test_contents_of_a_kubeconfig_are_secret_everywhere(configure: Configure, text: str, secret: bool) -> None:  # noqa: FBT001
    """In the provider of the objects too."""
    configure(**BASE, kubeconfig=Secret(text) if secret else text, platform=KUBEADM)
    graph = recorded(stacks.run)
    holding = [found for found in graph.registrations.values() if found.inputs.get("kubeconfig") == text]
    assert sorted(found.name for found in holding) == [
        "baseline-guard",
        "baseline-server",
        "cluster",
        "enforce-found",
        "enforce-preflight",
        "enforce-switch",
    ]
    assert {"kubeconfig" in found.secrets for found in holding} == {secret}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param({}, "pod-security:policies: missing", id="nothing"),
        pytest.param(
            {**BASE, "platform": {"kind": "openshift"}}, "pod-security:platform.kind: 'openshift'", id="platform"
        ),
        pytest.param(
            {**BASE, "grants": [{"policy": "x", "to": ["nodes"]}]}, "pod-security:grants[0].policy: 'x'", id="grant"
        ),
    ],
)
def test_a_wrong_configuration_registers_nothing(configure: Configure, values: dict[str, Any], words: str) -> None:
    """It ends the run with a clean message, before the first resource."""
    configure(**values)
    found: list[str] = []

    def program() -> None:
        try:
            stacks.run()
        except pulumi.RunError as error:
            found.append(str(error))

    assert recorded(program).registrations == {}
    assert found[0].startswith(words)
    assert "\n  mend it with: pulumi config " in found[0]


CHOICES = {
    "cel": Choice(enforcement="cel", mutates=False, why="it has it"),
    "cel+psa": Choice(enforcement="cel+psa", mutates=True, why="it has both"),
    "psa": Choice(enforcement="psa", mutates=False, why="it has that"),
}
LABELS = {"namespaces": ["shop"], "enforce": "baseline"}


@pytest.fixture
def choosing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Say what the server can do, instead of asking one."""

    def choose(enforcement: str) -> None:
        monkeypatch.setattr(ps, "enforcement_of", lambda *_, **__: CHOICES[enforcement])

    return choose


def test_admission_policies_where_the_server_has_them(configure: Configure, choosing: Callable[[str], None]) -> None:
    """Roles and bindings stay; policies are no objects; labels hold before."""
    choosing("cel+psa")
    configure(**BASE, enforcement="auto", stage="deny", standards=LABELS)
    graph = recorded(stacks.run)
    assert "PodSecurityPolicy" not in types(graph)
    assert {"ClusterRole", "ClusterRoleBinding", "MutatingAdmissionPolicy", "ValidatingAdmissionPolicy"} <= types(graph)
    (labels,) = graph.of_type("NamespaceStandards")
    assert graph.reaches(graph.named("enforce-ValidatingAdmissionPolicy"), labels)
    assert graph.reaches(labels, graph.named("baseline-guard"))


def test_the_first_stage_is_audit(configure: Configure, choosing: Callable[[str], None]) -> None:
    """Nothing is refused that nobody asked to refuse."""
    choosing("cel")
    configure(**BASE, enforcement="cel")
    (binding,) = recorded(stacks.run).of_type("ValidatingAdmissionPolicyBinding")
    assert binding.inputs["spec"]["validationActions"] == ["Audit"]


def test_labels_alone(configure: Configure, choosing: Callable[[str], None]) -> None:
    """Where the server has nothing better."""
    choosing("psa")
    configure(**BASE, enforcement="psa", standards=LABELS)
    made = types(recorded(stacks.run))
    assert "NamespaceStandards" in made
    assert made.isdisjoint({"ValidatingAdmissionPolicy", "PodSecurityPolicy"})


def test_a_platform_is_of_the_plugin(configure: Configure, choosing: Callable[[str], None]) -> None:
    """It is taken away before the plugin is."""
    choosing("cel")
    configure(**BASE, enforcement="auto", platform=KUBEADM)
    with pytest.raises(pulumi.RunError, match=r"platform: 'given'.*pulumi config rm pod-security:platform"):
        recorded(stacks.run)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"enforcement": "cell"}, "enforcement: 'cell'; allowed: .*'cel'"),
        ({"stage": "refuse"}, "stage: 'refuse'; allowed: .*'deny'"),
        ({"enforcement": "psa"}, "standards: missing"),
        ({"standards": {"namespaces": "shop"}}, "standards.namespaces: 'shop'"),
        ({"standards": {"namespaces": ["shop"], "enforce": "tight"}}, "level: 'tight'"),
    ],
    ids=["enforcement", "stage", "no-standards", "one-namespace", "level"],
)
def test_what_cannot_be_enforced_is_refused(configure: Configure, wrong: dict[str, Any], told: str) -> None:
    """With what is allowed, and the command that mends it."""
    configure(**BASE, **wrong)
    with pytest.raises(pulumi.RunError, match=told):
        recorded(stacks.run)
