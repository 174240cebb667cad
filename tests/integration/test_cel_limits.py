"""What an API server of 1.36 can pay: sets of policies up to our own limit, and pods as large as we say."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Sequence
from random import Random

import pytest

from pulumi_pod_security.errors import DoesNotFit
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.spec_rules import unusable
from pulumi_pod_security.targets.cel import manifests
from tests.fixtures.cel_pods import bad_pod, good_pod, spoiled_pod
from tests.fixtures.psp_policies import restrictive_policy
from tests.fixtures.waiting import eventually
from tests.integration.support.cel_enforcement import STRANGER, WITNESS, Enforcement, last_policy, note
from tests.integration.support.cel_server import CelServer
from tools.controlplane import LoneServer

pytestmark = pytest.mark.integration

# Containers and volumes; of up to twenty each the reasons are told, which costs as well.
_SIZES = ((1, 0), (3, 5), (20, 20), (50, 50), (50, 3))
_PODS = (good_pod, spoiled_pod, bad_pod)
_ONE_GROUP = ("policy",)
_BOTH_GROUPS = ("policy", "extensions")


def restrictive(count: int) -> list[PodSecurityPolicy]:
    """Policies that have something to say about nearly everything, each something else."""
    made = (PodSecurityPolicy.from_manifest(restrictive_policy(Random(f"limits/{n}"), f"p{n}")) for n in range(99))
    usable = [policy for policy in made if not any(unusable(policy.spec))]
    return [*usable[: count - 1], last_policy()]


def hardened(count: int) -> list[PodSecurityPolicy]:
    """The documentation's policy, as often; the last writes the seccomp profile that the others miss."""
    preset = presets.restricted()
    writing = dataclasses.replace(preset.seccomp, default="runtime/default")
    return [*_named(preset, count - 1), dataclasses.replace(preset, name="last", seccomp=writing)]


def permissive(count: int) -> list[PodSecurityPolicy]:
    """The documentation's policy that refuses next to nothing, as often."""
    return _named(presets.privileged(), count)


def _named(policy: PodSecurityPolicy, count: int) -> list[PodSecurityPolicy]:
    return [dataclasses.replace(policy, name=f"p{number}") for number in range(count)]


@pytest.fixture(scope="module")
def enforcement(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enforcement]:
    """A server with people and nothing in force."""
    lone = LoneServer(tmp_path_factory.mktemp("cel"), "1.36.3", {"disable-admission-plugins": ""})
    try:
        lone.start(owner=os.getpid())
        server = CelServer(lone)
        server.furnish(())
        yield Enforcement(server)
    finally:
        lone.destroy()


@pytest.mark.parametrize(
    ("make", "count", "groups"),
    [
        (restrictive, 1, _ONE_GROUP),
        (restrictive, 7, _ONE_GROUP),
        (restrictive, 13, _ONE_GROUP),
        (restrictive, 6, _BOTH_GROUPS),
        (hardened, 13, _ONE_GROUP),
        (hardened, 6, _BOTH_GROUPS),
        (permissive, 13, _ONE_GROUP),
    ],
)
def test_what_we_let_through_a_server_can_pay(
    enforcement: Enforcement, make: Callable[[int], list[PodSecurityPolicy]], count: int, groups: Sequence[str]
) -> None:
    """Each pod is admitted or refused for what it is, and by whom it comes; it costs most where nothing may be used."""
    enforcement.enforce(make(count), api_groups=groups)
    asked = [(pod(*size), user) for pod in _PODS for size in _SIZES for user in (STRANGER, WITNESS)]
    for (pod, user), reply in zip(asked, enforcement.ask_all(asked), strict=True):
        size = f"{user}, {len(pod['spec']['containers'])} containers, {len(pod['spec']['volumes'])} volumes"
        assert reply.code in (201, 403), (size, reply.body)
        assert b"budget" not in reply.body, (size, reply.body)
        assert user == WITNESS or reply.code == 403, size
        assert reply.code == 403 or note(reply) == enforcement.last, size


@pytest.mark.parametrize(("count", "groups"), [(15, _ONE_GROUP), (8, _BOTH_GROUPS)])
def test_what_a_server_cannot_pay_we_refuse(
    enforcement: Enforcement, monkeypatch: pytest.MonkeyPatch, count: int, groups: Sequence[str]
) -> None:
    """Ours comes first, and says which may be one; without it everybody is told of budgets whom no policy admits."""
    policies = hardened(count)
    with pytest.raises(DoesNotFit, match="may be one, if the same subjects may use them: p0 and p1 and "):
        enforcement.put(policies, stage="deny", mutates=True, api_groups=groups)
    monkeypatch.setattr(manifests, "require_budget", lambda _policies, _terms: None)
    enforcement.put(policies, stage="deny", mutates=True, api_groups=groups)
    spent = b"running out of cost budget"
    eventually(lambda: spent in enforcement.ask(good_pod(1, 0), STRANGER).body, 60)
