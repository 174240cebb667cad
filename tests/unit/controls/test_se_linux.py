"""The SELinux label."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.controls.se_linux import CHECKS, CONTROL
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, reason, written
from tests.unit.support.standards import told

_LABEL = {"user": "u", "role": "r", "type": "t", "level": "s0:c1,c2"}
_ANY = {"seLinux": {"rule": "RunAsAny", "seLinuxOptions": _LABEL}}
_MUST = {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": _LABEL}}
_POD = "spec.securityContext.seLinuxOptions"
_CONTAINER = "spec.containers[0].securityContext.seLinuxOptions"


def _level(level: str) -> dict[str, Any]:
    return {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": level}}}


def _pod(label: dict[str, Any], *containers: dict[str, Any]) -> dict[str, Any]:
    return {"securityContext": {"seLinuxOptions": label}, "containers": list(containers or ({"name": "main"},))}


def _wrong(path: str, given: str, asked: str) -> Reason:
    return reason(path, "Invalid value", f'"{given}"', f"must be {asked}")


def _both(part: str, given: str, asked: str) -> list[Reason]:
    return [_wrong(f"{path}.{part}", given, asked) for path in (_POD, _CONTAINER)]


ACCEPTED = [
    pytest.param({}, _pod({"level": "s9"}), id="any"),
    pytest.param(_ANY, _pod({"level": "s9"}), id="any, whatever label it names"),
    pytest.param(_MUST, _pod(_LABEL), id="the same"),
    pytest.param(_MUST, _pod(_LABEL, a_container(seLinuxOptions=_LABEL)), id="the container's, too"),
    pytest.param(_MUST, _pod({**_LABEL, "level": "s0:c2,c1"}), id="categories in another order"),
    pytest.param(_level("s0:c1:c2,c3"), _pod({"level": "s0:c3,c1:c2"}), id="categories with a colon"),
    pytest.param(_level(""), _pod({}), id="nothing asked for, nothing given"),
    pytest.param(_level("s0"), _pod({"level": "s0", "user": ""}), id="no user either way"),
]

REFUSED = [
    pytest.param(
        {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"user": "u"}}},
        _pod({"user": "x"}),
        _both("user", "x", "u"),
        id="no level either way",
    ),
    *(
        pytest.param(_MUST, _pod({**_LABEL, part: "x"}), _both(part, "x", _LABEL[part]), id=f"another {part}")
        for part in _LABEL
    ),
    *(
        pytest.param(_level(asked), _pod({"level": given}), _both("level", given, asked), id=f"{given} for {asked}")
        for asked, given in (
            ("s0:c1,c2", "s0:c1"),
            ("s0:c1,c2", "s1:c1,c2"),
            ("s0:c1", "s0"),
            ("s0", "s0:c1"),
            ("s0", "s0:"),
            ("s0:c1:c2", "s0:c2:c1"),
        )
    ),
    pytest.param(_level("s0"), _pod({}), _both("level", "", "s0"), id="no level"),
    pytest.param(_level("s0"), _pod({"level": "s0", "user": "u"}), _both("user", "u", ""), id="a user, and none asked"),
    pytest.param(
        _MUST,
        _pod({"level": "x", "role": "x", "type": "x", "user": "x"}),
        [
            _wrong(f"{path}.{part}", "x", _LABEL[part])
            for path in (_POD, _CONTAINER)
            for part in ("level", "role", "type", "user")
        ],
        id="all four",
    ),
    pytest.param(
        _MUST,
        _pod(_LABEL, a_container(seLinuxOptions={**_LABEL, "type": None})),
        [_wrong(f"{_CONTAINER}.type", "", "t")],
        id="a container's own",
    ),
    pytest.param(_MUST, {}, [reason(_POD, "Required value"), reason(_CONTAINER, "Required value")], id="none"),
]

WRITTEN = [
    pytest.param({}, {}, {}, id="any"),
    pytest.param(_ANY, {}, {}, id="any, whatever label it names"),
    pytest.param(
        _MUST, {}, {f"spec.securityContext.seLinuxOptions.{part}": value for part, value in _LABEL.items()}, id="none"
    ),
    pytest.param(_MUST, _pod({"level": "s9"}), {}, id="another is left alone"),
    pytest.param(_MUST, _pod({}), {}, id="an empty one is left alone"),
    pytest.param(
        {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0", "user": ""}}},
        {"containers": [a_container(seLinuxOptions=_LABEL)]},
        {"spec.securityContext.seLinuxOptions.level": "s0"},
        id="at the pod, whatever its containers have",
    ),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """The label is the policy's, the categories of its level in any order."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """Each part that differs is named, at the pod and at every container that has it."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """A pod without a label gets the policy's."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values


STANDARDS = [
    pytest.param(0, {"securityContext": {"seLinuxOptions": {"level": "s0"}}}, {}, id="a level"),
    *(
        pytest.param(0, {"containers": [a_container(seLinuxOptions={"type": kind})]}, {}, id=kind or "no type")
        for kind in ("", "container_t", "container_init_t", "container_kvm_t")
    ),
    pytest.param(
        30,
        {"securityContext": {"seLinuxOptions": {"type": "container_engine_t"}}},
        {
            "seLinuxOptions": "seLinuxOptions "
            '(pod set forbidden securityContext.seLinuxOptions: type "container_engine_t")'
        },
        id="engines up to 1.30",
    ),
    pytest.param(
        31, {"securityContext": {"seLinuxOptions": {"type": "container_engine_t"}}}, {}, id="engines from 1.31 on"
    ),
    *(
        pytest.param(
            31,
            {"containers": [a_container(seLinuxOptions={"type": kind})]},
            {},
            id=f"{kind or 'no type'} from 1.31 on",
        )
        for kind in ("", "container_t", "container_init_t", "container_kvm_t")
    ),
    pytest.param(
        36,
        {
            "securityContext": {"seLinuxOptions": {"type": "z"}},
            "containers": [
                a_container(seLinuxOptions={"type": "a", "user": "u"}),
                a_container("b", seLinuxOptions={"role": "r"}),
                a_container("c", seLinuxOptions={"user": "", "role": ""}),
            ],
        },
        {
            "seLinuxOptions": 'seLinuxOptions (pod and containers "main", "b" set forbidden '
            'securityContext.seLinuxOptions: types "a", "z"; user may not be set; role may not be set)'
        },
        id="everything",
    ),
    pytest.param(
        36,
        {"containers": [a_container(seLinuxOptions={"role": "r"})]},
        {
            "seLinuxOptions": "seLinuxOptions "
            '(container "main" set forbidden securityContext.seLinuxOptions: role may not be set)'
        },
        id="a role alone",
    ),
    pytest.param(
        36,
        {"securityContext": {"seLinuxOptions": {"user": "u"}}},
        {"seLinuxOptions": "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: user may not be set)"},
        id="a user alone",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Users, roles and foreign types are refused, by whom they are set."""
    assert told(CHECKS, minor, a_pod(**pod)) == said
