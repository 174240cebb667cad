"""A PodSecurityPolicy made by hand, read and written."""

from __future__ import annotations

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
    SECCOMP_DEFAULT,
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
