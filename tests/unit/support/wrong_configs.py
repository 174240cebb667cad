"""Every wrong configuration, and those whose value only a person knows."""

from __future__ import annotations

from tests.unit.support.wrong_config import WrongConfig, case
from tests.unit.support.wrong_grants import GRANT, GRANTS, grant, grants
from tests.unit.support.wrong_others import OTHERS
from tests.unit.support.wrong_policies import MANIFEST, POLICIES, SPEC

__all__ = ["UNMENDED", "WRONG", "WrongConfig"]

WRONG: tuple[WrongConfig, ...] = (*POLICIES, *GRANTS, *OTHERS)

UNMENDED = (
    case(
        "manifest-value",
        {"policies": [{**MANIFEST, "spec": {**SPEC, "volumes": ["nfs", "zzz"]}}]},
        "policies[0].spec.volumes[1]",
        "'zzz'; allowed: one of '*'",
        "set --path 'pod-security:policies[0].spec.volumes[1]' VALUE",
    ),
    case(
        "manifest-missing",
        {"policies": [{**MANIFEST, "spec": {**SPEC, "seLinux": None}}]},
        "policies[0].spec.seLinux",
        "missing; allowed: a mapping with rule",
        "set --path 'pod-security:policies[0].spec.seLinux' VALUE",
    ),
    case(
        "binding-taken",
        grants({**GRANT, "binding": "a"}, {"policy": "privileged", "to": ["nodes"], "binding": "a"}),
        "grants[1].binding",
        "'a'; allowed: a name of its own",
        "set --path 'pod-security:grants[1].binding' VALUE",
    ),
    case(
        "role-of-kubernetes",
        grant(role="cluster-admin"),
        "grants[0].role",
        "'cluster-admin'; allowed: a name that is not one of Kubernetes' own",
        "set --path 'pod-security:grants[0].role' VALUE",
    ),
)
"""Faults where only a person knows the value; the command shows the place."""
