"""The sentence a reason becomes, as Kubernetes' field errors are written."""

from __future__ import annotations

import pytest

from pulumi_pod_security.controls.reason import Reason, forbidden, invalid, required


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        pytest.param(invalid("spec.a", "80", "not this"), "spec.a: Invalid value: 80: not this", id="a value"),
        pytest.param(invalid("spec.a", '""', "not this"), 'spec.a: Invalid value: "": not this', id="an empty value"),
        pytest.param(invalid("spec.a", '"x"', ""), 'spec.a: Invalid value: "x"', id="a value and nothing more"),
        pytest.param(forbidden("spec.a[0]", "not this"), "spec.a[0]: Forbidden: not this", id="forbidden"),
        pytest.param(required("spec.a", "must be true"), "spec.a: Required value: must be true", id="required"),
        pytest.param(required("spec.a", ""), "spec.a: Required value", id="required and nothing more"),
    ],
)
def test_a_reason_reads_like_a_field_error(reason: Reason, sentence: str) -> None:
    """Path, kind, value and detail are joined by colons; what is not there leaves no colon."""
    assert str(reason) == sentence
