"""The command as people run it, in this process, and files for it to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from pulumi_pod_security.cli.app import app
from tests.unit.support.granting import DEFAULT, PRIVILEGED, grant
from tests.unit.support.objects import metadata, pod_spec

__all__ = ["HOSTILE", "TREE", "deployment", "run", "written"]

HOSTILE = "[red]\x1b[31m\u202e\x9b2J" + "x" * 5000
"""A name that would colour, turn around and wipe a terminal."""

_RUNNER = CliRunner()


def run(*arguments: str, standard_input: str | None = None) -> Result:
    """What the command says and how it ends; a traceback fails the test."""
    done = _RUNNER.invoke(app, list(arguments), input=standard_input, prog_name="pod-security")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done


def deployment(name: str, namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    """A Deployment as a file has it."""
    template = {"spec": pod_spec(**spec)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, namespace),
        "spec": {"template": template},
    }


PRIVILEGED_CONTAINER = {"name": "app", "image": "app", "securityContext": {"privileged": True}}
TREE = (
    DEFAULT,
    PRIVILEGED,
    *grant("default"),
    deployment("web"),
    deployment("cart", containers=[PRIVILEGED_CONTAINER]),
)
"""Two policies, of which everyone may use one, and two workloads, of which one is admitted."""


def written(folder: Path, objects: Iterable[Mapping[str, Any]], name: str = "all.json") -> str:
    """A file that holds the objects, as a list."""
    file = folder / name
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))
    return str(file)
