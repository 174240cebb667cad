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
    lines = err.splitlines()
    assert out == ""
    assert lines[0] == "kwok-0.7.0: starting (0 s)"
    assert lines[1:-1] == ["kwok-0.7.0: compiling, 12 packages (0 s)"] * 2
    assert re.fullmatch(r"kwok-0\.7\.0: done \(\d+ s\)", lines[-1])


def test_intervals_are_long_enough_for_a_log() -> None:
    """A build of ten minutes is some thirty lines."""
    assert progress.INTERVAL == 20


def test_work_that_fails_does_not_end_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    """The last line says that it stopped, and the error goes on."""
    with pytest.raises(ValueError, match="broken"), progress.shown("kwok-0.7.0"):
        raise ValueError("broken")
    assert capsys.readouterr().err.splitlines()[-1] == "kwok-0.7.0: stopped (0 s)"


def test_a_terminal_gets_a_live_line_with_elapsed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with the tool, what became of it and the time."""
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.shown("kwok-0.7.0") as task:
        task.at("compiling")
    assert re.search(r"kwok-0\.7\.0: done.*0:00:00", terminal.getvalue())
