"""The grants of the stack's configuration, and the groups of namespaces that they name."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

import pulumi_pod_security as ps
from pulumi_pod_security.errors import Fault, InvalidInput, closest, one_of, shown
from pulumi_pod_security.policy.syntax import DNS_LABEL
from stacks.faults import Findings, Wrong
from stacks.kinds import mistyped
from stacks.mending import removing, setting
from stacks.places import NAMESPACE, Path

__all__ = ["Grants", "Groups", "read_grants", "read_groups"]

Groups = Mapping[str, Sequence[str]]
"""Namespaces by the name of their group; those that are wrong are left out."""


class GrantConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One entry of `grants`; `namespaces` names groups of the key `namespaces`."""

    policy: str
    to: list[str]
    namespace: str | None = None
    namespaces: list[str] | None = None
    role: str | None = None
    binding: str | None = None


@dataclasses.dataclass(kw_only=True)
class Grants:
    """What the entries of `grants` became; beside each the entry that it was made from.

    Attributes:
        sound: the grants: an entry with groups makes one for each namespace.
        partial: stand-ins for what is wrong in another way, which name its policy.
    """

    sound: list[tuple[int, ps.Grant]] = dataclasses.field(default_factory=list)
    partial: list[tuple[int, ps.Grant]] = dataclasses.field(default_factory=list)


def read_groups(found: Findings) -> Groups:
    """The groups of namespaces."""
    value = found.given.values.get("namespaces")
    if value is not None:
        found.add(mistyped(("namespaces",), dict[str, list[str]], found.given))
    return {name: _group(found, name, names) for name, names in value.items()} if isinstance(value, dict) else {}


def _group(found: Findings, name: str, written: object) -> Sequence[str]:
    sound = []
    for index, text in enumerate(written if isinstance(written, list) else ()):
        if isinstance(text, str) and DNS_LABEL.admits(text):
            sound.append(text)
        elif isinstance(text, str):
            found.refused(("namespaces", name), [Fault(path=f"[{index}]", value=text, allowed=DNS_LABEL.allowed)])
    return sound


def read_grants(found: Findings, groups: Groups) -> Grants:
    """The grants."""
    entries = found.given.values.get("grants")
    if entries is not None:
        found.add(mistyped(("grants",), list[GrantConfig], found.given))
    grants = Grants()
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            _Entry(found, index, entry, groups).read(grants)
    return grants


class _Entry:
    """One entry of `grants`, of which any part may be wrong."""

    def __init__(self, found: Findings, index: int, written: Mapping[str, Any], groups: Groups) -> None:
        self.found = found
        self.index = index
        self.path: Path = ("grants", index)
        self.written = written
        self.groups = groups

    def read(self, grants: Grants) -> None:
        """Add what the entry means."""
        self.found.add(self._group_faults())
        made = self._made(self._subjects())
        policy = self._sound("policy")
        if made and not self.found.broken(self.path):
            grants.sound += [(self.index, grant) for grant in made]
        elif policy is not None:
            grants.partial.append((self.index, ps.Grant(policy=policy, subjects=[self._stand_in(0)])))

    def _sound(self, key: str) -> Any:
        return None if self.found.broken((*self.path, key)) else self.written.get(key)

    def _stand_in(self, position: int) -> ps.Subject:
        # Nobody has this name, so that it is no second one of any subject.
        return ps.user(f"grants[{self.index}].to[{position}]")

    def _made(self, subjects: Sequence[ps.Subject]) -> list[ps.Grant]:
        namespaces = self._namespaces()
        made = []
        for namespace in namespaces or [None]:
            try:
                made.append(self._grant(subjects, namespace))
            except InvalidInput as error:
                # Whether an account needs a namespace of its own depends on the grant's.
                known = [fault for fault in error.faults if namespaces or not fault.path.endswith("].namespace")]
                self.found.refused(self.path, known)
                break
        return made if namespaces else []

    def _grant(self, subjects: Sequence[ps.Subject], namespace: str | None) -> ps.Grant:
        policy = self._sound("policy")
        return ps.Grant(
            policy="default" if policy is None else policy,
            subjects=subjects,
            namespace=namespace,
            role=self._sound("role"),
            binding=self._sound("binding"),
        )

    def _subjects(self) -> list[ps.Subject]:
        """The subjects; what is none is stood in for, so that the others keep their places."""
        written = self.written.get("to")
        subjects = []
        for position, text in enumerate(written if isinstance(written, list) else ["user:NAME"]):
            subject = self._stand_in(position)
            try:
                subject = ps.parse_subject(text, path=f"to[{position}]") if isinstance(text, str) else subject
            except InvalidInput as error:
                self.found.refused(self.path, error.faults)
            subjects.append(subject)
        return subjects

    def _namespaces(self) -> Sequence[str | None]:
        """The namespaces of the grant, None for all of them; empty if they are not known."""
        if self.found.broken((*self.path, "namespace")) or self.found.broken((*self.path, "namespaces")):
            return []
        groups = self.written.get("namespaces")
        if groups is None:
            return [self.written.get("namespace")]
        # A namespace may be in several groups.
        return list(dict.fromkeys(name for group in groups for name in self.groups.get(group, ())))

    def _group_faults(self) -> Iterator[Wrong]:
        place, beside = (*self.path, "namespaces"), (*self.path, "namespace")
        namespace, groups = self._sound("namespace"), self.written.get("namespaces")
        if groups is not None and namespace is not None:
            yield Wrong(path=beside, fault="given beside namespaces; allowed: one of the two", mend=removing(beside))
        elif namespace in self.groups and not any(namespace in names for names in self.groups.values()):
            fault = f"{namespace!r} is a group; write namespaces: [{namespace}]"
            mend = f"{removing(beside)} && {setting((*place, 0), self.found.given, namespace)}"
            yield Wrong(path=beside, fault=fault, mend=mend)
        if groups == []:
            yield Wrong(path=place, fault="[]; allowed: one group or more", mend=setting(place, self.found.given))
        if isinstance(groups, list) and not self.found.lost(("namespaces",)):
            yield from self._unknown_groups(groups)

    def _unknown_groups(self, groups: Sequence[object]) -> Iterator[Wrong]:
        none = f"a group of {NAMESPACE}:namespaces, which has none"
        for position, name in enumerate(groups):
            if isinstance(name, str) and name not in self.groups:
                path = (*self.path, "namespaces", position)
                guess = closest(name, self.groups)
                mended, instead = (path, guess) if guess else (("namespaces", name), None)
                fault = f"{shown(name)}; allowed: {one_of(self.groups, given=name) if self.groups else none}"
                yield Wrong(path=path, fault=fault, mend=setting(mended, self.found.given, instead))
