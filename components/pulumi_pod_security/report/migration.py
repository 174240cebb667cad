"""What `migrate` found, as lines, as stack configuration, as a program and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pulumi_pod_security.admission.migration import Taken
from pulumi_pod_security.errors import Fault, capped
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.report.json_text import as_json, fault
from pulumi_pod_security.report.lines import remark_lines
from pulumi_pod_security.report.program import program
from pulumi_pod_security.report.stack_config import config_of, stack_config
from pulumi_pod_security.report.wording import plural

__all__ = ["Migration", "migration_json", "migration_lines", "migration_program", "migration_yaml"]


@dataclass(frozen=True, kw_only=True)
class Migration:
    """What was taken over, and what has to be known to use it.

    Attributes:
        faults: what could not be read or used.
        notes: what was assumed, and what was left aside.
    """

    taken: Taken
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def migration_lines(migration: Migration) -> Iterator[str]:
    """Every line, without its end; the configuration comes last, uncut."""
    yield from remark_lines((heading, capped(entries)) for heading, entries in _remarks(migration))
    yield summary(migration)
    yield "stack configuration:"
    yield from (f"  {line}" for line in _config(migration).splitlines())


def migration_yaml(migration: Migration) -> str:
    """The `config` of a stack's file; what is to be known stands before it, uncut."""
    return "".join(_comments(migration)) + _config(migration)


def migration_program(migration: Migration) -> str:
    """The program, with the same before it."""
    taken = migration.taken
    return "".join(_comments(migration)) + program(taken.policies, taken.grants, taken.admins)


def migration_json(migration: Migration) -> str:
    """The text, with a line feed at its end."""
    taken = migration.taken
    return as_json(
        {
            "config": config_of(taken.policies, taken.grants, taken.admins),
            "notTakenOver": [{"what": one.what, "why": one.why} for one in taken.left],
            "faults": [fault(found) for found in migration.faults],
            "notes": list(_notes(migration)),
        }
    )


def summary(migration: Migration) -> str:
    """How much was taken over."""
    taken = migration.taken
    policies = "1 policy" if len(taken.policies) == 1 else f"{len(taken.policies)} policies"
    told = f"{policies}, {plural(len(taken.grants), 'grant')} and {plural(len(taken.admins), 'admin')} taken over"
    return f"{told}, {len(taken.left)} not"


def _config(migration: Migration) -> str:
    taken = migration.taken
    return stack_config(taken.policies, taken.grants, taken.admins)


def _remarks(migration: Migration) -> Iterator[tuple[str, Sequence[object]]]:
    sections: tuple[tuple[str, Sequence[object]], ...] = (
        ("not taken over", migration.taken.left),
        ("could not be read or used", migration.faults),
        ("notes", _notes(migration)),
    )
    return ((heading, entries) for heading, entries in sections if entries)


def _notes(migration: Migration) -> tuple[str, ...]:
    return (*migration.taken.notes, *migration.notes)


def _comments(migration: Migration) -> Iterator[str]:
    for heading, entries in _remarks(migration):
        yield f"# {heading}:\n"
        yield from (f"#   {harmless(entry)}\n" for entry in entries)
