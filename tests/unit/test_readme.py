"""The README says what is in the repository."""

import re
from pathlib import Path

import pytest

import pulumi_pod_security as ps
from stacks.config import StackConfig

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"<!-- example: (\S+) -->\n```python\n(.*?)```", re.DOTALL)


def test_the_program_shown_is_the_one_that_is_tested() -> None:
    """The program in the README is, to the letter, the example that the integration tests run."""
    shown = EXAMPLE.findall(README)
    assert shown
    for file, program in shown:
        assert (ROOT / file).read_text(encoding="utf-8") == program


@pytest.mark.parametrize("preset", ps.PRESETS)
def test_every_preset_is_named(preset: str) -> None:
    """A preset a reader cannot find in the README does not exist for them."""
    assert re.search(rf"\b{preset}\b", README)


@pytest.mark.parametrize("key", [*StackConfig.__dataclass_fields__, "namespaces"])
def test_every_configuration_key_is_described(key: str) -> None:
    """The table of configuration keys has a row for each key that is read."""
    assert re.search(rf"^\| .*`{key}`.* \|", README, re.MULTILINE)


@pytest.mark.parametrize("path", re.findall(r"^\| `([\w/.]+)`", README, re.MULTILINE))
def test_every_path_named_exists(path: str) -> None:
    """The first column of the tables names configuration keys and paths; what looks like a path is one."""
    assert path in {*StackConfig.__dataclass_fields__, "namespaces", "to", "grants"} or (ROOT / path).exists()
