"""Policies as admission policies in CEL, for servers that have no PodSecurityPolicy.

The same roles and bindings decide who may use which policy: the authorizer answers although the API is gone. One
ValidatingAdmissionPolicy (Kubernetes 1.30) is the plugin's validation, one MutatingAdmissionPolicy (1.36) its choice
and its defaults. Audit events say under the key that the plugin used which policy a pod names, if it fits that: where
no MutatingAdmissionPolicy wrote the name, and in updates, it is the pod's own word.

Fields and actions: admissionregistration/v1 types.go, k8s.io/api v0.36.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.targets.cel.budget import require_budget, require_short
from pulumi_pod_security.targets.cel.mutating import mutating_spec
from pulumi_pod_security.targets.cel.terms import Term, terms_of
from pulumi_pod_security.targets.cel.validating import validating_spec

__all__ = ["EXEMPTIONS", "NAME", "CelManifests", "Exemption", "Stage", "cel_manifests"]

Manifest = dict[str, Any]

NAME = "podsecuritypolicy.policy.k8s.io"
"""Of all objects: audit events name what they say after it, as they did after the plugin."""

Stage = Literal["audit", "warn", "deny"]
"""What becomes of a pod that no policy accepts: it is noted in the audit log, its sender is warned besides, or it is
refused and noted."""

Exemption = Literal["kube-system", "mirror-pods"]
"""Pods that nobody asks about, which PodSecurityPolicy never had: each lets in what the policies would refuse."""

_ACTIONS: dict[Stage, list[str]] = {"audit": ["Audit"], "warn": ["Warn", "Audit"], "deny": ["Deny", "Audit"]}
_MIRROR = '"kubernetes.io/config.mirror"'
EXEMPTIONS: dict[Exemption, Manifest] = {
    "kube-system": {"name": "not-in-kube-system", "expression": 'request.namespace != "kube-system"'},
    "mirror-pods": {
        "name": "no-mirror-pods",
        "expression": '!("system:nodes" in request.userInfo.groups'
        f" && object.metadata.?annotations[?{_MIRROR}].hasValue())",
    },
}


@dataclass(frozen=True, kw_only=True)
class CelManifests:
    """The manifests, in the order in which they must exist."""

    mutating: tuple[Manifest, ...]
    validating: tuple[Manifest, ...]

    def __iter__(self) -> Iterator[Manifest]:
        """Every manifest, in that order."""
        yield from self.mutating
        yield from self.validating


def cel_manifests(
    policies: Sequence[PodSecurityPolicy],
    *,
    stage: Stage,
    mutates: bool,
    exemptions: Sequence[Exemption] = (),
    api_groups: Sequence[str] = ("policy",),
) -> CelManifests:
    """The admission policies of these policies, with their bindings.

    Until pods are refused nothing is written into them either, and those that a policy accepts once it wrote into them
    count as accepted.

    Args:
        mutates: whether the server has MutatingAdmissionPolicy; if not, pods that relied on defaults are refused.
        api_groups: where RBAC grants the right to use policies; `extensions` beside `policy` for old roles.

    Raises:
        DoesNotFit: the policies are more than a server has the budget for.
    """
    terms = terms_of(policies, api_groups)
    require_budget(policies, terms)
    exempt = [EXEMPTIONS[each] for each in exemptions]
    validating = validating_spec(terms, Term.in_full if stage == "deny" else Term.without_defaults, exempt)
    mutating: tuple[Manifest, ...] = ()
    if mutates and stage == "deny":
        mutating = _pair("MutatingAdmissionPolicy", mutating_spec(terms, exempt), {})
    made = CelManifests(
        mutating=mutating,
        validating=_pair("ValidatingAdmissionPolicy", validating, {"validationActions": _ACTIONS[stage]}),
    )
    require_short(made)
    return made


def _pair(kind: str, spec: Manifest, binding: Manifest) -> tuple[Manifest, ...]:
    return _object(kind, spec), _object(f"{kind}Binding", {"policyName": NAME, **binding})


def _object(kind: str, spec: Manifest) -> Manifest:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": NAME},
        "spec": spec,
    }
