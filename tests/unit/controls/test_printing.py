"""Values as Go prints them."""

from __future__ import annotations

import pytest

from pulumi_pod_security.controls import printing
from pulumi_pod_security.policy.model import IDRange


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        pytest.param("", '""', id="nothing"),
        pytest.param("/var/log", '"/var/log"', id="plain"),
        pytest.param('a"b', r'"a\"b"', id="quote"),
        pytest.param("b\\c", r'"b\\c"', id="backslash"),
        pytest.param("\a\b\f\n\r\t\v", r'"\a\b\f\n\r\t\v"', id="escapes with a letter"),
        pytest.param("\0\x1b\x7f", r'"\x00\x1b\x7f"', id="other control characters"),
        pytest.param("ü 世 😀", '"ü 世 😀"', id="letters of other alphabets"),
        pytest.param("\u0080\u00a0\u200b\uffff", r'"\u0080\u00a0\u200b\uffff"', id="spaces that do not show"),
        pytest.param("\U000e0001", r'"\U000e0001"', id="beyond sixteen bits"),
    ],
)
def test_quoted(text: str, printed: str) -> None:
    """What can be shown is shown, the rest is escaped as in Go source."""
    assert printing.quoted(text) == printed


def test_lists() -> None:
    """None is told from an empty list, by the type Kubernetes has internally."""
    assert printing.groups(None) == "[]int64(nil)"
    assert printing.groups(()) == "[]int64{}"
    assert printing.groups((1, 2)) == "[]int64{1, 2}"
    assert printing.capabilities(None) == "[]core.Capability(nil)"
    assert printing.capabilities(()) == "[]core.Capability{}"
    assert printing.capabilities(("A", 'b"')) == r'[]core.Capability{"A", "b\""}'


def test_ranges() -> None:
    """Ranges are printed without their fields' names."""
    assert printing.ranges([]) == "[]"
    assert printing.ranges([IDRange(min=1, max=2), IDRange(min=3, max=3)]) == "[{1 2} {3 3}]"
