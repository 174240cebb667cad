"""The model: policies, grants, presets, and whether they fit together. Frozen data in, frozen data out."""

__all__ = ["baseline", "grants", "model", "presets"]

from pulumi_pod_security.policy import baseline, grants, model, presets
