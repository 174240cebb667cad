"""What is cut out of a stream: nothing that says something is lost."""

from __future__ import annotations

import io

import pytest

from pulumi_pod_security.admission.documents import chunks as chunking
from pulumi_pod_security.admission.documents import yaml_text
from pulumi_pod_security.admission.documents.chunks import chunks
from pulumi_pod_security.admission.documents.document import Unreadable


def texts(data: bytes) -> list[bytes]:
    """The documents of a stream."""
    return [chunk.whole() for chunk in chunks(io.BytesIO(data))]


@pytest.mark.parametrize("end", ["\r", "\x85", "\u2028", "\u2029"], ids=ascii)
@pytest.mark.parametrize("begin", ["# a", "  # a", "%YAML 1.1"])
def test_what_stands_behind_a_comment_is_read(begin: str, end: str) -> None:
    """YAML ends a comment where Go and Python end no line."""
    data = f"{begin}{end}---{end}a: b{end}".encode()
    (found,) = texts(data)
    assert found == data
    assert list(yaml_text.parsed(found)) == [(None, {"a": "b"})]


@pytest.mark.parametrize("data", [b"# a\r\n", b"# a\r\n%YAML 1.1\r\n \r\n", b"# a\r", "# \u2026 \u00a0\n".encode()])
def test_what_holds_comments_only_is_empty(data: bytes) -> None:
    """Whatever the line ends are, and whatever is in the comments."""
    assert texts(data) == []


def test_text_of_another_encoding_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is behind it is not left out in silence."""
    monkeypatch.setattr(chunking, "LARGEST", 100)
    monkeypatch.setattr(chunking, "_BLOCK", 20)
    data = ("a: b\n---\n" * 10).encode("utf-16")
    assert len(data) > 120
    with pytest.raises(Unreadable, match="more than 100 bytes"):
        texts(data)
    assert len(texts(data[:120])) == 7
