"""What a sound configuration becomes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from ruamel.yaml import YAML

import pulumi_pod_security as ps
from pulumi_pod_security.report.stack_config import config_of
from stacks.config import StackConfig, read_config
from stacks.platforms import KubeadmPlatform
from tests.unit.support.stackfile import Configure, Secret

STACKS = Path(__file__).parents[3] / "stacks"


def read() -> StackConfig:
    """The configuration, read."""
    return read_config(pulumi.Config("pod-security"))


def test_the_least_configuration_is_a_policy(configure: Configure) -> None:
    """Everything else may be left out."""
    configure(policies=["default"])
    assert read() == StackConfig(
        policies=(ps.presets.default(),),
        grants=(),
        admins=(),
        platform=None,
        enforcement="psp",
        stage="audit",
        standards=None,
        kubeconfig=None,
        context=None,
    )


def test_presets_and_manifests_stand_side_by_side(configure: Configure) -> None:
    """A policy is named, or written out as in a file."""
    manifest = ps.presets.restricted().to_manifest()
    configure(policies=["privileged", manifest])
    assert read().policies == (ps.presets.privileged(), ps.presets.restricted())


def test_a_preset_may_have_another_name(configure: Configure) -> None:
    """Where a provider's own policy has the preset's; grants name it by that."""
    grant = {"policy": "users", "to": ["user:jeff"]}
    configure(policies=[{"preset": "unprivileged", "name": "users"}], grants=[grant])
    assert read().policies == (dataclasses.replace(ps.presets.unprivileged(), name="users"),)
    assert read().grants == (ps.Grant(policy="users", subjects=[ps.user("jeff")]),)


def test_a_grant_has_its_names(configure: Configure) -> None:
    """Every key of a grant arrives."""
    written = {"policy": "default", "namespace": "shop", "to": ["serviceaccount:cart"], "role": "r", "binding": "b"}
    configure(policies=["default"], grants=[written])
    subject = ps.service_account("cart", "shop")
    assert read().grants == (ps.Grant(policy="default", namespace="shop", subjects=[subject], role="r", binding="b"),)


def test_a_grant_in_groups_is_a_grant_in_each_namespace(configure: Configure) -> None:
    """Groups are named once and used by many grants."""
    configure(
        policies=["default"],
        namespaces={"infra": ["kube-system", "monitoring"], "team.a": ["shop"]},
        grants=[{"policy": "default", "namespaces": ["infra", "team.a"], "to": ["service-accounts"]}],
    )
    grants = read().grants
    assert [grant.namespace for grant in grants] == ["kube-system", "monitoring", "shop"]
    assert grants[1].subjects == (ps.service_accounts("monitoring"),)


def test_administrators_are_subjects(configure: Configure) -> None:
    """They are spelled as those of grants."""
    configure(policies=["default"], admins=["group:ops", "serviceaccount:ci/deployer"])
    assert read().admins == (ps.group("ops"), ps.service_account("deployer", "ci"))


@pytest.mark.parametrize(
    ("written", "platform"),
    [
        pytest.param({"config": "/k"}, KubeadmPlatform(config="/k"), id="least"),
        pytest.param(
            {"config": "/k", "manifests": "/m", "kubeadm": "/b", "timeoutSeconds": 60},
            KubeadmPlatform(config="/k", manifests="/m", kubeadm="/b", timeout_seconds=60),
            id="all",
        ),
    ],
)
def test_a_kubeadm_platform(configure: Configure, written: dict[str, Any], platform: KubeadmPlatform) -> None:
    """What is left out has kubeadm's own value, or means that the nodes are elsewhere."""
    configure(policies=["default"], platform={"kind": "kubeadm", **written})
    assert read().platform == platform


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"kubeconfig": "/k", "platform": {"kind": "eks"}}, id="kubeconfig"),
        pytest.param({"platform": {"kind": "eks", "cluster": "c"}}, id="cluster"),
        pytest.param({"kubeconfig": "/k", "platform": {"kind": "kapsule", "region": "r", "cluster": "c"}}, id="others"),
    ],
)
def test_a_cluster_is_named_in_one_way(configure: Configure, given: dict[str, Any]) -> None:
    """By a kubeconfig or, on EKS, by its name; elsewhere the name is for the provider's API."""
    configure(policies=["default"], **given)
    assert read().platform is not None


@pytest.mark.parametrize(
    "text",
    ["~/.kube/config", "apiVersion: v1\nkind: Config\n", json.dumps({"kind": "Config"})],
    ids=["path", "yaml", "json"],
)
def test_a_kubeconfig_is_taken_as_it_is(configure: Configure, text: str) -> None:
    """A path or contents, on several lines or one."""
    configure(policies=["default"], kubeconfig=Secret(text), context="prod")
    assert (read().kubeconfig, read().context) == (text, "prod")


def test_the_path_of_a_kubeconfig_may_stand_in_clear(configure: Configure) -> None:
    """It gives nothing away."""
    configure(policies=["default"], kubeconfig="~/.kube/config")
    assert read().kubeconfig == "~/.kube/config"


def test_a_namespace_of_several_groups_is_granted_once(configure: Configure) -> None:
    """Groups may overlap."""
    configure(
        policies=["default"],
        namespaces={"infra": ["kube-system"], "all": ["kube-system", "shop"]},
        grants=[{"policy": "default", "namespaces": ["infra", "all"], "to": ["service-accounts"]}],
    )
    assert [grant.namespace for grant in read().grants] == ["kube-system", "shop"]


def test_a_namespace_may_have_the_name_of_a_group(configure: Configure) -> None:
    """When a group lists it, it is one."""
    configure(
        policies=["default"],
        namespaces={"shop": ["shop", "cart"]},
        grants=[{"policy": "default", "namespace": "shop", "to": ["service-accounts"]}],
    )
    assert [grant.namespace for grant in read().grants] == ["shop"]


@pytest.mark.parametrize("key", ["grants", "admins", "namespaces", "platform"])
def test_a_key_without_a_value_is_left_out(configure: Configure, key: str) -> None:
    """The CLI hands over a key with nothing behind it as empty text."""
    configure(policies=["default"], **{key: ""})
    read()


@pytest.mark.parametrize("stack", sorted(STACKS.glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_the_stacks_of_this_repository_are_sound(configure: Configure, stack: Path) -> None:
    """What comes with the project is read without a fault."""
    written = YAML(typ="safe").load(stack)["config"]
    configure(**{key.removeprefix("pod-security:"): value for key, value in written.items()})
    assert read().grants


def test_what_migrate_writes_is_read_as_it_was_taken_over(configure: Configure) -> None:
    """Presets, manifests, names of roles and bindings, and admins."""
    own = dataclasses.replace(ps.presets.restricted(), name="own", labels={"team": "a"})
    policies = (ps.presets.default(), own)
    grants = (
        ps.Grant(policy="own", namespace="shop", role="r", binding="b", subjects=[ps.service_accounts()]),
        ps.Grant(policy="default", subjects=[ps.authenticated(), ps.user("oidc:https://id/#joe")]),
    )
    written = config_of(policies, grants, [ps.group("ops")])
    configure(**{key.removeprefix("pod-security:"): value for key, value in written.items()})
    found = read()
    assert (found.policies, found.grants, found.admins) == (policies, grants, (ps.group("ops"),))
