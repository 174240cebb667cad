"""Survivors against the list."""

from tools.mutants.comparison import Comparison
from tools.mutants.explained import Explanation
from tools.mutants.mutant import Mutant
from tools.mutants.running import Found

__all__: list[str] = []


def _mutant(module: str, after: str = "b") -> Mutant:
    return Mutant(module=f"pulumi_pod_security.{module}", function="f", before="a", after=after)


A, B, C = (_mutant(f"controls.{name}") for name in "abc")
LIST = [
    Explanation(kind="cost", why="slower", mutants=(A,)),
    Explanation(kind="equivalent", why="the same", mutants=(B,)),
]


def _compared(*survivors: Mutant, parts: tuple[str, ...] = ()) -> Comparison:
    return Comparison.of(Found(total=9, survivors=survivors), LIST, parts)


def test_as_explained() -> None:
    """Nothing is to be done, and the counts are told by kind."""
    found = _compared(A, B)
    assert found.holds
    assert str(found) == "9 mutants: 7 killed, 1 cost, 1 equivalent, 0 not explained, 0 explained but gone"


def test_a_new_survivor() -> None:
    """It is told as the list would have it."""
    found = _compared(A, B, C)
    assert (found.holds, found.unexplained) == (False, (C,))
    assert str(found).startswith("Not explained: write the test that fails, or explain them in tests/mutants.toml.\n\n")
    assert "\n[[survivors.mutants]]\nmodule = 'pulumi_pod_security.controls.c'\n" in str(found)
    assert str(found).endswith("9 mutants: 6 killed, 1 cost, 1 equivalent, 1 not explained, 0 explained but gone")


def test_an_explained_one_that_is_gone() -> None:
    """An entry that no longer holds is told, so that the list never says more than is true."""
    found = _compared(A)
    assert (found.holds, found.gone) == (False, (B,))
    assert "take them out.\n\npulumi_pod_security.controls.b: f\n  - a\n  + b\n" in str(found)


def test_equal_changes_are_explained_together() -> None:
    """A line that stands twice in a function is changed twice in the same way."""
    found = _compared(A, A, B)
    assert found.holds
    assert found.explained == {"cost": 2, "equivalent": 1}


def test_only_parts_that_were_run_are_compared() -> None:
    """What was not changed can neither survive nor be gone."""
    assert _compared(A, parts=("controls.a",)).holds
    assert not _compared(parts=("controls.a",)).holds
