"""Which version a binary is: what it prints itself, remembered as long as the file does not change."""

import contextlib
import json
import os
import re
import subprocess
from pathlib import Path

from tools.scratch import scratch
from tools.toolchain.cache import cache_root
from tools.toolchain.recipes import Binary

__all__ = ["asked_version", "fits", "version_of"]

_TIMEOUT = 30.0


def fits(binary: Binary, version: str | None) -> bool:
    """Whether a printed version is as good as our own."""
    from packaging.specifiers import SpecifierSet

    return version is not None and SpecifierSet(binary.fits).contains(version)


def version_of(path: Path, binary: Binary) -> str | None:
    """Like `asked_version`, but asks only once for each state of a file."""
    try:
        state = path.resolve(strict=True).stat()
        mark = [state.st_mtime_ns, state.st_size]
        remembered = _memory().get(str(path))
        if remembered and remembered[:2] == mark:
            return str(remembered[2])
        version = asked_version(path, binary)
        lasting = version is not None and not _is_script(path)
    except OSError:
        return None
    if lasting:
        # A memory that cannot be kept costs time at the next run, and this one nothing.
        with contextlib.suppress(OSError):
            _remember(path, [*mark, str(version)])
    return version


def asked_version(path: Path, binary: Binary) -> str | None:
    """The version (three numbers) the file prints, None when it does not run or prints none."""
    try:
        found = re.search(r"\d+\.\d+\.\d+", _printed(path, binary))
    except OSError:
        return None
    return found[0] if found else None


def _printed(path: Path, binary: Binary) -> str:
    if binary.ask is None:
        from tools.toolchain.provider import asked

        return asked(path, timeout=_TIMEOUT)
    try:
        done = subprocess.run([path, *binary.ask], capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def _is_script(path: Path) -> bool:
    """A script may pass the question on to something that changes without it."""
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def _memory_file() -> Path:
    return cache_root() / "versions.json"


def _memory() -> dict[str, list[int | str]]:
    try:
        content = json.loads(_memory_file().read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _remember(path: Path, entry: list[int | str]) -> None:
    """Replace the file as a whole: another run may read it, and a lost entry is only asked for again."""
    cache_root().mkdir(parents=True, exist_ok=True)
    with scratch(cache_root()) as aside:
        written = aside / "versions.json"
        written.write_text(json.dumps(_memory() | {str(path): entry}))
        os.replace(written, _memory_file())
