"""Which level of the standards is nearest to a policy."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.admission.migration.levels import nearest
from pulumi_pod_security.errors import InvalidStandard
from pulumi_pod_security.policy.presets import PRESETS, preset
from tests.unit.support.controls import a_policy

NEAREST = {
    "privileged": "privileged",
    "default": "baseline",
    "unprivileged": "baseline",
    "norootcontainers": "baseline",
    "seccomppolicy": "baseline",
    "example": "baseline",
    "restricted": "restricted",
}


def test_every_preset_has_the_level_that_people_expect() -> None:
    """The privileged one is near to nothing else that gives a pod its node."""
    assert {name: nearest(preset(name)).comparison.standard.level for name in PRESETS} == NEAREST


def test_the_privileged_level_is_near_only_to_what_opens_the_node() -> None:
    """Though everything else may be allowed."""
    wide: dict[str, Any] = {
        "hostPorts": [{"min": 0, "max": 65535}],
        "allowedCapabilities": ["*"],
        "allowedUnsafeSysctls": ["*"],
    }
    wide |= {"hostNetwork": True, "hostPID": True, "hostIPC": True}
    found = nearest(a_policy(**wide))
    assert min(found.comparisons, key=lambda one: one.distance).standard.level == "privileged"
    assert found.comparison.standard.level == "baseline"
    assert nearest(a_policy(**wide, privileged=True)).comparison.standard.level == "privileged"


def test_what_the_policy_writes_is_told() -> None:
    """A level writes nothing."""
    found = nearest(preset("restricted"))
    assert [str(change) for change in found.written][1:] == [
        "spec.containers[0].securityContext.allowPrivilegeEscalation: false",
        'spec.containers[0].securityContext.capabilities.drop: ["ALL"]',
        "spec.containers[0].securityContext.runAsNonRoot: true",
        "spec.securityContext.fsGroup: 1",
        "spec.securityContext.supplementalGroups: [1]",
    ]


def test_a_privileged_policy_loses_nothing_and_gains_little() -> None:
    """What the usual one refuses are sysctls and an unmasked /proc."""
    found = nearest(preset("privileged")).comparison
    assert found.refuses_nothing_new
    assert not found.allows_nothing_new
    assert [one.concern for one in found.concerns if one.allowed] == ["proc_mount", "sysctls"]


def test_the_version_counts() -> None:
    """More sysctls are safe in later ones."""
    told = {}
    for version in ("v1.24", "v1.27", "latest"):
        concerns = nearest(preset("default"), version).comparison.concerns
        told[version] = [str(one) for found in concerns if found.concern == "sysctls" for one in found.allowed]
    assert told["v1.24"] == []
    assert told["v1.27"] == ["sysctls, such as net.ipv4.ip_local_reserved_ports"]
    assert "and 2 more" in told["latest"][0]
    with pytest.raises(InvalidStandard):
        nearest(preset("default"), "1.24")
