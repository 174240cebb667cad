"""A policy as a server gives it back."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.errors import InvalidPolicy
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import as_sent, as_stored, from_server
from tests.fixtures.policy_cases import case, minimal, spec


def test_what_the_server_writes_itself_is_left_out() -> None:
    """An object of a list, with the server's own metadata and no apiVersion, is the policy that was sent."""
    found = presets.restricted().to_manifest()
    del found["apiVersion"], found["kind"]
    found["metadata"] |= {"uid": "1", "resourceVersion": "2", "creationTimestamp": "x", "managedFields": [{}]}
    assert from_server(found) == presets.restricted()


@pytest.mark.parametrize(
    "found", [{}, {"metadata": None}, {"metadata": [], "spec": {}}, None, 3, "a", [{}], {"metadata": {"name": 3}}]
)
def test_what_is_no_object_is_refused(found: Any) -> None:
    """Something else than an object is refused with faults."""
    with pytest.raises(InvalidPolicy):
        from_server(found)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("volumes", [3]),
        ("volumes", {"a": 1}),
        ("hostPorts", [None]),
        ("runAsUser", "RunAsAny"),
        ("fsGroup", {"rule": ["RunAsAny"]}),
        ("privileged", "true"),
        ("allowedHostPaths", [{"pathPrefix": ["/"]}]),
        ("allowedUnsafeSysctls", [[]]),
        ("runtimeClass", {"allowedRuntimeClassNames": [{}]}),
    ],
)
def test_a_stored_field_of_a_wrong_type_is_named(field: str, value: Any) -> None:
    """What stands in a field that cannot hold it is a fault at its path, for preflight to report."""
    found = case("", spec(field, value)).manifest()
    with pytest.raises(InvalidPolicy) as refusal:
        from_server(found)
    assert all(fault.path.startswith(f"spec.{field}") for fault in refusal.value.faults)


def test_what_the_server_changes() -> None:
    """False and empty are left out, escalation is filled in, and proc mount types are dropped."""
    sent = case(
        "",
        *(spec(name, False) for name in ("privileged", "hostPID", "readOnlyRootFilesystem")),
        spec("defaultAllowPrivilegeEscalation", False),
        spec("volumes", []),
        spec("allowedProcMountTypes", ["Unmasked"]),
        spec("hostPorts", [{"min": 0, "max": 0}]),
        spec("allowedHostPaths", [{"pathPrefix": "/var", "readOnly": False}]),
        spec("seLinux", {"rule": "MustRunAs", "seLinuxOptions": {"user": "", "level": "s0"}}),
    )
    kept = as_stored(PodSecurityPolicy.from_manifest(sent.manifest())).to_manifest()
    assert kept["spec"] == {
        **minimal()["spec"],
        "defaultAllowPrivilegeEscalation": False,
        "allowPrivilegeEscalation": True,
        "hostPorts": [{"min": 0, "max": 0}],
        "allowedHostPaths": [{"pathPrefix": "/var"}],
        "seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0"}},
    }


def test_escalation_that_is_not_allowed_is_kept() -> None:
    """False is kept where it is not what leaving the field out means."""
    sent = PodSecurityPolicy.from_manifest(case("", spec("allowPrivilegeEscalation", False)).manifest())
    assert as_stored(sent) == sent


def test_what_is_sent_is_what_is_kept() -> None:
    """But for proc mount types, which a server keeps if its gate is on; what is sent again is the same."""
    unmasked = spec("allowedProcMountTypes", ["Unmasked"])
    written = PodSecurityPolicy.from_manifest(case("", spec("hostPID", False), unmasked).manifest())
    sent = as_sent(written)
    assert sent.spec.host_pid is None
    assert sent.to_manifest()["spec"]["allowedProcMountTypes"] == ["Unmasked"]
    assert as_stored(sent) == as_stored(written)
    assert as_sent(sent) == sent
