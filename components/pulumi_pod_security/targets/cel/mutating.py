"""The mutating half of PodSecurityPolicy as one MutatingAdmissionPolicy: it chooses, and writes the defaults.

The first mutation chooses among the policies that may be used, the first by name that the pod fits as it is, else the
first that it fits once it is written into, and notes the choice as the plugin does. The second sees that note and
writes what the chosen policy writes. Validation looks at the result again, so that nobody gains by a note of their own.

Fields: admissionregistration/v1 types.go, k8s.io/api v0.36.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pulumi_pod_security.controls.cel import Written, literal
from pulumi_pod_security.targets.cel.terms import PARTS, PSP, Term, Variable

__all__ = ["mutating_spec"]

Manifest = dict[str, Any]

_MATCHED: Manifest = {
    "matchPolicy": "Equivalent",
    "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
}
_ANNOTATIONS = "/metadata/annotations"
_NOTE = f"{_ANNOTATIONS}/kubernetes.io~1psp"


def mutating_spec(terms: Sequence[Term], exempt: Sequence[Manifest]) -> Manifest:
    """The spec of the MutatingAdmissionPolicy.

    Args:
        exempt: match conditions beyond those of validation.
    """
    fits = [term.unless("fits", term.clauses) for term in terms]
    admits = [term.unless("admits", term.without_defaults()) for term in terms]
    return {
        "failurePolicy": "Fail",
        "reinvocationPolicy": "IfNeeded",
        "matchConstraints": _MATCHED,
        **({"matchConditions": [*exempt]} if exempt else {}),
        "variables": [
            *PARTS,
            PSP,
            *fits,
            *admits,
            *(each for term in terms for each in term.may_be_used),
            _chosen(terms),
        ],
        "mutations": [_patch(_noted()), *map(_patch, _defaulted(terms))],
    }


def _chosen(terms: Sequence[Term]) -> Variable:
    first = [_if_usable(term, f"variables.fits_{term.variable}") for term in terms]
    second = [_if_usable(term, f"variables.admits_{term.variable}") for term in terms]
    return {"name": "chosen", "expression": " : ".join([*first, *second, '""'])}


def _if_usable(term: Term, condition: str) -> str:
    return f"{condition} && ({term.use}) ? {literal(term.name)}"


def _patch(expression: str) -> Manifest:
    return {"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}


def _noted() -> str:
    """Where no policy is chosen, a note that came with the pod must not stay."""
    parent = f'(has(object.metadata.annotations) ? [] : [JSONPatch{{op: "add", path: "{_ANNOTATIONS}", value: {{}}}}])'
    note = f'{parent} + [JSONPatch{{op: "add", path: "{_NOTE}", value: variables.chosen}}]'
    return f'variables.chosen != "" ? {note} : variables.psp != "" ? [JSONPatch{{op: "remove", path: "{_NOTE}"}}] : []'


def _defaulted(terms: Sequence[Term]) -> Iterator[str]:
    """What the noted policy writes, unless no policy writes anything."""
    writing = [f"variables.psp == {literal(term.name)} ? {_all_written(term)}" for term in terms if term.written]
    if writing:
        yield " : ".join([*writing, "[]"])


def _all_written(term: Term) -> str:
    of_pod = [clause for clause in term.written if clause.part == "pod"]
    of_container = [clause for clause in term.written if clause.part == "container"]
    parts = [_below("object.spec", '"/spec"', of_pod)] if of_pod else []
    for field in ("initContainers", "containers") if of_container else ():
        place = f'"/spec/{field}/" + string(i)'
        parts.append(
            f"object.spec.?{field}.orValue([]).transformList(i, c, {_below('c', place, of_container)}).flatten()"
        )
    return " + ".join(parts)


def _below(owner: str, place: str, clauses: Iterable[Written]) -> str:
    """Patches of one owner, before them one for its security context where that is missing and something goes in."""
    clauses = tuple(clauses)
    outer = [_write(place, clause) for clause in clauses if len(clause.field) == 1]
    inner = " + ".join(_write(place, clause) for clause in clauses if len(clause.field) > 1)
    if not inner:
        return " + ".join(outer)
    parent = f'JSONPatch{{op: "add", path: {place} + "/securityContext", value: {{}}}}'
    grown = f"w.size() > 0 && !has({owner}.securityContext) ? [{parent}] + w : w"
    return " + ".join([*outer, f"[{inner}].map(w, {grown})[0]"])


def _write(place: str, clause: Written) -> str:
    path = f'{place} + "/{"/".join(clause.field)}"'
    return f'({clause.when} ? [JSONPatch{{op: "add", path: {path}, value: {clause.value}}}] : [])'
