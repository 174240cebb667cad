"""A `check` on a terminal: a table as wide as it is, verdicts in colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pulumi_pod_security.admission.findings import Judged
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.report.lines import explanation_lines, lines, remark_lines
from pulumi_pod_security.report.review import Review
from pulumi_pod_security.report.wording import remarks, summary, told, verdict

__all__ = ["print_table"]

_STYLES = {"admitted": "green", "refused": "bold red"}
_VERDICT = 8
_ROOM = 60
_AT_ONCE = 100


def print_table(review: Review, console: Console) -> None:
    """Everything of the review, as lines where a table has no room. Nothing in it is taken for rich's markup."""
    if console.width < _ROOM:
        for line in lines(review):
            console.print(Text(line), soft_wrap=True)
        return
    for part in _tables(review.report.workloads, console.width):
        console.print(part)
    for explanation in review.explanations:
        for line in explanation_lines(explanation):
            console.print(Text(line), soft_wrap=True)
    for line in remark_lines(remarks(review)):
        console.print(Text(line), soft_wrap=True)
    style = _STYLES["refused" if review.report.refused else "admitted"]
    console.print(Text(harmless(summary(review)), style=style), soft_wrap=True)


def _tables(workloads: Sequence[Judged], width: int) -> Iterator[Table]:
    """One table in parts. Their columns have set widths, because rich would measure every row before it shows one."""
    for start in range(0, len(workloads), _AT_ONCE):
        table = Table(box=SIMPLE_HEAD, show_header=start == 0, show_edge=False, pad_edge=False)
        for heading, columns in _columns(width):
            table.add_column(heading, overflow="fold", width=columns)
        for judged in workloads[start : start + _AT_ONCE]:
            table.add_row(*_row(judged))
        yield table


def _columns(width: int) -> tuple[tuple[str, int], ...]:
    # Between two columns stand three spaces.
    left = width - _VERDICT - 3 * 3
    workload, policy = left * 3 // 10, left * 15 // 100
    rest = left - workload - policy
    return ("workload", workload), ("verdict", _VERDICT), ("policy", policy), ("changes and reasons", rest)


def _row(judged: Judged) -> tuple[Text, Text, Text, Text]:
    workload = Text(harmless(judged.workload)).append(f"\n{harmless(judged.workload.circumstances)}", style="dim")
    said = verdict(judged)
    reasons = Text("\n".join(harmless(line) for line in told(judged)))
    return workload, Text(said, style=_STYLES[said]), Text(harmless(judged.policy or "-")), reasons
