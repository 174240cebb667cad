"""Laws of grants, and of the objects they become."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pulumi_pod_security.errors import InvalidBaseline, InvalidGrant
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import (
    Grant,
    Identity,
    Subject,
    authenticated,
    group,
    nodes,
    parse_subject,
    service_account,
    service_accounts,
    user,
)
from pulumi_pod_security.policy.syntax import RBAC_NAME
from pulumi_pod_security.targets.psp import PspManifests, psp_manifests
from tests.fixtures.policy_manifests import garbage

_NAMESPACES = st.sampled_from(["a", "b"])
_NAMES = st.sampled_from(["x", "y"])
_POLICIES = [presets.privileged(), presets.default(), presets.example()]

_SUBJECTS: SearchStrategy[Subject] = st.one_of(
    st.builds(service_account, _NAMES, _NAMESPACES),
    st.builds(service_accounts, st.one_of(st.none(), _NAMESPACES)),
    st.builds(user, st.one_of(_NAMES, st.just("system:serviceaccount:a:x"), st.text(min_size=1))),
    st.builds(group, st.one_of(_NAMES, st.just("system:serviceaccounts"), st.text(min_size=1))),
    st.sampled_from([authenticated(), nodes()]),
)
_IDENTITIES: SearchStrategy[Identity] = st.one_of(
    st.builds(Identity.service_account, _NAMESPACES, _NAMES),
    st.builds(Identity.authenticated_service_account, _NAMESPACES, _NAMES),
    st.builds(
        lambda name, groups: Identity(user=name, groups=frozenset(groups)),
        _NAMES,
        st.sets(st.sampled_from(["x", "y", "system:authenticated", "system:nodes"])),
    ),
)


@st.composite
def _grants(draw: st.DrawFn) -> Grant:
    policy = draw(st.sampled_from([policy.name for policy in _POLICIES]))
    namespace = draw(st.one_of(st.none(), _NAMESPACES))
    try:
        return Grant(policy=policy, namespace=namespace, subjects=draw(st.lists(_SUBJECTS, min_size=1, max_size=3)))
    except InvalidGrant:
        return Grant(policy=policy, namespace=namespace, subjects=[authenticated()])


def _may_use(written: PspManifests, identity: Identity, namespace: str) -> set[str]:
    """The policies that RBAC, read from the manifests alone, lets the identity use in the namespace."""
    roles = {role["metadata"]["name"]: role["rules"][0]["resourceNames"] for role in written.roles}
    usable: set[str] = set()
    for binding in written.bindings:
        here = binding["kind"] == "ClusterRoleBinding" or binding["metadata"]["namespace"] == namespace
        if here and any(_is(identity, subject) for subject in binding["subjects"]):
            usable |= set(roles[binding["roleRef"]["name"]])
    return usable


def _is(identity: Identity, subject: dict[str, Any]) -> bool:
    if subject["kind"] == "ServiceAccount":
        return identity.user.split(":") == ["system", "serviceaccount", subject["namespace"], subject["name"]]
    return subject["name"] in ({identity.user} if subject["kind"] == "User" else identity.groups)


@given(st.lists(_grants(), max_size=4), _IDENTITIES, _NAMESPACES)
def test_the_objects_grant_what_the_grants_cover(grants: Sequence[Grant], identity: Identity, namespace: str) -> None:
    """RBAC, as the objects are written, lets an identity use exactly the policies whose grants cover it."""
    named = [dataclasses.replace(grant, binding=f"b{index}") for index, grant in enumerate(grants)]
    with suppress(InvalidBaseline):
        written = psp_manifests(_POLICIES, named)
        covered = {grant.policy for grant in named if grant.covers(identity, namespace)}
        assert _may_use(written, identity, namespace) == covered


@given(_grants())
def test_every_grant_has_names_rbac_takes(grant: Grant) -> None:
    """Whatever its subjects are called, the names made for a grant are names."""
    assert RBAC_NAME.admits(grant.role_name)
    assert RBAC_NAME.admits(grant.binding_name)


@given(_grants())
def test_a_grant_made_of_a_grants_parts_is_the_same(grant: Grant) -> None:
    """Subjects that took their grant's namespace are not changed by being given again."""
    assert dataclasses.replace(grant) == grant


@given(garbage())
def test_garbage_for_a_subject_is_refused_and_nothing_worse(bad: Any) -> None:
    """Whatever stands in the place of a subject or its spelling, the answer is a subject or a list of faults."""
    with suppress(InvalidGrant):
        parse_subject(bad)
    with suppress(InvalidGrant):
        Grant(policy="default", subjects=[bad])
    for name in ("policy", "subjects", "namespace", "role", "binding"):
        with suppress(InvalidGrant):
            Grant(**{"policy": "default", "subjects": [nodes()], name: bad})
    for kind in ("User", "Group", "ServiceAccount", "ServiceAccounts", bad):
        with suppress(InvalidGrant):
            Grant(policy="default", subjects=[Subject(kind=kind, name=bad, namespace=bad)])


@given(
    st.from_regex(r"(system|user|group|nodes|serviceaccount|service-accounts)?[:/]?[a-z:/%.*]{0,12}", fullmatch=True)
)
def test_a_spelling_is_a_subject_or_refused(text: str) -> None:
    """Whatever text is given, the answer is a subject that a grant can judge, or a fault at its path."""
    with suppress(InvalidGrant):
        Grant(policy="default", subjects=[parse_subject(text)])
