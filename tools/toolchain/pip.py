"""pip, run so that its failure is one line."""

import os
import subprocess
from pathlib import Path

from tools.toolchain.errors import ToolchainError

__all__ = ["install"]


def install(python: str | Path, *arguments: str, temporary: Path) -> None:
    """Run `pip install` of that Python with the arguments; what it unpacks meanwhile lies in `temporary`."""
    command = [python, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"TMPDIR": str(temporary)}
    )
    if done.returncode:
        raise ToolchainError(
            f"pip install failed: {_reason(done.stderr)}; if this is the network, set PIP_INDEX_URL or PIP_FIND_LINKS "
            "to an index that this machine reaches"
        )


def _reason(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["pip said nothing"])[-1]
