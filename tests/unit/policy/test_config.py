"""Policies and grants as configuration and resource inputs write them."""

from __future__ import annotations

import dataclasses

import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.policy.config import policy_from_config

GRANTS = {
    "everyone": ps.Grant(policy="default", subjects=[ps.authenticated()]),
    "one-account-elsewhere": ps.Grant(policy="example", subjects=[ps.service_account("app", "shop")]),
    "one-namespace": ps.Grant(
        policy="privileged",
        namespace="kube-system",
        subjects=[ps.nodes(), ps.user("kubelet"), ps.service_accounts(), ps.service_account("cni"), ps.group("ops")],
    ),
    "own-names": ps.Grant(policy="p", subjects=[ps.user("jeff")], role="p-psp-role", binding="p-psp-role:jeff"),
}


@pytest.mark.parametrize("grant", GRANTS.values(), ids=GRANTS)
def test_reading_what_was_written_gives_an_equal_grant(grant: ps.Grant) -> None:
    """Nothing of a grant is lost on its way through a resource's inputs."""
    assert ps.grant_from_config(ps.grant_to_config(grant)) == grant


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"policy": "privileged", "namspace": "kube-system", "to": ["authenticated"]}, "did you mean 'namespace'"),
        ({"to": ["authenticated"]}, "policy: missing"),
        ({"policy": "default"}, "to: missing"),
        ({"policy": "default", "to": "nodes"}, "to: 'nodes'; allowed: a list of subjects"),
        ({"policy": "default", "to": None}, "to: None; allowed: a list of subjects"),
        (None, "grant: None; allowed: a map of policy, to"),
    ],
    ids=["misspelt", "no-policy", "nobody", "text", "null", "no-map"],
)
def test_a_misspelt_key_never_widens_a_grant(written: dict[str, object], words: str) -> None:
    """What is not a key of a grant is refused; left out, it would make the grant hold in every namespace."""
    with pytest.raises(ps.InvalidGrant) as refusal:
        ps.grant_from_config(written)
    assert words in str(refusal.value)


def test_a_wrong_subject_is_named_by_its_place() -> None:
    """A fault in the third subject says so."""
    with pytest.raises(ps.InvalidGrant, match=r"to\[2\]: 'jeff'"):
        ps.grant_from_config({"policy": "default", "to": ["nodes", "authenticated", "jeff"]})


@pytest.mark.parametrize(
    ("written", "policy"),
    [
        pytest.param("unprivileged", ps.presets.unprivileged(), id="preset"),
        pytest.param(
            {"preset": "unprivileged", "name": "users"},
            dataclasses.replace(ps.presets.unprivileged(), name="users"),
            id="renamed",
        ),
        pytest.param(ps.presets.example().to_manifest(), ps.presets.example(), id="manifest"),
    ],
)
def test_a_policy_is_a_preset_or_a_manifest(written: object, policy: ps.PodSecurityPolicy) -> None:
    """A preset also under another name, with everything else as it is."""
    assert policy_from_config(written) == policy


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"preset": "unprivileged"}, "preset 'unprivileged': 1 fault\n  name: missing; allowed: another name for its"),
        ({"name": "users"}, "preset: missing; allowed: the name of a preset"),
        ({"presett": "default", "name": "users"}, "presett: 'default'; allowed: one of 'preset', 'name'; did you mean"),
        ({"preset": ["default"], "name": 3}, "preset: ['default']; allowed: the name of a preset\n  name: 3; allowed"),
        ({"preset": "defalt", "name": "users"}, "preset: 'defalt'; allowed: one of"),
        ({"preset": "default", "name": "Users"}, "preset 'default': 1 fault\n  name: 'Users'; allowed: "),
        ({"kind": "PodSecurityPolicy", "name": "users"}, "name: 'users'; allowed: no such field"),
        (None, "manifest: None; allowed: "),
    ],
)
def test_a_policy_that_is_none_is_refused(written: object, words: str) -> None:
    """Each fault at its place."""
    with pytest.raises(ps.InvalidInput) as refusal:
        policy_from_config(written)
    assert words in str(refusal.value)
