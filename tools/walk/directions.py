"""The two directions of the walk: what to do, and what to run next when it did not come to its end."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.walk.places import CHECKOUT, CLUSTER
from tools.walk.steps import come_down, go_up

__all__ = ["DOWN", "UP", "Direction"]

_CLUSTER = CLUSTER.relative_to(CHECKOUT)
_PENDING = "(Pulumi will warn of a pending operation: that is this one)"


@dataclass(frozen=True, kw_only=True)
class Direction:
    """One direction.

    Attributes:
        walk: takes the steps.
        interrupted: what to say after Ctrl-C.
        failed: what to say after a step that failed, below its reason.
    """

    walk: Callable[[], None]
    interrupted: str
    failed: str


UP = Direction(
    walk=go_up,
    interrupted=f"interrupted; finish with: scripts/up {_PENDING}, or undo with: scripts/up --down",
    failed=f"logs: {_CLUSTER}/logs; try again: scripts/up; take it down: scripts/up --down",
)
DOWN = Direction(
    walk=come_down,
    interrupted=f"interrupted; finish with: scripts/up --down {_PENDING}, or go back up with: scripts/up",
    failed=(
        f"logs: {_CLUSTER}/logs; try again: scripts/up --down; remove the cluster as it is: "
        f".venv/bin/python -m tools.controlplane destroy --dir {_CLUSTER}"
    ),
)
