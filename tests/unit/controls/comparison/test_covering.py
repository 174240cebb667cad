"""Which policy can be shown to ask no more than another."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.comparison.covering import asks_no_more
from pulumi_pod_security.policy.presets import preset
from pulumi_pod_security.policy.profiles import SECCOMP
from tests.unit.support.controls import a_policy

NO_MORE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the same": ({}, {}),
    "volumes": ({"volumes": ["secret", "nfs"]}, {"volumes": ["nfs"]}),
    "every volume": ({"volumes": ["*"]}, {"volumes": ["nfs"]}),
    "namespaces": ({"hostPID": True, "hostIPC": True}, {"hostIPC": True}),
    "ports": ({"hostPorts": [{"min": 1, "max": 9}]}, {"hostPorts": [{"min": 2, "max": 3}, {"min": 9, "max": 9}]}),
    "proc": ({"allowedProcMountTypes": ["Default", "Unmasked"]}, {}),
    "nothing": ({"readOnlyRootFilesystem": False}, {"readOnlyRootFilesystem": True}),
}
MORE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "volumes": ({"volumes": ["nfs"]}, {"volumes": ["secret", "nfs"]}),
    "namespaces": ({"hostPID": True}, {"hostIPC": True}),
    "ports": ({"hostPorts": [{"min": 1, "max": 5}]}, {"hostPorts": [{"min": 4, "max": 6}]}),
    "paths": ({"volumes": ["*"], "allowedHostPaths": [{"pathPrefix": "/a"}]}, {"volumes": ["*"]}),
    "writing": ({"readOnlyRootFilesystem": True}, {}),
    "not shown": ({"allowedCapabilities": ["CHOWN", "KILL"]}, {"allowedCapabilities": ["KILL"]}),
}


@pytest.mark.parametrize(("one", "other"), NO_MORE.values(), ids=NO_MORE)
def test_wider_settings_ask_no_more(one: dict[str, Any], other: dict[str, Any]) -> None:
    """And the same ones, and none."""
    assert asks_no_more(a_policy(**one), a_policy(**other))


@pytest.mark.parametrize(("one", "other"), MORE.values(), ids=MORE)
def test_other_settings_ask_more(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Or nobody can tell."""
    assert not asks_no_more(a_policy(**one), a_policy(**other))


def test_profiles_are_written_too() -> None:
    """One that writes another profile does not leave a pod as the other does."""
    any_profile = a_policy("any", {SECCOMP.allowed: "*"})
    writing = a_policy("writing", {SECCOMP.allowed: "*", SECCOMP.default: "runtime/default"})
    listing = a_policy("listing", {SECCOMP.allowed: "runtime/default"})
    longer = a_policy("longer", {SECCOMP.allowed: "runtime/default,unconfined"})
    assert asks_no_more(any_profile, writing)
    assert asks_no_more(any_profile, listing)
    assert asks_no_more(longer, listing)
    assert not asks_no_more(writing, any_profile)
    assert not asks_no_more(listing, longer)
    assert not asks_no_more(writing, listing)


def test_the_privileged_preset_asks_no_more_than_any_other() -> None:
    """Which is why nothing behind it is chosen."""
    assert asks_no_more(preset("privileged"), preset("restricted"))
    assert not asks_no_more(preset("restricted"), preset("privileged"))
