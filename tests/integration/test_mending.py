"""The commands that messages propose, run by Pulumi's own CLI as a shell reads them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.support.stackfile import StackFile
from tests.unit.support.wrong_configs import WRONG, WrongConfig
from tools.stack import Stack
from tools.toolchain import environment

pytestmark = pytest.mark.integration

CONTENTS = "apiVersion: v1\nkind: Config\nusers: []"
# One of each shape of command; the unit tests run all of them on a model of the CLI, which is held to this.
SHAPES = (
    "policies-text",
    "policies-map",
    "manifest-field",
    "grant-text",
    "grant-to-text",
    "grant-twice",
    "grant-of-a-preset",
    "group-text",
    "group-null",
    "group-as-namespace",
    "number-as-text",
    "dash-at-the-beginning",
    "platform-text",
    "time-out-snake-case",
    "context-map",
)


@dataclass(frozen=True, kw_only=True)
class Shell:
    """A shell in a project's folder with its stack selected.

    Attributes:
        stack: the project's stack.
        home: the user's folder.
    """

    stack: Stack
    home: Path

    @property
    def file(self) -> Path:
        """The stack's file."""
        return self.stack.project / "Pulumi.stack.yaml"

    def run(self, line: str) -> str:
        """Run a line as a user would; its output."""
        state = self.stack.state
        local = {
            "HOME": str(self.home),
            "PULUMI_BACKEND_URL": f"file://{state / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
        }
        variables = {**os.environ, **environment(pulumi_home=state / "home"), **local}
        done = subprocess.run(
            ["sh", "-c", line], cwd=self.stack.project, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write(self, values: dict[str, Any]) -> None:
        """Make these the configuration, in the stack's own file."""
        written = {**yaml.safe_load(self.file.read_text(encoding="utf-8")), "config": values}
        self.file.write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")

    def values(self) -> dict[str, Any]:
        """The configuration in the stack's file, by keys without their namespace."""
        config = yaml.safe_load(self.file.read_text(encoding="utf-8"))["config"]
        return {key.removeprefix("pod-security:"): value for key, value in config.items()}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A project with a stack whose state is in a folder."""
    folder = tmp_path_factory.mktemp("mending")
    project = folder / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: pod-security\nruntime: python\n", encoding="utf-8")
    (folder / ".kube").mkdir()
    (folder / ".kube" / "config").write_text(CONTENTS, encoding="utf-8")
    stack = Stack(project=project, state=folder / "state", name="stack")
    stack.select()
    shell = Shell(stack=stack, home=folder)
    shell.run("pulumi config set --secret pod-security:any x")
    return shell


@pytest.mark.parametrize("name", SHAPES)
def test_the_commands_do_what_the_message_says(shell: Shell, name: str) -> None:
    """The stack's file is afterwards what the unit tests take it to be."""
    case: WrongConfig = next(case for case in WRONG if case.name == name)
    expected = StackFile(case.values)
    expected.run(case.mended)
    shell.write({f"pod-security:{key}": value for key, value in case.values.items()})
    shell.run(case.mended)
    assert shell.values() == expected.values


def test_contents_in_clear_become_a_secret(shell: Shell) -> None:
    """The file is read from standard input, and nothing of it stays behind in clear."""
    case = next(case for case in WRONG if case.name == "kubeconfig-in-clear")
    shell.write({"pod-security:kubeconfig": CONTENTS})
    shell.run(case.mended)
    assert list(shell.values()["kubeconfig"]) == ["secure"]
    assert "users" not in shell.file.read_text(encoding="utf-8")
    assert shell.run("pulumi config get pod-security:kubeconfig").rstrip("\n") == CONTENTS


def test_a_secret_outlives_its_key_being_renamed(shell: Shell) -> None:
    """What is encrypted is not tied to its name, so that the key may be renamed in the file."""
    shell.write({})
    shell.run("printf %s hunter2 | pulumi config set --secret pod-security:kubeconfg")
    shell.write({"pod-security:kubeconfig": shell.values()["kubeconfg"]})
    assert shell.run("pulumi config get pod-security:kubeconfig").rstrip("\n") == "hunter2"
