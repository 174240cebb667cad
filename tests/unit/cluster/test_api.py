"""Requests to an API server: what goes over the wire, and what every wrong answer becomes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from pulumi_pod_security.cluster import api as module
from pulumi_pod_security.cluster.api import PAGE, Api, ClusterError, Refused, Unreachable
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.policy.identity import Identity
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.telling import told
from tests.unit.support.world import TOKEN, World, kubeconfig

NODE = Identity(user="system:node:cp", groups=frozenset({"system:nodes", "system:authenticated"}))


class Named(msgspec.Struct):
    """What these tests read of an object."""

    name: str


def opened(address: str) -> Api:
    """The API behind an address."""
    return Connection(kubeconfig=kubeconfig(address)).open()


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """An API whose server always answers as the test's parameter says."""
    with serving(lambda _: request.param) as address:
        yield opened(address)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_reads_every_page(world: World) -> None:
    """A list comes in pages of a fixed size, each asked for with the token of the one before."""
    world.page = 2
    world.lists["/api/v1/things"] = [{"name": str(number)} for number in range(5)]
    found = [item.name for item in opened(world.address).items("/api/v1/things", Named)]
    assert found == ["0", "1", "2", "3", "4"]
    queries = [dict(call.query) for call in world.asked("/api/v1/things")]
    limit = {"limit": str(PAGE)}
    assert queries == [limit, {**limit, "continue": "2"}, {**limit, "continue": "4"}]


@pytest.mark.parametrize("api", [Reply(body={"name": "a"})], indirect=True)
def test_finds_what_is_there(api: Api) -> None:
    """As the type that is asked for."""
    assert api.find("/api/v1/things/a", Named) == Named(name="a")


@pytest.mark.parametrize("api", [Reply(code=404, body={"reason": "NotFound"})], indirect=True)
def test_what_is_not_there_is_none(api: Api) -> None:
    """It is an answer."""
    assert api.find("/api/v1/things/a", Named) is None


@pytest.mark.parametrize("api", [Reply(code=403, body={"reason": "Forbidden"})], indirect=True)
def test_what_may_not_be_seen_is_not_absent(api: Api) -> None:
    """Every other refusal stays one."""
    with pytest.raises(Refused, match="Forbidden"):
        api.find("/api/v1/things/a", Named)


def test_reads_no_page_that_nobody_asks_for(world: World) -> None:
    """Whoever stops after the first object costs the server one page."""
    world.page = 1
    world.lists["/api/v1/things"] = [{"name": "a"}, {"name": "b"}]
    next(iter(opened(world.address).items("/api/v1/things", Named)))
    assert len(world.asked("/api/v1/things")) == 1


@pytest.mark.parametrize("api", [Reply(body={"kind": "List"})], indirect=True)
def test_a_list_without_items_is_empty(api: Api) -> None:
    """Go writes no list at all where a list is nil."""
    assert list(api.items("/api/v1/things", Named)) == []


def test_impersonates_with_every_group(world: World) -> None:
    """Each group is a header of its own, beside the user and our own token."""
    opened(world.address).post("/api/v1/namespaces/a/pods", _pod(), dict, identity=NODE, dryRun="All")
    call = world.calls[-1]
    assert call.header("Impersonate-User") == ["system:node:cp"]
    assert call.header("Impersonate-Group") == ["system:authenticated", "system:nodes"]
    assert call.header("Authorization") == [f"Bearer {TOKEN}"]
    assert call.query == {"dryRun": "All"}


def test_asks_as_itself_without_an_identity(world: World) -> None:
    """No identity means no header of impersonation."""
    opened(world.address).post("/api/v1/namespaces/a/pods", _pod(), dict)
    assert not [name for name, _ in world.calls[-1].headers if name.lower().startswith("impersonate")]


def test_asks_for_json(world: World) -> None:
    """The server may speak protobuf or YAML; we read JSON alone."""
    opened(world.address).get("/version", dict)
    assert world.calls[-1].header("Accept") == ["application/json"]


