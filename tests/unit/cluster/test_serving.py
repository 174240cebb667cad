"""What a server says that it serves, as far as it can enforce policies."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.serving import served
from pulumi_pod_security.policy.enforcement import Served
from tests.unit.support.world import World

POLICY = "/apis/policy/v1beta1"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"


def resources(*names: str) -> dict[str, Any]:
    """The answer of a version that has these."""
    return {"resources": [{"name": name, "kind": "Any"} for name in names]}


def test_an_old_server_has_policies_alone(world: World) -> None:
    """1.24: webhooks are in the group of admission, and no policies."""
    world.answers = {
        POLICY: resources("poddisruptionbudgets", "podsecuritypolicies"),
        ADMISSION: resources("mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
    }
    assert served(world.cluster()) == Served(
        version="v1.24.17", numbers=(1, 24), policies=True, validating=False, mutating=False
    )


@pytest.mark.parametrize("mutating", [False, True])
def test_a_new_server_has_what_it_says(world: World, mutating: bool) -> None:  # noqa: FBT001
    """A group it does not know is no error."""
    world.version = {"major": "1", "minor": "36", "gitVersion": "v1.36.3"}
    world.absent = {POLICY}
    own = ("mutatingadmissionpolicies",) if mutating else ("mutatingwebhookconfigurations",)
    world.answers = {ADMISSION: resources("validatingadmissionpolicies", "validatingadmissionpolicies/status", *own)}
    assert served(world.cluster()) == Served(
        version="v1.36.3", numbers=(1, 36), policies=False, validating=True, mutating=mutating
    )


def test_a_subresource_is_no_resource(world: World) -> None:
    """Nor is a name that only begins alike."""
    world.answers = {ADMISSION: resources("validatingadmissionpolicies/status", "mutatingadmissionpolicybindings")}
    found = served(world.cluster())
    assert (found.validating, found.mutating) == (False, False)


def test_a_server_that_does_not_say_is_not_guessed(world: World) -> None:
    """What is no answer of discovery is an error."""
    world.answers = {ADMISSION: {"resources": "all"}}
    with pytest.raises(ClusterError, match="resources"):
        served(world.cluster())
