"""A grant as plain data, as resource inputs hold it: `{policy, namespace, to: [...], role, binding}`; and a policy.

An entry of stack configuration says the same, and may name groups of namespaces besides: `stacks.grants` reads it. A
policy is the name of a preset, a preset under another name (`{preset, name}`), or a manifest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pulumi_pod_security.errors import MISSING, Fault, InvalidGrant, InvalidPolicy, one_of, shown
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.presets import preset
from pulumi_pod_security.policy.spelling import parse_subject
from pulumi_pod_security.policy.subjects import Subject

__all__ = ["grant_from_config", "grant_to_config", "names_preset", "policy_from_config"]


_NEEDED = {"policy": "the name of a policy", "to": "a list of subjects, such as ['authenticated']"}
_KEYS = ("policy", "to", "namespace", "role", "binding")
_RENAMED = {"preset": "the name of a preset", "name": "another name for its policy, such as 'users'"}
_MANIFEST = ("apiVersion", "kind", "metadata", "spec")


def policy_from_config(written: Any) -> PodSecurityPolicy:
    """The policy that `written` spells.

    Raises:
        InvalidPolicy, UnknownPreset: with what is wrong, and what to write instead.
    """
    if isinstance(written, str):
        return preset(written)
    if not names_preset(written):
        return PodSecurityPolicy.from_manifest(written)
    texts = [
        Fault(path=key, value=written[key], allowed=_RENAMED[key])
        for key in _RENAMED
        if not isinstance(written.get(key, ""), str)
    ]
    if faults := [*_misplaced(written, _RENAMED, _RENAMED), *texts]:
        raise InvalidPolicy(f"preset {shown(written.get('preset'))}", faults)
    policy = preset(written["preset"])
    try:
        return dataclasses.replace(policy, name=written["name"])
    except InvalidPolicy as error:
        # A preset is sound, so that it is the name.
        renamed = [dataclasses.replace(fault, path="name") for fault in error.faults]
        raise InvalidPolicy(f"preset {policy.name!r}", renamed) from None


def names_preset(written: Any) -> bool:
    """Whether this is meant to be a preset under another name, and no manifest."""
    if not isinstance(written, Mapping):
        return False
    return "preset" in written or ("name" in written and not any(key in written for key in _MANIFEST))


def grant_from_config(written: Mapping[str, Any]) -> Grant:
    """The grant that `written` spells.

    Raises:
        InvalidGrant: with what is wrong, and what to write instead.
    """
    if not isinstance(written, Mapping):
        raise InvalidGrant("grant", [Fault(path="grant", value=written, allowed=f"a map of {', '.join(_KEYS)}")])
    faults = [*_misplaced(written, _KEYS, _NEEDED)]
    if not isinstance(written.get("to", []), list | tuple):
        faults.append(Fault(path="to", value=written["to"], allowed=_NEEDED["to"]))
    if faults:
        raise InvalidGrant("grant", faults)
    subjects = [parse_subject(text, path=f"to[{index}]") for index, text in enumerate(written["to"])]
    rest = {key: written.get(key) for key in ("namespace", "role", "binding")}
    return Grant(policy=written["policy"], subjects=subjects, **rest)


def grant_to_config(grant: Grant) -> dict[str, Any]:
    """The spelling that `grant_from_config` reads as an equal grant; what is not set is left out."""
    optional = {"namespace": grant.namespace, "role": grant.role, "binding": grant.binding}
    written = {key: value for key, value in optional.items() if value is not None}
    return {"policy": grant.policy, "to": [_spelled(subject) for subject in grant.subjects], **written}


def _misplaced(written: Mapping[str, Any], keys: Iterable[str], needed: Mapping[str, str]) -> Iterator[Fault]:
    """Keys that are not known, and those that are missing."""
    for key in written:
        if key not in keys:
            yield Fault(path=str(key), value=written[key], allowed=one_of(keys, given=key))
    for key in needed:
        if key not in written:
            yield Fault(path=key, value=MISSING, allowed=needed[key])


def _spelled(subject: Subject) -> str:
    if subject.kind == "ServiceAccount":
        return f"serviceaccount:{subject.namespace}/{subject.name}"
    return f"{subject.kind.lower()}:{subject.name}"
