"""What the walk says when it does not come to its end, or has nowhere to go."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tools.controlplane import ControlPlane
from tools.walk import __main__ as command
from tools.walk import steps
from tools.walk.directions import DOWN, UP
from tools.walk.waiting import CONSOLE

__all__: list[str] = []


def _raising(error: BaseException) -> Callable[[], None]:
    def walk() -> None:
        raise error

    return walk


def _run(monkeypatch: pytest.MonkeyPatch, error: BaseException, *arguments: str) -> tuple[int, str]:
    """The exit code and the output of a walk that ends with an error."""
    monkeypatch.setattr(command, "UP", dataclasses.replace(UP, walk=_raising(error)))
    monkeypatch.setattr(command, "DOWN", dataclasses.replace(DOWN, walk=_raising(error)))
    shown: list[str] = []
    monkeypatch.setattr(CONSOLE, "print", lambda text, **_: shown.append(text))
    done: Result = CliRunner().invoke(command.main, arguments)
    return done.exit_code, "\n".join(shown)


def test_an_interrupted_way_up_says_how_to_go_on_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both commands, and Pulumi's warning explained."""
    code, told = _run(monkeypatch, KeyboardInterrupt())
    assert code == 130
    assert told.startswith("interrupted; finish with: scripts/up (Pulumi will warn of a pending operation")
    assert told.endswith("undo with: scripts/up --down")


def test_an_interrupted_way_down_says_how_to_go_on_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """To finish is to go down again."""
    code, told = _run(monkeypatch, KeyboardInterrupt(), "--down")
    assert code == 130
    assert told.startswith("interrupted; finish with: scripts/up --down (Pulumi will warn")
    assert told.endswith("go back up with: scripts/up")


@pytest.mark.parametrize(
    ("arguments", "ends"),
    [
        pytest.param((), "try again: scripts/up; take it down: scripts/up --down", id="up"),
        pytest.param(
            ("--down",),
            "try again: scripts/up --down; remove the cluster as it is: "
            ".venv/bin/python -m tools.controlplane destroy --dir .local/cluster",
            id="down",
        ),
    ],
)
def test_a_failed_step_is_told_with_what_to_run_next(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], ends: str
) -> None:
    """The reason whole, brackets included."""
    code, told = _run(monkeypatch, steps.StepFailed("nodes[control-plane] [red] are gone"), *arguments)
    assert code == 1
    assert "nodes\\[control-plane] \\[red] are gone\n  logs: .local/cluster/logs; " in told
    assert told.endswith(ends)


@pytest.mark.parametrize("half_made", [False, True], ids=["absent", "half-made"])
def test_down_with_nothing_up_says_how_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, half_made: bool
) -> None:
    """What a broken attempt left goes, and so does the record of a cluster that is gone."""
    cluster, state = tmp_path / "cluster", tmp_path / "state"
    monkeypatch.setattr(steps, "CLUSTER", cluster)
    monkeypatch.setattr(steps, "STATE", state)
    (state / "backend").mkdir(parents=True)
    (state / "home").mkdir()
    if half_made:
        cluster.mkdir()
        ControlPlane(cluster).layout.lock.touch()
    shown: list[str] = []
    monkeypatch.setattr(CONSOLE, "print", lambda text, **_: shown.append(text))
    steps.come_down()
    assert shown == ["nothing is up; start with: scripts/up"]
    assert capsys.readouterr().err == ""
    assert not cluster.exists()
    assert [path.name for path in state.iterdir()] == ["home"]
