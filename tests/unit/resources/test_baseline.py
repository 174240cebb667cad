"""What a baseline registers: how many, under which names, with which inputs and secrets."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.testing import EchoMocks, RecordingMonitor, record
from tests.unit.support.programs import baseline, recorded
from tests.unit.support.world import TOKEN, kubeconfig

CONTENTS = kubeconfig("https://127.0.0.1:6443")


def kinds(graph: RecordingMonitor) -> dict[str, int]:
    """How many custom resources of each kind there are."""
    names = [found.type.rpartition(":")[2] for found in graph.registrations.values() if found.custom]
    return {name: names.count(name) for name in sorted(set(names))}


@pytest.mark.parametrize("namespaces", [1, 50])
def test_a_namespace_costs_one_binding(namespaces: int) -> None:
    """Fifty namespaces add fifty RoleBindings to one policy and one role, and nothing else."""
    grants = [
        ps.Grant(policy="default", namespace=f"team-{number}", subjects=[ps.service_accounts()])
        for number in range(namespaces)
    ]
    graph = recorded(lambda: baseline(policies=[ps.presets.default()], grants=grants, admins=[]))
    assert kinds(graph) == {
        "ClusterRole": 1,
        "Guard": 1,
        "PodSecurityPolicy": 1,
        "RoleBinding": namespaces,
        "Server": 1,
    }


@pytest.mark.parametrize("policies", [1, 7])
def test_a_policy_costs_itself_a_role_and_its_grants(policies: int) -> None:
    """Three resources for a policy granted once, whatever else there is."""
    chosen = [make() for make in list(ps.PRESETS.values())[:policies]]
    grants = [ps.Grant(policy=policy.name, subjects=[ps.authenticated()]) for policy in chosen]
    graph = recorded(lambda: baseline(policies=chosen, grants=grants, admins=[]))
    each = dict.fromkeys(("ClusterRole", "ClusterRoleBinding", "PodSecurityPolicy"), policies)
    assert kinds(graph) == {**each, "Guard": 1, "Server": 1}


@pytest.mark.parametrize("enforcement", ["cel", "psa", "cel+psa"])
def test_without_psp_policies_are_no_objects(enforcement: str) -> None:
    """Roles and bindings are as ever; what checks them knows the policies all the same."""
    of_psp, graph = recorded(baseline), recorded(lambda: baseline(enforcement=enforcement))
    assert kinds(graph) == {name: count for name, count in kinds(of_psp).items() if name != "PodSecurityPolicy"}
    for kind in ("ClusterRole", "ClusterRoleBinding", "RoleBinding"):
        for found in of_psp.of_type(kind):
            assert found.inputs in [same.inputs for same in graph.of_type(kind)]
    guard = graph.named("baseline-guard").inputs
    assert [json.loads(text)["metadata"]["name"] for text in guard["policies"]] == ["privileged", "default"]
    assert guard["enforcement"] == enforcement
    policies = {"PodSecurityPolicy/default", "PodSecurityPolicy/privileged"}
    assert set(guard["ids"]) == set(of_psp.named("baseline-guard").inputs["ids"]) - policies


@pytest.mark.parametrize("enforcement", ["auto", "sel", "", None, ["cel"]])
def test_what_cannot_enforce_is_refused(enforcement: Any) -> None:
    """When the arguments are made; the server is asked by the program, not by the component."""
    with pytest.raises(ps.InvalidInput, match=r"enforcement: .*; allowed: one of 'psp', 'cel', 'psa', 'cel\+psa'.*_of"):
        ps.PodSecurityBaselineArgs(policies=[], grants=[], enforcement=enforcement)


def test_an_administrator_costs_a_binding_and_the_first_a_role() -> None:
    """`psp-admin` is one role for all of them."""
    admins = [ps.user("jane"), ps.group("ops")]
    graph = recorded(lambda: baseline(policies=[], grants=[], admins=admins))
    assert kinds(graph) == {"ClusterRole": 1, "ClusterRoleBinding": 2, "Guard": 1, "Server": 1}


def test_names_are_the_baselines_and_the_objects() -> None:
    """A resource is found in a preview by the name of its object; namespaces keep equal names apart."""
    graph = recorded(baseline)
    names = sorted(found.name for found in graph.registrations.values() if found.custom)
    assert names == [
        "baseline-default",
        "baseline-default-psp",
        "baseline-default-psp",
        "baseline-guard",
        "baseline-kube-system/privileged-psp-nodes",
        "baseline-kube-system/privileged-psp-serviceaccounts:kube-system",
        "baseline-privileged",
        "baseline-privileged-psp",
        "baseline-psp-admin",
        "baseline-psp-admin:group:platform-team",
        "baseline-server",
    ]


def test_objects_are_named_by_us() -> None:
    """Without a name in metadata Pulumi would add a suffix to it."""
    graph = recorded(baseline)
    objects = [found for found in graph.registrations.values() if found.type.startswith("kubernetes:")]
    assert all(found.inputs["metadata"]["name"] for found in objects)
    binding = graph.named("baseline-kube-system/privileged-psp-nodes")
    assert binding.inputs["metadata"] == {"name": "privileged-psp-nodes", "namespace": "kube-system"}
    assert binding.inputs["roleRef"]["name"] == "privileged-psp"


def test_a_policy_is_sent_as_the_server_keeps_it() -> None:
    """What is false or empty is left out: the server does, and every later update would see a difference."""
    graph = recorded(baseline)
    spec = graph.named("baseline-default").inputs["spec"]
    assert "privileged" not in spec
    assert "allowedCapabilities" not in spec
    assert spec["allowPrivilegeEscalation"] is False


@pytest.mark.parametrize(
    ("given", "secret"),
    [
        pytest.param(None, False, id="default"),
        pytest.param("~/.kube/config", False, id="path"),
        pytest.param(CONTENTS, True, id="contents"),
        pytest.param(json.dumps({"users": [{"token": TOKEN}]}), True, id="contents-on-one-line"),
        pytest.param(pulumi.Output.from_input("~/.kube/config"), True, id="known-later"),
        pytest.param(pulumi.Output.secret(CONTENTS), True, id="secret"),
    ],
)
def test_only_what_may_hold_credentials_is_a_secret(given: Any, secret: bool) -> None:  # noqa: FBT001
    """Contents are never in plain text in state; a path may be read by everyone."""
    graph = recorded(lambda: ps.Preflight("gate", ps.PreflightArgs(baseline=baseline(kubeconfig=given))))
    for name in ("baseline-server", "gate"):
        registration = graph.named(name)
        assert ("kubeconfig" in registration.secrets) is secret, name
        assert registration.secrets <= {"kubeconfig"}, name


def test_the_checks_get_the_whole_baseline() -> None:
    """Policies travel as text, because numbers in Pulumi are floats; grants in the spelling of the configuration."""
    graph = recorded(lambda: baseline(context="prod", kubeconfig="/k"))
    inputs = graph.named("baseline-server").inputs
    assert [json.loads(text)["metadata"]["name"] for text in inputs["policies"]] == ["privileged", "default"]
    assert '"max": 65535' in inputs["policies"][0]
    assert inputs["grants"][2] == {"policy": "default", "to": ["group:system:authenticated"]}
    assert (inputs["context"], inputs["kubeconfig"]) == ("prod", "/k")


def test_roles_may_name_one_api_group() -> None:
    """A server of 1.16 or later asks for `policy`, so the older group may be left out."""
    graph = recorded(lambda: baseline(api_groups=["policy"]))
    rules = [rule for role in graph.of_type("ClusterRole") for rule in role.inputs["rules"]]
    assert {group for rule in rules for group in rule["apiGroups"]} == {"policy"}
    both = [rule for role in recorded(baseline).of_type("ClusterRole") for rule in role.inputs["rules"]]
    assert {group for rule in both for group in rule["apiGroups"]} == {"policy", "extensions"}


def test_ids_are_known_by_kind_namespace_and_name() -> None:
    """Preflight tells by them what this update is about to create."""
    graph = recorded(lambda: ps.Preflight("gate", ps.PreflightArgs(baseline=baseline())))
    assert sorted(graph.named("gate").inputs["ids"]) == [
        "ClusterRole/default-psp",
        "ClusterRole/privileged-psp",
        "ClusterRole/psp-admin",
        "ClusterRoleBinding/default-psp",
        "ClusterRoleBinding/psp-admin:group:platform-team",
        "PodSecurityPolicy/default",
        "PodSecurityPolicy/privileged",
        "RoleBinding/kube-system/privileged-psp-nodes",
        "RoleBinding/kube-system/privileged-psp-serviceaccounts:kube-system",
    ]


@pytest.mark.parametrize(
    "args",
    [
        pytest.param({"grants": [ps.Grant(policy="nix", subjects=[ps.nodes()])]}, id="unknown-policy"),
        pytest.param({"policies": [ps.presets.default()] * 2}, id="policy-twice"),
        pytest.param({"policies": ["default"]}, id="no-policy"),
    ],
)
def test_a_baseline_that_does_not_fit_registers_nothing(args: dict[str, Any]) -> None:
    """The first resource is asked for only when all of it is sound."""
    found: list[Exception] = []

    def program() -> None:
        try:
            baseline(**args)
        except ps.InvalidBaseline as error:
            found.append(error)

    assert recorded(program).registrations == {}
    assert found


def test_the_version_is_the_servers() -> None:
    """What the server said of itself is an output of the baseline."""

    class Versioned(EchoMocks):
        def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
            return args.name, {**args.inputs, "version": "v1.24.17", "refused": ["a/Pod/b"]}

    seen: list[Any] = []
    record(lambda: pulumi.Output.all((made := baseline()).version, made.refused).apply(seen.append), mocks=Versioned())
    assert seen == [["v1.24.17", ["a/Pod/b"]]]


def test_an_explicit_provider_makes_the_objects() -> None:
    """The provider given to the component is the one of its policies, roles and bindings, and they wait for it."""

    def program() -> None:
        from pulumi_kubernetes import Provider

        baseline(opts=pulumi.ResourceOptions(providers=[Provider("cluster")]))

    graph = recorded(program)
    provider = graph.named("cluster")
    objects = [found for found in graph.registrations.values() if found.type.startswith("kubernetes:")]
    assert {found.provider for found in objects} == {f"{provider.urn}::cluster-id"}
    assert all(graph.reaches(found, provider) for found in objects)
