"""Pulumi programs whose updates are timed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
import yaml

from tools.stack import Stack

__all__ = ["program", "run"]


def program(project: Path, source: str, config: Mapping[str, object], variables: Mapping[str, str]) -> Stack:
    """A new stack of a program.

    Args:
        source: the program.
        config: of the stack, as its file has it.
        variables: environment variables.
    """
    (project / "stacks").mkdir(parents=True)
    named = {"name": "pod-security", "runtime": "python", "stackConfigDir": "stacks"}
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(named), encoding="utf-8")
    (project / "__main__.py").write_text(source, encoding="utf-8")
    (project / "stacks" / "Pulumi.bench.yaml").write_text(yaml.safe_dump({"config": dict(config)}), encoding="utf-8")
    stack = Stack(project=project, state=project / "state", name="bench", variables=variables)
    stack.select()
    return stack


def run(stack: Stack, *arguments: str) -> None:
    """Run the CLI, which must not fail."""
    done = stack.run(*arguments)
    if done.code != 0:
        raise click.ClickException(f"pulumi {' '.join(arguments)}:\n{done.output}")
