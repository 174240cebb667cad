"""Objects read whole: what is answered in their place is neither them nor their absence."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.named import named
from tests.unit.support.world import World

ROLE = "ClusterRole/default-psp"
PATH = "/apis/rbac.authorization.k8s.io/v1/clusterroles/default-psp"
SOUND = {"metadata": {"name": "default-psp", "later": {"a": 1}}, "rules": None, "unknown": [1.5]}


def answered(world: World, body: Any) -> dict[str, Any] | None:
    """What is read of an answer."""
    world.answers[PATH] = body
    return named(world.cluster().api, ROLE)


def test_it_is_kept_as_it_is(world: World) -> None:
    """Also what nobody here knows."""
    assert answered(world, SOUND) == SOUND


def test_what_is_not_there_is_none(world: World) -> None:
    """The server says so."""
    assert named(world.cluster().api, ROLE) is None


@pytest.mark.parametrize(
    "metadata",
    [None, 3, [], {}, {"name": 3}, {"name": "other"}]
    + [{"name": "default-psp", **wrong} for wrong in ({"finalizers": 3}, {"finalizers": [3]}, {"managedFields": [3]})]
    + [
        {"name": "default-psp", **wrong} for wrong in ({"uid": None}, {"resourceVersion": 3}, {"annotations": {"a": 1}})
    ],
    ids=repr,
)
def test_anything_else_is_an_error(world: World, metadata: Any) -> None:
    """Saved in the object's place, it would be put back in its place, too."""
    with pytest.raises(ClusterError, match=rf"GET {PATH} is not what an API server says: it is no {ROLE}$"):
        answered(world, {**SOUND, "metadata": metadata})


def test_an_answer_without_metadata_is_an_error(world: World) -> None:
    """As a proxy's may be."""
    with pytest.raises(ClusterError, match=f"it is no {ROLE}$"):
        answered(world, {"error": "away"})
