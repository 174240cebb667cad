"""Who may use what once something is gone: the server's word, but for what only that gives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_pod_security.cluster.access import Access, asked_as, live_rbac, together, without
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.subjects import authenticated, service_account, user
from tests.unit.support.provider import BINDING, ROLE, TRIO, ProviderWorld, provided, role_binding, trio

EVERYONE = asked_as(authenticated())


@pytest.fixture
def cloud() -> Iterator[ProviderWorld]:
    """A cluster where everyone may use `eks.privileged`."""
    with provided(ProviderWorld(enforcing=True)) as world:
        world.make(*trio())
        yield world


@pytest.mark.parametrize("leaving", [[BINDING], [ROLE], [TRIO[2]], TRIO], ids=["binding", "role", "policy", "all"])
def test_what_only_the_leaving_give_counts_no_more(cloud: ProviderWorld, leaving: list[str]) -> None:
    """Each of the three is needed, so each of them takes it away."""
    cluster = cloud.cluster()
    assert Access(cluster, ()).may_use(EVERYONE, "eks.privileged", "shop")
    assert not Access(cluster, leaving).may_use(EVERYONE, "eks.privileged", "shop")


def test_what_others_give_too_counts(cloud: ProviderWorld) -> None:
    """A second binding to the same role outlives the first, and not the role."""
    cloud.make(role_binding("mine", ROLE.partition("/")[2], "system:authenticated"))
    assert Access(cloud.cluster(), [BINDING]).may_use(EVERYONE, "eks.privileged", "shop")
    assert not Access(cloud.cluster(), [BINDING, ROLE]).may_use(EVERYONE, "eks.privileged", "shop")


def test_what_the_server_knows_beside_rbac_counts(cloud: ProviderWorld) -> None:
    """Other authorizers are not seen in its objects."""
    cloud.uses = {("devs", "eks.privileged", None)}
    devs = Identity(user="jane", groups=frozenset({"devs"}))
    assert Access(cloud.cluster(), [BINDING]).may_use(devs, "eks.privileged", "shop")


def test_without_anything_that_leaves_no_list_is_read(cloud: ProviderWorld) -> None:
    """On other platforms nobody needs the right to read it."""
    Access(cloud.cluster(), ()).may_use(EVERYONE, "eks.privileged", "shop")
    assert {call.method for call in cloud.calls} == {"POST"}


def test_objects_without_and_together(cloud: ProviderWorld) -> None:
    """What was taken out can be put back in."""
    objects = live_rbac(cloud.cluster())
    less = without(objects, [BINDING, ROLE])
    assert (less.cluster_roles, less.cluster_role_bindings) == ((), ())
    assert together(less, objects) == objects


@pytest.mark.parametrize(
    ("subject", "identity"),
    [
        (authenticated(), Identity(user="", groups=frozenset({"system:authenticated"}))),
        (user("jane"), Identity(user="jane")),
        (service_account("cart", "shop"), Identity.service_account("shop", "cart")),
    ],
    ids=["group", "user", "account"],
)
def test_a_subject_asks_for_itself_alone(subject: object, identity: Identity) -> None:
    """No other group of its members counts."""
    assert asked_as(subject) == identity  # type: ignore[arg-type]
