"""Policies as admission policies in CEL."""

from pulumi_pod_security.targets.cel.manifests import EXEMPTIONS, NAME, CelManifests, Exemption, Stage, cel_manifests

__all__ = ["EXEMPTIONS", "NAME", "CelManifests", "Exemption", "Stage", "cel_manifests"]
