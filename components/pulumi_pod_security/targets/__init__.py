"""Policies and grants to manifests, one module per target. Envelopes only: no rule is mentioned by name."""

from pulumi_pod_security.targets import psp

__all__ = ["psp"]
