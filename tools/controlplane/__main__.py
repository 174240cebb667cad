"""`python -m tools.controlplane`."""

from tools.controlplane.cli import app

__all__: list[str] = []

if __name__ == "__main__":
    app(prog_name="python -m tools.controlplane")
