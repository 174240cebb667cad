"""Where results go."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_pod_security.cli.outputs import Output, outputs, write
from pulumi_pod_security.errors import InvalidInput

FORMATS = ("table", "json")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ([], [Output("table", None)]),
        (["json"], [Output("json", None)]),
        (["json=a"], [Output("json", Path("a")), Output("table", None)]),
        (["json=a=b", "json"], [Output("json", Path("a=b")), Output("json", None)]),
    ],
)
def test_formats_and_files(given: list[str], meant: list[Output]) -> None:
    """Without one for the standard output, the first format goes there."""
    assert outputs(given, FORMATS) == meant


@pytest.mark.parametrize("given", [["xml"], ["json="], ["=a"], [""], ["json=a", "table=a"], ["json", "table"]])
def test_what_could_not_be_meant_is_refused(given: list[str]) -> None:
    """Before anything is read."""
    with pytest.raises(InvalidInput, match=r"--output: "):
        outputs(given, FORMATS)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """With the reason of the operating system."""
    with pytest.raises(InvalidInput, match="a file that can be written \\(Is a directory\\)"):
        write(Output("json", tmp_path), "{}")
