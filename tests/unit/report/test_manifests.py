"""Manifests as text, and what readers make of it."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pulumi_pod_security.report.manifests import manifests_json, manifests_yaml

LONG = 'object.spec.containers.all(c, has(c.name) && c.name != "a  b") || ' * 12 + "false"


@given(st.text(st.characters(codec="utf-8"), max_size=300))
@example(LONG)
@example(f" {LONG}")
@example(f"{LONG} ")
@example(f"{LONG}\n\n  {LONG}\n")
@example(f"# {LONG}")
@example(f"{LONG}: {LONG} #")
@example("--- " * 60)
@example("\x1b[31m\u202e" * 60)
@example("")
def test_text_is_read_back_as_it_is(text: str) -> None:
    """To the byte, as value and as key, short or folded."""
    manifest = {"kind": "Any", "spec": {"text": text, text: [text]}}
    assert list(yaml.safe_load_all(manifests_yaml([manifest, manifest]))) == [manifest, manifest]
    assert json.loads(manifests_json([manifest]))["items"] == [manifest]


def test_long_text_is_a_folded_block() -> None:
    """Nothing in it is escaped, and lines end where a person may read on."""
    lines = manifests_yaml([{"expression": LONG}]).splitlines()
    assert lines[:2] == ["---", "expression: >-"]
    assert "\\" not in "".join(lines)
    assert max(map(len, lines)) < 150
    assert " ".join(line.strip() for line in lines[2:]) == LONG


@pytest.mark.parametrize("name", ["1e3", "y", "N", "0o17", "-1", "+1", ".5", "1_0", "12:30", "on", "null", "~", "0x1f"])
def test_a_name_that_looks_like_something_else_is_quoted(name: str) -> None:
    """Go's readers, which kubectl and its like use, know other numbers and switches than Python's."""
    assert manifests_yaml([{"name": name}]) == f"---\nname: '{name}'\n"


def test_it_is_ascii_and_harmless() -> None:
    """No text reaches a terminal as it is that could move its cursor."""
    text = manifests_yaml([{"name": "корзина\x1b[31m\u202e"}])
    assert text.isascii()
    assert "\x1b" not in text
    assert "\x1b" not in manifests_json([{"name": "\x1b\x9b\u202e"}])


def test_what_is_used_twice_is_written_twice() -> None:
    """Without anchors, which not every reader follows."""
    shared = {"resources": ["pods"]}
    assert "&" not in manifests_yaml([{"a": shared, "b": shared}])


def test_a_list_holds_them_in_order() -> None:
    """As `kubectl get --output json` gives it."""
    found = json.loads(manifests_json([{"kind": "B"}, {"kind": "A"}]))
    assert found == {"apiVersion": "v1", "kind": "List", "items": [{"kind": "B"}, {"kind": "A"}]}
