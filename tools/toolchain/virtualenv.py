"""Makes the checkout's virtual environment from the lock file; scripts/bootstrap runs it with any Python new enough.

Only the standard library is there yet when this runs. The stamp is a copy of what the environment was made from, so
that the script can compare it without starting Python; it is written last, so an interrupted run is done again.
"""

import fcntl
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.scratch import scratch
from tools.toolchain import pip
from tools.toolchain.errors import ToolchainError
from tools.toolchain.progress import plain, say

__all__ = ["main", "make", "wanted_stamp"]

CHECKOUT = Path(__file__).parents[2]
LOCK_FILE = "requirements-dev.lock"


def main() -> int:
    """Make the environment and return the process' exit code."""
    try:
        with _turn(CHECKOUT):
            make(CHECKOUT)
    except ToolchainError as error:
        say(f"error: virtual environment: {error}")
        return 1
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"error: virtual environment: {error}: the checkout must be writable and have room; then run this again")
        return 1
    except KeyboardInterrupt:
        say("interrupted: the next run makes the virtual environment again")
        return 130
    return 0


def make(checkout: Path) -> None:
    """Bring .venv to what the lock file and pyproject.toml say, unless another run just did."""
    stamp = checkout / ".venv" / "stamp"
    wanted = wanted_stamp(checkout)
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    stamp.unlink(missing_ok=True)
    with plain("virtual environment") as task:
        python = _python(checkout / ".venv")
        with scratch(checkout / ".venv") as temporary:
            task.at("installing the locked packages")
            pip.install(python, "--require-hashes", "--requirement", str(checkout / LOCK_FILE), temporary=temporary)
            task.at("installing the checkout")
            editable = ("--no-deps", "--no-build-isolation", "--editable", str(checkout))
            pip.install(python, *editable, temporary=temporary)
    stamp.write_bytes(wanted)


def wanted_stamp(checkout: Path) -> bytes:
    """What the environment is made from, as `cat` in scripts/bootstrap writes it."""
    return (checkout / LOCK_FILE).read_bytes() + (checkout / "pyproject.toml").read_bytes()


@contextmanager
def _turn(checkout: Path) -> Iterator[None]:
    """Wait until no other run makes this checkout's environment."""
    with (checkout / LOCK_FILE).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another run that is making the virtual environment")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _python(folder: Path) -> Path:
    """The environment's Python; the folder is made anew unless what is there can be built on."""
    python = folder / "bin" / "python"
    if not _serves(python):
        venv.create(folder, clear=True, with_pip=True)
    return python


def _serves(python: Path) -> bool:
    asked = [str(python), "-c", f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"]
    return python.exists() and subprocess.run(asked, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
