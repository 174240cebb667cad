"""The membership of the levels, version by version, as the API server of 1.36 has it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pulumi_pod_security.controls import standards
from pulumi_pod_security.controls.check import Check, Level
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.standards import CHECKS, NEWEST, STANDARDS
from tests.unit.support.controls import modules

_BASELINE = (
    *("appArmorProfile:0", "capabilities_baseline:0", "hostNamespaces:0", "hostPathVolumes:0", "hostPorts:0"),
    *("privileged:0", "procMount:0", "seLinuxOptions:0", "seccompProfile_baseline:0", "sysctls:0"),
    "windowsHostProcess:0",
)
_RESTRICTED = (
    *("appArmorProfile:0", "capabilities_baseline:0", "hostNamespaces:0", "hostPorts:0", "privileged:0"),
    *("procMount:0", "seLinuxOptions:0", "seccompProfile_baseline:0", "sysctls:0", "windowsHostProcess:0"),
    *("restrictedVolumes:0", "runAsNonRoot:0"),
)
# What is not there any more from that version on, and what is new.
CHANGES: dict[Level, dict[int, tuple[set[str], set[str]]]] = {
    "baseline": {
        19: ({"seccompProfile_baseline:0"}, {"seccompProfile_baseline:19"}),
        27: ({"sysctls:0"}, {"sysctls:27"}),
        29: ({"sysctls:27"}, {"sysctls:29"}),
        31: ({"seLinuxOptions:0"}, {"seLinuxOptions:31"}),
        32: ({"sysctls:29"}, {"sysctls:32"}),
        34: (set(), {"hostProbesAndHostLifecycle:34"}),
        35: ({"procMount:0"}, {"procMount:35"}),
    },
    "restricted": {
        8: (set(), {"allowPrivilegeEscalation:8"}),
        19: ({"seccompProfile_baseline:0"}, {"seccompProfile_restricted:19"}),
        22: ({"capabilities_baseline:0"}, {"capabilities_restricted:22"}),
        23: (set(), {"runAsUser:23"}),
        25: (
            {"allowPrivilegeEscalation:8", "capabilities_restricted:22", "seccompProfile_restricted:19"},
            {"allowPrivilegeEscalation:25", "capabilities_restricted:25", "seccompProfile_restricted:25"},
        ),
        27: ({"sysctls:0"}, {"sysctls:27"}),
        29: ({"sysctls:27"}, {"sysctls:29"}),
        31: ({"seLinuxOptions:0"}, {"seLinuxOptions:31"}),
        32: ({"sysctls:29"}, {"sysctls:32"}),
        34: (set(), {"hostProbesAndHostLifecycle:34"}),
        35: (
            {"procMount:0", "runAsNonRoot:0", "runAsUser:23"},
            {"procMount_restricted:35", "runAsNonRoot:35", "runAsUser:35"},
        ),
    },
}


def _members(level: Level, minor: int) -> list[str]:
    return [f"{name}:{rule.since}" for name, rule in STANDARDS[level][minor].items()]


@pytest.mark.parametrize(("level", "first"), [("baseline", _BASELINE), ("restricted", _RESTRICTED)])
def test_membership(level: Level, first: tuple[str, ...]) -> None:
    """Which checks, in which rule, are in a level, and what each version changed."""
    assert _members(level, 0) == list(first)
    for minor in range(1, NEWEST + 1):
        before, after = set(_members(level, minor - 1)), set(_members(level, minor))
        assert (before - after, after - before) == CHANGES[level].get(minor, (set(), set())), minor


@pytest.mark.parametrize("minor", range(NEWEST + 1))
def test_tables(minor: int) -> None:
    """They hold what is worked out from the rules."""
    for level in ("baseline", "restricted"):
        assert list(standards.members(level, minor).items()) == list(STANDARDS[level][minor].items())


@pytest.mark.parametrize("minor", range(NEWEST + 1))
def test_order(minor: int) -> None:
    """Baseline checks come first, and each level's are in the order of their ids."""
    levels = {check.id: check.level for check in CHECKS}
    told = list(STANDARDS["restricted"][minor])
    assert told == sorted(told, key=lambda name: (levels[name], name))


def test_every_check_is_a_face_of_a_control() -> None:
    """What the modules have is what the standards are made of, each once; rules in the order of their versions."""
    faces = [
        check for module in modules().values() if module is not standards for check in getattr(module, "CHECKS", ())
    ]
    assert sorted(check.id for check in faces) == sorted(check.id for check in CHECKS)
    assert len({check.id for check in CHECKS}) == len(CHECKS) == 19
    for check in CHECKS:
        since = [rule.since for rule in check.rules]
        assert since == sorted(set(since))


def test_overrides_are_of_baseline() -> None:
    """A restricted check takes the place of baseline ones, which there are; a baseline check of none."""
    levels = {check.id: check.level for check in CHECKS}
    overridden = {(check.level, levels[name]) for check in CHECKS for rule in check.rules for name in rule.overrides}
    assert overridden == {("restricted", "baseline")}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
@pytest.mark.parametrize("manifest", [{}, {"spec": None, "metadata": None}, {"spec": {"containers": None}}])
def test_a_pod_that_says_nothing(check: Check, manifest: dict[str, Any]) -> None:
    """There is nothing against a pod without a container."""
    assert [rule.judge(msgspec.convert(manifest, Pod)) for rule in check.rules] == [None] * len(check.rules)
