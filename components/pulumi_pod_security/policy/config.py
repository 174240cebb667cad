"""A grant as plain data, as resource inputs hold it: `{policy, namespace, to: [...], role, binding}`.

An entry of stack configuration says the same, and may name groups of namespaces besides: `stacks.grants` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_pod_security.errors import MISSING, Fault, InvalidGrant, one_of
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.spelling import parse_subject
from pulumi_pod_security.policy.subjects import Subject

__all__ = ["grant_from_config", "grant_to_config"]


_NEEDED = {"policy": "the name of a policy", "to": "a list of subjects, such as ['authenticated']"}
_KEYS = ("policy", "to", "namespace", "role", "binding")


def grant_from_config(written: Mapping[str, Any]) -> Grant:
    """The grant that `written` spells.

    Raises:
        InvalidGrant: with what is wrong, and what to write instead.
    """
    if not isinstance(written, Mapping):
        raise InvalidGrant("grant", [Fault(path="grant", value=written, allowed=f"a map of {', '.join(_KEYS)}")])
    faults = [
        Fault(path=str(key), value=written[key], allowed=one_of(_KEYS, given=key))
        for key in written
        if key not in _KEYS
    ]
    faults += [Fault(path=key, value=MISSING, allowed=_NEEDED[key]) for key in _NEEDED if key not in written]
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


def _spelled(subject: Subject) -> str:
    if subject.kind == "ServiceAccount":
        return f"serviceaccount:{subject.namespace}/{subject.name}"
    return f"{subject.kind.lower()}:{subject.name}"
