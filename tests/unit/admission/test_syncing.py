"""The API server's hand in a pod before Pod Security looks at it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pulumi_pod_security.admission.syncing import as_synced
from pulumi_pod_security.controls.pod import Pod, containers, security
from tests.unit.support.controls import a_container, a_pod

_KEY = "container.apparmor.security.beta.kubernetes.io/main"
_LOCAL = {"type": "Localhost", "localhostProfile": "x"}


def _profile(pod: Pod) -> Any:
    return [msgspec.to_builtins(security(container).app_armor_profile) for _, container in containers(pod)]


@pytest.mark.parametrize(
    ("annotation", "field"),
    [
        ("unconfined", {"type": "Unconfined"}),
        ("runtime/default", {"type": "RuntimeDefault"}),
        ("localhost/x", _LOCAL),
        ("localhost/", None),
        ("localhost/ x", None),
        ("localhost/x\n", None),
        (f"localhost/{'x' * 4095}", {"type": "Localhost", "localhostProfile": "x" * 4095}),
        (f"localhost/{'x' * 4096}", None),
        (f"localhost/{'ä' * 2048}", None),
        ("docker/default", None),
        ("", None),
    ],
)
def test_an_annotation_becomes_a_field(annotation: str, field: Any) -> None:
    """If it names a profile that the field can hold."""
    assert _profile(as_synced(a_pod(annotations={_KEY: annotation}))) == [field]


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(
            {"containers": [a_container(appArmorProfile={"type": "RuntimeDefault"})]}, id="a field of its own"
        ),
        pytest.param({"securityContext": {"appArmorProfile": _LOCAL}}, id="the pod's profile already"),
        pytest.param({"os": {"name": "windows"}}, id="for Windows"),
        pytest.param({"containers": [{"name": "other"}]}, id="another container"),
    ],
)
def test_a_pod_that_stays(spec: dict[str, Any]) -> None:
    """The annotation says nothing new, or is of no use there."""
    pod = a_pod(annotations={_KEY: "localhost/x"}, **spec)
    assert as_synced(pod) is pod


def test_another_profile_than_the_pods() -> None:
    """The container's goes before it, also in a pod that says it is for Linux."""
    pod = a_pod(annotations={_KEY: "unconfined"}, securityContext={"appArmorProfile": _LOCAL}, os={"name": "linux"})
    assert _profile(as_synced(pod)) == [{"type": "Unconfined"}]


def test_ports_of_the_node() -> None:
    """In the node's network every port is one, also of init containers, and other pods keep theirs."""
    lists: dict[str, Any] = {
        name: [{"name": name, "ports": [{"containerPort": 80}]}]
        for name in ("initContainers", "containers", "ephemeralContainers")
    }
    ported = as_synced(a_pod(hostNetwork=True, **lists))
    assert [port.host_port for _, container in containers(ported) for port in container.ports or ()] == [80, 80, None]
    alone = a_pod(hostNetwork=False, **lists)
    assert as_synced(alone) is alone


def test_both_at_once() -> None:
    """A port of the node and a profile."""
    pod = a_pod(
        annotations={_KEY: "unconfined"},
        hostNetwork=True,
        containers=[{"name": "main", "ports": [{"containerPort": 80}]}],
    )
    ((_, container),) = containers(as_synced(pod))
    assert container.ports is not None
    assert container.ports[0].host_port == 80
    assert _profile(as_synced(pod)) == [{"type": "Unconfined"}]


def test_a_pod_without_a_spec() -> None:
    """There is nothing to write into."""
    pod = Pod()
    assert as_synced(pod) is pod
