"""Logging in with a kubeconfig: where it comes from, and what every broken one becomes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.connection import Connection, is_contents
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
    pytest.param(GOOD.replace(CONTEXTS, ""), "Expected key contexts", id="no-contexts"),
    pytest.param(GOOD.replace("name: standin, context:", "name: other, context:"), "name standin in", id="context"),
    pytest.param(GOOD.replace(f'{{token: "{TOKEN}"}}', f'"{TOKEN}"'), NOT_BUILT, id="user-is-text"),
    pytest.param(GOOD.replace('"http://127.0.0.1:1"', "3"), NOT_BUILT, id="server-is-a-number"),
    pytest.param(GOOD.replace('server: "http://127.0.0.1:1"', ""), "its cluster has no server", id="no-server"),
    pytest.param(GOOD.replace('"http://127.0.0.1:1"', "127.0.0.1"), "an https:// address", id="no-scheme"),
    pytest.param(
        GOOD.replace("http:", "https:").replace("token:", f'client-key-data: "{TOKEN}", client-certificate-data:'),
        "Incorrect padding",
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
    assert str(error.value).startswith(f"kubeconfig {path}: ")


def test_a_context_that_is_missing_is_named() -> None:
    """The context of the stack's configuration is looked for by its name."""
    with pytest.raises(ClusterError, match="name nix in kube-config/contexts"):
        Connection(kubeconfig=GOOD, context="nix").open()


def test_a_password_in_the_address_is_not_shown() -> None:
    """Errors name the server by its address, without what stands before an @."""
    text = kubeconfig(f"http://someone:{TOKEN}@127.0.0.1:1")
    assert Connection(kubeconfig=text).open().where == "http://127.0.0.1:1"


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
