"""The name of a mutant: where it is, and what it changes."""

import pytest

from tools.mutants.mutant import Mutant

__all__: list[str] = []

DIFF = """\
# a.b.x_f__mutmut_3: survived
--- src/a/b.py
+++ src/a/b.py
@@ -1,4 +1,3 @@
 def f():
-    if x:
-        return -1
+    return +1
     done()
"""


@pytest.mark.parametrize(
    ("key", "module", "function"),
    [
        ("a.b.x_f__mutmut_3", "a.b", "f"),
        ("a.b.x__f__mutmut_12", "a.b", "_f"),
        ("a.b.xǁKindǁ_f__mutmut_1", "a.b", "Kind._f"),
        ("a.b.xǁ_Kindǁ__init____mutmut_1", "a.b", "_Kind.__init__"),
    ],
)
def test_the_function_is_named_as_in_python(key: str, module: str, function: str) -> None:
    """mutmut's own names, and its counter, are left out."""
    found = Mutant.of(key, DIFF)
    assert (found.module, found.function) == (module, function)


def test_the_change_is_the_lines_of_the_diff() -> None:
    """Without the lines around them, and without the indentation they have in common."""
    found = Mutant.of("a.b.x_f__mutmut_3", DIFF)
    assert (found.before, found.after) == ("if x:\n    return -1", "return +1")
    assert str(found) == "a.b: f\n  - if x:\n  -     return -1\n  + return +1"


def test_changes_at_two_places_are_one() -> None:
    """The lines between two hunks count for nothing."""
    found = Mutant.of("a.x_f__mutmut_1", "--- a\n+++ a\n@@ -1 +1 @@\n-a\n+b\n@@ -9,2 +9 @@\n same\n-c\n")
    assert (found.before, found.after) == ("a\nc", "b")
