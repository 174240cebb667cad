"""Everything that can be given, and the places by which it is named."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pulumi_pod_security.admission.documents import Document, Read, documents
from pulumi_pod_security.admission.documents import chunks as chunking
from pulumi_pod_security.errors import MISSING, Fault

Object = dict[str, Any]
A: Object = {"apiVersion": "v1", "kind": "A"}
B: Object = {"apiVersion": "v1", "kind": "B"}
AY, BY = "apiVersion: v1\nkind: A\n", "apiVersion: v1\nkind: B\n"


def named(reads: list[Read], root: Path) -> list[tuple[str, object]]:
    """Place and data of objects, place and value of faults; places as seen from the folder."""
    plain: list[tuple[str, object]] = []
    for read in reads:
        if isinstance(read, Document):
            plain.append((read.where, read.data))
        else:
            plain.append((read.path, "missing" if read.value is MISSING else read.value))
    return [(where.removeprefix(f"{root}/"), data) for where, data in plain]


def of_text(text: str | bytes, folder: Path, name: str = "x.yaml") -> list[tuple[str, object]]:
    """What a file of this text holds."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return named(list(documents([str(folder / name)])), folder)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(AY, [("x.yaml", A)], id="one"),
        pytest.param(f"---\n{AY}---\n{BY}", [("x.yaml[0]", A), ("x.yaml[1]", B)], id="two"),
        pytest.param(f"{AY}---\n# nothing\n---\n{BY}...\n", [("x.yaml[0]", A), ("x.yaml[1]", B)], id="empty-between"),
        pytest.param(f"%YAML 1.1\n---\n{AY}", [("x.yaml", A)], id="directive"),
        pytest.param(f"--- # a\n{AY}--- {json.dumps(B)}\n", [("x.yaml[0]", A), ("x.yaml[1]", B)], id="behind-marker"),
        pytest.param(f"{AY}a: |\n  ---\n  b\n", [("x.yaml", {**A, "a": "---\nb\n"})], id="marker-in-text"),
        pytest.param(AY.replace("\n", "\r\n") + "---\r\n" + BY, [("x.yaml[0]", A), ("x.yaml[1]", B)], id="crlf"),
        pytest.param("", [], id="empty"),
        pytest.param("# a\n---\n---\n", [], id="comments"),
        pytest.param("null\n", [], id="null"),
        pytest.param(json.dumps(A), [("x.yaml", A)], id="json"),
        pytest.param(json.dumps(A, indent=1), [("x.yaml", A)], id="json-lines"),
        pytest.param(
            f"{json.dumps(A, indent=1)}\n{json.dumps(B, indent=1)}\n", [("x.yaml[0]", A), ("x.yaml[1]", B)], id="jsons"
        ),
        pytest.param(f"{json.dumps(A)}\n{json.dumps(B)}\n", [("x.yaml[0]", A), ("x.yaml[1]", B)], id="json-per-line"),
        pytest.param("{apiVersion: v1, kind: A}\n", [("x.yaml", A)], id="flow"),
    ],
)
def test_reads_a_file(tmp_path: Path, text: str, found: object) -> None:
    """One document bears the file's name, and of several each its number."""
    assert of_text(text, tmp_path) == found


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xef\xbb\xbf" + AY.encode(), id="utf-8"),
        pytest.param(AY.encode("utf-16"), id="utf-16"),
        pytest.param(b"\xfe\xff" + AY.encode("utf-16-be"), id="utf-16-be"),
        pytest.param(AY.encode("utf-32"), id="utf-32"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps(A).encode(), id="json"),
    ],
)
def test_a_byte_order_mark_is_no_character(tmp_path: Path, data: bytes) -> None:
    """What Windows' editors write is read."""
    assert of_text(data, tmp_path) == [("x.yaml", A)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            {**A, "kind": "List", "items": [A, B]}, [("x.yaml.items[0]", A), ("x.yaml.items[1]", B)], id="list"
        ),
        pytest.param(
            {"items": [{"a": 1}, B], "kind": "AList", "apiVersion": "v1"},
            [("x.yaml.items[1]", B), ("x.yaml.items[0]", {**A, "a": 1})],
            id="kind-of-list",
        ),
        pytest.param({"apiVersion": "v1", "kind": "List", "items": None}, [], id="null"),
        pytest.param({"apiVersion": "v1", "kind": "AList", "items": None}, [], id="null-of-a-kind"),
        pytest.param({"apiVersion": "v1", "kind": "List"}, [("x.yaml.items", "missing")], id="none"),
        pytest.param(
            {"apiVersion": "a.example/v1", "kind": "TaskList", "template": {}},
            [("x.yaml", {"apiVersion": "a.example/v1", "kind": "TaskList", "template": {}})],
            id="custom-resource-without-a-spec",
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "AList"}, {"kind": "List"}]},
            [("x.yaml.items[0]", {"apiVersion": "v1", "kind": "AList"}), ("x.yaml.items[1].items", "missing")],
            id="none-nested",
        ),
        pytest.param({"apiVersion": "v1", "kind": "List", "items": 5}, [("x.yaml.items", 5)], id="number"),
        pytest.param(
            {"apiVersion": "v1", "kind": "List", "items": [A, 7, None, {"kind": "B"}, B]},
            [
                ("x.yaml.items[0]", A),
                ("x.yaml.items[1]", 7),
                ("x.yaml.items[2]", None),
                ("x.yaml.items[3].apiVersion", "missing"),
                ("x.yaml.items[4]", B),
            ],
            id="broken-entries",
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "AList", "items": [{"a": 1}]}]},
            [("x.yaml.items[0].items[0]", {**A, "a": 1})],
            id="nested",
        ),
        pytest.param(
            {"apiVersion": "a.example/v1", "kind": "AllowList", "spec": {}, "items": []},
            [("x.yaml", {"apiVersion": "a.example/v1", "kind": "AllowList", "spec": {}, "items": []})],
            id="custom-resource",
        ),
        pytest.param([A], [("x.yaml", "a list of 1")], id="array"),
    ],
)
def test_reads_lists(tmp_path: Path, text: object, found: list[tuple[str, object]]) -> None:
    """Every entry is named by its index, in JSON as in YAML, and one that is broken takes no other with it."""
    assert of_text(json.dumps(text), tmp_path) == found
    assert of_text("# YAML\n" + json.dumps(text), tmp_path) == found


