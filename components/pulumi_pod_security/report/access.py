"""Who may use which policy, with the reasons, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pulumi_pod_security.admission.rbac import Because, Pitfall
from pulumi_pod_security.errors import Fault, capped
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.report.json_text import as_json, fault
from pulumi_pod_security.report.lines import remark_lines

__all__ = ["Access", "access_json", "access_lines"]


@dataclass(frozen=True, kw_only=True)
class Access:
    """The answer to one question about rights.

    Attributes:
        question: in the words of the command, such as `who-can restricted`.
        policies: the names of those that exist.
        first: the notes without which the answers would be misread; lines show them before these.
    """

    question: str
    answers: tuple[Because, ...]
    policies: tuple[str, ...]
    pitfalls: tuple[Pitfall, ...]
    faults: tuple[Fault, ...]
    first: tuple[str, ...]
    notes: tuple[str, ...]


def access_lines(access: Access) -> Iterator[str]:
    """Every line, without its end; the answers come uncut."""
    yield from map(harmless, access.first)
    yield from (harmless(answer) for answer in access.answers)
    if not access.answers:
        yield harmless(f"{access.question}: no policy at all")
    sections = (
        ("pitfalls", access.pitfalls),
        ("could not be read or used", access.faults),
        ("notes", access.notes),
    )
    yield from remark_lines((heading, capped(entries)) for heading, entries in sections if entries)


def access_json(access: Access) -> str:
    """The text, with a line feed at its end."""
    pitfalls = [{"kind": one.kind, "where": one.where, "what": one.what, "mend": one.mend} for one in access.pitfalls]
    return as_json(
        {
            "question": access.question,
            "answers": [_because(answer) for answer in access.answers],
            "policies": list(access.policies),
            "pitfalls": pitfalls,
            "faults": [fault(found) for found in access.faults],
            "notes": [*access.first, *access.notes],
        }
    )


def _because(answer: Because) -> dict[str, Any]:
    subject = {"kind": answer.subject.kind, "name": answer.subject.name, "namespace": answer.subject.namespace}
    named = {"binding": answer.binding, "role": answer.role, "ruleOf": answer.origin}
    return {
        "subject": subject,
        "policy": answer.policy,
        "namespace": answer.namespace,
        **{key: None if name is None else name._asdict() for key, name in named.items()},
        "rule": None if answer.rule is None else answer.index,
        "reason": answer.reason,
    }
