"""YAML to plain data: what it means, and what is refused before it costs anything."""

from __future__ import annotations

import time

import pytest

from pulumi_pod_security.admission.documents.document import Unreadable
from pulumi_pod_security.admission.documents.yaml_text import DEEPEST, EXPANDED, parsed


def value(text: str) -> object:
    """The value of a text that is no list of objects."""
    ((index, found),) = parsed(text.encode())
    assert index is None
    return found


def refused(text: str | bytes) -> Unreadable:
    """The refusal of a text."""
    with pytest.raises(Unreadable) as refusal:
        list(parsed(text.encode() if isinstance(text, str) else text))
    return refusal.value


@pytest.mark.parametrize(
    ("text", "data"),
    [
        pytest.param("a: [1, {b: c}]\nd:\n- e\n", {"a": [1, {"b": "c"}], "d": ["e"]}, id="collections"),
        pytest.param("a: '1'\nb: \"yes\"\nc: |\n  1\n", {"a": "1", "b": "yes", "c": "1\n"}, id="quotes"),
        pytest.param("a: !!str 1\nb: !!int '2'\n", {"a": "1", "b": 2}, id="tags"),
        pytest.param("1: a\non: b\n", {"1": "a", "true": "b"}, id="keys"),
        pytest.param("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}, id="alias"),
        pytest.param("a: &x b\n*x : c\n", {"a": "b", "b": "c"}, id="alias-as-key"),
        pytest.param(
            "a: &x {b: 1, c: 1}\nd: {<<: *x, b: 2}\n", {"a": {"b": 1, "c": 1}, "d": {"b": 2, "c": 1}}, id="merge"
        ),
        pytest.param(
            "a: [&x {b: 1}, &y {b: 2, c: 2}]\nd: {<<: [*x, *y]}\n",
            {"a": [{"b": 1}, {"b": 2, "c": 2}], "d": {"b": 1, "c": 2}},
            id="merges",
        ),
        pytest.param("a: {'<<': 1}\n", {"a": {"<<": 1}}, id="quoted-merge"),
        pytest.param("items: &x [1]\n", {"items": [1]}, id="anchored-items"),
        pytest.param("a: {items: [1]}\n", {"a": {"items": [1]}}, id="items-below"),
        pytest.param("just text\n", "just text", id="text"),
    ],
)
def test_reads_yaml(text: str, data: object) -> None:
    """What is written is what is read."""
    assert value(text) == data


def test_hands_out_items_and_keeps_none() -> None:
    """What the root has in `items` comes one by one, before what stands around it is complete."""
    assert list(parsed(b"a: 1\nitems:\n- b\n- [c]\nkind: L\n")) == [
        (0, "b"),
        (1, ["c"]),
        (None, {"a": 1, "items": [], "kind": "L"}),
    ]


def test_an_empty_text_has_no_document() -> None:
    """Comments alone are nothing."""
    assert list(parsed(b"# nothing\n")) == []


@pytest.mark.parametrize(
    ("text", "line", "found", "allowed"),
    [
        pytest.param("a: b\n\tc: d\n", 2, "\tc", "tab character", id="tab"),
        pytest.param("a: {b\n", 2, "the end of the document", "YAML or JSON", id="unclosed"),
        pytest.param("a: 1\nb: 2\na: 3\n", 3, "a", "each key once", id="twice"),
        pytest.param("1: 1\n'1': 2\n", 2, "1", "each key once", id="twice-as-text"),
        pytest.param("? [a]\n: b\n", 1, "a mapping or list", "a text as a key", id="list-as-key"),
        pytest.param("a: &x [1]\n*x : b\n", 2, "a mapping or list", "a text as a key", id="alias-of-list-as-key"),
        pytest.param("~: b\n", 1, "null", "a text as a key", id="null-as-key"),
        pytest.param("a: *x\n", 1, "*x", "anchored before", id="unknown-alias"),
        pytest.param("a: &x [*x]\n", 1, "*x", "is not around it", id="cycle"),
        pytest.param("a: !python/object:os.system b\n", 1, "!python/object:os.system", "no tags", id="tag"),
        pytest.param("a: !Ref {b: c}\n", 1, "!Ref", "no tags", id="tag-of-mapping"),
        pytest.param("a: !!binary aGk=\n", 1, "tag:yaml.org,2002:binary", "no tags", id="binary"),
        pytest.param("a: {<<: b}\n", 1, "<<", "a mapping to merge", id="merged-text"),
    ],
)
def test_refuses_with_the_line(text: str, line: int, found: str, allowed: str) -> None:
    """The line, what stands there and what may stand there."""
    refusal = refused(text)
    assert (refusal.line, refusal.found) == (line, found)
    assert allowed in refusal.allowed


def test_refuses_bytes_that_are_no_text() -> None:
    """Latin-1 is not guessed at."""
    assert "UTF-8" in refused(b"a: \xe9\xe8\n").allowed


def bomb(levels: int, width: int = 10) -> str:
    """A list of ten of a list of ten of ..."""
    lines = ["a0: &a0 [" + ", ".join(["x"] * width) + "]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * width) + "]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(bomb(30), id="lists"),
        pytest.param(f"a: &a {'x' * EXPANDED * 8}\nb: [" + ", ".join(["*a"] * 9) + "]", id="text"),
        pytest.param("a: &a {b: 1}\nc: {<<: [" + ", ".join(["*a"] * EXPANDED) + "]}", id="merges"),
    ],
)
def test_a_bomb_does_not_go_off(text: str) -> None:
    """Aliases are counted by what they stand for, and refused when that is too much."""
    began = time.process_time()
    assert f"at most {EXPANDED:,} values" in refused(text).allowed
    assert time.process_time() - began < 30


def test_many_aliases_of_little_are_no_bomb() -> None:
    """Charts share labels by alias everywhere."""
    assert isinstance(value("a: &a {b: 1}\nc: [" + ", ".join(["*a"] * 10_000) + "]"), dict)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), id="lists"),
        pytest.param("[" * 300_000, id="unclosed"),
        pytest.param("{a: " * 5_000 + "b" + "}" * 5_000, id="mappings"),
        pytest.param("\n".join(" " * n + "a:" for n in range(1_000)), id="indented"),
        pytest.param(
            f"a: &a {'[' * 90}{']' * 90}\nb: &b {'[' * 90}*a{']' * 90}\nc: {'[' * 90}*b{']' * 90}\n", id="aliases"
        ),
    ],
)
def test_depth_has_an_end(text: str) -> None:
    """Nothing reaches what recurses."""
    assert f"at most {DEEPEST} lists and mappings" in refused(text).allowed


def test_the_depth_that_is_allowed_is_read() -> None:
    """One level less is not refused."""
    assert isinstance(value("[" * DEEPEST + "]" * DEEPEST), list)
