"""The difference between two pods, as places and values."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest

from pulumi_pod_security.admission.changes import Change, applied, changes
from pulumi_pod_security.controls.pod import Pod

_BEFORE: dict[str, Any] = {
    "metadata": {"name": "tried", "annotations": {"a": "1", "example.com/b": "2"}},
    "spec": {
        "containers": [{"name": "c0"}, {"name": "c1", "securityContext": {"capabilities": {"drop": ["KILL"]}}}],
        "securityContext": None,
        "tolerations": [{"key": "kept"}],
        "unknown": {"kept": True},
    },
}


def _case(*steps: str | int, value: Any, was: str, name: str) -> Any:
    return pytest.param(steps, value, was, id=name)


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        _case(
            *("spec", "securityContext", "seLinuxOptions"),
            value={},
            was="spec.securityContext.seLinuxOptions: {}",
            name="a struct without fields",
        ),
        _case("spec", "runtimeClassName", value="kata", was='spec.runtimeClassName: "kata"', name="a value"),
        _case("spec", "securityContext", "fsGroup", value=1, was="spec.securityContext.fsGroup: 1", name="below null"),
        _case(
            *("spec", "containers", 0, "securityContext", "readOnlyRootFilesystem"),
            value=True,
            was="spec.containers[0].securityContext.readOnlyRootFilesystem: true",
            name="of a container",
        ),
        _case(
            *("spec", "containers", 1, "securityContext", "capabilities", "drop"),
            value=["ALL", "KILL"],
            was='spec.containers[1].securityContext.capabilities.drop: ["ALL","KILL"]',
            name="a list",
        ),
        _case("metadata", "annotations", "a", value="2", was='metadata.annotations.a: "2"', name="another annotation"),
        _case(
            *("metadata", "annotations", "kubernetes.io/psp"),
            value="x",
            was='metadata.annotations[kubernetes.io/psp]: "x"',
            name="a new annotation",
        ),
        _case(
            "metadata", "annotations", "a", value=None, was="metadata.annotations.a: null", name="one annotation less"
        ),
        _case(
            *("metadata", "annotations", "dotted.key"),
            value="x",
            was='metadata.annotations[dotted.key]: "x"',
            name="a key with a dot",
        ),
        _case(
            *("metadata", "annotations", "a/b"),
            value="x",
            was='metadata.annotations[a/b]: "x"',
            name="a key with a slash",
        ),
        _case(
            *("spec", "containers", 1, "securityContext", "capabilities", "drop"),
            value=["ALL"],
            was='spec.containers[1].securityContext.capabilities.drop: ["ALL"]',
            name="a list of the same length",
        ),
        _case("metadata", "labels", "a", value="b", was='metadata.labels.a: "b"', name="the first label"),
        _case(
            *("spec", "volumes"),
            value=[{"name": "v", "emptyDir": {}}],
            was='spec.volumes: [{"name":"v","emptyDir":{}}]',
            name="the first volume",
        ),
        _case(
            "spec",
            "containers",
            1,
            "securityContext",
            "capabilities",
            "drop",
            value=None,
            was="spec.containers[1].securityContext.capabilities.drop: null",
            name="a list less",
        ),
    ],
)
def test_a_change_is_found_and_made(path: tuple[str | int, ...], value: Any, text: str) -> None:
    """A change that is made is found, alone, at its place; what a `Pod` does not have stays."""
    change = Change(path, value)
    after = applied(_BEFORE, [change])
    assert changes(msgspec.convert(_BEFORE, Pod), msgspec.convert(after, Pod)) == (change,)
    assert str(change) == text
    assert after["spec"]["unknown"] == {"kept": True}


def test_the_manifest_given_stays() -> None:
    """Neither the manifest nor a value of a change is shared with the result."""
    manifest, value = copy.deepcopy(_BEFORE), ["ALL"]
    change = Change(("spec", "containers", 1, "securityContext", "capabilities", "drop"), value)
    applied(manifest, [change])["spec"]["containers"][1]["securityContext"]["capabilities"]["drop"].append("KILL")
    assert manifest == _BEFORE
    assert value == ["ALL"]
    volumes = [{"name": "v"}]
    applied(manifest, [Change(("spec", "volumes"), volumes)])["spec"]["volumes"][0]["name"] = "w"
    assert volumes == [{"name": "v"}]


def test_what_is_not_there_need_not_go() -> None:
    """A manifest that leaves out what another has as null takes the same changes."""
    assert applied({"spec": {}}, [Change(("spec", "securityContext"), None)]) == {"spec": {}}


def test_the_same_pod_has_no_changes() -> None:
    """Equal pods do not differ, one object or two, and null is no value."""
    pod = msgspec.convert(_BEFORE, Pod)
    assert changes(pod, pod) == changes(pod, msgspec.convert(_BEFORE, Pod)) == ()
    assert changes(Pod(), msgspec.convert({"metadata": None, "spec": None}, Pod)) == ()


def test_another_number_of_containers() -> None:
    """A list that grew is one value."""
    after = copy.deepcopy(_BEFORE)
    after["spec"]["containers"].append({"name": "c2"})
    found = changes(msgspec.convert(_BEFORE, Pod), msgspec.convert(after, Pod))
    assert [(change.path, len(change.value)) for change in found] == [(("spec", "containers"), 3)]
