"""Capabilities by list."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.capabilities import CHECKS, CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, reason, written
from tests.unit.support.standards import told

_PATH = "spec.containers[0].securityContext.capabilities"
_UNSET = "required capabilities are not set on the securityContext"


def _caps(add: list[str] | None = None, drop: list[str] | None = None) -> dict[str, Any]:
    return {"containers": [a_container(capabilities={"add": add, "drop": drop})]}


def _addition(name: str) -> Reason:
    return reason(f"{_PATH}.add", "Invalid value", f'"{name}"', "capability may not be added")


def _missing_drop(name: str, printed: str) -> Reason:
    detail = f"{name} is required to be dropped but was not found"
    return reason(f"{_PATH}.drop", "Invalid value", printed, detail)


ACCEPTED = [
    pytest.param({}, {}, id="nothing asked, nothing said"),
    pytest.param({}, _caps([], ["KILL"]), id="dropping is free"),
    pytest.param({"allowedCapabilities": ["KILL"]}, _caps(["KILL"]), id="allowed"),
    pytest.param({"defaultAddCapabilities": ["KILL"]}, _caps(["KILL"]), id="added by default"),
    pytest.param({"allowedCapabilities": ["*"]}, _caps(["KILL", "ALL"]), id="all"),
    pytest.param({"allowedCapabilities": ["*"], "defaultAddCapabilities": ["KILL"]}, _caps(["ALL"]), id="all and some"),
    pytest.param({"requiredDropCapabilities": ["KILL"]}, _caps(None, ["CHOWN", "KILL"]), id="dropped"),
]

REFUSED = [
    pytest.param({}, _caps(["KILL", "CHOWN"]), [_addition("KILL"), _addition("CHOWN")], id="nothing may be added"),
    pytest.param(
        {"allowedCapabilities": ["KILL"], "defaultAddCapabilities": ["CHOWN"]},
        _caps(["CHOWN", "kill", "KILL", "ALL"]),
        [_addition("kill"), _addition("ALL")],
        id="others may be added",
    ),
    pytest.param(
        {"requiredDropCapabilities": ["KILL", "CHOWN"]},
        _caps(None, ["CHOWN", "ALL"]),
        [_missing_drop("KILL", '[]core.Capability{"CHOWN", "ALL"}')],
        id="not dropped",
    ),
    pytest.param(
        {"requiredDropCapabilities": ["KILL"]},
        _caps(["ALL"]),
        [_addition("ALL"), _missing_drop("KILL", "[]core.Capability(nil)")],
        id="added and nothing dropped",
    ),
    pytest.param(
        {"requiredDropCapabilities": ["KILL"]},
        _caps([], []),
        [_missing_drop("KILL", "[]core.Capability{}")],
        id="an empty list dropped",
    ),
    *(
        pytest.param(asked, {}, [reason(_PATH, "Invalid value", '"null"', _UNSET)], id=name)
        for name, asked in (
            ("nothing said and some are dropped", {"requiredDropCapabilities": ["KILL"]}),
            ("nothing said and some are added", {"defaultAddCapabilities": ["KILL"]}),
            ("nothing said and all may be added", {"defaultAddCapabilities": ["KILL"], "allowedCapabilities": ["*"]}),
        )
    ),
]

_BOTH = {"defaultAddCapabilities": ["KILL", "CHOWN"], "requiredDropCapabilities": ["SYS_TIME"]}
_WRITTEN_PATH = "spec.containers.0.securityContext.capabilities"

WRITTEN = [
    pytest.param({}, _caps(["KILL"]), {}, id="nothing asked"),
    pytest.param({"allowedCapabilities": ["*"]}, {}, {}, id="everything allowed"),
    pytest.param(
        _BOTH,
        {},
        {f"{_WRITTEN_PATH}.add": ["CHOWN", "KILL"], f"{_WRITTEN_PATH}.drop": ["SYS_TIME"]},
        id="into nothing, sorted",
    ),
    pytest.param(
        _BOTH,
        _caps(["NET_ADMIN"], ["ALL"]),
        {f"{_WRITTEN_PATH}.add": ["CHOWN", "KILL", "NET_ADMIN"], f"{_WRITTEN_PATH}.drop": ["ALL", "SYS_TIME"]},
        id="beside the pod's own",
    ),
    pytest.param(
        _BOTH,
        _caps(None, ["KILL", "CHOWN"]),
        {f"{_WRITTEN_PATH}.drop": ["CHOWN", "KILL", "SYS_TIME"]},
        id="what is dropped is not added",
    ),
    pytest.param(_BOTH, _caps(["KILL", "CHOWN"], ["SYS_TIME"]), {}, id="all there, in any order"),
    pytest.param(_BOTH, _caps(["KILL", "CHOWN", "KILL"], ["SYS_TIME"]), {}, id="all there, one twice"),
    pytest.param(
        {"requiredDropCapabilities": ["KILL"]},
        _caps(["CHOWN", "CHOWN"]),
        {f"{_WRITTEN_PATH}.add": ["CHOWN"], f"{_WRITTEN_PATH}.drop": ["KILL"]},
        id="a double goes when something is written",
    ),
    pytest.param(
        {"allowedCapabilities": ["*"], "defaultAddCapabilities": ["KILL"]},
        {"initContainers": [{"name": "init"}], "containers": [a_container(capabilities={"add": ["KILL"]})]},
        {"spec.initContainers.0.securityContext.capabilities.add": ["KILL"]},
        id="where everything may be added, too",
    ),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """What is allowed or added by default may be added; what is required is dropped."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """Each addition that is not allowed is named, and each drop that is missing, with what is dropped."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """The default additions and required drops are put into every container, less what it drops itself."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values


