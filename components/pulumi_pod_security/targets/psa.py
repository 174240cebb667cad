"""Pod Security Standards as the labels of a namespace: a level and its version for each of three modes.

Upstream: staging/src/k8s.io/pod-security-admission/api/constants.go and api/helpers.go, kubernetes v1.36.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pulumi_pod_security.admission.standards import LATEST, Standard, StandardLevel

__all__ = ["ENFORCE", "LABELS", "MODES", "enforced", "psa_labels", "psa_manifest", "standard_from_text"]

ENFORCE = "enforce"
MODES = (ENFORCE, "audit", "warn")
"""What becomes of a pod that does not fit: it is refused, noted in the audit log, or its sender is warned."""

_PRIVILEGED = Standard(level="privileged")
_PREFIX = "pod-security.kubernetes.io/"


def _pair(mode: str) -> tuple[str, str]:
    """The label of the level, and that of its version."""
    return f"{_PREFIX}{mode}", f"{_PREFIX}{mode}-version"


LABELS = tuple(label for mode in MODES for label in _pair(mode))
"""All labels that Pod Security admission reads."""


def psa_labels(standards: Mapping[str, Standard]) -> dict[str, str]:
    """The labels that ask for these standards, by mode."""
    pairs = ((_pair(mode), (standard.level, standard.version)) for mode, standard in standards.items())
    return {label: value for labels, values in pairs for label, value in zip(labels, values, strict=True)}


def psa_manifest(namespace: str, standards: Mapping[str, Standard]) -> dict[str, Any]:
    """The part of a namespace that asks for these standards, for server-side apply; nothing else of it is in there."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": namespace, "labels": psa_labels(standards)},
    }


def enforced(labels: Mapping[str, str], default: Standard = _PRIVILEGED) -> Standard:
    """What the labels of a namespace enforce: a level that is none is restricted, a version that is none the latest.

    Args:
        default: of the API server's own configuration, which says what labels do not.
    """
    of_level, of_version = _pair(ENFORCE)
    level, version = labels.get(of_level, default.level), labels.get(of_version, default.version)
    if of_level not in labels and level == _PRIVILEGED.level:
        return _PRIVILEGED
    return Standard(
        level=level if level in get_args(StandardLevel) else "restricted",  # type: ignore[arg-type]
        version=version if Standard.has_version(version) else LATEST,
    )


def standard_from_text(text: str, pinned: str) -> Standard:
    """`restricted`, which is pinned to that version, or `restricted:v1.30`, or `restricted:latest`.

    Raises:
        InvalidStandard: there is no such level or version.
    """
    level, colon, version = str(text).partition(":")
    return Standard(level=level, version=version if colon else pinned)  # type: ignore[arg-type]
