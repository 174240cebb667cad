"""What is secret in a document is in no fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_pod_security import check, presets
from pulumi_pod_security.admission.conversion import described
from pulumi_pod_security.admission.documents import documents
from pulumi_pod_security.errors import Fault

POD: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}
HIDDEN = [{"name": "PASSWORD", "value": "hunter2"}]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"name": "a", "env": HIDDEN}, "a mapping with name, env"),
        ({}, {}),
        (HIDDEN, "a list of 1"),
        ([], []),
        ("text", "text"),
        (None, None),
    ],
)
def test_of_a_collection_its_form_is_told(value: object, told: object) -> None:
    """Keys tell which one it is; a text is what somebody has to mend."""
    assert described(value) == told


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({**POD, "spec": {"containers": {"name": "a", "env": HIDDEN}}}, id="spec"),
        pytest.param({**POD, "kind": HIDDEN}, id="kind"),
        pytest.param({"apiVersion": "v1", "kind": "List", "items": {"a": HIDDEN}}, id="items"),
        pytest.param({"apiVersion": "v1", "kind": "List", "items": [HIDDEN]}, id="item"),
        pytest.param(HIDDEN, id="array"),
        pytest.param({**POD, "data": HIDDEN, "other": object()}, id="no plain data"),
    ],
)
def test_values_are_in_no_fault(given: Any) -> None:
    """Wherever the wrong collection stands."""
    (fault,) = check([given, presets.default()]).faults
    assert "hunter2" not in str(fault)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ('a: 1\npassword: "hunter2" oops\n', 2, "password"),
        ('password:\n  "hunter2" oops\n', 2, "a line without a key"),
        (json.dumps({"password": "hunter2"})[:-1] + "]", 1, '{"password"'),
    ],
)
def test_of_a_broken_line_the_key_is_told(tmp_path: Any, text: str, line: int, told: str) -> None:
    """And its number."""
    file = tmp_path / "x.yaml"
    file.write_text(text)
    (fault,) = documents([file])
    assert isinstance(fault, Fault)
    assert (fault.path, fault.value) == (f"{file}, line {line}", told)
    assert "hunter2" not in str(fault)
