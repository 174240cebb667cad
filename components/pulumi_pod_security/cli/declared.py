"""A baseline as people write it: presets and grants by options, or the file of a Pulumi stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pulumi_pod_security.cluster.plan import Plan
from pulumi_pod_security.errors import Fault, InvalidInput, one_of
from pulumi_pod_security.policy.config import grant_from_config, policy_from_config
from pulumi_pod_security.policy.grants import Grant, nodes, service_accounts
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.presets import PRESETS, preset
from pulumi_pod_security.policy.spelling import parse_subject
from pulumi_pod_security.policy.subjects import Subject
from pulumi_pod_security.report.stack_config import PREFIX, stack_config
from pulumi_pod_security.targets.psp import PspManifests, psp_manifests

__all__ = ["EXAMPLE", "Declared"]

EXAMPLE = "{policy: privileged, namespace: kube-system, to: [nodes, service-accounts]}"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """Policies, and who may use them."""

    policies: tuple[PodSecurityPolicy, ...]
    grants: tuple[Grant, ...]
    admins: tuple[Subject, ...] = ()

    @classmethod
    def usual(cls) -> Declared:
        """What lets the cluster's own pods in, and nobody else's."""
        grant = Grant(policy="privileged", namespace="kube-system", subjects=[nodes(), service_accounts()])
        return cls(policies=(preset("privileged"),), grants=(grant,))

    @classmethod
    def by_options(cls, policies: Sequence[str], grants: Sequence[str]) -> Declared:
        """What options say; a grant of a preset asks for the preset.

        Raises:
            InvalidInput: with what is wrong and what to write instead.
        """
        made = tuple(grant for text in grants for grant in _grants(_parsed("--grant", text), "--grant"))
        named = dict.fromkeys([*policies, *(grant.policy for grant in made if grant.policy in PRESETS)])
        return cls(policies=tuple(map(preset, named)), grants=made)

    @classmethod
    def by_stack_file(cls, path: str) -> Declared:
        """What the stack's file says under `pod-security:`.

        Raises:
            InvalidInput: it cannot be read, or something in it cannot be used.
        """
        config = _config(path)
        groups = _groups(config)
        entries = [entry for written in _list(config, "grants") for entry in _expanded(written, groups)]
        return cls(
            policies=tuple(map(policy_from_config, _list(config, "policies"))),
            grants=tuple(grant for entry in entries for grant in _grants(entry, "grants")),
            admins=tuple(parse_subject(text, path="admins") for text in _list(config, "admins")),
        )

    def manifests(self) -> PspManifests:
        """The objects. Raises InvalidBaseline when the parts do not fit together."""
        return psp_manifests(self.policies, self.grants, self.admins)

    def plan(self) -> Plan:
        """What is to be in force once the objects are there."""
        return Plan(policies={policy.name: policy for policy in self.policies}, grants=self.grants)

    def as_config(self) -> str:
        """The lines of a stack's file that declare the same."""
        return stack_config(self.policies, self.grants, self.admins)


def _parsed(where: str, text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (ValueError, RecursionError, yaml.YAMLError):
        raise InvalidInput("options", [Fault(path=where, value=text, allowed=f"a grant such as {EXAMPLE}")]) from None


def _grants(written: Any, where: str) -> Iterator[Grant]:
    """A grant, or the list of one that a pasted line with its dash is."""
    for entry in written if isinstance(written, list) else [written]:
        if not isinstance(entry, Mapping):
            raise InvalidInput("grant", [Fault(path=where, value=entry, allowed=f"a grant such as {EXAMPLE}")])
        yield grant_from_config(entry)


def _config(path: str) -> dict[str, Any]:
    try:
        read = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        said = getattr(error, "strerror", None) or "it is not YAML"
        raise _file_fault(path, f"a file of a Pulumi stack, such as stacks/Pulumi.prod.yaml ({said})") from None
    config = read.get("config") if isinstance(read, Mapping) else None
    found = config if isinstance(config, Mapping) else {}
    own = {str(key).removeprefix(PREFIX): value for key, value in found.items() if str(key).startswith(PREFIX)}
    if not own.get("policies"):
        raise _file_fault(path, f"a file of a Pulumi stack with the key {PREFIX}policies below config")
    return own


def _file_fault(path: str, allowed: str) -> InvalidInput:
    return InvalidInput("options", [Fault(path="--stack-file", value=path, allowed=allowed)])


def _list(config: Mapping[str, Any], key: str) -> list[Any]:
    value = config.get(key) or []
    if not isinstance(value, list):
        told = "a secret" if isinstance(value, Mapping) and "secure" in value else value
        raise InvalidInput("stack file", [Fault(path=f"{PREFIX}{key}", value=told, allowed="a list in clear")])
    return value


def _groups(config: Mapping[str, Any]) -> dict[str, list[str]]:
    """The namespaces of each group; what names are allowed, grants say."""
    written = config.get("namespaces") or {}
    if not isinstance(written, Mapping):
        raise _groups_fault(written)
    for names in written.values():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _groups_fault(names)
    return dict(written)


def _groups_fault(value: object) -> InvalidInput:
    allowed = "a list of namespaces for each group, such as {infra: [kube-system]}"
    return InvalidInput("stack file", [Fault(path=f"{PREFIX}namespaces", value=value, allowed=allowed)])


def _expanded(written: Any, groups: Mapping[str, list[str]]) -> Iterable[Any]:
    """An entry for each namespace of the groups that it names, as the stack makes them."""
    if not isinstance(written, Mapping) or "namespaces" not in written:
        return [written]
    rest = {key: value for key, value in written.items() if key != "namespaces"}
    named = written["namespaces"]
    if not isinstance(named, list) or not all(isinstance(group, str) and group in groups for group in named):
        allowed = f"a list of groups: {one_of(groups) if groups else f'{PREFIX}namespaces has none'}"
        raise InvalidInput("stack file", [Fault(path="grants[].namespaces", value=named, allowed=allowed)])
    names = dict.fromkeys(name for group in named for name in groups[group])
    return [{**rest, "namespace": name} for name in names]
