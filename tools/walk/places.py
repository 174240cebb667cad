"""Where the walk keeps its cluster and its Pulumi state: in the checkout, out of git."""

from pathlib import Path

__all__ = ["CHECKOUT", "CLUSTER", "MANIFESTS", "STACK", "STACK_FILE", "STATE"]

CHECKOUT = Path(__file__).resolve().parents[2]
CLUSTER = CHECKOUT / ".local" / "cluster"
STATE = CHECKOUT / ".local" / "state"
MANIFESTS = Path(__file__).resolve().parent / "manifests"
STACK = "local"
STACK_FILE = CHECKOUT / "stacks" / f"Pulumi.{STACK}.yaml"