def test_lists_inside_lists_end() -> None:
    """However a hostile list is built, reading comes to an end."""
    data: Object = A
    for _ in range(100):
        data = {"apiVersion": "v1", "kind": "List", "items": [data]}
    (fault,) = documents([data])
    assert isinstance(fault, Fault)
    assert fault.allowed == "lists at most 20 deep inside each other"


def test_a_broken_document_leaves_the_rest(tmp_path: Path) -> None:
    """The fault names document and line of the file; what stands before and behind is read."""
    found = of_text(f"{AY}---\na: b\n\tc: d\n---\n{BY}", tmp_path)
    assert found == [("x.yaml[0]", A), ("x.yaml[1], line 5", "\tc"), ("x.yaml[2]", B)]


@pytest.mark.parametrize(
    ("data", "path", "value"),
    [
        pytest.param(b"\x7fELF\x00\x01", "x.yaml, line 1", "binary data", id="binary"),
        pytest.param(b"\xff\xfe\x00", "x.yaml", "truncated", id="half-a-character"),
        pytest.param(b"Error: chart not found\n", "x.yaml.apiVersion", "missing", id="error"),
        pytest.param(b"plain words\n", "x.yaml", "plain words", id="words"),
        pytest.param(b'{"a": \n', "x.yaml, line 2", "the end of the document", id="half-json"),
        pytest.param(b'{"apiVersion": "\xff"}', "x.yaml", "invalid leading UTF-8", id="no-utf-8"),
        pytest.param(b"[" * 100_000, "x.yaml", "too many levels", id="deep"),
        pytest.param(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "x.yaml", "too many levels", id="deep-json"),
    ],
)
def test_what_is_no_object_is_one_fault(tmp_path: Path, data: bytes, path: str, value: str) -> None:
    """Never a traceback, and never nothing."""
    ((where, found),) = of_text(data, tmp_path)
    assert where == path
    assert value in str(found)


