"""PodSecurityPolicy as one ValidatingAdmissionPolicy: some policy that may be used accepts the pod.

Fields: admissionregistration/v1 types.go, k8s.io/api v0.36.3. Only the first failing validation is told, so each policy
has one of its own, which fails where the pod is refused and that policy may be used: whoever sends a pod hears of the
first policy that is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pulumi_pod_security.controls.cel import Clauses, Part, Refused, Written, literal
from pulumi_pod_security.targets.cel.budget import MOST_TOLD
from pulumi_pod_security.targets.cel.terms import PARTS, PSP, Term, Variable

__all__ = ["validating_spec"]

Manifest = dict[str, Any]

# A message of more than 5 KiB is not told at all.
_LONGEST = 4000

_MATCHED: Manifest = {
    "matchPolicy": "Equivalent",
    "resourceRules": [
        {
            "apiGroups": [""],
            "apiVersions": ["v1"],
            "operations": ["CREATE", "UPDATE"],
            "resources": ["pods", "pods/ephemeralcontainers"],
        }
    ],
}
_UNCHANGED = " && ".join(
    f"object.{field} == oldObject.{field}" for field in ("spec", "metadata.?labels", "metadata.?annotations")
)
_NOT_FOR_COLLECTION: Manifest = {
    "name": "more-than-owners-and-finalizers",
    "expression": f'request.operation != "UPDATE" || !({_UNCHANGED})',
}
_HEAD = "PodSecurityPolicy: unable to validate pod: "
_NOBODY = (
    '"[] (" + (has(object.spec.serviceAccountName) ? "neither service account " + request.namespace + ":"'
    ' + object.spec.serviceAccountName + " nor user " + request.userInfo.username + " may use"'
    ' : "user " + request.userInfo.username + " may not use") + " a policy that accepts it)"'
)


def validating_spec(terms: Sequence[Term], asked: Callable[[Term], Clauses], exempt: Sequence[Manifest]) -> Manifest:
    """The spec of the ValidatingAdmissionPolicy.

    Args:
        asked: of a policy, the clauses that must not apply to a pod.
        exempt: further match conditions.
    """
    fits = [term.unless("fits", asked(term)) for term in terms]
    return {
        "failurePolicy": "Fail",
        "matchConstraints": _MATCHED,
        "matchConditions": [_NOT_FOR_COLLECTION, *exempt],
        "variables": [*PARTS, PSP, *fits, *(each for term in terms for each in term.may_be_used), _admitted(terms)],
        "validations": [
            *(
                _validation(f"variables.admitted || !({term.use})", _reasons(term, asked(term)), f"[{term.name}]")
                for term in terms
            ),
            _validation("variables.admitted", f"{literal(_HEAD)} + {_NOBODY}", "[]"),
        ],
        "auditAnnotations": [{"key": "validate-policy", "valueExpression": _recorded(terms)}],
    }


def _admitted(terms: Sequence[Term]) -> Variable:
    """The policy that the pod names is asked first, because each that may be used costs a check at least."""
    fits = [f"variables.fits_{term.variable} && ({term.use})" for term in terms]
    named = [f"variables.psp == {literal(term.name)} && {each}" for term, each in zip(terms, fits, strict=True)]
    return {"name": "admitted", "expression": " || ".join([*named, *fits]) or "false"}


def _recorded(terms: Sequence[Term]) -> str:
    """The policy that the pod names, if it fits; the authorizer cannot be asked here."""
    fits = [f"variables.psp == {literal(term.name)} && variables.fits_{term.variable}" for term in terms]
    return f'{" || ".join(fits) or "false"} ? variables.psp : ""'


def _validation(expression: str, message: str, in_short: str) -> Manifest:
    return {
        "expression": expression,
        "reason": "Forbidden",
        "message": f"{_HEAD}{in_short}",
        "messageExpression": message,
    }


def _reasons(term: Term, asked: Clauses) -> str:
    """What the policy has against the pod; nothing, at no cost, where it has nothing."""
    told = " + ".join(map(_told, asked)) or "[]"
    whole = f'{literal(f"{_HEAD}[{term.name}: ")} + ({told}).join("; ") + "]"'
    cut = f'm.size() > {_LONGEST} ? m.substring(0, {_LONGEST}) + " ...]" : m'
    silent = f"variables.containers.size() > {MOST_TOLD} || variables.volumes.size() > {MOST_TOLD}"
    return f'{silent} || variables.fits_{term.variable} ? "" : [{whole}].map(m, {cut})[0]'


_NAMES: dict[Part, tuple[str, str]] = {"container": ("containers", "c"), "volume": ("volumes", "v")}


def _told(clause: Refused | Written) -> str:
    """The clause's words in a list, with the names of those it is about; an empty list where it does not apply."""
    if clause.part == "pod":
        return f"({clause.when} ? [{literal(clause.says)}] : [])"
    plural, name = _NAMES[clause.part]
    found = f"[variables.{plural}.filter({name}, {clause.when}).map({name}, {name}.name)]"
    words = f'{literal(f"{clause.says} ({plural} ")} + n.join(", ") + ")"'
    return f"{found}.filter(n, n.size() > 0).map(n, {words})"
