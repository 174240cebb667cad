"""The live ConfigMap: one key of it changes, to the byte, and only as it was when it was read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.platforms.clusterconfiguration import with_plugin
from pulumi_pod_security.platforms.configurations import ConfigurationFile, LiveConfiguration
from pulumi_pod_security.platforms.switch import SwitchError
from tests.unit.support.kubeadm import CONFIG
from tests.unit.support.servers import CONFIGMAP, configured, kept
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.telling import told
from tests.unit.support.world import TOKEN, World, kubeconfig

UPLOAD = "sudo kubeadm init phase upload-config kubeadm --config kubeadm.yaml"
AGAIN = "sudo kubeadm upgrade node phase control-plane"


@pytest.fixture
def live(world: World) -> LiveConfiguration:
    """The ConfigMap of a world."""
    configured(world)
    return LiveConfiguration(Connection(kubeconfig=kubeconfig(world.address)))


def patches(world: World) -> list[Call]:
    """Every patch of the ConfigMap so far."""
    return [call for call in world.asked(CONFIGMAP) if call.method == "PATCH"]


def refused(live: LiveConfiguration) -> str:
    """The words with which a change is refused; the token is never among them."""
    with pytest.raises(PodSecurityError) as error:
        live.change(with_plugin)
    assert TOKEN not in told(error.value)
    return str(error.value)


def test_one_key_is_patched_under_the_version_that_was_read(world: World, live: LiveConfiguration) -> None:
    """Nothing else is sent, so nothing else can change."""
    live.change(with_plugin)
    assert kept(world) == with_plugin(CONFIG)
    (patch,) = patches(world)
    assert patch.body == {
        "metadata": {"resourceVersion": "7"},
        "data": {"ClusterConfiguration": with_plugin(CONFIG)},
    }
    assert patch.header("Content-Type") == ["application/merge-patch+json"]


def test_an_equal_text_is_not_written(world: World, live: LiveConfiguration) -> None:
    """A repeated move leaves the object's version alone."""
    live.change(lambda text: text)
    assert patches(world) == []


def test_what_others_changed_meanwhile_is_read_again(world: World) -> None:
    """Their change stays, and ours is made of it."""
    configured(world)
    changes = iter([CONFIG + "# theirs\n", CONFIG + "# theirs, again\n"])

    def meddled(call: Call) -> Reply:
        if call.method == "PATCH" and (text := next(changes, None)):
            configured(world, text)
            world.objects[CONFIGMAP]["metadata"]["resourceVersion"] = str(100 + len(world.calls))
        return world.answer(call)

    with serving(meddled) as address:
        LiveConfiguration(Connection(kubeconfig=kubeconfig(address))).change(with_plugin)
    assert kept(world) == with_plugin(CONFIG + "# theirs, again\n")
    assert len(patches(world)) == 3


def test_what_changes_again_and_again_is_an_error() -> None:
    """After a few times someone should look."""
    found = {"metadata": {"resourceVersion": "1"}, "data": {"ClusterConfiguration": CONFIG}}

    def answer(call: Call) -> Reply:
        return Reply(body=found) if call.method == "GET" else Reply(code=409, body={"message": "modified"})

    with serving(answer) as address:
        words = refused(LiveConfiguration(Connection(kubeconfig=kubeconfig(address))))
    assert words.endswith("was changed by others 5 times meanwhile; try again")


def test_a_rehearsal_changes_nothing(world: World, live: LiveConfiguration) -> None:
    """A dry run shows that the plugin can be added and that we may."""
    assert live.rehearse() == CONFIG
    assert kept(world) == CONFIG
    assert [call.query for call in patches(world)] == [{"dryRun": "All"}]


def test_a_rehearsal_names_what_cannot_take_the_plugin(world: World, live: LiveConfiguration) -> None:
    """By the name of the ConfigMap."""
    configured(world, "kind: Other\n")
    with pytest.raises(SwitchError, match="ConfigMap kube-system/kubeadm-config: the kubeadm configuration holds no"):
        live.rehearse()
    assert patches(world) == []


