"""Which API servers run the plugin: every one must be known to, and where nothing is known nothing contradicts."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Refused
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.platforms.apiservers import Agreement, agreement
from tests.unit.support.servers import BOTH, MIRRORS, ONE, mirror_pod, show
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.world import World, kubeconfig

NOTHING = Agreement()


def test_every_server_is_told_by_its_node(world: World) -> None:
    """Half-way is neither on nor off."""
    show(world, cp1=BOTH, cp3=ONE, cp2=BOTH)
    found = agreement(world.cluster())
    assert found == Agreement(running=("cp-1", "cp-2"), without=("cp-3",))
    assert (found.servers, found.all_run, found.none_runs) == (3, False, False)


@pytest.mark.parametrize(("plugins", "all_run", "none_runs"), [(BOTH, True, False), (ONE, False, True)])
def test_all_of_one_mind_agree(world: World, plugins: str, all_run: bool, none_runs: bool) -> None:  # noqa: FBT001
    """All run it, or none does."""
    show(world, cp1=plugins, cp2=plugins)
    found = agreement(world.cluster())
    assert (found.all_run, found.none_runs) == (all_run, none_runs)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--enable-admission-plugins=PodSecurityPolicy"], id="alone"),
        pytest.param(["--enable-admission-plugins", "A,PodSecurityPolicy,B"], id="two-arguments"),
        pytest.param(["--enable-admission-plugins=PodSecurityPolicy", "--enable-admission-plugins=A"], id="repeated"),
        pytest.param(["sh -c 'exec kube-apiserver --enable-admission-plugins=PodSecurityPolicy'"], id="in-a-shell"),
    ],
)
def test_every_spelling_of_the_flag_counts(world: World, arguments: list[str]) -> None:
    """An API server that runs the plugin must not pass for one that does not."""
    world.lists[MIRRORS] = [mirror_pod("cp-1", "192.0.2.1", arguments)]
    assert agreement(world.cluster()) == Agreement(running=("cp-1",))


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="no-flag"),
        pytest.param(["--disable-admission-plugins=PodSecurityPolicy"], id="disabled"),
        pytest.param(["--enable-admission-plugins=MyPodSecurityPolicy"], id="another-name"),
    ],
)
def test_nothing_else_counts(world: World, arguments: list[str]) -> None:
    """An API server without the plugin must not pass for one that has it."""
    world.lists[MIRRORS] = [mirror_pod("cp-1", "192.0.2.1", arguments)]
    assert agreement(world.cluster()) == Agreement(without=("cp-1",))


def changed(part: str, **values: Any) -> dict[str, Any]:
    """A mirror pod with a part of it changed."""
    pod = mirror_pod("cp-1", "192.0.2.1", [f"--enable-admission-plugins={BOTH}"])
    return {**pod, part: {**pod[part], **values}}


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param(changed("metadata", annotations=None), id="no-mirror"),
        pytest.param(changed("metadata", labels={"component": "etcd"}), id="another-component"),
    ],
)
def test_other_pods_tell_nothing(world: World, pod: dict[str, Any]) -> None:
    """Only what a kubelet shows of a kube-apiserver does."""
    world.lists[MIRRORS] = [pod]
    assert agreement(world.cluster()) == NOTHING


@pytest.mark.parametrize("plugins", [BOTH, ONE], ids=["others-on", "others-off"])
def test_an_address_without_a_mirror_pod_is_neither_on_nor_off(world: World, plugins: str) -> None:
    """Its API server may do either, so nobody can say that all agree."""
    show(world, cp1=plugins, cp2=plugins)
    world.servers = ("10.0.0.1", "10.0.0.2", "10.0.0.9")
    found = agreement(world.cluster())
    assert found.unseen == ("10.0.0.9",)
    assert (found.servers, found.all_run, found.none_runs) == (3, False, False)


def test_an_api_server_that_names_no_address_advertises_its_hosts(world: World) -> None:
    """What stands in the Endpoints is then the node's address."""
    pod = changed("spec", containers=[{"name": "kube-apiserver", "command": ["kube-apiserver"]}])
    world.lists[MIRRORS] = [pod]
    assert agreement(world.cluster()) == Agreement(without=("cp-1",))


@pytest.mark.parametrize("servers", [("10.0.0.1",), ()], ids=["one", "none-told"])
def test_without_mirror_pods_nothing_contradicts_one_api_server(world: World, servers: tuple[str, ...]) -> None:
    """Whatever it is made from, it is the one that answers."""
    world.servers = servers
    assert agreement(world.cluster()) == NOTHING
    assert (NOTHING.all_run, NOTHING.none_runs) == (True, True)
    (asked,) = world.asked(MIRRORS)
    assert asked.query == {"labelSelector": "component=kube-apiserver"}


def test_several_without_mirror_pods_are_neither_on_nor_off(world: World) -> None:
    """The one that answers a dry run says nothing of the others."""
    world.servers = ("10.0.0.1", "10.0.0.2", "10.0.0.3")
    found = agreement(world.cluster())
    assert found == Agreement(unseen=world.servers)
    assert (found.servers, found.all_run, found.none_runs) == (3, False, False)


@pytest.mark.parametrize("code", [403, 404])
def test_what_may_not_be_listed_contradicts_nothing(code: int) -> None:
    """A dry run alone decides then."""
    with serving(lambda _: Reply(code=code, body={"message": "no"})) as address:
        assert agreement(Cluster(Connection(kubeconfig=kubeconfig(address)).open())) == NOTHING


def test_endpoints_that_may_not_be_read_hide_nothing_else() -> None:
    """The mirror pods still tell."""

    def answer(call: Call) -> Reply:
        pods = [mirror_pod("cp-1", "192.0.2.1", [])]
        return Reply(body={"items": pods}) if call.path == MIRRORS else Reply(code=403, body={"message": "no"})

    with serving(answer) as address:
        found = agreement(Cluster(Connection(kubeconfig=kubeconfig(address)).open()))
    assert found == Agreement(without=("cp-1",))


def test_a_server_that_fails_is_an_error() -> None:
    """A failure must not pass for agreement."""
    with serving(lambda _: Reply(code=503, body={"message": "away"})) as address:
        cluster = Cluster(Connection(kubeconfig=kubeconfig(address)).open())
        with pytest.raises(Refused, match="away"):
            agreement(cluster)
