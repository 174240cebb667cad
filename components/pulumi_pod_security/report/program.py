"""A baseline as a Pulumi program that uses this package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pprint import pformat
from textwrap import indent

from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.subjects import Subject, authenticated, nodes
from pulumi_pod_security.report.stack_config import is_preset

__all__ = ["program"]

_WIDTH = 104
_HEAD = '''"""Policies and grants as `pod-security migrate` found them."""

import pulumi_pod_security as ps

'''
_CALLED = {"ServiceAccount": "service_account", "User": "user", "Group": "group"}


def program(policies: Iterable[PodSecurityPolicy], grants: Iterable[Grant], admins: Sequence[Subject] = ()) -> str:
    """The text of the program. Nothing in it was written by others but inside of literals."""
    return "".join((_HEAD, *_assigned("policies", map(_policy, policies)), *_rest(grants, admins)))


def _rest(grants: Iterable[Grant], admins: Sequence[Subject]) -> Iterator[str]:
    yield from _assigned("grants", map(_grant, grants))
    given = ["policies=policies", "grants=grants"]
    if admins:
        yield from _assigned("admins", map(_subject, admins))
        given.append("admins=admins")
    yield f'\nps.PodSecurityBaseline("baseline", ps.PodSecurityBaselineArgs({", ".join(given)}))\n'


def _assigned(name: str, entries: Iterable[str]) -> Iterator[str]:
    yield f"{name} = [\n"
    yield from (indent(entry, "    ") + ",\n" for entry in entries)
    yield "]\n"


def _policy(policy: PodSecurityPolicy) -> str:
    if is_preset(policy):
        return f"ps.presets.{policy.name}()"
    manifest = pformat(policy.to_manifest(), sort_dicts=False, width=_WIDTH)
    return f"ps.PodSecurityPolicy.from_manifest(\n{indent(manifest, '    ')}\n)"


def _grant(grant: Grant) -> str:
    named = {"namespace": grant.namespace, "role": grant.role, "binding": grant.binding}
    given = [f"policy={grant.policy!r}", *(f"{key}={value!r}" for key, value in named.items() if value is not None)]
    subjects = ",\n".join(map(_subject, grant.subjects))
    return f"ps.Grant(\n    {', '.join(given)},\n    subjects=[\n{indent(subjects, ' ' * 8)},\n    ],\n)"


def _subject(subject: Subject) -> str:
    if subject in (authenticated(), nodes()):
        return "ps.authenticated()" if subject == authenticated() else "ps.nodes()"
    place = f", {subject.namespace!r}" if subject.namespace else ""
    return f"ps.{_CALLED[subject.kind]}({subject.name!r}{place})"
