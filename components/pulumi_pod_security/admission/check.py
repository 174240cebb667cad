"""The one call: everything given, judged as the PodSecurityPolicy plugin of Kubernetes 1.24 would judge it.

Policies, RBAC and service accounts are taken from what is given, and they alone count, beside the group
`system:masters`. Objects are looked at one after the other and forgotten: what stays of a workload is one line of the
report, and of equal pods one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_pod_security.admission.documents import documents
from pulumi_pod_security.admission.findings import Report
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.admission.templates import require_paths
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["check"]

Given = str | os.PathLike[str] | Mapping[str, Any] | PodSecurityPolicy


def check(
    given: Given | Iterable[Given],
    *,
    namespace: str = "default",
    author: Identity | None = None,
    templates: Mapping[str, str] | None = None,
) -> Report:
    """Say of every workload whether its pods are admitted, by which policy, changed how, and refused why.

    Args:
        given: paths of files and folders, `-` for the standard input, Kubernetes objects as plain data, policies.
        namespace: where an object goes that names none.
        author: who creates the pods that no controller owns; without one, as if a ReplicaSet did.
        templates: where custom resources embed pod templates: `{"argoproj.io/Rollout": "spec.template"}`.

    Raises:
        InvalidInput: an entry of `templates` could not point at anything.
    """
    paths = templates or {}
    require_paths(paths)
    gathering = Gathering(namespace=namespace, author=author, templates=paths)
    entries = [given] if isinstance(given, str | os.PathLike | Mapping | PodSecurityPolicy) else given
    for read in documents(map(_plain, entries)):
        gathering.add(read)
    return gathering.report()


def _plain(entry: object) -> object:
    return entry.to_manifest() if isinstance(entry, PodSecurityPolicy) else entry
