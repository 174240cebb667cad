"""The survivors of a run against those that are explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tools.mutants.explained import EXPLAINED, Explanation, Kind, as_entry
from tools.mutants.judged import within
from tools.mutants.mutant import Mutant
from tools.mutants.running import Found

__all__ = ["Comparison"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is not as the list says."""

    total: int
    explained: Counter[Kind]
    unexplained: tuple[Mutant, ...]
    gone: tuple[Mutant, ...]

    @classmethod
    def of(cls, found: Found, explanations: Iterable[Explanation], parts: tuple[str, ...]) -> Comparison:
        """Compare within these parts of the package; in all of it without any."""
        kinds = {mutant: each.kind for each in explanations for mutant in each.mutants if within(mutant.module, parts)}
        return cls(
            total=found.total,
            explained=Counter(kinds[mutant] for mutant in found.survivors if mutant in kinds),
            unexplained=tuple(sorted(set(found.survivors) - kinds.keys())),
            gone=tuple(sorted(kinds.keys() - set(found.survivors))),
        )

    @property
    def holds(self) -> bool:
        """Whether every survivor is explained, and every explained one survives."""
        return not self.unexplained and not self.gone

    def __str__(self) -> str:
        """The differences as they would be mended, then the counts."""
        lines: list[str] = []
        if self.unexplained:
            lines += [f"Not explained: write the test that fails, or explain them in {EXPLAINED}.", ""]
            lines += [f"{as_entry(mutant)}\n" for mutant in self.unexplained]
        if self.gone:
            lines += [f"Explained in {EXPLAINED}, but killed or no longer made: take them out.", ""]
            lines += [f"{mutant}\n" for mutant in self.gone]
        return "\n".join((*lines, self._counts()))

    def _counts(self) -> str:
        survived = self.explained.total() + len(self.unexplained)
        kinds = "".join(f", {count} {kind}" for kind, count in sorted(self.explained.items()))
        told = f"{self.total} mutants: {self.total - survived} killed{kinds}"
        return f"{told}, {len(self.unexplained)} not explained, {len(self.gone)} explained but gone"
