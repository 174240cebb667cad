"""Plain scalars mean what they mean to kubectl."""

from __future__ import annotations

import math

import pytest

from pulumi_pod_security.admission.documents.scalars import as_key, plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("y", True),
        ("yes", True),
        ("On", True),
        ("n", False),
        ("off", False),
        ("tRue", "tRue"),
        ("0", 0),
        ("-12", -12),
        ("+1_000", 1000),
        ("0777", 511),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0x1F", -31),
        ("0b101", 5),
        ("08", 8),
        ("1.0", 1),
        ("1e3", 1000),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        (".", "."),
        ("22:22", "22:22"),
        ("1:30.5", "1:30.5"),
        ("2024-01-01", "2024-01-01"),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
        ("1e999", math.inf),
        ("-.inf", -math.inf),
        ("9" * 65, "9" * 65),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_a_plain_scalar_is_what_kubectl_reads(text: str, value: object) -> None:
    """YAML 1.1's truth values and octals hold, its times and base 60 do not."""
    found = plain(text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(("value", "key"), [(True, "true"), (1, "1"), (1.5, "1.5"), ("a", "a"), (None, None)])
def test_a_key_is_text(value: str | float | None, key: str | None) -> None:
    """JSON has text for keys only, and no text for a null."""
    assert as_key(value) == key
