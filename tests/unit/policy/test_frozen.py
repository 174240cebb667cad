"""Parts of the model are values, whatever they were made from."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.spec import FSType

SPEC = presets.example().spec


def test_lists_and_maps_given_by_hand_are_frozen() -> None:
    """A policy does not change when the list or the map it was made from does, and it can be a key."""
    volumes: list[FSType] = ["secret"]
    labels = {"team": "a"}
    policy = PodSecurityPolicy(name="made", spec=dataclasses.replace(SPEC, volumes=volumes), labels=labels)
    volumes.append("hostPath")
    labels["team"] = "b"
    assert (policy.spec.volumes, policy.labels) == (("secret",), {"team": "a"})
    assert policy in {policy}
    with pytest.raises(dataclasses.FrozenInstanceError):
        policy.name = "other"  # type: ignore[misc]


def test_a_policy_can_be_copied_and_pickled() -> None:
    """A policy that went through a copy or a pickle is the same policy."""
    policy = PodSecurityPolicy(name="made", spec=dataclasses.replace(SPEC, volumes=["secret"]), labels={"team": "a"})
    assert copy.deepcopy(policy) == policy
    assert pickle.loads(pickle.dumps(policy)) == policy
