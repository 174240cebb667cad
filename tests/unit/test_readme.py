"""The README says what is in the repository."""

import re

import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.platforms.known import PLATFORMS
from stacks import places
from tests.unit.support.documents import ROOT, codes, table, text

README = text("README.md")
EXAMPLE = re.compile(r"<!-- example: (\S+) -->\n```python\n(.*?)```", re.DOTALL)
KEYS = {key: said for keys, said in table("README.md", "key").items() for key in codes(keys)}
PATHS = [path for paths in table("README.md", "folder") for path in codes(paths)]
# Below a list of grants, and below one platform.
BELOW = {
    "grants": {path[2] for path in places._PLACES if path[0] == "grants" and len(path) == 3},
    "platform": {path[1] for path in places._PLACES if path[0] == "platform" and len(path) == 2},
}


def test_the_tables_were_found() -> None:
    """Nothing below is compared with nothing."""
    assert PATHS
    assert all(BELOW.values())


def test_the_program_shown_is_the_one_that_is_tested() -> None:
    """The program in the README is, to the letter, the example that the integration tests run."""
    shown = EXAMPLE.findall(README)
    assert shown
    for file, program in shown:
        assert (ROOT / file).read_text(encoding="utf-8") == program


def test_the_presets_are_those_there_are() -> None:
    """The row of policies lists every preset and nothing else."""
    (listed,) = re.findall(r"\(([^)]+)\)", KEYS["policies"])
    assert sorted(listed.split(", ")) == sorted(ps.PRESETS)


def test_the_keys_are_those_that_are_read() -> None:
    """The table has every key of the configuration, and `to`, whose values need a row of their own."""
    assert sorted(KEYS) == sorted([*places.KEYS, "to"])
    assert "to" in BELOW["grants"]


@pytest.mark.parametrize("key", BELOW)
def test_what_is_below_a_key_is_said_in_its_row(key: str) -> None:
    """Every key of a grant and of a platform, and no other."""
    assert {code.partition(":")[0] for code in codes(KEYS[key])} == BELOW[key]


@pytest.mark.parametrize("path", PATHS)
def test_every_path_named_exists(path: str) -> None:
    """A reader who goes where the table points finds something there."""
    assert (ROOT / path).exists()


def test_the_example_installs_this_checkout() -> None:
    """`pulumi install` takes the package from here; its name alone would be looked up in a public index."""
    folder = ROOT / "examples" / "kubeadm"
    lines = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (needed,) = [line for line in lines if not line.startswith("#")]
    assert (folder / needed).resolve() == ROOT


def test_the_table_of_platforms_is_what_the_code_says() -> None:
    """Each platform in one row, in the words of its module."""
    rows = [
        f"| {each.name} | `{each.kind}` | {each.versions} | {each.by_default} | {each.enforcement} |\n"
        for each in PLATFORMS
    ]
    assert f"|\n|---|---|---|---|---|\n{''.join(rows)}\n" in README
