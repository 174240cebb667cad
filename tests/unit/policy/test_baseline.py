"""Policies and grants side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from pulumi_pod_security.errors import InvalidBaseline
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.baseline import check
from pulumi_pod_security.policy.grants import (
    Grant,
    authenticated,
    group,
    nodes,
    service_account,
    service_accounts,
    user,
)
from pulumi_pod_security.policy.model import FSGroupStrategy, RunAsUserStrategy, SELinuxStrategy

_POLICIES = [presets.privileged(), presets.default()]
_EVERYONE = Grant(policy="default", subjects=[authenticated()])
_NODES = Grant(policy="privileged", subjects=[nodes()])


def _faults(policies: Sequence[Any], grants: Sequence[Any], admins: Sequence[Any] = ()) -> list[str]:
    with pytest.raises(InvalidBaseline) as refusal:
        check(policies, grants, admins)
    return [str(fault) for fault in refusal.value.faults]


def test_a_baseline_that_fits_together() -> None:
    """Nothing is said of policies, grants and administrators that fit together, nor of a policy nobody may use."""
    elsewhere = [Grant(policy="default", namespace=name, subjects=[service_accounts()]) for name in ("a", "b")]
    check([*_POLICIES, presets.restricted()], [_EVERYONE, _NODES, *elsewhere], [user("jeff"), group("jeff")])


@pytest.mark.parametrize(
    ("policy", "instead"),
    [
        ("privleged", "one of 'privileged', 'default'; did you mean 'privileged'?"),
        ("eks.privileged", "one of 'privileged', 'default'; did you mean 'privileged'?"),
        ("mine", "one of 'privileged', 'default'"),
        ("example", "one of 'privileged', 'default'; or add presets.example() to the policies"),
    ],
)
def test_a_grant_of_an_unknown_policy(policy: str, instead: str) -> None:
    """A grant of a policy that is not there is answered with those that are."""
    unknown = Grant(policy=policy, subjects=[nodes()])
    assert _faults(_POLICIES, [_EVERYONE, unknown]) == [f"grants[1].policy: {policy!r}; allowed: {instead}"]


def test_a_grant_where_there_is_no_policy() -> None:
    """Without policies there is nothing to grant."""
    fault = (
        "grants[0].policy: 'default'; allowed: a policy of this baseline, which has none; "
        "or add presets.default() to the policies"
    )
    assert _faults([], [_EVERYONE]) == [fault]


def test_two_policies_of_one_name() -> None:
    """A policy's name is its own."""
    other = dataclasses.replace(presets.example(), name="default")
    fault = "policies[2].name: 'default'; allowed: a name of its own; policies[1].name has this one"
    assert _faults([*_POLICIES, other], [_EVERYONE]) == [fault]


def test_a_grant_given_twice() -> None:
    """The same grant again, its subjects in another order, is refused and its names are not blamed too."""
    first = Grant(policy="default", namespace="shop", subjects=[user("a"), user("b")])
    again = Grant(policy="default", namespace="shop", subjects=[user("b"), user("a")], binding="mine")
    fault = "grants[2]: 'default'; allowed: each grant once; grants[0] is the same"
    assert _faults(_POLICIES, [first, _NODES, again]) == [fault]
    assert _faults(_POLICIES, [first, _NODES, first]) == [fault]


def test_two_bindings_of_one_name() -> None:
    """Two grants whose bindings would be one are refused, and a name for one of them mends it."""
    first = Grant(policy="default", namespace="shop", subjects=[user("a"), user("b")])
    second = Grant(policy="default", namespace="shop", subjects=[user("a"), user("c")])
    fault = (
        "grants[1].binding: 'default-psp-a'; allowed: a name of its own, such as binding='...' on a grant; "
        "grants[0] has this one"
    )
    assert _faults(_POLICIES, [first, second]) == [fault]
    check(_POLICIES, [first, dataclasses.replace(second, binding="others")])


