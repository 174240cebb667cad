"""What no server can stretch: the time and the size of an answer."""

from __future__ import annotations

import itertools
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator

import pytest

from pulumi_pod_security.cluster import exchange
from pulumi_pod_security.cluster.api import Api, ClusterError, Refused, Unreachable
from pulumi_pod_security.cluster.connection import Connection
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.wire import saying
from tests.unit.support.world import kubeconfig

Talk = Callable[[threading.Event], Iterable[bytes]]
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = PLAIN + b"Transfer-Encoding: chunked\r\n\r\n"
BUSY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\n\r\n"


def opened(address: str) -> Api:
    """The API behind an address."""
    return Connection(kubeconfig=kubeconfig(address)).open()


def dripping(start: bytes, drop: bytes) -> Talk:
    """A start, and then for ever a drop at a time."""

    def talk(over: threading.Event) -> Iterator[bytes]:
        yield start
        while not over.wait(0.05):
            yield drop

    return talk


def pouring(start: bytes, piece: bytes) -> Talk:
    """A start, and then for ever one piece after the other."""
    return lambda _: itertools.chain([start], itertools.repeat(piece))


def left_alone() -> list[threading.Thread]:
    """The threads of work that may be left alone."""
    return [thread for thread in threading.enumerate() if thread.name == "pod-security"]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second for a request."""
    monkeypatch.setattr(exchange, "DEADLINE_SECONDS", 0.5)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte for an answer."""
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 1_000_000)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(dripping(b"", b""), id="silence"),
        pytest.param(dripping(b"HTTP/1.1 200 ", b"x"), id="status-line"),
        pytest.param(dripping(PLAIN + b"X: ", b"x"), id="header"),
        pytest.param(dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="continue"),
        pytest.param(dripping(PLAIN + b"Content-Length: 9999\r\n\r\n", b" "), id="body"),
        pytest.param(dripping(CHUNKED, b"1\r\n \r\n"), id="chunks"),
        pytest.param(dripping(CHUNKED + b"1;", b"x"), id="chunk-extension"),
        pytest.param(dripping(CHUNKED + b"0\r\n", b"x: y\r\n"), id="trailers"),
        pytest.param(dripping(BUSY, b" "), id="busy"),
    ],
)
def test_a_server_that_drips_is_given_up(talk: Talk) -> None:
    """Wherever in its answer a server slows down, each piece coming in good time, the request ends in one error."""
    begun = time.monotonic()
    with saying(talk) as address, pytest.raises(ClusterError) as error:
        opened(address).get("/version", dict)
    assert time.monotonic() - begun < 5
    assert str(error.value) == (
        f"{address}: the answer to GET /version did not end within 0.5 seconds; see what the server does with: "
        "kubectl get --raw '/readyz?verbose'"
    )
    assert not isinstance(error.value, Unreachable), "a dry run is sent again when no server is there"


@pytest.mark.usefixtures("short")
def test_a_request_that_is_given_up_is_not_read_on() -> None:
    """The thread of a body that drips ends with the next drop."""
    reading: set[threading.Thread] = set()

    def talk(over: threading.Event) -> Iterator[bytes]:
        for drop in dripping(PLAIN + b"\r\n", b" ")(over):
            reading.update(left_alone())
            yield drop

    with saying(talk) as address:
        with pytest.raises(ClusterError):
            opened(address).get("/version", dict)
        for thread in reading:
            thread.join(5)
        assert reading
        assert not any(thread.is_alive() for thread in reading)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(pouring(PLAIN + b"\r\n", b" " * 65536), id="body"),
        pytest.param(pouring(CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"), id="chunks"),
        pytest.param(pouring(BUSY, b" " * 65536), id="busy"),
        pytest.param(pouring(b"HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n", b" " * 65536), id="redirect"),
        pytest.param(pouring(b"HTTP/1.1 500 No\r\n\r\n", b" " * 65536), id="error"),
    ],
)
def test_a_server_that_pours_is_cut_off(talk: Talk) -> None:
    """An answer without end is read up to the limit, whatever its status, and never into memory beyond it."""
    with saying(talk) as address, pytest.raises(ClusterError) as error:
        opened(address).get("/version", dict)
    assert str(error.value).startswith(f"{address}: the answer to GET /version is larger than 1000000 bytes; ")


