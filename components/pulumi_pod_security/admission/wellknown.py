"""Names that Kubernetes' own components give, and by which their hand in a pod is told."""

from __future__ import annotations

__all__ = ["MIRROR", "TOKEN_PATH", "TOKEN_PREFIX"]

MIRROR = "kubernetes.io/config.mirror"
"""The annotation of mirror pods, by which kubelets show static pods."""

TOKEN_PREFIX = "kube-api-access-"
"""How the name of the volume begins that holds a service account's token; five random characters end it
(`ServiceAccountVolumeName` in plugin/pkg/admission/serviceaccount/admission.go, kubernetes v1.24.17)."""

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where that volume is mounted (`DefaultAPITokenMountPath` in the same file)."""
