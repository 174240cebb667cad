"""Where text comes from."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.admission.documents import Document, documents
from pulumi_pod_security.errors import Fault


def test_a_file_that_nothing_is_told_of_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a folder may be listed and not entered; the others are read."""
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        (tmp_path / name).write_text("apiVersion: v1\nkind: A\n")

    def denied(path: Path, *_: Any, **__: Any) -> Any:
        if path.name == "b.yaml":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return os.stat(path)

    monkeypatch.setattr(Path, "stat", denied)
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *how: denied(path) and opened(path, *how))
    first, second, third = documents([tmp_path])
    assert isinstance(first, Document)
    assert second == Fault(path=f"{tmp_path}/b.yaml", value="Permission denied", allowed="a file or folder to read")
    assert isinstance(third, Document)
