"""Logging in with a kubeconfig: where it comes from, and what every broken one becomes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.connection import Connection, is_contents
from pulumi_pod_security.errors import printable
from tests.unit.support.telling import told
from tests.unit.support.world import TOKEN, World, kubeconfig

GOOD = kubeconfig("http://127.0.0.1:1")
CONTEXTS = "contexts: [{name: standin, context: {cluster: standin, user: someone}}]"
NOT_BUILT = "it is not built like a kubeconfig"

BROKEN = [
    pytest.param(GOOD + "\n\t: [", "it is not YAML", id="tab"),
    pytest.param(GOOD.replace("{token:", "[token:"), "it is not YAML", id="bracket"),
    pytest.param("- a\n- b\n", NOT_BUILT, id="list"),
    pytest.param(f"{TOKEN}\n{TOKEN}", NOT_BUILT, id="text"),
    pytest.param("{a: " * 3000, NOT_BUILT, id="nested-deeply"),
    pytest.param(f"a: !!int ''\nb: {TOKEN}\n", NOT_BUILT, id="no-digit"),
    pytest.param(GOOD.replace(CONTEXTS, ""), "Expected key contexts", id="no-contexts"),
    pytest.param(GOOD.replace("name: standin, context:", "name: other, context:"), "name standin in", id="context"),
    pytest.param(GOOD.replace(f'{{token: "{TOKEN}"}}', f'"{TOKEN}"'), NOT_BUILT, id="user-is-text"),
    pytest.param(GOOD.replace('"http://127.0.0.1:1"', "3"), NOT_BUILT, id="server-is-a-number"),
    pytest.param(GOOD.replace('server: "http://127.0.0.1:1"', ""), "its cluster has no server", id="no-server"),
    pytest.param(GOOD.replace('"http://127.0.0.1:1"', "127.0.0.1"), "an https:// address", id="no-scheme"),
    pytest.param(GOOD.replace("http:", "ftp:"), "an https:// address", id="other-scheme"),
    pytest.param(
        GOOD.replace("http:", "https:").replace("token:", f'client-key-data: "{TOKEN}", client-certificate-data:'),
        "it is not built like a kubeconfig",
        id="certificate-not-base64",
    ),
    pytest.param(
        GOOD.replace("http:", "https:").replace(f'token: "{TOKEN}"', "client-certificate: /none, client-key: /none"),
        "File does not exist: /none",
        id="certificate-missing",
    ),
]


def in_file(text: str, folder: Path) -> str:
    """The path of a file with the text."""
    path = folder / "kubeconfig"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("given", [lambda text, _: text, in_file], ids=["contents", "file"])
def test_logs_in_with_contents_and_with_a_file(world: World, tmp_path: Path, given: Callable[[str, Path], str]) -> None:
    """Both are the same kubeconfig."""
    api = Connection(kubeconfig=given(kubeconfig(world.address), tmp_path)).open()
    api.get("/version", dict)
    assert world.calls[0].header("Authorization") == [f"Bearer {TOKEN}"]
    assert api.where == world.address


def test_contents_may_be_json(world: World) -> None:
    """A kubeconfig on one line, as `jsonencode` and `json.dumps` write it, is no path."""
    text = json.dumps(
        {
            "current-context": "a",
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
            "clusters": [{"name": "a", "cluster": {"server": world.address}}],
            "users": [{"name": "a", "user": {}}],
        }
    )
    assert Connection(kubeconfig=text).open().get("/version", dict)["minor"] == "24"


def test_reads_the_variable_when_nothing_is_given(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`$KUBECONFIG` is kubectl's and the provider's default, so it is ours."""
    # The official client reads the variable when it is imported.
    monkeypatch.setattr(
        "kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", in_file(kubeconfig(world.address), tmp_path)
    )
    assert Connection().open().where == world.address


