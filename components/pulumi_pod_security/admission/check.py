"""The one call: everything given, judged as the PodSecurityPolicy plugin of Kubernetes 1.24 would judge it.

Policies, RBAC and service accounts are taken from what is given, and they alone count, beside the group
`system:masters`. Objects are looked at one after the other and forgotten: what stays of a workload is one line of the
report, and of equal pods one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pulumi_pod_security.admission.documents import documents
from pulumi_pod_security.admission.findings import Report
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.admission.templates import require_paths
from pulumi_pod_security.errors import MISSING, Fault
from pulumi_pod_security.policy.identities import asking
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.subjects import Subject

__all__ = ["check"]

_NO_POLICIES = Fault(
    path="policies",
    value=MISSING,
    allowed="at least one PodSecurityPolicy among what is given, such as presets.default(); else nothing can be judged",
)
Given = str | os.PathLike[str] | Mapping[str, Any] | PodSecurityPolicy


def check(
    given: Given | Iterable[Given],
    *,
    namespace: str = "default",
    author: Identity | Subject | str | None = None,
    templates: Mapping[str, str] | None = None,
) -> Report:
    """Say of every workload whether its pods are admitted, by which policy, changed how, and refused why.

    Without any policy the first fault says so: what is refused then is refused for want of one.

    Args:
        given: paths of files and folders, `-` for the standard input, Kubernetes objects as plain data, policies.
        namespace: where an object goes that names none.
        author: who creates the pods that no controller owns, as `user("jane")`, `service_account("cart", "shop")` or
            the text that spells one, `"user:jane"`; without one, as if a ReplicaSet did.
        templates: where custom resources embed pod templates: `{"argoproj.io/Rollout": "spec.template"}`.

    Raises:
        InvalidInput: an entry of `templates` could not point at anything, or nobody is called like the author.
    """
    paths = templates or {}
    require_paths(paths)
    creator = None if author is None else asking(author, namespace, "author")
    gathering = Gathering(namespace=namespace, author=creator, templates=paths)
    entries = [given] if isinstance(given, str | os.PathLike | Mapping | PodSecurityPolicy) else given
    for read in documents(map(_plain, entries)):
        gathering.add(read)
    report = gathering.report()
    return report if report.policies else replace(report, faults=(_NO_POLICIES, *report.faults))


def _plain(entry: object) -> object:
    return entry.to_manifest() if isinstance(entry, PodSecurityPolicy) else entry