def test_what_comes_before_binary_data_is_read(tmp_path: Path) -> None:
    """The stream ends there, and not before."""
    assert of_text(f"{AY}---\n{BY}---\n".encode() + b"\0", tmp_path)[:1] == [("x.yaml[0]", A)]
    assert [where for where, _ in of_text(f"{AY}---\n".encode() + b"\0", tmp_path)] == ["x.yaml[0]", "x.yaml, line 4"]


def test_a_document_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that never ends is not read to its end."""
    monkeypatch.setattr(chunking, "LARGEST", 1000)
    assert of_text("a" * 2000, tmp_path) == [("x.yaml", "more than 1000 bytes")]
    assert [where for where, _ in of_text((AY + "---\n") * 200, tmp_path)][-1] == "x.yaml[199]"


def test_a_long_line_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A marker in the middle of a line that is read in parts is no marker."""
    monkeypatch.setattr(chunking, "_BLOCK", 8)
    assert of_text('a: "1234--- x"\n' + AY, tmp_path) == [("x.yaml", {"a": "1234--- x", **A})]


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a line, and of a document no more than that is held whole."""
    monkeypatch.setattr(chunking, "_BLOCK", 16)
    monkeypatch.setattr(chunking, "_WHOLE", 96)


LONG: list[Object] = [
    {**A, "metadata": {"name": "x" * 50, "a": [{"b": "}\n    },"}]}},
    {"a": 1},
    {**B, "spec": {}},
]


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("indent", [1, 4, "\t"], ids=["one", "four", "tab"])
@pytest.mark.parametrize("ends", ["", f"\n{json.dumps(B)}\n", f"\n---\n{BY}"], ids=["alone", "json", "yaml"])
def test_a_long_list_is_read_item_by_item(tmp_path: Path, indent: int | str, ends: str) -> None:
    """With the places that a short one gives; what stands behind it has its number."""
    text = json.dumps({"apiVersion": "v1", "items": LONG, "kind": "List", "metadata": {}}, indent=indent)
    found = of_text(text + ends, tmp_path)
    assert found[:3] == [
        ("x.yaml.items[0]", LONG[0]),
        ("x.yaml.items[2]", LONG[2]),
        ("x.yaml.items[1].apiVersion", "missing"),
    ]
    assert found[3:] == ([("x.yaml[1]", B)] if ends else [])


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps({"apiVersion": "v1", "kind": "List", "items": [A, LONG[0], B]}), id="one-line"),
        pytest.param(
            '{"kind": "List",\n "items": [\n  {"apiVersion": "v1",\n  "kind": "A"},\n  '
            + json.dumps(LONG[0])
            + ',\n  {"apiVersion": "v1", "x": {\n  },\n  "kind": "B"\n  }]}',
            id="odd-indents",
        ),
        pytest.param(
            "apiVersion: v1\nkind: List\nitems:\n- " + "\n- ".join(map(json.dumps, (A, LONG[0], B))), id="yaml"
        ),
    ],
)
def test_a_long_list_of_any_form_is_read(tmp_path: Path, text: str) -> None:
    """Where its items cannot be told from each other beforehand, it is read as a whole."""
    found = of_text(text, tmp_path)
    assert [where for where, _ in found] == ["x.yaml.items[0]", "x.yaml.items[1]", "x.yaml.items[2]"]
    assert (found[0][1], found[1][1]) == (A, LONG[0])


@pytest.mark.usefixtures("narrow")
def test_a_broken_item_of_a_long_list_is_named(tmp_path: Path) -> None:
    """What came before it is read."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [A, LONG[0], {**B, "x": "?"}, B]}, indent=2)
    found = of_text(text.replace('"?"', "nul"), tmp_path)
    assert [where for where, _ in found[:2]] == ["x.yaml.items[0]", "x.yaml.items[1]"]
    assert found[2:] == [("x.yaml", "items[2]")]
    half = of_text(text[: text.index('"B"')], tmp_path)
    assert half == [*found[:2], ("x.yaml", "items[2]")]


