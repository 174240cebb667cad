"""The command as a whole: what it costs, how it is started, what its help says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.support.terminal import TREE, deployment, run, written

COMMAND = (sys.executable, "-m", "pulumi_pod_security.cli")


def loaded(program: str) -> set[str]:
    """The top-level modules that a program of its own has loaded at its end."""
    code = f"{program}\nimport json, sys\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout))


def test_the_library_does_without_the_terminal() -> None:
    """Programs that import the package load neither typer nor rich."""
    assert loaded("import pulumi_pod_security").isdisjoint({"typer", "rich"})


def test_the_command_adds_no_client_before_it_needs_one() -> None:
    """Files are judged without Kubernetes' client."""
    modules = loaded("import pulumi_pod_security.cli.app")
    assert "typer" in modules
    assert modules.isdisjoint({"kubernetes", "pulumi_kubernetes"})


@pytest.mark.parametrize(
    "command", ["check", "who-can", "can", "migrate", "recycle", "render", "rescue", "kubeadm-config"]
)
def test_help_tells_the_exit_codes(command: str) -> None:
    """Every command says how it ends."""
    text = " ".join(run(command, "--help").stdout.split())
    assert "Exit codes: 0 " in text
    assert "2 something could not be read or used, or the command was not understood" in text


def test_help_tells_what_no_exit_code_shows() -> None:
    """Which one wins, and that an answer may be that there is nothing."""
    assert "2 wins over 1." in " ".join(run("check", "--help").stdout.split())
    assert "also that there is no such policy" in " ".join(run("who-can", "--help").stdout.split())


def test_starts_as_a_module(tmp_path: Path) -> None:
    """With the exit code of the verdicts; what a terminal cannot spell comes as escapes."""
    file = written(tmp_path, [*TREE[:4], deployment("корзина")])
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([*COMMAND, "check", file], capture_output=True, timeout=60, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"admitted shop/Deployment/\u043a\u043e\u0440" in done.stdout


def test_a_reader_that_leaves_ends_it_quietly(tmp_path: Path) -> None:
    """`pod-security check ... | head -1` shows no traceback."""
    many = [deployment(f"web-{number}") for number in range(2000)]
    file = written(tmp_path, [*TREE[:4], *many])
    with subprocess.Popen([*COMMAND, "check", file], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""


@pytest.mark.parametrize(
    ("streams", "told"),
    [
        (">&-", "'Bad file descriptor'"),
        (">/dev/full", "'No space left on device'"),
        (">/dev/full 2>&1", ""),
        (">&- 2>&-", ""),
    ],
)
@pytest.mark.parametrize("arguments", [("check",), ("can", "user:jane"), ("--help",)], ids=" ".join)
def test_an_output_that_takes_nothing_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], streams: str, told: str
) -> None:
    """Closed or full, it ends as what could not be used, and not as a verdict."""
    file = () if "--help" in arguments else (written(tmp_path, TREE),)
    program = ("sh", "-c", f'exec "$0" "$@" {streams}', *COMMAND, *arguments, *file)
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    line = f"pod-security: standard output: {told}; allowed: a stream that can be written\n"
    assert (done.returncode, done.stderr) == (2, line if told else "")


def test_a_closed_standard_input_is_a_fault(tmp_path: Path) -> None:
    """What is read beside it is judged."""
    program = ("sh", "-c", 'exec "$0" "$@" <&-', *COMMAND, "check", "-", written(tmp_path, TREE))
    done = subprocess.run(program, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (2, b"")
    assert b"  stdin: 'Bad file descriptor'; allowed: a file or folder to read\n" in done.stdout
    assert b"admitted shop/Deployment/web by policy default (" in done.stdout
