"""A YAML text changed at one place."""

from __future__ import annotations

import json

import pytest

from pulumi_pod_security.platforms.yamltext import Entry, entry, roots, with_first, with_value


def place(text: str, *names: str) -> Entry:
    """Where the value below these keys stands in the first document."""
    found, node = None, roots(text)[0]
    for name in names:
        found = entry(node, name)
        assert found is not None
        node = found[1]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "after"),
    [
        pytest.param("", "flag: A,B\n", id="nothing"),
        pytest.param(" ~ # none", "flag: A,B # none\n", id="null"),
        pytest.param(" ''", "flag: 'A,B'\n", id="empty"),
        pytest.param(" >-\n      A\n", "flag: A,B\n\n", id="folded"),
    ],
)
def test_a_value_keeps_its_quotes(value: str, after: str) -> None:
    """What stands around the value stays, whatever was in its place."""
    text = f"server:\n  arguments:\n    flag:{value}\n    v: '2'\n"
    changed = with_value(text, place(text, "server", "arguments", "flag"), "A,B")
    assert changed == f"server:\n  arguments:\n    {after}    v: '2'\n"


@pytest.mark.parametrize(("braces", "arguments"), [("{}", {"flag": "A"}), ('{"v": "2"}', {"flag": "A", "v": "2"})])
def test_what_is_added_to_braces_is_the_same_in_json(braces: str, arguments: dict[str, str]) -> None:
    """A text may be JSON, which has no comma before a closing brace."""
    text = f'{{"server": {braces}}}'
    assert json.loads(with_first(text, place(text, "server"), {"flag": "A"})) == {"server": arguments}


@pytest.mark.filterwarnings("error")
def test_never_warns_with_what_it_reads() -> None:
    """The parser warns of an anchor that is used twice by quoting its lines, and those may hold tokens."""
    assert len(roots("etcd: &x {token: SECRET1}\nscheduler: &x {token: SECRET2}\n")) == 1
