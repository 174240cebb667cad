"""kubeadm's two files: changed together, put back to the byte, and never half written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pulumi_pod_security.platforms.clusterconfiguration import enables_plugin, with_plugin
from pulumi_pod_security.platforms.configurations import ConfigurationFile
from pulumi_pod_security.platforms.switch import SwitchError
from tests.unit.support.kubeadm import CONFIG, Node, node_in, script
from tests.unit.support.servers import CONFIGMAP
from tests.unit.support.world import World

BOTH = "NodeRestriction,PodSecurityPolicy"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A control-plane node with the plugin off."""
    return node_in(tmp_path)


def test_turning_on_changes_both_files(node: Node) -> None:
    """The plugin comes last in the configuration, and the manifest is what kubeadm makes of that."""
    node.switch().turn_on()
    assert f"enable-admission-plugins: {BOTH}\n" in node.config.read_text()
    assert f"--enable-admission-plugins={BOTH}\n" in node.manifest.read_text()
    assert enables_plugin(node.config.read_text())


def test_turning_on_twice_is_turning_on_once(node: Node) -> None:
    """A run that was killed half way is finished by the next."""
    found = node.found
    node.switch(found).turn_on()
    once = node.contents()
    node.switch(found).turn_on()
    assert node.contents() == once


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_turning_off_restores_to_the_byte(node: Node, line_end: str) -> None:
    """Comments, hand edits and line ends come back as they were, and nothing else is left in the folders."""
    node.config.write_bytes(CONFIG.replace("\n", line_end).encode())
    before, switch = node.contents(), node.switch()
    switch.turn_on()
    assert node.contents() != before
    switch.turn_off()
    assert node.contents() == before


def test_turning_off_twice_is_turning_off_once(node: Node) -> None:
    """Undone and destroyed afterwards, everything is as it was."""
    before, switch = node.contents(), node.switch()
    switch.turn_on()
    switch.turn_off()
    switch.turn_off()
    assert node.contents() == before


@pytest.mark.parametrize("moves", ["configuration", "neither"])
def test_a_run_killed_half_way_on_is_undone(node: Node, moves: str) -> None:
    """Killed before the manifest was written, going back restores what was there."""
    before, switch = node.contents(), node.switch()
    if moves == "configuration":
        ConfigurationFile(node.config).change(with_plugin)
    switch.turn_off()
    assert node.contents() == before


def test_a_run_killed_half_way_off_is_finished(node: Node) -> None:
    """Killed after the configuration went back, the manifest still does, to the byte."""
    before, switch = node.contents(), node.switch()
    switch.turn_on()
    node.config.write_bytes(before["kubeadm.yaml"])
    switch.turn_off()
    assert node.contents() == before


def test_a_configuration_that_others_changed_only_loses_the_plugin(node: Node) -> None:
    """What someone added meanwhile stays, in both files."""
    switch = node.switch()
    switch.turn_on()
    node.config.write_text(node.config.read_text() + "networking: {podSubnet: 10.0.0.0/16}\n")
    switch.turn_off()
    assert node.config.read_text() == CONFIG + "networking: {podSubnet: 10.0.0.0/16}\n"
    assert "PodSecurityPolicy" not in node.manifest.read_text()


def test_a_manifest_that_others_changed_only_loses_the_plugin(node: Node) -> None:
    """A flag that someone added to the manifest by hand survives, as after `kubeadm upgrade`."""
    switch = node.switch()
    switch.turn_on()
    node.manifest.write_text(node.manifest.read_text() + "    - --audit-log-path=-\n")
    switch.turn_off()
    text = node.manifest.read_text()
    assert "    - --enable-admission-plugins=NodeRestriction\n" in text
    assert text.endswith("    - --audit-log-path=-\n")


def test_going_back_does_not_take_an_upgrade_back(node: Node) -> None:
    """A cluster that was upgraded meanwhile keeps its new version: its manifest only loses the plugin."""
    switch = node.switch()
    switch.turn_on()
    for path in (node.manifest, node.kubeadm):
        path.write_text(path.read_text().replace("v1.24.17", "v1.24.18"))
    switch.turn_off()
    text = node.manifest.read_text()
    assert "image: kube-apiserver:v1.24.18" in text
    assert "PodSecurityPolicy" not in text


def test_going_back_needs_no_kubeadm(node: Node) -> None:
    """With the binary gone the plugin is taken out of the manifest as it stands."""
    switch = node.switch()
    switch.turn_on()
    node.kubeadm.unlink()
    switch.turn_off()
    assert node.config.read_text() == CONFIG
    assert "--enable-admission-plugins=NodeRestriction\n" in node.manifest.read_text()


def test_a_plugin_that_was_configured_before_stays(node: Node) -> None:
    """What we did not add we do not take."""
    node.config.write_text(CONFIG.replace("NodeRestriction", "PodSecurityPolicy,NodeRestriction"))
    node.manifest.write_text(node.manifest.read_text().replace("NodeRestriction", "PodSecurityPolicy,NodeRestriction"))
    before, switch = node.contents(), node.switch()
    assert switch.was_on
    switch.turn_on()
    switch.turn_off()
    assert node.contents() == before