@pytest.mark.parametrize(
    ("api", "code", "reason", "message"),
    [
        pytest.param(
            Reply(code=403, body={"kind": "Status", "reason": "Forbidden", "message": "no access"}),
            *(403, "Forbidden", "no access"),
            id="status",
        ),
        pytest.param(
            Reply(code=401, body={"reason": "Unauthorized"}), 401, "Unauthorized", "Unauthorized", id="reason"
        ),
        pytest.param(Reply(code=500, body={}), 500, "", "HTTP 500", id="nothing"),
        pytest.param(Reply(code=502, body=b"<html>bad"), 502, "", "<html>bad", id="not-json"),
        pytest.param(Reply(code=502, body=b"\xff"), 502, "", "\N{REPLACEMENT CHARACTER}", id="not-text"),
        pytest.param(Reply(code=404, body=b"x" * 9999), 404, "", "x" * 200, id="long"),
    ],
    indirect=["api"],
)
def test_a_refusal_has_the_servers_words(api: Api, code: int, reason: str, message: str) -> None:
    """An error status becomes one error with code, reason and what the server said, cut to a readable length."""
    with pytest.raises(Refused) as refusal:
        api.get("/api/v1/pods", dict)
    assert (refusal.value.code, refusal.value.reason, refusal.value.message) == (code, reason, message)
    assert str(refusal.value) == f"GET /api/v1/pods: {message}"


@pytest.mark.parametrize("api", [Reply(body=b"welcome"), Reply(body={"name": 3}), Reply(body=b"")], indirect=True)
def test_an_answer_of_another_kind_is_one_error(api: Api) -> None:
    """Whatever answers with success but not as an API server is named with its address and the path."""
    with pytest.raises(ClusterError, match="the answer to GET /version is not what an API server says") as error:
        api.get("/version", Named)
    assert api.where in str(error.value)


@pytest.mark.parametrize("api", [Reply(body={"items": [{"name": "a"}, {"name": 3}]})], indirect=True)
def test_one_wrong_object_in_a_list_is_one_error(api: Api) -> None:
    """A list is not read past an object that is none."""
    with pytest.raises(ClusterError, match=r"Expected `str`, got `int`"):
        list(api.items("/api/v1/things", Named))


def test_nobody_listening_is_one_sentence() -> None:
    """A port without a server is named with the cause and a command to look further."""
    address = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable) as error:
        opened(address).get("/version", dict)
    assert str(error.value) == (
        f"no Kubernetes API server answers at {address}: [Errno 111] Connection refused; "
        "check the kubeconfig and context with: kubectl cluster-info"
    )


def test_a_server_that_speaks_no_tls_is_unreachable(world: World) -> None:
    """`https` where plain HTTP is served is an error of ours, without a traceback of the HTTP library."""
    with pytest.raises(Unreachable):
        opened(world.address.replace("http:", "https:")).get("/version", dict)


def test_a_connection_cut_half_way_is_unreachable() -> None:
    """A server that goes away in the middle of an answer did not answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(Unreachable):
            _cut(server, opened(address))


@pytest.mark.parametrize("api", [Reply(code=403, body={"message": "no"}), Reply(body=b"welcome")], indirect=True)
def test_no_error_shows_the_token(api: Api) -> None:
    """Neither a refusal nor a wrong answer repeats what we logged in with."""
    with pytest.raises(ClusterError) as error:
        api.get("/version", Named)
    assert TOKEN not in f"{told(error.value)} {vars(error.value)}"


def test_unknown_members_of_an_answer_are_no_fault(world: World) -> None:
    """Newer servers say more than we read."""
    world.lists["/api/v1/things"] = [{"name": "a", "more": {"of": "it"}}]
    assert [item.name for item in opened(world.address).items("/api/v1/things", Named)] == ["a"]


def test_the_body_arrives_as_it_was_given(world: World) -> None:
    """What is posted is JSON."""
    opened(world.address).post("/api/v1/namespaces/a/pods", _pod(), dict)
    assert world.calls[-1].body == _pod()


def test_a_patch_is_a_merge(world: World) -> None:
    """The server keeps what is not named; the answer is what is there afterwards."""
    path = "/api/v1/things/one"
    world.objects[path] = {"name": "one", "metadata": {"resourceVersion": "1"}, "data": {"old": "1"}}
    change = {"metadata": {"resourceVersion": "1"}, "data": {"new": "2"}}
    assert opened(world.address).patch(path, change, Named, dryRun="All").name == "one"
    (call,) = world.calls
    assert (call.method, call.body, call.query) == ("PATCH", change, {"dryRun": "All"})
    assert call.header("Content-Type") == ["application/merge-patch+json"]


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    """429 with `Retry-After` is the server's way to slow us down, not an answer."""
    replies = [Reply(code=429, body={}, headers={"Retry-After": "0"}), Reply(body={"name": "a"})]
    with serving(lambda _: replies.pop(0)) as address:
        assert opened(address).post("/api/v1/things", {}, Named).name == "a"


