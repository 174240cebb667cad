"""The bar: on the standard error, for people, for long work."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pytest
from rich.console import Console
from rich.progress import Progress

from pulumi_pod_security.cli import progress

Seen = Callable[[float], str]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool, float], str]:
    """What the standard error shows of work that takes so long, as a terminal or not."""
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.05)

    def work(terminal: bool, seconds: float) -> str:  # noqa: FBT001
        shown = io.StringIO()
        console = Console(file=shown, force_terminal=terminal, width=80)
        monkeypatch.setattr(progress, "Console", lambda **_: console)
        with progress.working() as told:
            told.read()
            told.read()
            time.sleep(seconds)
            told.judging()
        return shown.getvalue()

    return work


def test_long_work_shows_a_bar(seen: Callable[[bool, float], str]) -> None:
    """With what is done and how many objects there were, and it is taken away at the end."""
    shown = seen(True, 0.4)
    assert "reading" in shown
    assert "2 objects" in shown
    assert shown.endswith("\x1b[2K")


def test_short_work_shows_nothing(seen: Callable[[bool, float], str]) -> None:
    """No flicker."""
    assert seen(True, 0) == ""


def test_nothing_is_shown_where_nobody_looks(seen: Callable[[bool, float], str]) -> None:
    """A log gets no bars."""
    assert seen(False, 0.2) == ""


def test_what_a_server_counts_has_a_total(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read so far and still to come, and never less than was read."""
    monkeypatch.setattr(progress, "_PAUSE_SECONDS", 0)
    bar = Progress(disable=True)
    told = progress.Working(bar)
    (task,) = bar.tasks
    told.read()
    assert task.total is None
    told.expect(2)
    assert task.total == 3
    told.read()
    told.read()
    told.read()
    assert [task.completed, task.total] == [4, 4]
