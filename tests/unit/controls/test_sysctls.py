"""Sysctls."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.controls.sysctls import CHECKS, CONTROL
from tests.unit.support.controls import a_pod, a_policy, judged, reason
from tests.unit.support.standards import told

_SAFE = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
)


def _pod(*names: str) -> dict[str, Any]:
    return {"securityContext": {"sysctls": [{"name": name, "value": "1"} for name in names]}}


def _refusal(index: int, detail: str) -> Reason:
    return reason(f"pod.spec.securityContext.sysctls[{index}]", "Forbidden", None, detail)


ACCEPTED = [
    pytest.param({}, {}, id="none"),
    pytest.param({}, _pod(*_SAFE), id="the safe ones"),
    pytest.param({"allowedUnsafeSysctls": ["kernel.msgmax"]}, _pod("kernel.msgmax"), id="allowed"),
    pytest.param({"allowedUnsafeSysctls": ["kernel.*"]}, _pod("kernel.msgmax", "kernel."), id="a pattern"),
    pytest.param({"allowedUnsafeSysctls": ["*"]}, _pod("kernel.msgmax"), id="all"),
    pytest.param(
        {"allowedUnsafeSysctls": ["net.core.*"], "forbiddenSysctls": ["net.ipv4.*"]},
        _pod("net.core.x"),
        id="not forbidden",
    ),
]

REFUSED = [
    pytest.param(
        {},
        _pod("net.ipv4.tcp_syncookies", "kernel.msgmax"),
        [_refusal(1, 'unsafe sysctl "kernel.msgmax" is not allowed')],
        id="unsafe",
    ),
    pytest.param(
        {"allowedUnsafeSysctls": ["kernel.msgmax", "net.core*"]},
        _pod("kernel.msgmaxx", "kernel.ms", "net.cor"),
        [
            _refusal(0, 'unsafe sysctl "kernel.msgmaxx" is not allowed'),
            _refusal(1, 'unsafe sysctl "kernel.ms" is not allowed'),
            _refusal(2, 'unsafe sysctl "net.cor" is not allowed'),
        ],
        id="like one that is allowed",
    ),
    pytest.param(
        {"forbiddenSysctls": ["net.ipv4.*", "kernel.shm_rmid_forced"]},
        _pod(*_SAFE[:2]),
        [_refusal(index, f'sysctl "{name}" is not allowed') for index, name in enumerate(_SAFE[:2])],
        id="safe and forbidden",
    ),
    pytest.param(
        {"forbiddenSysctls": ["*"]}, _pod('a"b'), [_refusal(0, 'sysctl "a\\"b" is not allowed')], id="all forbidden"
    ),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """Safe sysctls and allowed ones may be set."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """Forbidden ones are told from unsafe ones, by their place."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


STANDARDS = [
    *(
        pytest.param(minor, {"securityContext": {"sysctls": [{"name": name}]}}, said, id=f"{name} in 1.{minor}")
        for name, since in (
            ("kernel.shm_rmid_forced", 0),
            ("net.ipv4.ip_local_port_range", 0),
            ("net.ipv4.tcp_syncookies", 0),
            ("net.ipv4.ping_group_range", 0),
            ("net.ipv4.ip_unprivileged_port_start", 0),
            ("net.ipv4.ip_local_reserved_ports", 27),
            ("net.ipv4.tcp_keepalive_time", 29),
            ("net.ipv4.tcp_fin_timeout", 29),
            ("net.ipv4.tcp_keepalive_intvl", 29),
            ("net.ipv4.tcp_keepalive_probes", 29),
            ("net.ipv4.tcp_rmem", 32),
            ("net.ipv4.tcp_wmem", 32),
        )
        for minor, said in ((since, {}), (since - 1, {"sysctls": f"forbidden sysctls ({name})"}))
        if minor >= 0
    ),
    pytest.param(
        36,
        {"securityContext": {"sysctls": [{"name": "kernel.sem"}, {"name": "a.b"}, {"name": "kernel.sem"}]}},
        {"sysctls": "forbidden sysctls (kernel.sem, a.b, kernel.sem)"},
        id="many, as they come",
    ),
    pytest.param(36, {}, {}, id="none"),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Each sysctl is named that was not safe in the version."""
    assert told(CHECKS, minor, a_pod(**pod)) == said
