"""How RBAC objects are named."""

from __future__ import annotations

import pytest

from pulumi_pod_security.admission.rbac.objects import plain
from pulumi_pod_security.errors import shown


@pytest.mark.parametrize("text", ["", "psp:É x", "a" * 253])
def test_a_name_as_it_is(text: str) -> None:
    """Names of any letters, as long as most objects may have."""
    assert plain(text) == text


@pytest.mark.parametrize("text", ["a\nb", "\x1b[31m", "a" * 254, "a\n" * 200])
def test_a_name_that_would_spoil_the_line(text: str) -> None:
    """Line ends, control characters and names without end are shown as other values are."""
    assert plain(text) == shown(text) != text
