"""The binaries this project runs and tests against: found where they fit, else made from pinned sources.

    python -m tools.toolchain            make everything that is missing
    python -m tools.toolchain --help     the rest

For other tools of this repository: `binary` gives one file, `environment` what a process needs to find all of them.
This does not start any of the tools; tools.controlplane and the scripts do.
"""

from tools.toolchain.api import binary, ensure, environment
from tools.toolchain.errors import ToolchainError

__all__ = ["ToolchainError", "binary", "ensure", "environment"]
