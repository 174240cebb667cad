"""The list of survivors: how it is read and written, and that it speaks of code that is there."""

import ast
from pathlib import Path

import pytest

from tools.mutants.explained import EXPLAINED, Explanation, InvalidList, as_entry, read
from tools.mutants.judged import CHECKOUT, PACKAGE, modules, within
from tools.mutants.mutant import Mutant

__all__: list[str] = []

LISTED = [mutant for explanation in read(CHECKOUT / EXPLAINED) for mutant in explanation.mutants]
HEAD = '[[survivors]]\nkind = "cost"\nwhy = "slower"\n'


def _mutant(before: str = "return 1", after: str = "return 2") -> Mutant:
    return Mutant(module=f"{PACKAGE}.a", function="f", before=before, after=after)


def _listed(folder: Path, text: str) -> tuple[Explanation, ...]:
    path = folder / "mutants.toml"
    path.write_text(text, encoding="utf-8")
    return read(path)


@pytest.mark.parametrize(
    "before",
    [
        "return 1",
        'return "\\\\n"',
        "return 'it'",
        "if x:\n    return 'it'",
        'call("""a\\n""")',
        "",
    ],
)
def test_an_entry_is_read_as_it_was_written(tmp_path: Path, before: str) -> None:
    """Whatever quotes, backslashes and lines the code has."""
    mutant = _mutant(before=before)
    (found,) = _listed(tmp_path, f"{HEAD}{as_entry(mutant)}\n")
    assert found == Explanation(kind="cost", why="slower", mutants=(mutant,))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("survivors = 3", "Expected `array`, got `int` - at `$.survivors`", id="no list"),
        pytest.param("[[survivors", "Expected ']]'", id="no TOML"),
        pytest.param('[[survivors]]\nkind = "dull"', "Invalid enum value 'dull' - at `$.survivors[0].kind`", id="kind"),
        pytest.param("survivors = []\nmore = 1", "unknown field `more`", id="a field that is unknown"),
        pytest.param(f"{HEAD}{as_entry(_mutant())}\n" * 2, "explained twice:\npulumi_pod_security.a: f", id="twice"),
        pytest.param(f"{HEAD}mutants = []", "length >= 1", id="a reason for nothing"),
    ],
)
def test_a_list_with_a_fault(tmp_path: Path, text: str, fault: str) -> None:
    """The fault names the file and the place."""
    with pytest.raises(InvalidList) as raised:
        _listed(tmp_path, text)
    assert str(raised.value).startswith(f"{tmp_path / 'mutants.toml'}: ")
    assert fault in str(raised.value)


def test_what_is_changed() -> None:
    """The judgement itself, and neither what asks it nor what reads for it."""
    assert {f"{PACKAGE}.controls.pod", f"{PACKAGE}.admission.chooser", f"{PACKAGE}.admission.rbac.review"} <= {
        *modules()
    }
    assert not {f"{PACKAGE}.cli.check", f"{PACKAGE}.admission.documents.reading", PACKAGE} & {*modules()}


@pytest.mark.parametrize(
    ("parts", "inside"),
    [
        ((), True),
        (("controls",), True),
        (("controls.pod",), True),
        (("cli", "controls"), True),
        (("controls.po",), False),
    ],
)
def test_parts_of_the_package(parts: tuple[str, ...], inside: bool) -> None:  # noqa: FBT001
    """A part is a module or a package, by its whole name below the package; none is all."""
    assert within(f"{PACKAGE}.controls.pod", parts) is inside


def _lines(mutant: Mutant) -> list[str]:
    """The lines of the mutant's function as it is now, without indentation; none where there is no such function."""
    text = modules()[mutant.module].read_text(encoding="utf-8")
    found: list[ast.AST] = [ast.parse(text)]
    for name in mutant.function.split("."):
        inner = [node for outer in found for node in ast.iter_child_nodes(outer)]
        found = [node for node in inner if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name]
    source = "\n".join(ast.get_source_segment(text, node) or "" for node in found)
    return [line.strip() for line in source.splitlines()]


@pytest.mark.parametrize("mutant", LISTED, ids=lambda mutant: f"{mutant.module}:{mutant.function}")
def test_every_explained_mutant_is_of_code_that_is_there(mutant: Mutant) -> None:
    """Its module is changed, and its function has the lines that it changes."""
    before = [line.strip() for line in mutant.before.splitlines()]
    assert before
    assert set(before) <= set(_lines(mutant))
    assert mutant.after != mutant.before
