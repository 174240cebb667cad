"""What `migrate` found, as lines, as stack configuration, as a program and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pulumi_pod_security.admission.findings import Unread
from pulumi_pod_security.admission.migration import Idle, InNamespace, Nearest, Taken
from pulumi_pod_security.errors import Fault, capped
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.report.json_text import as_json, fault
from pulumi_pod_security.report.leveling import (
    common_lines,
    namespace_data,
    namespace_lines,
    policy_data,
    policy_lines,
)
from pulumi_pod_security.report.lines import remark_lines
from pulumi_pod_security.report.program import program
from pulumi_pod_security.report.stack_config import config_of, stack_config
from pulumi_pod_security.report.wording import plural

__all__ = ["Migration", "migration_json", "migration_lines", "migration_program", "migration_yaml"]


@dataclass(frozen=True, kw_only=True)
class Migration:
    """What was taken over, and what has to be known to use it.

    Attributes:
        levels: of every policy that was taken over.
        namespaces: those with workloads.
        idle: policies that do nothing.
        unread: custom resources that were not judged.
        faults: what could not be read or used.
        notes: what was assumed, and what was left aside.
    """

    taken: Taken
    levels: tuple[Nearest, ...]
    namespaces: tuple[InNamespace, ...]
    idle: tuple[Idle, ...]
    unread: tuple[Unread, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]

    @property
    def is_incomplete(self) -> bool:
        """Whether there may be something that was not seen."""
        return bool(self.faults) or any(one.templates for one in self.unread)


def migration_lines(migration: Migration) -> Iterator[str]:
    """Every line, without its end; the configuration comes last, uncut."""
    yield from remark_lines(_levels(migration))
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
            "policies": [policy_data(one) for one in migration.levels],
            "namespaces": [namespace_data(one) for one in migration.namespaces],
            "idle": [{"policy": one.policy, "why": one.why} for one in migration.idle],
            "notJudged": [str(one) for one in migration.unread],
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


def _levels(migration: Migration) -> Iterator[tuple[str, list[str]]]:
    """Uncut: who changes over reads all of it."""
    policies = [line for one in migration.levels for line in policy_lines(one)]
    policies += common_lines(migration.levels)
    namespaces = [line for one in migration.namespaces for line in namespace_lines(one)]
    sections = (("policies and Pod Security levels", policies), ("namespaces", namespaces))
    return ((heading, entries) for heading, entries in sections if entries)


def _remarks(migration: Migration) -> Iterator[tuple[str, Sequence[object]]]:
    sections: tuple[tuple[str, Sequence[object]], ...] = (
        ("not taken over", migration.taken.left),
        ("policies without use", migration.idle),
        ("not judged", migration.unread),
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