@pytest.mark.parametrize(
    ("data", "held"),
    [
        pytest.param({"ClusterConfiguration": with_plugin(CONFIG)}, True, id="with"),
        pytest.param({"ClusterConfiguration": CONFIG}, False, id="without"),
        pytest.param({"other": with_plugin(CONFIG)}, False, id="no-key"),
        pytest.param(None, False, id="no-data"),
    ],
)
def test_tells_whether_nodes_would_get_the_plugin(data: dict[str, str] | None, held: bool) -> None:  # noqa: FBT001
    """Where kubeadm has no configuration they would not."""
    with serving(lambda _: Reply(body={"metadata": {"resourceVersion": "1"}, "data": data})) as address:
        assert LiveConfiguration(Connection(kubeconfig=kubeconfig(address))).holds_plugin() is held


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param(404, None, id="no-configmap"),
        pytest.param(403, "jane cannot; check `get` and `patch` with: kubectl", id="no-right"),
        pytest.param(500, f"GET {CONFIGMAP}: jane cannot", id="failing"),
    ],
)
def test_what_cannot_be_asked_is_no_absence(code: int, words: str | None) -> None:
    """Only a cluster without the ConfigMap has no plugin in it."""
    with serving(lambda _: Reply(code=code, body={"message": "jane cannot"})) as address:
        live = LiveConfiguration(Connection(kubeconfig=kubeconfig(address)))
        if words is None:
            assert not live.holds_plugin()
            return
        with pytest.raises(PodSecurityError) as error:
            live.holds_plugin()
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        pytest.param(None, "there is no ConfigMap kube-system/kubeadm-config at ", id="no-configmap"),
        pytest.param({}, "has no key ClusterConfiguration; give `config`", id="no-data"),
        pytest.param({"data": {"other": ""}}, "has no key ClusterConfiguration; give `config`", id="no-key"),
    ],
)
def test_what_is_not_there_is_told_with_what_to_do(found: dict[str, Any] | None, words: str) -> None:
    """A cluster that kubeadm did not make has none."""

    def answer(_: Call) -> Reply:
        if found is None:
            return Reply(code=404, body={"message": "not found"})
        return Reply(body={"metadata": {"resourceVersion": "1"}, **found})

    with serving(answer) as address:
        said = refused(LiveConfiguration(Connection(kubeconfig=kubeconfig(address))))
    assert words in said
    assert "sudo kubeadm init phase upload-config kubeadm --config FILE" in said


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_missing_rights_are_told_with_how_to_check_them(method: str) -> None:
    """In a rehearsal too, and with the server's words."""
    found = {"metadata": {"resourceVersion": "1"}, "data": {"ClusterConfiguration": CONFIG}}

    def answer(call: Call) -> Reply:
        return Reply(code=403, body={"message": "jane cannot"}) if call.method == method else Reply(body=found)

    with serving(answer) as address:
        live = LiveConfiguration(Connection(kubeconfig=kubeconfig(address)))
        said = refused(live)
        with pytest.raises(SwitchError) as rehearsed:
            live.rehearse()
    assert str(rehearsed.value) == said
    assert "jane cannot; check `get` and `patch` with: kubectl --namespace kube-system auth can-i patch" in said


def test_anything_else_is_the_servers_own_words() -> None:
    """A failure of the server is not dressed up."""
    with serving(lambda _: Reply(code=500, body={"message": "etcd is away"})) as address:
        said = refused(LiveConfiguration(Connection(kubeconfig=kubeconfig(address))))
    assert said == f"GET {CONFIGMAP}: etcd is away"


def test_every_node_is_rendered_from_the_configmap(live: LiveConfiguration) -> None:
    """One after the other, so that an API server is there all the time."""
    assert live.command(["cp-1", "cp 2"]) == f"ssh cp-1 {AGAIN} && ssh 'cp 2' {AGAIN}"


def test_the_first_node_takes_the_file_to_the_configmap(tmp_path: Path) -> None:
    """The others are rendered from that."""
    file = tmp_path / "our kubeadm.yaml"
    assert ConfigurationFile(file).command(["cp-1", "cp-2", "cp-3"]) == (
        f"scp '{file}' cp-1:kubeadm.yaml && ssh cp-1 {UPLOAD} && "
        f"ssh cp-1 {AGAIN} && ssh cp-2 {AGAIN} && ssh cp-3 {AGAIN}"
    )
