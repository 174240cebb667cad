"""What people are told who make nodes follow: which are late, and what to run for those."""

from __future__ import annotations

import pytest

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.platforms.clusterconfiguration import with_plugin
from pulumi_pod_security.platforms.configurations import LiveConfiguration
from pulumi_pod_security.platforms.following import Following
from tests.unit.support.kubeadm import CONFIG
from tests.unit.support.servers import BOTH, ONE, configured, show
from tests.unit.support.world import World, kubeconfig

ON, OFF = with_plugin(CONFIG), CONFIG
AGAIN = "sudo kubeadm upgrade node phase control-plane"


def following(world: World) -> Following:
    """Nodes that follow the live ConfigMap."""
    connection = Connection(kubeconfig=kubeconfig(world.address))
    return Following(LiveConfiguration(connection), connection)


@pytest.mark.parametrize(
    ("text", "plugins", "standing", "late"),
    [
        pytest.param(
            ON,
            (ONE, ONE, ONE),
            "0 of 3 API servers run the plugin; still without: cp-1, cp-2, cp-3",
            ("cp-1", "cp-2", "cp-3"),
            id="none-on-yet",
        ),
        pytest.param(
            ON, (BOTH, BOTH, ONE), "2 of 3 API servers run the plugin; still without: cp-3", ("cp-3",), id="half-way-on"
        ),
        pytest.param(
            OFF,
            (BOTH, ONE, BOTH),
            "2 of 3 API servers still run the plugin: cp-1, cp-3",
            ("cp-1", "cp-3"),
            id="half-way-off",
        ),
        pytest.param(
            ON, (BOTH, BOTH, BOTH), "3 of 3 API servers run the plugin", ("cp-1", "cp-2", "cp-3"), id="all-shown-on"
        ),
        pytest.param(
            OFF,
            (ONE, ONE, ONE),
            "0 of 3 API servers still run the plugin",
            ("cp-1", "cp-2", "cp-3"),
            id="all-shown-off",
        ),
    ],
)
def test_names_those_that_do_not_follow_yet(
    world: World, text: str, plugins: tuple[str, str, str], standing: str, late: tuple[str, ...]
) -> None:
    """In the direction in which the configuration points; what a dry run met but nobody shows is all of them."""
    configured(world, text)
    show(world, cp1=plugins[0], cp2=plugins[1], cp3=plugins[2])
    found = following(world)
    assert found.standing == standing
    assert found.command == " && ".join(f"ssh {node} {AGAIN}" for node in late)


def test_an_api_server_that_nothing_tells_of_is_named_by_its_address(world: World) -> None:
    """It may have been the one that answered."""
    configured(world, ON)
    show(world, cp1=BOTH)
    world.servers = ("10.0.0.1", "10.0.0.2")
    assert following(world).standing == ("1 of 2 API servers run the plugin; without a mirror pod that tells: 10.0.0.2")


@pytest.mark.parametrize(("text", "run"), [pytest.param(ON, "run", id="on"), pytest.param(OFF, "still run", id="off")])
def test_several_that_nothing_tells_of_are_not_one(world: World, text: str, run: str) -> None:
    """All addresses are given, and what stands for their nodes."""
    configured(world, text)
    world.servers = ("10.0.0.1", "10.0.0.2")
    assert following(world).standing == (
        f"0 of 2 API servers {run} the plugin; without a mirror pod that tells: 10.0.0.1, 10.0.0.2 "
        "(NODE stands for each control-plane node)"
    )
    assert following(world).command == f"ssh NODE {AGAIN}"


@pytest.mark.parametrize("text", [ON, OFF], ids=["on", "off"])
def test_without_names_a_word_stands_for_each(world: World, text: str) -> None:
    """And it is said what it stands for."""
    configured(world, text)
    found = following(world)
    assert found.command == f"ssh NODE {AGAIN}"
    assert found.standing.endswith("(NODE stands for each control-plane node)")
