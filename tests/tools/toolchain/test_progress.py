"""What people see while they wait."""

import io
import re
import sys
import time

import pytest

from tools.toolchain import progress

__all__: list[str] = []


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_there_is_a_line_at_start_at_intervals_and_at_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log shows that something goes on, what it is, and for how long."""
    monkeypatch.setattr(progress, "INTERVAL", 0.2)
    with progress.shown("kwok-0.7.0") as task:
        task.at("compiling, 12 packages")
        time.sleep(0.5)
    out, err = capsys.readouterr()
    lines = _without_seconds(err)
    assert out == ""
    assert lines[0] == "kwok-0.7.0: starting"
    assert set(lines[1:-1]) == {"kwok-0.7.0: compiling, 12 packages"}
    assert lines[-1] == "kwok-0.7.0: done"


def _without_seconds(printed: str) -> list[str]:
    """The lines without the elapsed time that each must end with."""
    found = [re.fullmatch(r"(.*) \(\d+ s\)", line) for line in printed.splitlines()]
    assert all(found)
    return [line[1] for line in found if line]


def test_intervals_are_long_enough_for_a_log() -> None:
    """A build of ten minutes is some thirty lines."""
    assert progress.INTERVAL == 20


def test_work_that_fails_does_not_end_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    """The last line says that it stopped, and the error goes on."""
    with pytest.raises(ValueError, match="broken"), progress.shown("kwok-0.7.0"):
        raise ValueError("broken")
    assert _without_seconds(capsys.readouterr().err)[-1] == "kwok-0.7.0: stopped"


def test_a_terminal_gets_a_live_line_with_elapsed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with the tool, what became of it and the time."""
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.shown("kwok-0.7.0") as task:
        task.at("compiling")
    assert re.search(r"kwok-0\.7\.0: done.*0:00:0\d", terminal.getvalue())
