"""The fields of a PodSecurityPolicySpec."""

from __future__ import annotations

import dataclasses

from pulumi_pod_security.policy.spec import PodSecurityPolicySpec


def test_the_spec_has_every_field_of_its_api() -> None:
    """There are 24 fields, as in policy/v1beta1."""
    assert len(dataclasses.fields(PodSecurityPolicySpec)) == 24
