"""A baseline that has the name of one of the provider's own objects."""

from __future__ import annotations

import pytest

from pulumi_pod_security.errors import InvalidBaseline
from pulumi_pod_security.platforms import eks, mke
from pulumi_pod_security.platforms.apart import require_apart
from pulumi_pod_security.platforms.platform import Platform
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, authenticated
from pulumi_pod_security.targets.psp import psp_manifests

CLASH = {"binding": "eks:podsecuritypolicy:authenticated", "role": "eks:podsecuritypolicy:privileged"}


def refusals(platform: Platform, policy: str, **names: str) -> list[str]:
    """The faults of a baseline of one policy that everyone may use."""
    grants = [Grant(policy=policy, subjects=[authenticated()], **names)]
    with pytest.raises(InvalidBaseline) as refused:
        require_apart(platform, psp_manifests([presets.preset(policy)], grants))
    return [str(fault) for fault in refused.value.faults]


def test_a_policy_of_the_engines_own() -> None:
    """Taken over by the stack, it would go with it; the message has what to write instead."""
    assert refusals(mke.PLATFORM, "privileged") == [
        "PodSecurityPolicy: 'privileged'; allowed: a name that is not one of Mirantis Kubernetes Engine's own objects, "
        "which would go with this stack: in a stack's configuration {preset: privileged, name: NAME}, in a program "
        "dataclasses.replace(policy, name='NAME')"
    ]


@pytest.mark.parametrize(("name", "place"), [("binding", "`binding:` on its grant"), ("role", "`role:` on its grants")])
def test_a_role_or_binding_that_is_removed(name: str, place: str) -> None:
    """It would be removed as one of the defaults."""
    (fault,) = refusals(eks.PLATFORM, "default", **{name: CLASH[name]})
    assert fault.endswith(place)


def test_names_of_its_own_pass() -> None:
    """What one provider has, another has not."""
    manifests = psp_manifests([presets.privileged()], [Grant(policy="privileged", subjects=[authenticated()])])
    require_apart(eks.PLATFORM, manifests)
