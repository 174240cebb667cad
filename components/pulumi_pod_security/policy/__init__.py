"""The model: policies, grants, presets, and whether they fit together. Frozen data in, frozen data out."""

from pulumi_pod_security.policy import baseline, grants, model, presets

__all__ = ["baseline", "grants", "model", "presets"]