def test_bindings_of_one_name_in_two_places() -> None:
    """A binding's name is its own only in its namespace, and beside those of the whole cluster."""
    check(_POLICIES, [Grant(policy="default", namespace=name, subjects=[user("a")]) for name in (None, "a", "b")])


def test_a_role_for_two_policies() -> None:
    """A role carries the right to one policy: the users of one are not to get the other by accident."""
    taken = Grant(policy="privileged", subjects=[nodes()], role="default-psp")
    fault = "grants[1].role: 'default-psp'; allowed: a role of its own: grants[0] has this one for policy 'default'"
    assert _faults(_POLICIES, [_EVERYONE, taken]) == [fault]


def test_the_role_of_those_who_manage_policies() -> None:
    """No grant may take the role or a binding of those who manage policies."""
    role = Grant(policy="default", subjects=[nodes()], role="psp-admin")
    binding = Grant(policy="default", subjects=[user("a")], binding="psp-admin:jeff")
    assert _faults(_POLICIES, [role, binding], [user("jeff")]) == [
        "grants[0].role: 'psp-admin'; allowed: a role of its own: admins has this one",
        "admins[0]: 'psp-admin:jeff'; allowed: a name of its own, such as binding='...' on a grant; "
        "grants[1] has this one",
    ]
    check(_POLICIES, [role])


def test_administrators_that_will_not_do() -> None:
    """Those who manage policies are subjects of a cluster-wide binding, each of them once."""
    assert _faults(_POLICIES, [], [user(""), service_account("ci"), user("jeff"), user("jeff")]) == [
        "admins[0].name: ''; allowed: the user's name, as the cluster's authenticator gives it",
        "admins[1].namespace: None; allowed: the account's namespace, service_account('ci', 'NAMESPACE') or "
        "'serviceaccount:NAMESPACE/ci': a cluster-wide grant has none to lend",
        "admins[3]: 'jeff'; allowed: each of them once; admins[2] is the same",
    ]


def test_things_that_are_no_policies_and_no_grants() -> None:
    """Names and mappings in the place of policies and grants are refused before anything else is said."""
    assert _faults(["privileged", presets.default()], [{"policy": "default"}]) == [
        "policies[0]: 'privileged'; allowed: a PodSecurityPolicy, such as presets.default() or "
        "PodSecurityPolicy.from_manifest({...})",
        "grants[0]: {'policy': 'default'}; allowed: a Grant, such as Grant(policy='default', "
        "subjects=[authenticated()])",
    ]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"run_as_user": RunAsUserStrategy(rule="MustRunAs")}, "runAsUser.ranges"),
        ({"fs_group": FSGroupStrategy(rule="MustRunAs", ranges=())}, "fsGroup.ranges"),
        ({"fs_group": FSGroupStrategy(rule="MayRunAs")}, "fsGroup.ranges"),
        ({"se_linux": SELinuxStrategy(rule="MustRunAs")}, "seLinux.seLinuxOptions"),
    ],
)
def test_a_policy_that_admits_nothing(fields: dict[str, Any], path: str) -> None:
    """A policy the server would keep and the admission plugin would never use is refused in a baseline."""
    policy = presets.example()
    policy = dataclasses.replace(policy, spec=dataclasses.replace(policy.spec, **fields))
    (fault,) = _faults([policy], [])
    assert fault.startswith(f"policies[0].spec.{path}: missing; allowed: ")
    assert fault.endswith(": without it the admission plugin passes this policy by")


def test_every_fault_is_in_one_error() -> None:
    """One error tells of policies, grants and administrators alike."""
    faults = _faults([presets.default(), presets.default()], [_NODES, _NODES], [user("")])
    assert [fault.split(":")[0] for fault in faults] == [
        "policies[1].name",
        "grants[0].policy",
        "grants[1].policy",
        "grants[1]",
        "admins[0].name",
    ]
