"""What an error says, and that saying it cannot fail."""

from __future__ import annotations

import pytest

from pulumi_pod_security.errors import (
    MISSING,
    Fault,
    InvalidBaseline,
    InvalidExemption,
    InvalidGrant,
    InvalidInput,
    InvalidPolicy,
    PodSecurityError,
    UnknownPreset,
    closest,
    one_of,
    shown,
)


class _Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("kind", [InvalidPolicy, InvalidGrant, InvalidBaseline, InvalidExemption, UnknownPreset])
def test_refusals_are_value_errors(kind: type[InvalidInput]) -> None:
    """Whoever catches ValueError, or all of this package's errors, catches a refusal."""
    assert issubclass(kind, ValueError)
    assert issubclass(kind, PodSecurityError)


def test_a_message_lists_every_fault() -> None:
    """A message says what it is about, how many faults there are, and each of them on a line."""
    faults = [Fault(path="a", value=MISSING, allowed="x"), Fault(path="b[0]", value=None, allowed="y")]
    error = InvalidInput("thing", iter(faults))
    assert str(error) == "thing: 2 faults\n  a: missing; allowed: x\n  b[0]: None; allowed: y"
    assert error.faults == tuple(faults)


def test_a_message_ends() -> None:
    """A message spells out fifty faults and counts the rest, which the error still holds."""
    error = InvalidInput("thing", [Fault(path=f"a[{index}]", value=1, allowed="x") for index in range(250)])
    assert len(error.faults) == 250
    assert str(error).splitlines()[-2:] == ["  a[49]: 1; allowed: x", "  ... and 200 more"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("a'b\n", r'''"a'b\n"''', id="text"),
        pytest.param("x" * 10**6, f"'{'x' * 57}...{'x' * 58}'", id="long text"),
        pytest.param(1 << 20000, "<integer of 20001 bits>", id="an integer Python will not print"),
        pytest.param([[[[[1]]]]], "[[[[...]]]]", id="deep"),
        pytest.param(list(range(100)), "[0, 1, 2, 3, 4, 5, 6, 7, ...]", id="long"),
        pytest.param(True, "True", id="boolean"),
    ],
)
def test_shown(value: object, text: str) -> None:
    """A value is shown as repr shows it, cut to a readable length."""
    assert shown(value) == text


def test_shown_whatever_it_is() -> None:
    """A value that cannot be shown, or holds itself, is shown all the same."""
    itself: list[object] = []
    itself.append(itself)
    assert "_Unprintable" in shown(_Unprintable())
    assert shown(itself) == "[[[[...]]]]"


@pytest.mark.parametrize(
    ("given", "known", "text"),
    [
        ("hostpath", ["hostPath", "nfs"], "one of 'hostPath', 'nfs'; did you mean 'hostPath'?"),
        ("x", ["hostPath", "nfs"], "one of 'hostPath', 'nfs'"),
        (5, ["only"], "'only'"),
    ],
)
def test_one_of(given: object, known: list[str], text: str) -> None:
    """Alternatives are listed, and the one most like what was given is named."""
    assert one_of(known, given=given) == text


def test_a_list_of_names_ends() -> None:
    """Alternatives beyond fifty are counted, and the guess is made among all of them."""
    names = [f"n{'x' * index}" for index in range(80)]
    told = one_of(names, given=names[79].upper())
    assert told.endswith(f"{names[49]!r}, ... and 30 more; did you mean {names[79]!r}?")
    assert names[50] + "'" not in told.partition(";")[0]


def test_long_names_are_not_guessed_at() -> None:
    """A name nobody mistyped is not compared with every known one."""
    assert closest("a" * 10**6, ["a" * 10**6]) is None


def test_no_error_moves_a_terminals_cursor() -> None:
    """Servers, pods and events are quoted, which anybody may have written; Pulumi shows errors as they come."""
    hostile = "pod \x1b[2J\x1b]0;title\x07\r\u202egnp\x9b1m"
    assert str(PodSecurityError(f"{hostile}\n  naïve 世界")) == (
        "pod \\x1b[2J\\x1b]0;title\\x07\\r\\u202egnp\\x9b1m\n  naïve 世界"
    )
    assert str(PodSecurityError()) == ""
