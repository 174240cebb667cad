"""The concerns together: every control and every check is in one, and each tells a policy from a level."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.controls import CONTROLS
from pulumi_pod_security.controls.comparison import CONCERNS, PLAIN, Concern, Containment, compare
from pulumi_pod_security.controls.comparison.concern import Difference, Use, fresh
from pulumi_pod_security.controls.standards import CHECKS, NEWEST, STANDARDS
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.profiles import APPARMOR, SECCOMP
from tests.unit.support.controls import a_policy

BASELINE, RESTRICTED = STANDARDS["baseline"][NEWEST], STANDARDS["restricted"][NEWEST]
OPEN: dict[str, Any] = {
    **dict.fromkeys(("privileged", "hostNetwork", "hostPID", "hostIPC"), True),
    "hostPorts": [{"min": 0, "max": 65535}],
    "volumes": ["*"],
    "allowedCapabilities": ["*"],
    "allowedUnsafeSysctls": ["*"],
    "allowedProcMountTypes": ["Default", "Unmasked"],
}
_ONE_TO_NINE = [{"min": 1, "max": 9}]
NARROWED: dict[str, dict[str, Any]] = {
    "privileged": {"privileged": False},
    "privilege_escalation": {"allowPrivilegeEscalation": False},
    "read_only_root_filesystem": {"readOnlyRootFilesystem": True},
    "proc_mount": {"allowedProcMountTypes": ["Default"]},
    "host_namespaces": {"hostPID": False},
    "host_ports": {"hostPorts": [{"min": 80, "max": 65535}]},
    "volumes": {"allowedCSIDrivers": [{"name": "csi.example.com"}]},
    "capabilities": {"allowedCapabilities": ["CHOWN"]},
    "run_as_user": {"runAsUser": {"rule": "MustRunAs", "ranges": _ONE_TO_NINE}},
    "fs_group": {"fsGroup": {"rule": "MayRunAs", "ranges": _ONE_TO_NINE}},
    "supplemental_groups": {"supplementalGroups": {"rule": "MustRunAs", "ranges": _ONE_TO_NINE}},
    "run_as_group": {"runAsGroup": {"rule": "MustRunAs", "ranges": _ONE_TO_NINE}},
    "se_linux": {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0"}}},
    "sysctls": {"allowedUnsafeSysctls": ["net.*"]},
    "runtime_class": {"runtimeClass": {"allowedRuntimeClassNames": ["gvisor"]}},
}


def an_open_policy(annotations: dict[str, str] | None = None, **spec: Any) -> PodSecurityPolicy:
    """A policy that refuses nothing and writes nothing, but for this."""
    return a_policy("open", {SECCOMP.allowed: "*", **(annotations or {})}, **{**OPEN, **spec})


def concerned(found: tuple[Containment, ...], name: str) -> Containment:
    """What was found in the concern of that name."""
    return next(one for one in found if one.concern == name)


def test_every_control_and_every_check_is_in_one_concern() -> None:
    """None is forgotten, and none is judged twice."""
    controls = Counter(control.id for concern in CONCERNS for control in concern.controls)
    assert controls == dict.fromkeys((control.id for control in CONTROLS), 1)
    checks = Counter(check.id for concern in CONCERNS for check in concern.checks)
    assert checks == dict.fromkeys((check.id for check in CHECKS), 1)
    assert len({concern.id for concern in CONCERNS}) == len(CONCERNS)
    assert {concern.id for concern in CONCERNS if not concern.controls} == {"host_probes", "windows_host_process"}


def test_every_module_of_a_concern_is_used() -> None:
    """A file that nobody reads would be a concern that is not compared."""
    folder = Path(__file__).parents[4] / "components/pulumi_pod_security/controls/comparison"
    files = {file.stem for file in folder.glob("*.py")} - {"__init__", "changing", "concern", "covering", "numbers"}
    own = {concern.uses.__module__.rpartition(".")[2] for concern in CONCERNS}
    assert files == own


@pytest.mark.parametrize("concern", CONCERNS, ids=lambda concern: concern.id)
def test_ways_are_told_apart(concern: Concern) -> None:
    """No two ways of a concern read alike, and each is one of a pod with the container that it is made of."""
    ways = list(concern.uses(an_open_policy()))
    assert ways
    assert len({(way.what, way.example) for way in ways}) == len(ways)
    for way in ways:
        pod = way.change(PLAIN)
        assert pod.spec is not None
        assert [each.name for each in pod.spec.containers or ()] == ["app"]


def test_an_open_policy_is_the_privileged_level() -> None:
    """Nothing is refused and nothing written, on either side."""
    assert [one.concern for one in compare(an_open_policy(), {}) if one.allowed or one.refuses] == []


@pytest.mark.parametrize(("name", "spec"), NARROWED.items(), ids=NARROWED)
def test_a_narrowed_control_is_newly_open_at_the_privileged_level(name: str, spec: dict[str, Any]) -> None:
    """That concern is told and no other."""
    found = compare(an_open_policy(**spec), {})
    assert [one.concern for one in found if one.allowed] == [name]
    assert [one.concern for one in found if one.refuses] == []


@pytest.mark.parametrize(("name", "key"), [("seccomp", SECCOMP.allowed), ("app_armor", APPARMOR.allowed)])
def test_a_list_of_profiles_is_newly_open_at_the_privileged_level(name: str, key: str) -> None:
    """The annotations are fields of a policy like the others."""
    found = compare(an_open_policy({key: "runtime/default"}), {})
    assert [one.concern for one in found if one.allowed] == [name]


def test_the_baseline_level_refuses_what_an_open_policy_admits() -> None:
    """In every concern that has a check of that level."""
    found = {one.concern for one in compare(an_open_policy(), BASELINE) if one.refused}
    checked = {concern.id for concern in CONCERNS if any(check.level == "baseline" for check in concern.checks)}
    assert found == checked


def test_what_the_policy_writes_and_the_level_asks_for_is_told_apart() -> None:
    """Pods can say it themselves; what the policy does not write they must give up."""
    asking = a_policy(allowPrivilegeEscalation=False, requiredDropCapabilities=["ALL"])
    found = compare(asking, RESTRICTED)
    assert list(map(str, concerned(found, "privilege_escalation").unwritten)) == [
        "containers that say nothing of privilege escalation"
    ]
    assert list(map(str, concerned(found, "capabilities").unwritten)) == [
        "containers that do not drop ALL capabilities"
    ]
    assert not concerned(found, "capabilities").refused
    silent = concerned(compare(a_policy(), RESTRICTED), "capabilities")
    assert [one.what for one in silent.refused] == ["containers that do not drop ALL capabilities"]


TOLD = {
    "ports": ("host_ports", {"hostPorts": [{"min": 80, "max": 90}]}, "refused", ["ports of the node, such as 80, 90"]),
    "paths": (
        "volumes",
        {"volumes": ["hostPath"], "allowedHostPaths": [{"pathPrefix": "/var/log", "readOnly": True}]},
        "refused",
        ["paths of the node, such as /var/log"],
    ),
    "drivers": (
        "volumes",
        {"volumes": ["flexVolume"], "allowedFlexVolumes": [{"driver": "a/b"}]},
        "refused",
        [],
    ),
    "token": ("volumes", {"volumes": ["secret"]}, "refused", []),
    "capabilities": (
        "capabilities",
        {"allowedCapabilities": ["SYS_TIME"], "defaultAddCapabilities": ["KILL"]},
        "refused",
        ["added capabilities, such as SYS_TIME", "added capabilities with ALL others dropped, such as SYS_TIME"],
    ),
    "sysctls": (
        "sysctls",
        {"allowedUnsafeSysctls": ["kernel.msg*"], "forbiddenSysctls": ["net.*"]},
        "refused",
        ["sysctls, such as kernel.msg, kernel.msga, kernel.msgmax"],
    ),
    "forbidden": (
        "sysctls",
        {"forbiddenSysctls": ["net.ipv4.tcp_s*"], "allowedUnsafeSysctls": ["net.ipv4.ip_*", "net.ipv4.tcp_f*"]},
        "allowed",
        [
            "sysctls, such as net.ipv4.tcp_keepalive_intvl, net.ipv4.tcp_keepalive_probes, "
            "net.ipv4.tcp_keepalive_time, net.ipv4.tcp_rmem, net.ipv4.tcp_syncookies and 1 more"
        ],
    ),
    "label": (
        "se_linux",
        {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"type": "spc_t"}}},
        "refused",
        ["the policy's own SELinux label", "SELinux types of no container, such as spc_t"],
    ),
    "root": (
        "run_as_user",
        {"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 0, "max": 9}]}},
        "allowed",
        [],
    ),
}


@pytest.mark.parametrize(("name", "spec", "side", "told"), TOLD.values(), ids=TOLD)
def test_differences_from_baseline_are_told_with_examples(
    name: str, spec: dict[str, Any], side: str, told: list[str]
) -> None:
    """Those of the policy's own values first of all."""
    found = concerned(compare(a_policy(**spec), BASELINE), name)
    if side == "allowed" and not told:
        assert getattr(found, side)
        return
    assert list(map(str, getattr(found, side))) == told


def test_few_examples_are_told() -> None:
    """And how many more there are."""
    ways = tuple(Use(what="sorts", example=str(number), change=lambda pod: pod) for number in (1, 2, 3, 4, 5, 5, 6, 7))
    assert str(Difference(what="sorts", uses=ways)) == "sorts, such as 1, 2, 3, 4, 5 and 2 more"
    assert str(Difference(what="sorts", uses=(Use(what="sorts", change=lambda pod: pod),))) == "sorts"


def test_a_fresh_name_is_none_of_those_that_are_taken() -> None:
    """Whatever they are."""
    assert fresh("other", ["other", "otherx"]) == "otherxx"