def test_a_server_that_stays_busy_is_refused_in_its_words() -> None:
    """Asking again ends."""
    busy = Reply(code=429, body={"message": "too many requests"}, headers={"Retry-After": "0"})
    with serving(lambda _: busy) as address, pytest.raises(Refused, match="GET /version: too many requests"):
        opened(address).get("/version", dict)


def test_a_server_that_is_away_is_not_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    """No attempt is repeated behind our back, which would fill the log while an API server restarts."""
    with pytest.raises(Unreachable):
        opened(f"http://127.0.0.1:{free_port()}").get("/version", dict)
    assert caplog.text == ""


@pytest.mark.parametrize("token", [f"{TOKEN}\\n", f"{TOKEN}\N{EURO SIGN}"], ids=["newline", "euro"])
def test_a_token_that_no_header_holds_is_not_shown(world: World, token: str) -> None:
    """A token read with its line end is refused before it is sent, in words that do not repeat it."""
    api = Connection(kubeconfig=kubeconfig(world.address, token=token)).open()
    with pytest.raises(ClusterError, match="GET /version cannot be sent: the kubeconfig's token") as error:
        api.get("/version", dict)
    assert TOKEN not in told(error.value)


def _pod() -> dict[str, object]:
    return {"metadata": {"generateName": "a-", "annotations": {}, "namespace": "a"}, "spec": {"containers": []}}


def _cut(server: socket.socket, api: Api) -> None:
    """Ask, and have the answer end before its end."""

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

    with ThreadPoolExecutor() as threads:
        threads.submit(answer)
        api.get("/version", dict)


def test_a_list_that_does_not_end_is_an_error() -> None:
    """A server that gives the same token again would be asked for ever."""
    with serving(lambda _: Reply(body={"items": [], "metadata": {"continue": "1"}})) as address:
        api = opened(address)
        with pytest.raises(ClusterError, match="the list at /api/v1/things does not end"):
            list(api.items("/api/v1/things", dict))


def test_a_list_of_ever_new_pages_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that gives a new token with every page is asked for so many pages, and no more."""
    monkeypatch.setattr(module, "MOST_PAGES", 3)
    calls: list[Call] = []

    def next_page(call: Call) -> Reply:
        calls.append(call)
        return Reply(body={"items": [{}], "metadata": {"continue": str(len(calls))}})

    with serving(next_page) as address, pytest.raises(ClusterError) as error:
        list(opened(address).items("/api/v1/things", dict))
    assert str(error.value) == f"{address}: the list at /api/v1/things does not end: it has more than 3 pages"
    assert len(calls) == 3


def test_deletes_what_was_read_and_nothing_else() -> None:
    """The server is told which one is meant; a 409 says that it is another by now."""
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(code=200 if call.body["preconditions"]["uid"] == "a" else 409, body={"kind": "Status"})

    with serving(answer) as address:
        api = opened(address)
        api.delete("/apis/things/one", uid="a", resource_version="7")
        with pytest.raises(Refused) as refused:
            api.delete("/apis/things/one", uid="b", resource_version="7")
    assert refused.value.code == 409
    assert (calls[0].method, calls[0].path) == ("DELETE", "/apis/things/one")
    assert calls[0].body == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": "a", "resourceVersion": "7"},
    }
