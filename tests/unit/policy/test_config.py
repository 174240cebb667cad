"""Grants as configuration and resource inputs write them."""

from __future__ import annotations

import pytest

import pulumi_pod_security as ps

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
