"""Reading static Pod manifests as a kubelet does, and the supervisord program each one becomes.

Images, volumes and probes are left aside: the command of the only container is run as a process of this machine.
"""

import contextlib
import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

__all__ = ["InvalidStaticPodError", "StaticPod", "parse_static_pod", "read_manifests"]

DEFAULT_GRACE_PERIOD = 30
NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


class InvalidStaticPodError(ValueError):
    """A file in the manifest folder that is not a static Pod, or not yet."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class StaticPod:
    """What a manifest says must run."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    grace_period: int


def read_manifests(folder: Path) -> dict[Path, bytes]:
    """Every file that a kubelet would read: also `kube-apiserver.yaml.bak`, but nothing that begins with a dot."""
    contents = {}
    for path in sorted(folder.iterdir()):
        # A file may be gone, or be a folder.
        with contextlib.suppress(OSError):
            if not path.name.startswith("."):
                contents[path] = path.read_bytes()
    return contents


def parse_static_pod(path: Path, content: bytes) -> StaticPod:
    """The static Pod in a file's content."""
    try:
        pod = yaml.safe_load(content)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidStaticPodError(f"{path}: not readable as YAML: {error}") from error
    try:
        return _static_pod(pod)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InvalidStaticPodError(
            f"{path}: not a static Pod: {error!r}; needed are kind Pod, metadata.name and spec.containers[0].command"
        ) from error


def _static_pod(pod: dict[str, Any]) -> StaticPod:
    if pod["kind"] != "Pod":
        raise ValueError(f"kind is {pod['kind']!r}")
    if not NAME.fullmatch(pod["metadata"]["name"]):
        raise ValueError(f"metadata.name is {pod['metadata']['name']!r}")
    container = pod["spec"]["containers"][0]
    return StaticPod(
        name=pod["metadata"]["name"],
        command=tuple(str(argument) for argument in [*container["command"], *container.get("args", [])]),
        environment={entry["name"]: str(entry.get("value", "")) for entry in container.get("env", [])},
        grace_period=int(pod["spec"].get("terminationGracePeriodSeconds", DEFAULT_GRACE_PERIOD)),
    )
