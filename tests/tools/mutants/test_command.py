"""How `scripts/mutants` ends."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from tools.mutants import __main__ as command
from tools.mutants.explained import InvalidList
from tools.mutants.mutant import Mutant
from tools.mutants.running import Found, RunFailed

__all__: list[str] = []

SURVIVOR = Mutant(module="pulumi_pod_security.controls.pod", function="f", before="a", after="b")


def _raising(error: BaseException) -> Callable[..., None]:
    def run(*_: object) -> None:
        raise error

    return run


def _ended(monkeypatch: pytest.MonkeyPatch, *arguments: str, **instead: object) -> tuple[int, str]:
    """The exit code and what is told."""
    found = Found(total=2, survivors=())
    stand_ins = {"read": lambda _: (), "run": lambda _: None, "found": lambda _: found, **instead}
    for name, stand_in in stand_ins.items():
        monkeypatch.setattr(command, name, stand_in)
    done = CliRunner().invoke(command.main, arguments)
    return done.exit_code, done.output


def test_as_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts that are asked for are run."""
    asked: list[tuple[str, ...]] = []
    code, told = _ended(monkeypatch, "controls", "admission.rbac", run=asked.append)
    assert (code, told) == (0, "2 mutants: 2 killed, 0 not explained, 0 explained but gone\n")
    assert asked == [("controls", "admission.rbac")]


def test_not_as_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """A survivor nobody explained ends in 1."""
    code, told = _ended(monkeypatch, found=lambda _: Found(total=2, survivors=(SURVIVOR,)))
    assert code == 1
    assert "1 not explained" in told


@pytest.mark.parametrize(
    ("name", "error", "code", "told"),
    [
        ("run", RunFailed("mutmut ended"), 1, "error: mutmut ended\n"),
        ("found", RunFailed("mutmut did not decide"), 1, "error: mutmut did not decide\n"),
        ("read", InvalidList("tests/mutants.toml: x"), 1, "error: tests/mutants.toml: x\n"),
        ("run", KeyboardInterrupt(), 130, "interrupted; nothing is kept of the run\n"),
    ],
)
def test_without_an_answer(
    monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException, code: int, told: str
) -> None:
    """What went wrong is one line."""
    assert _ended(monkeypatch, **{name: _raising(error)}) == (code, told)


@pytest.mark.parametrize("part", ["cli", "controls.po", "pulumi_pod_security.controls"])
def test_a_part_that_is_not_changed(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """It is told with the place that says what is."""
    code, told = _ended(monkeypatch, part)
    assert code == 2
    assert f"'{part}' is no part of what is changed; see only_mutate in pyproject.toml" in told
