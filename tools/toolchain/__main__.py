"""Runs the command line: `python -m tools.toolchain`."""

import sys

from tools.toolchain.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
