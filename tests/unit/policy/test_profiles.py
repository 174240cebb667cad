"""Seccomp and AppArmor profiles: annotations in a manifest, members of a policy."""

from __future__ import annotations

import pytest

from pulumi_pod_security.policy.model import PodSecurityPolicy, ProfilePolicy
from tests.fixtures.policy_cases import (
    APPARMOR_ALLOWED,
    APPARMOR_DEFAULT,
    SECCOMP_ALLOWED,
    SECCOMP_DEFAULT,
    Case,
    annotation,
    case,
    minimal,
)
from tests.fixtures.refused_metadata import REFUSED_PROFILES
from tests.unit.support.policies import by_name, refused


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


@pytest.mark.parametrize("case", REFUSED_PROFILES, ids=by_name)
def test_refused(case: Case) -> None:
    """A profile the API server refuses is refused with the words for that and no others."""
    assert refused(case) == case.faults
