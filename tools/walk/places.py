"""Where the walk keeps its cluster and its Pulumi state: in the checkout, out of git."""

from pathlib import Path

__all__ = ["CHECKOUT", "CLUSTER", "MANIFESTS", "PULUMI_HOME", "STACK", "STATE"]

CHECKOUT = Path(__file__).resolve().parents[2]
CLUSTER = CHECKOUT / ".local" / "cluster"
STATE = CHECKOUT / ".local" / "state"
PULUMI_HOME = CHECKOUT / ".local" / "pulumi"
MANIFESTS = Path(__file__).resolve().parent / "manifests"
STACK = "local"
