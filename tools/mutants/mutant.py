"""One change of one function, named by what it changes: the name outlives every other change of the file."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

__all__ = ["Mutant"]

_OWNER = "ǁ"


@dataclass(frozen=True, kw_only=True, order=True)
class Mutant:
    """The changed lines of a function, before and after, without their common indentation."""

    module: str
    function: str
    before: str
    after: str

    def __str__(self) -> str:
        """Where it is, and the change as a diff shows it."""
        lines = (*textwrap.indent(self.before, "  - ").splitlines(), *textwrap.indent(self.after, "  + ").splitlines())
        return "\n".join((f"{self.module}: {self.function}", *lines))

    @classmethod
    def of(cls, key: str, diff: str) -> Mutant:
        """Read mutmut's key, `a.b.x_f__mutmut_1` or `a.b.xǁKindǁf__mutmut_1`, and its unified diff."""
        module, _, name = key.partition("__mutmut_")[0].rpartition(".")
        function = name.removeprefix(f"x{_OWNER}").replace(_OWNER, ".") if _OWNER in name else name.removeprefix("x_")
        _, _, hunks = diff.partition("\n@@")
        lines = hunks.splitlines()[1:]
        return cls(module=module, function=function, before=_marked("-", lines), after=_marked("+", lines))


def _marked(sign: str, lines: list[str]) -> str:
    return textwrap.dedent("\n".join(line[1:] for line in lines if line.startswith(sign)))
