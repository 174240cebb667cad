"""mutmut in a folder of its own, and what it found.

The folder has links to the checkout, because mutmut knows packages in `src` or at the root only and writes beside them.
It is made anew each time: mutmut keeps a survivor that a new test would kill.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tools.mutants.judged import CHECKOUT, PACKAGE, within
from tools.mutants.mutant import Mutant

__all__ = ["Found", "RunFailed", "found", "run"]

_FOLDER = CHECKOUT / ".local" / "mutants"
_LOG = _FOLDER / "run.log"
_LINKS = {"src": "components", "tests": "tests", "tools": "tools", "pyproject.toml": "pyproject.toml"}
_MUTMUT = Path(sys.executable).with_name("mutmut")
# A test that never ends, or ends the process, has seen the change too.
_KILLED = frozenset({"killed", "timeout", "segfault"})
_SURVIVED = frozenset({"survived", "no tests"})


class RunFailed(Exception):
    """mutmut did not come to its end."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """How many mutants there were, and those that no test saw."""

    total: int
    survivors: tuple[Mutant, ...]


def run(parts: tuple[str, ...]) -> None:
    """Change and test these parts of the package, all without any; raises RunFailed."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    for link, target in _LINKS.items():
        (_FOLDER / link).symlink_to(CHECKOUT / target)
    command = [str(_MUTMUT), "run", *(f"{PACKAGE}.{part}.*" for part in parts)]
    with _output() as output:
        code = _ended(command, output)
    if code:
        raise RunFailed(f"mutmut ended with exit code {code}; what it said stands above or in {_LOG}")


@contextmanager
def _output() -> Iterator[IO[str] | None]:
    """mutmut counts on one line, many times a second: for who looks at a terminal."""
    if sys.stdout.isatty():
        yield None
    else:
        with _LOG.open("w", encoding="utf-8") as log:
            yield log


def _ended(command: Sequence[str], output: IO[str] | None) -> int:
    # A session of its own: mutmut's tests are processes too, and all end together.
    with subprocess.Popen(command, cwd=_FOLDER, stdout=output, stderr=output, start_new_session=True) as mutmut:
        try:
            return mutmut.wait()
        except BaseException:
            os.killpg(mutmut.pid, signal.SIGKILL)
            raise


def found(parts: tuple[str, ...]) -> Found:
    """What the last run says of these parts; raises RunFailed when it decided nothing of some mutant."""
    ends = {key: end for key, end in _ends().items() if within(key, parts)}
    undecided = [f"{key}: {end}" for key, end in ends.items() if end not in _KILLED | _SURVIVED]
    if undecided or not ends:
        raise RunFailed("\n".join(("mutmut did not decide about every mutant:", *undecided)))
    survived = [key for key, end in ends.items() if end in _SURVIVED]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        survivors = pool.map(lambda key: Mutant.of(key, _asked("show", key)), survived)
    return Found(total=len(ends), survivors=tuple(sorted(survivors)))


def _ends() -> Mapping[str, str]:
    """How the tests of each mutant ended, by mutmut's key."""
    lines = _asked("results", "--all", "true").splitlines()
    return dict(line.strip().split(": ", 1) for line in lines if line.strip())


def _asked(*arguments: str) -> str:
    return subprocess.run([_MUTMUT, *arguments], cwd=_FOLDER, check=True, stdout=subprocess.PIPE, text=True).stdout