@pytest.mark.usefixtures("narrow")
def test_a_long_comment_hides_nothing(tmp_path: Path) -> None:
    """What is behind it is read."""
    assert [data for _, data in of_text("# a comment\n" * 10 + AY, tmp_path)] == [A]
    assert [data for _, data in of_text("# a comment\n" * 10, tmp_path)] == []


@pytest.mark.usefixtures("narrow")
def test_an_entry_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long lists have none."""
    monkeypatch.setattr(chunking, "LARGEST", 400)
    monkeypatch.setattr("pulumi_pod_security.admission.documents.json_text.LARGEST", 400)
    for form in ("json", "yaml"):
        items = [A] * 100 + [{**A, "a": "x" * 1000}]
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=1)
        if form == "yaml":
            text = "apiVersion: v1\nkind: List\nitems:\n" + "".join(f"- {json.dumps(item)}\n" for item in items)
        found = of_text(text, tmp_path)
        assert len(found) == 101
        assert found[-1] == ("x.yaml", "more than 400 bytes")


def test_reads_folders_in_order(tmp_path: Path) -> None:
    """YAML and JSON of the folder and of those below, by name; nothing else."""
    for name in ("b.yaml", "a/z.yml", "a/b/c.JSON", "notes.txt", "B.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps(A))
    found = named(list(documents([tmp_path])), tmp_path)
    assert [where for where, _ in found] == ["B.yaml", "a/b/c.JSON", "a/z.yml", "b.yaml"]


def test_links_and_pipes_in_folders_are_not_followed(tmp_path: Path) -> None:
    """Reading a folder ends, though it holds itself and a pipe nobody writes to."""
    (tmp_path / "a.yaml").write_text(AY)
    (tmp_path / "again").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    assert named(list(documents([str(tmp_path)])), tmp_path) == [("a.yaml", A)]


def test_what_cannot_be_opened_is_a_fault(tmp_path: Path) -> None:
    """A missing file, an empty folder, and a path no file can have; the rest is read."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.yaml").write_text(AY)
    given = [tmp_path / "none.yaml", tmp_path / "empty", "a\0b", "x" * 5000, tmp_path / "a.yaml"]
    found = named(list(documents(given)), tmp_path)
    assert [where for where, _ in found] == ["none.yaml", "empty", "a\\x00b", "x" * 5000, "a.yaml"]
    assert found[0][1] == "No such file or directory"


def test_a_name_nobody_can_print_is_escaped(tmp_path: Path) -> None:
    """A file's name may not forge a report's lines."""
    (tmp_path / "a\nb.yaml").write_text(AY)
    assert named(list(documents([tmp_path])), tmp_path) == [("a\\nb.yaml", A)]


def test_reads_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is what is piped in, and its places say so."""
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(f"{AY}---\n{BY}".encode())))
    assert named(list(documents(["-"])), Path()) == [("stdin[0]", A), ("stdin[1]", B)]


def cyclic() -> Object:
    """An object that holds itself."""
    data: Object = dict(A)
    data["self"] = data
    return data


def test_reads_objects() -> None:
    """Plain data is copied, so that nothing given is changed."""
    given = {**A, "metadata": {"labels": {"a": "b"}}}
    (found,) = documents([given])
    assert isinstance(found, Document)
    assert (found.where, found.data) == ("objects[0]", given)
    assert found.data["metadata"] is not given["metadata"]


@pytest.mark.parametrize(
    "given",
    [None, 5, {"a": object()}, {**A, "a": "\ud800"}, {(1, 2): 3}, cyclic(), b"x", [[]]],
    ids=["none", "number", "object", "surrogate", "key", "cycle", "bytes", "list"],
)
def test_objects_of_anything_else_are_faults(given: object) -> None:
    """Whatever is given in an object's place, it is named by its index."""
    (found,) = documents([given])
    assert isinstance(found, Fault)
    assert found.path.startswith("objects[0]")
    assert str(found)