def test_a_path_may_begin_at_home(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the home folder, as in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    in_file(kubeconfig(world.address), tmp_path)
    assert Connection(kubeconfig="~/kubeconfig").open().where == world.address


def test_takes_the_named_context() -> None:
    """A context other than the current one is used, and errors name it."""
    text = kubeconfig("http://127.0.0.1:1").replace("current-context: standin", "current-context: other")
    assert Connection(kubeconfig=text, context="standin").open().where == "http://127.0.0.1:1 (context standin)"


def test_opening_sends_nothing(world: World) -> None:
    """Logging in costs no request."""
    Connection(kubeconfig=kubeconfig(world.address)).open()
    assert world.calls == []


@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_broken_contents_are_one_error_without_them(text: str, words: str) -> None:
    """What cannot be used is said in one line that repeats nothing of it."""
    with pytest.raises(ClusterError) as error:
        Connection(kubeconfig=text).open()
    message = str(error.value)
    assert message.startswith("the given kubeconfig: cannot be used: ")
    assert words in message
    assert "\n" not in message
    assert TOKEN not in told(error.value)


@pytest.mark.parametrize("text", [pytest.param(case.values[0], id=case.id) for case in BROKEN])
def test_a_broken_file_is_one_error_that_names_it(text: str, tmp_path: Path) -> None:
    """A file is named by its path; its contents stay out of the message."""
    path = in_file(text, tmp_path)
    with pytest.raises(ClusterError) as error:
        Connection(kubeconfig=path).open()
    message = str(error.value)
    assert message.startswith(f"kubeconfig {path}: cannot be used: ")
    assert "\n" not in message
    assert TOKEN not in told(error.value)


@pytest.mark.parametrize("path", ["", "/none/kubeconfig", "~nobody-of-that-name/kubeconfig", "\0"])
def test_a_path_without_a_file_is_one_error(path: str) -> None:
    """A kubeconfig that is not there is named as it was given."""
    with pytest.raises(ClusterError, match="there is no such file") as error:
        Connection(kubeconfig=path).open()
    assert str(error.value).startswith(f"kubeconfig {printable(path)}: ")


def test_a_context_that_is_missing_is_named() -> None:
    """The context of the stack's configuration is looked for by its name."""
    with pytest.raises(ClusterError, match="name nix in kube-config/contexts"):
        Connection(kubeconfig=GOOD, context="nix").open()


@pytest.mark.parametrize(
    ("server", "where"),
    [
        pytest.param(f"http://someone:{TOKEN}@127.0.0.1:1", "http://127.0.0.1:1", id="password"),
        pytest.param(f"http://{TOKEN}@127.0.0.1:1/", "http://127.0.0.1:1", id="user"),
        pytest.param(f"http://a:{TOKEN}@b@127.0.0.1:1", "http://127.0.0.1:1", id="two-ats"),
        pytest.param(f"http://127.0.0.1:1?token={TOKEN}", "http://127.0.0.1:1", id="query"),
        pytest.param(f"http://127.0.0.1:1/a/b?token={TOKEN}@x#{TOKEN}", "http://127.0.0.1:1/a/b", id="path-and-query"),
        pytest.param(f"http://[::1]:1/#{TOKEN}", "http://[::1]:1", id="fragment"),
    ],
)
def test_a_secret_in_the_address_is_not_shown(server: str, where: str) -> None:
    """Errors name the server by scheme, host, port and path alone, whatever goes wrong there."""
    api = Connection(kubeconfig=kubeconfig(server)).open()
    assert api.where == where
    with pytest.raises(ClusterError, match=re.escape(where)) as error:
        api.get("/version", dict)
    assert TOKEN not in told(error.value)


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(f"https://a:{TOKEN}@127.0.0.1:x", id="port"),
        pytest.param(f"https://a:{TOKEN}@[::1", id="bracket"),
        pytest.param(f"https://a:{TOKEN}@127.0.0.1:99999999", id="port-too-large"),
        pytest.param(f"https://a:{TOKEN}@", id="no-host"),
    ],
)
@pytest.mark.parametrize("place", ["server", "proxy-url"])
def test_an_address_that_is_none_is_one_error_without_its_password(secret: str, place: str) -> None:
    """What is no address is refused before anything is sent, in words that do not repeat it."""
    text = kubeconfig(secret) if place == "server" else GOOD.replace("{server:", f'{{proxy-url: "{secret}", server:')
    with pytest.raises(ClusterError) as error:
        Connection(kubeconfig=text).open().get("/version", dict)
    assert TOKEN not in told(error.value)


@pytest.mark.parametrize("port", ["x", "99999999", "-1"])
@pytest.mark.parametrize("place", ["server", "proxy-url"])
def test_a_port_that_is_none_is_told(port: str, place: str) -> None:
    """Both addresses of a cluster are named as what may be wrong."""
    bad = f"https://127.0.0.1:{port}"
    text = kubeconfig(bad) if place == "server" else GOOD.replace("{server:", f'{{proxy-url: "{bad}", server:')
    with pytest.raises(ClusterError, match="server or proxy-url is no address; allowed: an https:// address"):
        Connection(kubeconfig=text).open()


def test_a_server_below_a_path_is_asked_there(world: World) -> None:
    """A server behind a path is reached through it, and a query of its address is left out, as kubectl does."""
    Connection(kubeconfig=kubeconfig(f"{world.address}/k8s/c-1/?token=abc")).open().get("/version", dict)
    assert (world.calls[0].path, world.calls[0].query) == ("/k8s/c-1/version", {})


@pytest.mark.parametrize(
    "users",
    [
        pytest.param(f"[{{name: someone, token: {TOKEN}}}]", id="no-user"),
        pytest.param(f"[{{token: {TOKEN}}}]", id="no-name"),
        pytest.param(f"[[{TOKEN}], {{name: someone}}]", id="list"),
        pytest.param(f"[{TOKEN}, {{name: someone}}]", id="text"),
        pytest.param(f"[{{name: someone, user: {{exec: {{args: [{TOKEN}]}}}}}}]", id="plugin"),
    ],
)
def test_a_broken_user_of_a_file_is_not_shown(users: str, tmp_path: Path) -> None:
    """The official client names a user of a file by all that stands in it; we do not."""
    text = GOOD[: GOOD.index("users:")] + f"users: {users}\n"
    with pytest.raises(ClusterError, match="cannot be used") as error:
        Connection(kubeconfig=in_file(text, tmp_path)).open()
    assert TOKEN not in told(error.value)


@pytest.mark.parametrize(
    ("kubeconfig_", "contents"),
    [(GOOD, True), ('  {"kind": "Config"}', True), ("~/.kube/config", False), ("", False)],
    ids=["yaml", "json", "path", "empty"],
)
def test_tells_contents_from_a_path(kubeconfig_: str, contents: bool) -> None:  # noqa: FBT001 - a column of the table
    """Only contents may hold credentials; a path is shown in errors."""
    assert is_contents(kubeconfig_) is contents


def test_names_the_default_kubeconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error about the default says which file that is."""
    monkeypatch.delenv("KUBECONFIG", raising=False)
    assert Connection().named == "kubeconfig ~/.kube/config"
    monkeypatch.setenv("KUBECONFIG", "/etc/a:/etc/b")
    assert Connection().named == "kubeconfig /etc/a:/etc/b"