STANDARDS = [
    pytest.param(
        21,
        {
            "containers": [
                a_container(
                    capabilities={
                        "add": [
                            *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"),
                            *("NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
                        ]
                    }
                )
            ]
        },
        {},
        id="the default set before 1.22",
    ),
    pytest.param(
        22,
        {
            "containers": [
                a_container(capabilities={"add": ["NET_BIND_SERVICE"], "drop": ["KILL", "ALL"]}),
                a_container("b", capabilities={"drop": ["ALL"]}),
            ]
        },
        {},
        id="all dropped",
    ),
    pytest.param(
        22,
        {
            "initContainers": [{"name": "i"}],
            "containers": [
                a_container(capabilities={"add": ["SYS_TIME", "KILL"], "drop": ["all"]}),
                a_container("b", capabilities={"add": ["NET_ADMIN"], "drop": ["ALL"]}),
                a_container("c", capabilities={"add": ["KILL"], "drop": ["ALL"]}),
            ],
        },
        {
            "capabilities_baseline": "non-default capabilities "
            '(containers "main", "b" must not include "NET_ADMIN", "SYS_TIME" in securityContext.capabilities.add)',
            "capabilities_restricted": "unrestricted capabilities "
            '(containers "i", "main" must set securityContext.capabilities.drop=["ALL"]; containers "main", "b", "c" '
            'must not include "KILL", "NET_ADMIN", "SYS_TIME" in securityContext.capabilities.add)',
        },
        id="both",
    ),
    pytest.param(
        24,
        {"os": {"name": "windows"}},
        {
            "capabilities_restricted": "unrestricted capabilities "
            '(container "main" must set securityContext.capabilities.drop=["ALL"])'
        },
        id="Windows up to 1.24",
    ),
    pytest.param(25, {"os": {"name": "windows"}}, {}, id="Windows from 1.25 on"),
    pytest.param(
        25,
        {"containers": [a_container(capabilities={"drop": ["ALL"], "add": ["CHOWN"]})]},
        {
            "capabilities_restricted": "unrestricted capabilities "
            '(container "main" must not include "CHOWN" in securityContext.capabilities.add)'
        },
        id="another from 1.25 on",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Adding beyond the list of the level is refused, and in restricted not dropping ALL."""
    assert told(CHECKS, minor, a_pod(**pod)) == said
