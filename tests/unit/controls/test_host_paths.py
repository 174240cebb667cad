"""Prefixes of host paths."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.host_paths import CHECKS, CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_pod, a_policy, judged, reason
from tests.unit.support.standards import told


def _asked(*prefixes: str, **more: Any) -> dict[str, Any]:
    return {"volumes": ["hostPath"], "allowedHostPaths": [{"pathPrefix": prefix, **more} for prefix in prefixes]}


def _host(path: str | None, *mounts: bool | None) -> dict[str, Any]:
    mounted = [{"name": "host", "mountPath": f"/{index}", "readOnly": each} for index, each in enumerate(mounts)]
    volumes = [{"name": "other", "emptyDir": {}}, {"name": "host", "hostPath": {"path": path}}]
    other = {"name": "other", "mountPath": "/other"}
    return {"volumes": volumes, "containers": [{"name": "main", "volumeMounts": [other, *mounted]}]}


def _refusal(printed: str) -> Reason:
    path = "spec.volumes[1].hostPath.pathPrefix"
    return reason(path, "Invalid value", printed, "is not allowed to be used")


def _writable(path: str) -> Reason:
    return reason(f"{path}.readOnly", "Invalid value", "false", "must be read-only")


_READ_ONLY_AND_WRITABLE = [{"pathPrefix": "/var", "readOnly": True}, {"pathPrefix": "/var/log", "readOnly": False}]

_THREE = {"config": "/etc", "tools": "/usr", "logs": "/var/log"}

ACCEPTED = [
    *(
        pytest.param(_asked(prefix), _host(path), id=f"{path} below {prefix}")
        for prefix, path in (
            ("/var", "/var"),
            ("/var", "/var/"),
            ("/var/", "/var"),
            ("/var", "/var/log"),
            ("/var/", "/var/log/"),
            ("/", "/var"),
            ("/", "/"),
            ("relative", "relative/path"),
        )
    ),
    pytest.param({"volumes": ["hostPath"]}, _host("/etc"), id="left out"),
    pytest.param(_asked(), _host("/etc"), id="no prefixes"),
    pytest.param({"allowedHostPaths": [{"pathPrefix": "/var"}]}, _host("/etc"), id="host paths are refused as such"),
    pytest.param(_asked("/etc", "/var"), _host("/var/log", True, False, None), id="the second prefix"),
    pytest.param(_asked("/var", readOnly=True), _host("/var", True, True), id="read-only mounts"),
    pytest.param(_asked("/var", readOnly=True), _host("/var"), id="no mounts"),
    pytest.param(
        {"volumes": ["*"], "allowedHostPaths": _READ_ONLY_AND_WRITABLE}, _host("/var/log", False), id="any is writable"
    ),
    pytest.param(
        _asked("/var"),
        {"volumes": [{"name": "host", "nfs": {}}]},
        id="another kind",
    ),
]

REFUSED = [
    pytest.param(_asked("/var//"), _host("/var/"), [_refusal('"/var/"')], id="one slash of two"),
    *(
        pytest.param(_asked(prefix), _host(path), [_refusal(f'"{path}"')], id=f"{path} beside {prefix}")
        for prefix, path in (
            ("/var", "/varlog"),
            ("/var", "/"),
            ("/var", "/va"),
            ("/var/log", "/var"),
            ("/var//", "/var"),
            ("relative", "/relative"),
            ("/", "relative"),
        )
    ),
    pytest.param(_asked("/var"), _host('/a"b\\'), [_refusal('"/a\\"b\\\\"')], id="a path in quotes"),
    pytest.param(_asked("/var"), _host(None), [_refusal('""')], id="no path"),
    pytest.param(
        {**_asked("/var"), "volumes": ["*"]}, _host("/etc"), [_refusal('"/etc"')], id="where every kind may be used"
    ),
    pytest.param(
        _asked("/var", readOnly=True),
        _host("/var/log", True, False, None),
        [_writable("spec.containers[0].volumeMounts[2]"), _writable("spec.containers[0].volumeMounts[3]")],
        id="writable mounts",
    ),
    pytest.param(
        {"volumes": ["hostPath"], "allowedHostPaths": _READ_ONLY_AND_WRITABLE},
        {
            "volumes": [{"name": "host", "hostPath": {"path": "/var/lib"}}],
            "initContainers": [{"name": "init", "volumeMounts": [{"name": "host"}]}],
        },
        [_writable("spec.initContainers[0].volumeMounts[0]")],
        id="only the read-only one matches",
    ),
    pytest.param(
        _asked("/var", readOnly=True),
        {
            "volumes": [{"name": name, "hostPath": {"path": path}} for name, path in _THREE.items()],
            "containers": [{"name": "main", "volumeMounts": [{"name": "logs"}]}],
        },
        [
            reason("spec.volumes[0].hostPath.pathPrefix", "Invalid value", '"/etc"', "is not allowed to be used"),
            reason("spec.volumes[1].hostPath.pathPrefix", "Invalid value", '"/usr"', "is not allowed to be used"),
            _writable("spec.containers[0].volumeMounts[0]"),
        ],
        id="one after the other",
    ),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A path below a prefix, by whole elements, may be mounted; read-only where every matching prefix is."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """A path below none is named, and so is every writable mount of a read-only one."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


STANDARDS = [
    pytest.param(0, {"volumes": [{"name": "a", "emptyDir": {}}]}, {}, id="another kind"),
    pytest.param(
        0,
        {"volumes": [{"name": "a", "hostPath": {"path": "/"}}, {"name": "b"}, {"name": "c", "hostPath": {}}]},
        {"hostPathVolumes": 'hostPath volumes (volumes "a", "c")'},
        id="two",
    ),
    pytest.param(
        36,
        {"volumes": [{"name": "a", "hostPath": {"path": "/"}}]},
        {"hostPathVolumes": 'hostPath volumes (volume "a")'},
        id="one",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Each volume with a path of the node is named, whatever the path."""
    assert told(CHECKS, minor, a_pod(**pod)) == said
