"""Levels of the Pod Security Standards as labels, and back."""

from __future__ import annotations

import pytest

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.errors import InvalidStandard
from pulumi_pod_security.targets.psa import LABELS, enforced, psa_labels, psa_manifest, standard_from_text

ENFORCE, ENFORCE_VERSION, *_ = LABELS


def test_labels_of_standards() -> None:
    """A level and a version for each mode that is given, and no other."""
    assert psa_labels(
        {"enforce": Standard(level="baseline", version="v1.24"), "warn": Standard(level="restricted")}
    ) == {
        "pod-security.kubernetes.io/enforce": "baseline",
        "pod-security.kubernetes.io/enforce-version": "v1.24",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/warn-version": "latest",
    }
    assert psa_labels({}) == {}


def test_the_part_of_a_namespace() -> None:
    """Nothing but its name and these labels."""
    assert psa_manifest("shop", {"enforce": Standard(level="baseline", version="v1.24")}) == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "shop", "labels": {ENFORCE: "baseline", ENFORCE_VERSION: "v1.24"}},
    }


@pytest.mark.parametrize(
    ("labels", "standard"),
    [
        pytest.param({}, "privileged:latest", id="none"),
        pytest.param({ENFORCE_VERSION: "v1.24"}, "privileged:latest", id="version-alone"),
        pytest.param({ENFORCE: "baseline"}, "baseline:latest", id="level-alone"),
        pytest.param({ENFORCE: "baseline", ENFORCE_VERSION: "v1.24"}, "baseline:v1.24", id="both"),
        pytest.param({ENFORCE: "baseline", ENFORCE_VERSION: "1.24"}, "baseline:latest", id="no-version"),
        pytest.param({ENFORCE: "strict", ENFORCE_VERSION: "v1.24"}, "restricted:v1.24", id="no-level"),
    ],
)
def test_what_labels_enforce(labels: dict[str, str], standard: str) -> None:
    """As the API server reads them: what it cannot read is as strict as can be."""
    assert str(enforced(labels)) == standard


@pytest.mark.parametrize(
    ("labels", "standard"),
    [
        pytest.param({}, "baseline:v1.30", id="none"),
        pytest.param({ENFORCE_VERSION: "v1.24"}, "baseline:v1.24", id="version-alone"),
        pytest.param({ENFORCE: "restricted"}, "restricted:v1.30", id="level-alone"),
        pytest.param({ENFORCE: "privileged"}, "privileged:v1.30", id="privileged"),
    ],
)
def test_a_default_says_what_labels_do_not(labels: dict[str, str], standard: str) -> None:
    """Level and version each by itself."""
    assert str(enforced(labels, Standard(level="baseline", version="v1.30"))) == standard


@pytest.mark.parametrize(
    ("text", "standard"),
    [
        ("restricted", "restricted:v1.24"),
        ("restricted:v1.30", "restricted:v1.30"),
        ("baseline:latest", "baseline:latest"),
    ],
)
def test_a_standard_is_written_in_one_word(text: str, standard: str) -> None:
    """Without a version it is pinned."""
    assert str(standard_from_text(text, "v1.24")) == standard


@pytest.mark.parametrize(
    ("text", "fault"),
    [("strict", "level: 'strict'"), ("baseline:1.24", "version: '1.24'"), ("baseline:", "version: ''")],
)
def test_what_is_none_is_refused(text: str, fault: str) -> None:
    """With what is allowed."""
    with pytest.raises(InvalidStandard, match=fault):
        standard_from_text(text, "v1.24")
