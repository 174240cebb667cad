"""The controls together: all of them, each once, and nothing of a policy left over."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pulumi_pod_security.controls import CONTROLS
from pulumi_pod_security.controls.control import Control, unchanged
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.profiles import APPARMOR, SECCOMP
from pulumi_pod_security.policy.spec import PodSecurityPolicySpec
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, modules, written

_HERE = Path(__file__).parent
_EVERYTHING = a_policy(
    annotations={SECCOMP.allowed: "*"},
    privileged=True,
    hostNetwork=True,
    hostPID=True,
    hostIPC=True,
    hostPorts=[{"min": 0, "max": 65535}],
    volumes=["*"],
    allowedCapabilities=["*"],
    allowedUnsafeSysctls=["*"],
)

_SOME_OF_EVERYTHING = a_policy(
    annotations={SECCOMP.allowed: "*"},
    volumes=["csi", "flexVolume", "hostPath"],
    allowedCSIDrivers=[{"name": "example.com"}],
    allowedFlexVolumes=[{"driver": "example/driver"}],
    allowedHostPaths=[{"pathPrefix": "/var"}],
    runtimeClass={"allowedRuntimeClassNames": ["kata"]},
)


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def test_every_control_is_called_like_its_module() -> None:
    """A module with a control is listed, once, and the control's id is the module's name."""
    found = {name: module.CONTROL for name, module in modules().items() if hasattr(module, "CONTROL")}
    assert {name: control.id for name, control in found.items()} == {name: name for name in found}
    assert sorted(control.id for control in CONTROLS) == sorted(found)


def test_everything_a_policy_says_is_claimed_once() -> None:
    """Each field of the spec and each profile annotation belongs to one control."""
    fields = dataclasses.fields(PodSecurityPolicySpec)
    spelled = [field.metadata.get("name") or _camel_case(field.name) for field in fields]
    claimed = [field for control in CONTROLS for field in control.psp_fields]
    profiles = [key for keys in (SECCOMP, APPARMOR) for key in (keys.allowed, keys.default)]
    assert sorted(claimed) == sorted([*spelled, *profiles])


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_every_control_has_its_cases(control: Control[Any]) -> None:
    """A control comes with tables of what it accepts and refuses, and of what it writes if it writes."""
    cases = (_HERE / f"test_{control.id}.py").read_text(encoding="utf-8")
    assert {"ACCEPTED = [", "REFUSED = ["} <= set(cases.splitlines())
    assert ("WRITTEN = [" in cases.splitlines()) == (control.default is not unchanged)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_a_policy_that_allows_everything(control: Control[Any]) -> None:
    """No control has anything against a pod, or writes into it, where the policy allows everything."""
    wild = a_container(privileged=True, capabilities={"add": ["ALL"]}, runAsUser=0)
    pod = a_pod(
        hostNetwork=True,
        hostPID=True,
        hostIPC=True,
        containers=[{**wild, "ports": [{"hostPort": 1}]}],
        volumes=[{"name": "host", "hostPath": {"path": "/"}}],
        securityContext={"sysctls": [{"name": "kernel.msgmax"}], "supplementalGroups": [0]},
        runtimeClassName="kata",
    )
    assert judged(control, _EVERYTHING, pod) == []
    assert written(control, _EVERYTHING, pod) == {}


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
@pytest.mark.parametrize("policy", [_EVERYTHING, _SOME_OF_EVERYTHING], ids=["everything", "some of everything"])
@pytest.mark.parametrize("manifest", [{}, {"spec": None, "metadata": None}, {"spec": {"containers": None}}])
def test_a_pod_that_says_nothing(control: Control[Any], policy: PodSecurityPolicy, manifest: dict[str, Any]) -> None:
    """A pod without a spec, or with nothing in it, is judged like any other."""
    pod = msgspec.convert(manifest, Pod)
    assert judged(control, policy, pod) == []
    assert written(control, policy, pod) == {}