def test_a_packed_answer_is_not_unpacked() -> None:
    """Nobody asked for one, and what is small on the wire may be without end in memory."""
    packed = Reply(body=zlib.compress(b"{}" + b" " * 50_000_000), headers={"Content-Encoding": "deflate"})
    with serving(lambda _: packed) as address, pytest.raises(ClusterError, match="is not what an API server says"):
        opened(address).get("/version", dict)


@pytest.mark.usefixtures("small")
def test_an_answer_of_the_largest_size_is_read() -> None:
    """The limit itself is allowed."""
    whole = b'{"a": 1}' + b" " * (1_000_000 - 8)
    with serving(lambda _: Reply(body=whole)) as address:
        assert opened(address).get("/version", dict) == {"a": 1}


@pytest.mark.parametrize("wait", ["9999", "99999", "9" * 5000, "-1", "soon", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_busy_server_is_not_waited_for_beyond_the_deadline(wait: str) -> None:
    """Who wants to be asked again tomorrow, or says nothing that an API server says, is taken at its word now."""
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(code=429, body={"message": "busy"}, headers={"Retry-After": wait})

    with serving(answer) as address, pytest.raises(Refused, match="busy"):
        opened(address).get("/version", dict)
    assert len(calls) == 1


def test_a_redirect_is_not_followed() -> None:
    """What stands where an API server should, sends us to no other server with our token."""
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(code=307, headers={"Location": "/elsewhere?token=abc"})

    with serving(answer) as address, pytest.raises(ClusterError, match=r"with a redirect \(HTTP 307\)") as error:
        opened(address).post("/api/v1/things", {}, dict)
    assert not isinstance(error.value, Refused), "a refusal would be a verdict on a pod"
    assert "abc" not in str(error.value)
    assert len(calls) == 1


def test_a_refusal_is_cut_to_a_length_that_can_be_read() -> None:
    """A message of megabytes is not repeated whole."""
    with serving(lambda _: Reply(code=403, body={"message": "x" * 1_000_000})) as address:
        with pytest.raises(Refused) as refusal:
            opened(address).get("/version", dict)
        assert refusal.value.message == "x" * 10_000
    with saying(lambda _: [b"x" * 60_000 + b"\r\n"]) as address, pytest.raises(Unreachable) as unreachable:
        opened(address).get("/version", dict)
    assert len(str(unreachable.value)) < 500


@pytest.mark.parametrize("code", [200, 403])
def test_an_answer_that_is_nested_too_deeply_is_one_error(code: int) -> None:
    """What is deeper than Python reads is no answer, and no words of a refusal either."""
    with serving(lambda _: Reply(code=code, body=b'{"a": ' + b"[" * 100_000)) as address:
        with pytest.raises(ClusterError) as error:
            opened(address).get("/version", dict)
        assert len(str(error.value)) < 500


def test_an_object_that_is_nested_too_deeply_is_not_sent() -> None:
    """What was read of a server in one place may be too deep to be written in another."""
    nested: dict[str, object] = {}
    for _ in range(100_000):
        nested = {"a": nested}
    words = "POST /api/v1/things cannot be sent: the object is nested too deeply"
    with serving(lambda _: Reply(body={})) as address, pytest.raises(ClusterError, match=words):
        opened(address).post("/api/v1/things", nested, dict)


def test_the_next_one_is_made_while_this_one_is_used() -> None:
    """One ahead, and no more."""
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(4):
            made.append(number)
            yield number

    for number in exchange.ahead(numbers()):
        _wait(made, min(number + 2, 4))
        time.sleep(0.01)
        assert len(made) == min(number + 2, 4)


def _wait(made: list[int], count: int) -> None:
    end = time.monotonic() + 10
    while len(made) < count and time.monotonic() < end:
        time.sleep(0.001)


def test_an_error_comes_in_its_place() -> None:
    """What was made before it is given first."""

    def numbers() -> Iterator[int]:
        yield 1
        raise OSError("away")

    found = exchange.ahead(numbers())
    assert next(found) == 1
    with pytest.raises(OSError, match="away"):
        next(found)


def test_what_is_given_up_holds_up_nobody() -> None:
    """A request that never ends is left to a thread that ends with the process."""
    begun, over = threading.Event(), threading.Event()

    def numbers() -> Iterator[int]:
        yield 1
        begun.set()
        over.wait(30)

    found = exchange.ahead(numbers())
    next(found)
    assert begun.wait(10)
    del found
    waiting = left_alone()
    assert waiting
    assert all(thread.daemon for thread in waiting)
    over.set()
