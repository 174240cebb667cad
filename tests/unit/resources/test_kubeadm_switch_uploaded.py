"""A file that was uploaded: off only when the live ConfigMap, which every later kubeadm run follows, is without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.platforms.clusterconfiguration import with_plugin
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.policy import presets
from pulumi_pod_security.resources.kubeadm_switch import FoundProvider, SwitchProvider
from tests.unit.support.inputs import failure, inputs_of
from tests.unit.support.kubeadm import CONFIG
from tests.unit.support.plans import TO_ALL
from tests.unit.support.servers import CONFIGMAP, ONE, configured, show
from tests.unit.support.world import World

FOUND, SWITCH = FoundProvider(), SwitchProvider()
NAME = "ConfigMap kube-system/kubeadm-config"


@pytest.fixture
def file(tmp_path: Path, world: World) -> Path:
    """A copy of the configuration of two control-plane nodes that run without the plugin."""
    configured(world)
    show(world, cp1=ONE, cp2=ONE)
    world.put(presets.default())
    world.uses = {("system:authenticated", "default", None)}
    file = tmp_path / "kubeadm.yaml"
    file.write_text(CONFIG)
    return file


def inputs(world: World, file: Path, **more: Any) -> dict[str, Any]:
    """The inputs of `Found` and of the switch."""
    rest = {"refused": [], "timeout_seconds": 1, "found_config": CONFIG, **more}
    return inputs_of(world, [presets.default()], [TO_ALL], config=str(file), **rest)


@pytest.mark.parametrize("shown", [True, False], ids=["mirror-pods", "no-mirror-pods"])
def test_what_was_uploaded_is_not_off(world: World, file: Path, shown: bool) -> None:  # noqa: FBT001
    """No API server runs it, but the next one that kubeadm renders would, with no policy there: grants stay."""
    props = inputs(world, file)
    found = FOUND.create(props).outs or {}
    SWITCH.create(props)
    configured(world, with_plugin(CONFIG))
    standing = f"0 of 2 API servers still run the plugin; {NAME} still names it"
    if not shown:
        show(world)
        standing = f"{NAME} still names the PodSecurityPolicy plugin (NODE stands for each control-plane node)"
    for provider, outs in ((SWITCH, props), (FOUND, found)):
        with pytest.raises(SwitchError) as error:
            provider.delete("any", outs)
        words = str(error.value)
        assert words.startswith(f"the configuration was put back, but {standing}; policies and grants stay")
        assert f"; run: scp {file} " in words
        assert "sudo kubeadm init phase upload-config kubeadm --config kubeadm.yaml && ssh" in words
        assert file.read_text() == CONFIG
    configured(world, CONFIG)
    SWITCH.delete("enforcement", props)
    FOUND.delete("found", found)


def test_a_cluster_without_the_configmap_is_off(world: World, file: Path) -> None:
    """There is nothing that kubeadm could follow."""
    world.absent = {CONFIGMAP}
    props = inputs(world, file)
    SWITCH.create(props)
    SWITCH.delete("enforcement", props)
    assert file.read_text() == CONFIG


def test_a_configmap_that_may_not_be_read_is_told_in_the_preview(world: World, file: Path) -> None:
    """Not when policies and grants are to go."""
    props = inputs(world, file)
    assert failure(FOUND.check({}, props)) is None
    configured(world, "kind: Other\n")
    assert f"{NAME}: the kubeadm configuration holds no" in (failure(FOUND.check({}, props)) or "")
