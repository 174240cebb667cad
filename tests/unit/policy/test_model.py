"""A PodSecurityPolicy made by hand, read and written."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from pulumi_pod_security.errors import InvalidPolicy
from pulumi_pod_security.policy.model import (
    FSGroupStrategy,
    IDRange,
    PodSecurityPolicy,
    PodSecurityPolicySpec,
    ProfilePolicy,
    RunAsUserStrategy,
    SELinuxStrategy,
    SupplementalGroupsStrategy,
)
from tests.fixtures.policy_cases import (
    APPARMOR_ALLOWED,
    APPARMOR_DEFAULT,
    SECCOMP_ALLOWED,
    SECCOMP_DEFAULT,
    annotation,
    case,
    minimal,
)


def _spec(**fields: Any) -> PodSecurityPolicySpec:
    strategies: dict[str, Any] = {
        "se_linux": SELinuxStrategy(rule="RunAsAny"),
        "run_as_user": RunAsUserStrategy(rule="RunAsAny"),
        "supplemental_groups": SupplementalGroupsStrategy(rule="RunAsAny"),
        "fs_group": FSGroupStrategy(rule="RunAsAny"),
    }
    return PodSecurityPolicySpec(**{**strategies, **fields})


def _refusal(**members: Any) -> list[str]:
    with pytest.raises(InvalidPolicy) as refusal:
        PodSecurityPolicy(**{"name": "made", "spec": _spec(), **members})
    return [str(fault) for fault in refusal.value.faults]


def test_the_spec_has_every_field_of_its_api() -> None:
    """There are 24 fields, as in policy/v1beta1."""
    assert len(dataclasses.fields(PodSecurityPolicySpec)) == 24


def test_profiles_become_annotations_and_annotations_profiles() -> None:
    """The four profile annotations are members, in both directions, and the other annotations stay what they are."""
    texts = {
        SECCOMP_ALLOWED: "docker/default,runtime/default",
        SECCOMP_DEFAULT: "runtime/default",
        APPARMOR_ALLOWED: "runtime/default,",
        APPARMOR_DEFAULT: "",
        "example.com/note": "kept",
    }
    policy = PodSecurityPolicy.from_manifest(case("", *(annotation(*text) for text in texts.items())).manifest())
    assert policy.seccomp == ProfilePolicy(allowed=("docker/default", "runtime/default"), default="runtime/default")
    assert policy.apparmor == ProfilePolicy(allowed=("runtime/default", ""), default="")
    assert policy.annotations == {"example.com/note": "kept"}
    assert policy.to_manifest()["metadata"]["annotations"] == texts


def test_an_empty_profile_list_is_not_a_missing_one() -> None:
    """An annotation that is there and empty is read as one empty name."""
    empty = PodSecurityPolicy.from_manifest(case("", annotation(APPARMOR_ALLOWED, "")).manifest())
    assert empty.apparmor.allowed == ("",)
    assert PodSecurityPolicy.from_manifest(minimal()).apparmor.allowed is None


def test_lists_and_maps_given_by_hand_are_frozen() -> None:
    """A policy does not change when the list or the map it was made from does, and it can be a key."""
    volumes, labels = ["secret"], {"team": "a"}
    policy = PodSecurityPolicy(name="made", spec=_spec(volumes=volumes), labels=labels)
    volumes.append("hostPath")
    labels["team"] = "b"
    assert (policy.spec.volumes, policy.labels) == (("secret",), {"team": "a"})
    assert policy in {policy}
    with pytest.raises(dataclasses.FrozenInstanceError):
        policy.name = "other"  # type: ignore[misc]


def test_a_policy_can_be_copied_and_pickled() -> None:
    """A policy that went through a copy or a pickle is the same policy."""
    policy = PodSecurityPolicy(name="made", spec=_spec(volumes=["secret"]), labels={"team": "a"})
    assert copy.deepcopy(policy) == policy
    assert pickle.loads(pickle.dumps(policy)) == policy


def test_what_is_written_is_a_copy() -> None:
    """A manifest that is changed after writing leaves the policy alone."""
    policy = PodSecurityPolicy(name="made", spec=_spec(volumes=["secret"]), labels={"team": "a"})
    manifest = policy.to_manifest()
    manifest["spec"]["volumes"].append("hostPath")
    manifest["metadata"]["labels"]["team"] = "b"
    assert policy.to_manifest() != manifest
    assert policy.to_manifest()["spec"]["volumes"] == ["secret"]


def test_plain_data_given_for_a_part_becomes_the_part() -> None:
    """A mapping is read as it would be in a manifest, wherever it stands."""
    plain: Any = {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 2}]}
    policy = PodSecurityPolicy(name="made", spec=_spec(fs_group=plain))
    assert policy.spec.fs_group == FSGroupStrategy(rule="MustRunAs", ranges=(IDRange(min=1, max=2),))


def test_every_fault_is_in_one_error() -> None:
    """A message begins with the policy and has one line for each thing to mend."""
    manifest = minimal()
    manifest["metadata"]["name"] = "Two"
    manifest["spec"] |= {"volumes": ["hostpath"], "hostPorts": 80, "requiredDropCapabilities": ["KILL"]}
    manifest["spec"] |= {
        "allowedCapabilities": ["KILL"],
        "fsGroup": {"rule": "MustRunAs", "ranges": [{"min": 2, "max": 1}]},
    }
    with pytest.raises(InvalidPolicy) as refusal:
        PodSecurityPolicy.from_manifest(manifest)
    heading, *lines = str(refusal.value).split("\n  ")
    assert heading == "PodSecurityPolicy 'Two': 5 faults"
    assert lines == [str(fault) for fault in refusal.value.faults]
    assert [fault.path for fault in refusal.value.faults] == [
        "spec.volumes[0]",
        "spec.hostPorts",
        "metadata.name",
        "spec.fsGroup.ranges[0]",
        "spec.allowedCapabilities[0]",
    ]


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        pytest.param({"name": None}, "metadata.name: missing; allowed: a string", id="no name"),
        pytest.param({"labels": []}, "metadata.labels: []; allowed: a mapping of strings to strings", id="labels"),
        pytest.param({"labels": {"a": 1}}, "metadata.labels.a: 1; allowed: a string; quote it in YAML", id="label"),
        pytest.param(
            {"annotations": 7}, "metadata.annotations: 7; allowed: a mapping of strings to strings", id="annotations"
        ),
        pytest.param({"seccomp": None}, "seccomp: None; allowed: a mapping with allowed, default", id="no profiles"),
        pytest.param(
            {"seccomp": ProfilePolicy(allowed=())},
            "seccomp.allowed: (); allowed: at least one name; None for no annotation",
            id="an empty list of profiles",
        ),
        pytest.param(
            {"apparmor": ProfilePolicy(allowed=("runtime/default", "a,b"))},
            "apparmor.allowed[1]: 'a,b'; allowed: one name, without ','",
            id="two profiles in one",
        ),
        pytest.param(
            {"annotations": {SECCOMP_DEFAULT: "unconfined"}},
            f"metadata.annotations[{SECCOMP_DEFAULT}]: '{SECCOMP_DEFAULT}'; "
            "allowed: this annotation as seccomp=ProfilePolicy(...)",
            id="a profile among the annotations",
        ),
        pytest.param(
            {"seccomp": ProfilePolicy(default="strict")},
            f"metadata.annotations[{SECCOMP_DEFAULT}]: 'strict'; allowed: 'runtime/default', 'docker/default', "
            "'unconfined' or 'localhost/' and a relative path without '..'",
            id="a profile that is none",
        ),
        pytest.param(
            {"spec": _spec(privileged="yes")}, "spec.privileged: 'yes'; allowed: true or false", id="a wrong type"
        ),
    ],
)
def test_a_member_that_will_not_do(members: dict[str, Any], fault: str) -> None:
    """A policy made by hand is refused for the same reasons, and for what only a hand can do."""
    assert _refusal(**members) == [fault]
