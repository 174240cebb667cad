"""The command line, as far as no server is needed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tools.controlplane.cli import app


def test_status_of_nothing_is_absent_for_people_and_for_programs(tmp_path: Path) -> None:
    """The exit code says not ready, the words say why."""
    folder = tmp_path / "none"
    people = CliRunner().invoke(app, ["status", "--dir", str(folder)])
    programs = CliRunner().invoke(app, ["status", "--dir", str(folder), "--json"])
    assert (people.exit_code, programs.exit_code) == (3, 3)
    assert "absent, not ready" in people.output.replace("\n", " ")
    assert json.loads(programs.stdout)["state"] == "absent"


def test_an_error_is_one_line_on_stderr(tmp_path: Path) -> None:
    """A failure ends with its reason and no traceback."""
    result = CliRunner().invoke(app, ["stop", "--dir", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "there is no cluster here; start one first" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "mending"),
    [
        (["restart", "--flag", "enable-admission-plugins"], "write NAME=VALUE to set a flag, NAME- to take it out"),
        (["kubeconfig", "--service-account", "default"], "write NAMESPACE/NAME"),
        (["kubeconfig", "--service-account", "shop/default", "--user", "jane"], "no user or group beside it"),
        (["kubeconfig", "--group", "devs"], "needs a --user"),
    ],
    ids=["flag-without-value", "account-without-namespace", "two-identities", "group-without-user"],
)
def test_wrong_usage_says_what_is_right(tmp_path: Path, arguments: list[str], mending: str) -> None:
    """A mistyped option is refused with the form it must have."""
    result = CliRunner(env={"COLUMNS": "300"}).invoke(app, [*arguments, "--dir", str(tmp_path)])
    assert result.exit_code == 2
    assert mending in result.output


@pytest.mark.parametrize("command", ["start", "stop", "status", "logs", "restart", "kubeconfig", "destroy"])
def test_every_command_explains_itself(command: str) -> None:
    """Help begins with a sentence on what the command does."""
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "--dir" in result.output
