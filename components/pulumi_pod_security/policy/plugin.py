"""The admission plugin that judges pods by policies: what the API server calls it, and until when it has it.

`PluginName` in plugin/pkg/admission/security/podsecuritypolicy/admission.go, kubernetes v1.24.17, the last minor
version that has this file.
"""

from __future__ import annotations

__all__ = ["LAST_VERSION", "PLUGIN"]

PLUGIN = "PodSecurityPolicy"
"""As in `--enable-admission-plugins`."""

LAST_VERSION = (1, 24)
"""Major and minor number of the last Kubernetes that has it."""
