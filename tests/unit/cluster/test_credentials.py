"""Credentials of an exec plugin: what it gives reaches the server, and what goes wrong is one error without secrets."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.cluster import credentials
from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.connection import Connection
from tests.unit.support.kubeadm import script
from tests.unit.support.telling import told
from tests.unit.support.world import TOKEN, World, kubeconfig

API = "client.authentication.k8s.io/v1beta1"


def credential(api: str = API, **status: Any) -> str:
    """What a plugin prints."""
    return json.dumps({"apiVersion": api, "kind": "ExecCredential", "status": status})


def printing(folder: Path, text: str) -> Path:
    """A plugin that prints the text, and counts how often it ran."""
    (folder / "out").write_text(text, encoding="utf-8")
    return script(folder / "plugin", f'echo >> "{folder}/runs"\necho "{TOKEN}" >&2\ncat "{folder}/out"\n')


def runs(folder: Path) -> int:
    """How often the plugin of the folder ran."""
    return len((folder / "runs").read_text().splitlines()) if (folder / "runs").exists() else 0


def using(address: str, command: object, **more: Any) -> str:
    """A kubeconfig whose user logs in with a plugin, given secrets as arguments and variables."""
    variables = [{"name": "SECRET", "value": TOKEN}]
    plugin = {"apiVersion": API, "command": str(command), "args": [TOKEN], "env": variables, **more}
    return kubeconfig(address).replace(f'{{token: "{TOKEN}"}}', json.dumps({"exec": plugin}))


def failure(text: str) -> str:
    """The words with which a kubeconfig is refused, which never show what the plugin got or said."""
    with pytest.raises(ClusterError) as error:
        Connection(kubeconfig=text).open()
    assert TOKEN not in told(error.value)
    return str(error.value)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Nothing of a plugin is logged or printed."""
    caplog.set_level(logging.DEBUG)
    yield
    assert TOKEN not in caplog.text
    assert TOKEN not in "".join(capfd.readouterr())


def test_the_token_of_a_plugin_logs_in(world: World, tmp_path: Path) -> None:
    """The plugin runs once, and each request has what it gave."""
    api = Connection(kubeconfig=using(world.address, printing(tmp_path, credential(token="abc")))).open()
    api.get("/version", dict)
    api.get("/version", dict)
    assert [call.header("Authorization") for call in world.calls] == [["Bearer abc"]] * 2
    assert runs(tmp_path) == 1


def test_a_plugin_beside_the_kubeconfig_is_found(world: World, tmp_path: Path) -> None:
    """A relative command is relative to the file it stands in."""
    printing(tmp_path, credential(token="abc"))
    (tmp_path / "kubeconfig").write_text(using(world.address, "./plugin"))
    Connection(kubeconfig=str(tmp_path / "kubeconfig")).open().get("/version", dict)
    assert world.calls[0].header("Authorization") == ["Bearer abc"]


def test_the_certificate_of_a_plugin_logs_in(tmp_path: Path) -> None:
    """A plugin may give a certificate and its key in place of a token."""
    text = using(
        "https://127.0.0.1:1", printing(tmp_path, credential(clientCertificateData="cert", clientKeyData="key"))
    )
    configuration = Connection(kubeconfig=text).open()._client.configuration
    assert Path(configuration.cert_file).read_text() == "cert"
    assert Path(configuration.key_file).read_text() == "key"
    assert runs(tmp_path) == 1


@pytest.mark.parametrize(("left", "ran"), [(-3600, 3), (5, 3), (3600, 1)], ids=["over", "nearly", "good"])
def test_a_token_that_expires_is_renewed(world: World, tmp_path: Path, left: int, ran: int) -> None:
    """The plugin is asked again before a request for which its token would come too late."""
    expiry = (datetime.now(UTC) + timedelta(seconds=left)).isoformat()
    plugin = printing(tmp_path, credential(token="old", expirationTimestamp=expiry))
    api = Connection(kubeconfig=using(world.address, plugin)).open()
    printing(tmp_path, credential(token="new", expirationTimestamp=expiry))
    api.get("/version", dict)
    api.get("/version", dict)
    assert world.calls[-1].header("Authorization") == ["Bearer old" if ran == 1 else "Bearer new"]
    assert runs(tmp_path) == ran


@pytest.mark.parametrize("text", ["", credential(clientCertificateData="a", clientKeyData="b")], ids=["none", "other"])
def test_a_token_that_cannot_be_renewed_is_one_error(world: World, tmp_path: Path, text: str) -> None:
    """A login that ends in the middle is not gone on without."""
    expired = credential(token="old", expirationTimestamp="2020-01-01T00:00:00Z")
    api = Connection(kubeconfig=using(world.address, printing(tmp_path, expired))).open()
    printing(tmp_path, text)
    for _ in range(2):
        with pytest.raises(ClusterError, match=r"its credential plugin .* printed no ExecCredential"):
            api.get("/version", dict)
    assert world.calls == []


def test_a_token_beside_a_plugin_goes_first(world: World, tmp_path: Path) -> None:
    """As with kubectl, a plugin whose token nobody needs is not run."""
    text = using(world.address, printing(tmp_path, credential(token="abc")))
    Connection(kubeconfig=text.replace('{"exec"', f'{{"token": "{TOKEN}", "exec"')).open().get("/version", dict)
    assert world.calls[0].header("Authorization") == [f"Bearer {TOKEN}"]
    assert runs(tmp_path) == 0


