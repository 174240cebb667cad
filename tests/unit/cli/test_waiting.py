"""What is waited for, told without a terminal."""

from __future__ import annotations

import pytest

from pulumi_pod_security.cli import waiting
from pulumi_pod_security.cli.waiting import telling
from tests.unit.support.terminal import HOSTILE


def test_what_is_over_soon_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody waits for it."""
    with telling() as tell:
        tell("asking")
    assert capsys.readouterr() == ("", "")


def test_each_thing_is_told_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On the standard error, a line each."""
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0)
    with telling() as tell:
        for words in ("one", "one", "two"):
            tell(words)
    assert capsys.readouterr() == ("", "one\ntwo\n")


def test_names_cannot_move_the_cursor(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """They come from a server."""
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0)
    with telling() as tell:
        tell(HOSTILE)
    assert "\x1b" not in capsys.readouterr().err
