"""Where the walk keeps its cluster and its Pulumi state: in the checkout, out of git."""

from pathlib import Path

__all__ = ["CHECKOUT", "CLUSTER", "MANIFESTS", "STACK", "STATE"]

CHECKOUT = Path(__file__).resolve().parents[2]
CLUSTER = CHECKOUT / ".local" / "cluster"
STATE = CHECKOUT / ".local" / "state"
MANIFESTS = Path(__file__).resolve().parent / "manifests"
STACK = "local"
