"""A recycling as plain lines and as JSON: what was brought up to date, what was left as it is, where it stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_pod_security.cluster.recycling import Done
from pulumi_pod_security.cluster.staleness import Left, Stale, Survey
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.report.json_text import as_json
from pulumi_pod_security.report.wording import plural

__all__ = ["Recycling", "done_line", "left_lines", "planned_line", "recycling_json", "summary_line"]

_PLANNED = {"restart": "would restart", "evict": "would evict the pods of", "wait": "would wait for"}
_DONE = {"restart": "restarted", "evict": "evicted the pods of", "wait": "waited for"}


@dataclass(kw_only=True)
class Recycling:
    """A recycling, as far as it has come.

    Attributes:
        done: what was brought up to date; nothing in a dry run.
        left: what was left as it is.
        stopped: why it stopped before its end.
    """

    survey: Survey
    done: list[Done] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    stopped: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is something to mend."""
        return self.stopped is not None or any(left.open for left in self.left)


def planned_line(stale: Stale) -> str:
    """What would be done about a workload."""
    return harmless(f"{_PLANNED[stale.act]} {stale}: {_change(stale)}")


def done_line(done: Done) -> str:
    """What was done."""
    return harmless(f"{_DONE[done.stale.act]} {done.stale}: {_change(done.stale)} ({done.seconds:.0f} s)")


def left_lines(left: Left) -> Iterator[str]:
    """What was not, and why."""
    yield harmless(f"left as it is: {left}: {_change(left)}")
    yield harmless(f"    {left.reason}")


def summary_line(recycling: Recycling, *, dry_run: bool) -> str:
    """The sum of it."""
    found = recycling.survey
    acted = f"{plural(len(found.stale), 'workload')} to recycle" if dry_run else f"{len(recycling.done)} recycled"
    stopped = ", stopped before the end" if recycling.stopped else ""
    return f"{acted}, {len(recycling.left)} left as they are{stopped} ({plural(found.pods, 'pod')} looked at)"


def recycling_json(recycling: Recycling) -> str:
    """Everything, uncut."""
    done = {each.stale.owner: each.seconds for each in recycling.done}
    stale = [{**_entry(each), "act": each.act, "seconds": done.get(each.owner)} for each in recycling.survey.stale]
    left = [{**_entry(each), "reason": each.reason, "toMend": each.open} for each in recycling.left]
    return as_json({"stale": stale, "left": left, "stopped": recycling.stopped, "pods": recycling.survey.pods})


def _change(entry: Stale | Left) -> str:
    after = entry.policy or "refused"
    return f"{plural(len(entry.pods), 'pod')}, {_named(entry.carries)} -> {after}"


def _named(carries: Sequence[str | None]) -> str:
    return " and ".join(policy or "no policy" for policy in carries)


def _entry(entry: Stale | Left) -> dict[str, Any]:
    owner = entry.owner if isinstance(entry, Stale) else entry.subject
    named = {"namespace": owner.namespace, "kind": owner.kind, "name": owner.name}
    return {**named, "pods": list(entry.pods), "carries": list(entry.carries), "policy": entry.policy}