def test_no_plugin_at_all_is_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A plugin that is null is none."""
    text = kubeconfig(world.address).replace(f'{{token: "{TOKEN}"}}', "{exec: null}")
    Connection(kubeconfig=text).open().get("/version", dict)
    assert world.calls[0].header("Authorization") == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_plugin_that_is_not_there_is_named() -> None:
    """The error names the command, what is wrong and what to do, and not what the command would have got."""
    assert failure(using("http://127.0.0.1:1", "no-such-plugin")) == (
        "the given kubeconfig: its credential plugin 'no-such-plugin' cannot be run (No such file or directory), so "
        "that nobody is logged in; install or mend it, and log in where it asks for that; its own words are shown by: "
        "kubectl version"
    )


def test_a_plugin_that_may_not_run_is_named(tmp_path: Path) -> None:
    """A file that is no program is told from one that is not there."""
    (tmp_path / "plugin").write_text("")
    assert "/plugin' cannot be run (Permission denied), " in failure(using("http://127.0.0.1:1", tmp_path / "plugin"))


@pytest.mark.parametrize("code", [1, 255])
def test_a_plugin_that_fails_is_named_with_its_exit_code(tmp_path: Path, code: int) -> None:
    """Whatever it said on the way stays unsaid: it may be a credential."""
    plugin = script(tmp_path / "plugin", f'echo "{TOKEN}"\necho "{TOKEN}" >&2\nexit {code}\n')
    assert f"/plugin' failed with exit code {code}, " in failure(using("http://127.0.0.1:1", plugin))


def test_a_plugin_that_fails_on_a_terminal_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """There its words go to the terminal, and the client has none."""
    with open(os.devnull, "w") as terminal, open(os.devnull) as keyboard:
        monkeypatch.setattr("sys.stdout", _Terminal(terminal.fileno()))
        monkeypatch.setattr("sys.stderr", terminal)
        monkeypatch.setattr("sys.stdin", keyboard)
        words = failure(using("http://127.0.0.1:1", script(tmp_path / "plugin", "exit 1\n")))
    assert "/plugin' failed, so that nobody is logged in" in words
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(TOKEN, id="text"),
        pytest.param("3", id="number"),
        pytest.param(f'["{TOKEN}"]', id="list"),
        pytest.param(f'"apiVersion kind status {TOKEN}"', id="string"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param(json.dumps({"apiVersion": API, "kind": "ExecCredential", "token": TOKEN}), id="no-status"),
        pytest.param(json.dumps({"apiVersion": API, "kind": "ExecCredential", "status": None}), id="null-status"),
        pytest.param(credential("other/v1", token=TOKEN), id="version"),
        pytest.param(credential(), id="empty"),
        pytest.param(credential(token=""), id="empty-token"),
        pytest.param(credential(token=[TOKEN]), id="token-list"),
        pytest.param(credential(clientCertificateData=TOKEN), id="no-key"),
        pytest.param(credential(token=TOKEN, expirationTimestamp="soon"), id="expiry-text"),
        pytest.param(credential(token=TOKEN, expirationTimestamp="2020-01-01T00:00:00"), id="expiry-without-zone"),
    ],
)
def test_a_plugin_that_prints_something_else_is_named(tmp_path: Path, text: str) -> None:
    """Garbage is not repeated, and nobody goes on as nobody."""
    words = failure(using("http://127.0.0.1:1", printing(tmp_path, text)))
    assert words.startswith(
        f"the given kubeconfig: its credential plugin '{tmp_path}/plugin' printed no ExecCredential"
    )


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        pytest.param({"args": [3]}, "it is not built like a kubeconfig", id="number-argument"),
        pytest.param({"args": 3}, "it is not built like a kubeconfig", id="number-arguments"),
        pytest.param({"env": [{"name": "A", "value": 3}]}, "it is not built like a kubeconfig", id="number-variable"),
        pytest.param({"env": f"A={TOKEN}"}, "it is not built like a kubeconfig", id="text-variables"),
        pytest.param({"env": [{"name": TOKEN}]}, "Expected key value in kube-config/users[", id="no-variable"),
        pytest.param({"apiVersion": None}, "Expected key apiVersion in kube-config/users[", id="no-version"),
    ],
)
def test_a_plugin_that_is_written_wrong_is_one_error(tmp_path: Path, broken: dict[str, Any], fault: str) -> None:
    """What the kubeconfig says of a plugin is judged before it runs."""
    words = failure(using("http://127.0.0.1:1", printing(tmp_path, credential(token="abc")), **broken))
    assert words.startswith("the given kubeconfig: cannot be used: ")
    assert fault in words
    assert runs(tmp_path) == 0


class _Terminal:
    """A standard output that is a terminal."""

    def __init__(self, number: int) -> None:
        self._number = number

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number


def test_a_plugin_that_hangs_is_given_up(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever waits behind it would wait for ever, a switch that is on and not proven among it."""
    monkeypatch.setattr(credentials, "_PATIENCE_SECONDS", 0.2)
    hanging = script(tmp_path / "plugin", f'echo "{TOKEN}" >&2\nexec sleep 5\n')
    assert f"{str(hanging)!r} gave nothing within 0.2 s" in failure(using(world.address, hanging))


def test_a_plugin_that_hangs_later_holds_up_one_request(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next ones are refused at once, and it is not run once more."""
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    plugin = printing(tmp_path, credential(token="abc", expirationTimestamp=soon))
    let = tmp_path / "let"
    waits = f'until [ $(wc -l < "{tmp_path}/runs") = 1 ] || [ -e "{let}" ]; do sleep 0.01; done\n'
    plugin.write_text(plugin.read_text() + waits, encoding="utf-8")
    api = Connection(kubeconfig=using(world.address, plugin)).open()
    monkeypatch.setattr(credentials, "_PATIENCE_SECONDS", 0.2)
    for _ in range(3):
        with pytest.raises(ClusterError, match=r"gave nothing within 0\.2 s"):
            api.get("/version", dict)
    let.touch()
    assert runs(tmp_path) == 2
