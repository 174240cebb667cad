"""What is read, looked over on its way to be judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.support.terminal import TREE, run, written


@pytest.mark.parametrize("text", ["", "---\n# nothing\n---\n"])
@pytest.mark.parametrize("command", [("check",), ("who-can", "default"), ("can", "nodes")])
def test_an_empty_standard_input_is_a_fault(tmp_path: Path, command: tuple[str, ...], text: str) -> None:
    """`helm template | pod-security check -` must not pass when helm failed."""
    done = run(*command, "-", written(tmp_path, TREE[:4]), standard_input=text)
    assert done.exit_code == 2
    assert "could not be read or used:\n  stdin: 'no object'; allowed: objects in YAML or JSON; " in done.stdout


def test_an_object_on_the_standard_input_is_enough(tmp_path: Path) -> None:
    """It need not create pods."""
    service = '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}'
    assert run("check", "-", written(tmp_path, TREE[:4]), standard_input=service).exit_code == 0
