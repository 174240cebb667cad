"""Whether policies, grants and the people who manage policies fit together: what none of them can tell alone."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from pulumi_pod_security.errors import Fault, InvalidBaseline, one_of
from pulumi_pod_security.policy.grants import Grant, Subject
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.naming import ADMIN_ROLE, admin_binding_name
from pulumi_pod_security.policy.presets import PRESETS
from pulumi_pod_security.policy.spec_rules import unusable
from pulumi_pod_security.policy.subjects import subject_faults

__all__ = ["check"]


class _Claim(NamedTuple):
    key: Hashable
    path: str
    value: object


def check(policies: Sequence[PodSecurityPolicy], grants: Sequence[Grant], admins: Sequence[Subject] = ()) -> None:
    """Refuse a baseline whose parts do not fit together.

    Raises:
        InvalidBaseline: with every fault, each saying what to write instead.
    """
    faults = tuple(_foreign(policies, grants)) or (
        *_policy_faults(policies),
        *_grant_faults(policies, grants),
        *_role_faults(grants, admins),
        *_admin_faults(admins),
        *_binding_faults(grants, admins),
    )
    if faults:
        raise InvalidBaseline("pod security baseline", faults)


def _foreign(policies: Sequence[object], grants: Sequence[object]) -> Iterator[Fault]:
    for index, policy in enumerate(policies):
        if not isinstance(policy, PodSecurityPolicy):
            allowed = "a PodSecurityPolicy, such as presets.default() or PodSecurityPolicy.from_manifest({...})"
            yield Fault(path=f"policies[{index}]", value=policy, allowed=allowed)
    for index, grant in enumerate(grants):
        if not isinstance(grant, Grant):
            allowed = "a Grant, such as Grant(policy='default', subjects=[authenticated()])"
            yield Fault(path=f"grants[{index}]", value=grant, allowed=allowed)


def _policy_faults(policies: Sequence[PodSecurityPolicy]) -> Iterator[Fault]:
    names = (_Claim(policy.name, f"policies[{index}].name", policy.name) for index, policy in enumerate(policies))
    yield from _repeated(names, "a name of its own; {} has this one")
    for index, policy in enumerate(policies):
        yield from unusable(policy.spec, f"policies[{index}].spec")


def _grant_faults(policies: Sequence[PodSecurityPolicy], grants: Sequence[Grant]) -> Iterator[Fault]:
    known = [policy.name for policy in policies]
    for index, grant in enumerate(grants):
        if grant.policy not in known:
            allowed = one_of(known, given=grant.policy) if known else "a policy of this baseline, which has none"
            if grant.policy in PRESETS:
                allowed += f"; or add presets.{grant.policy}() to the policies"
            yield Fault(path=f"grants[{index}].policy", value=grant.policy, allowed=allowed)
    same = (_Claim(_meaning(grant), f"grants[{index}]", grant.policy) for index, grant in enumerate(grants))
    yield from _repeated(same, "each grant once; {} is the same")


def _meaning(grant: Grant) -> Hashable:
    return grant.policy, grant.namespace, frozenset(grant.subjects)


def _role_faults(grants: Sequence[Grant], admins: Sequence[Subject]) -> Iterator[Fault]:
    owners = {ADMIN_ROLE: ("admins", "")} if admins else {}
    for index, grant in enumerate(grants):
        path, policy = owners.setdefault(grant.role_name, (f"grants[{index}]", grant.policy))
        if policy != grant.policy:
            allowed = f"a role of its own: {path} has this one" + (f" for policy {policy!r}" if policy else "")
            yield Fault(path=f"grants[{index}].role", value=grant.role_name, allowed=allowed)


def _admin_faults(admins: Sequence[Subject]) -> Iterator[Fault]:
    for index, admin in enumerate(admins):
        yield from subject_faults(admin, f"admins[{index}]", None)
    same = (_Claim(admin, f"admins[{index}]", admin.name) for index, admin in _sound(admins))
    yield from _repeated(same, "each of them once; {} is the same")


def _sound(admins: Sequence[Subject]) -> Iterator[tuple[int, Subject]]:
    for index, admin in enumerate(admins):
        if not any(subject_faults(admin, "", None)):
            yield index, admin.within(None)


def _binding_faults(grants: Sequence[Grant], admins: Sequence[Subject]) -> Iterator[Fault]:
    # A grant given twice has its fault already, and both would have the same name.
    claims: dict[Hashable, _Claim] = {}
    for index, grant in enumerate(grants):
        claim = _Claim((grant.namespace, grant.binding_name), f"grants[{index}].binding", grant.binding_name)
        claims.setdefault(_meaning(grant), claim)
    for index, admin in _sound(admins):
        name = admin_binding_name(admin)
        claims.setdefault(admin, _Claim((None, name), f"admins[{index}]", name))
    yield from _repeated(claims.values(), "a name of its own, such as binding='...' on a grant; {} has this one")


def _repeated(claims: Iterable[_Claim], allowed: str) -> Iterator[Fault]:
    first: dict[Hashable, str] = {}
    for key, path, value in claims:
        owner = first.setdefault(key, path)
        if owner != path:
            yield Fault(path=path, value=value, allowed=allowed.format(owner.removesuffix(".binding")))