def test_a_plugin_that_was_configured_before_stays_where_others_changed_something(node: Node) -> None:
    """Going back adds and takes nothing, in neither file."""
    for path in (node.config, node.manifest):
        path.write_text(path.read_text().replace("NodeRestriction", BOTH))
    switch = node.switch()
    switch.turn_on()
    for path in (node.config, node.manifest):
        path.write_text(path.read_text() + "# by hand\n")
    changed = node.contents()
    switch.turn_off()
    assert node.contents() == changed


def test_a_plugin_in_the_manifest_alone_was_on_before(node: Node) -> None:
    """A flag set by hand is what the API server runs with, whatever the configuration says."""
    node.manifest.write_text(node.manifest.read_text().replace("NodeRestriction", BOTH))
    before, switch = node.contents(), node.switch()
    assert switch.was_on
    switch.turn_on()
    switch.turn_off()
    assert node.contents() == before


def test_the_plugin_was_off_before(node: Node) -> None:
    """Neither file names it."""
    assert not node.switch().was_on
    assert node.switch().way_back is None


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640])
def test_keeps_the_modes_of_both_files(node: Node, mode: int) -> None:
    """A configuration that others may not read does not become readable, nor the other way round."""
    node.config.chmod(mode)
    node.manifest.chmod(mode)
    switch = node.switch()
    for move in (switch.turn_on, switch.turn_off):
        move()
        assert [path.stat().st_mode & 0o777 for path in (node.config, node.manifest)] == [mode, mode]


def test_keeps_the_owner_where_it_may(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of someone else stays theirs; who may not give files away goes on without."""
    asked: list[tuple[int, int]] = []

    def chown(_: object, owner: int, group: int) -> None:
        asked.append((owner, group))
        raise PermissionError

    monkeypatch.setattr(os, "chown", chown)
    present = node.config.stat()
    node.switch().turn_on()
    assert asked == [(present.st_uid, present.st_gid)] * 2


def test_replaces_a_file_in_one_step(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads a file sees the old one or the new one: it is renamed into place, complete."""
    seen: list[tuple[str, str]] = []
    replace = os.replace

    def watched(source: str, target: Path) -> None:
        if target in (node.config, node.manifest):
            seen.append((target.read_text(), Path(source).read_text()))
        replace(source, target)

    monkeypatch.setattr(os, "replace", watched)
    before = node.found
    node.switch().turn_on()
    assert [old for old, _ in seen] == [before.config, before.manifest]
    assert [new for _, new in seen] == [node.config.read_text(), node.manifest.read_text()]


def test_a_step_that_fails_leaves_nothing_behind(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is one clear error, the file stays and no half-written one is left beside it."""
    before, replace = node.contents(), os.replace

    def full(source: str, target: Path) -> None:
        if target == node.config:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SwitchError, match=r"kubeadm\.yaml cannot be written: No space left on device"):
        node.switch().turn_on()
    assert node.contents() == before


def test_an_equal_file_is_not_written(node: Node) -> None:
    """The kubelet restarts the API server when its manifest changes, so an equal one is left alone."""
    switch = node.switch()
    switch.turn_on()
    stamps = [path.stat().st_mtime_ns for path in (node.config, node.manifest)]
    switch.turn_on()
    assert [path.stat().st_mtime_ns for path in (node.config, node.manifest)] == stamps


def test_a_link_to_the_configuration_stays_a_link(node: Node) -> None:
    """The file behind it changes."""
    link = node.config.parent / "link.yaml"
    link.symlink_to(node.config)
    ConfigurationFile(link).change(with_plugin)
    assert link.is_symlink()
    assert enables_plugin(node.config.read_text())


def test_kubeadm_writes_nowhere_but_in_a_folder_that_goes(node: Node) -> None:
    """Rendering leaves nothing behind, and kubeadm is told to do a dry run."""
    log = node.kubeadm.parent / "log"
    renders = node.kubeadm.read_text().partition("\n")[2]
    script(node.kubeadm, f'echo "$KUBEADM_INIT_DRYRUN_DIR $@" > {log}\n{renders}')
    node.switch().turn_on()
    folder, *arguments = log.read_text().split()
    assert arguments[:5] == ["init", "phase", "control-plane", "apiserver", "--dry-run"]
    assert not Path(folder).exists()


def test_out_of_reach_only_the_configuration_changes(node: Node, world: World) -> None:
    """The manifests of nodes elsewhere follow by the command that is stated."""
    world.absent = {CONFIGMAP}
    manifest = node.manifest.read_text()
    switch = node.configuration_switch(world)
    switch.turn_on()
    assert switch.way_back is not None
    assert switch.way_back.standing == (
        "the API server does not run the plugin yet (NODE stands for each control-plane node)"
    )
    assert switch.way_back.command == (
        f"scp {node.config} NODE:kubeadm.yaml && "
        "ssh NODE sudo kubeadm init phase upload-config kubeadm --config kubeadm.yaml && "
        "ssh NODE sudo kubeadm upgrade node phase control-plane"
    )
    assert enables_plugin(node.config.read_text())
    switch.turn_off()
    assert (node.config.read_text(), node.manifest.read_text()) == (CONFIG, manifest)
    assert switch.way_back.standing == (
        "the API server still runs the PodSecurityPolicy plugin (NODE stands for each control-plane node)"
    )
