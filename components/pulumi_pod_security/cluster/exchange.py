"""One request and its answer, within limits of time and size that no server can stretch.

urllib3's timeouts hold for each read, and it reads whole whatever it drops before it asks again. So the reading is done
in a thread that can be given up, and redirects and the answers of a busy server come to it unread.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import wait
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt, stop_before_delay
from urllib3 import PoolManager, Timeout

from pulumi_pod_security.cluster.begun import begun

__all__ = ["DEADLINE_SECONDS", "LARGEST_ANSWER", "LimitExceeded", "Received", "ahead", "exchange"]

T = TypeVar("T")
DEADLINE_SECONDS = 120
"""From the first byte sent to the last one received: an API server gives up its own requests after 60 seconds
(`--request-timeout`), and as much again is left for a slow line and for being asked to come again."""

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes of one answer: a page has 500 objects of some ten kilobytes; etcd keeps none larger than 1.5 MiB."""

_TIMEOUT = Timeout(connect=5, read=60)
_CHUNK = 64 * 1024
_ATTEMPTS = 4
_BUSY = (429, 503)
_END: Any = object()
# More digits are more than the deadline; an API server sends whole seconds, never a date.
_SECONDS = re.compile(r"[0-9]{1,4}")


class LimitExceeded(Exception):
    """An answer took too long or was too large; its text ends a sentence that begins with the request."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """An answer, read to its end.

    Attributes:
        status: HTTP status code.
        data: the body.
        again_after: the seconds after which a busy server wants to be asked again.
    """

    status: int
    data: bytes
    again_after: int | None = None


def exchange(pools: PoolManager, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Received:
    """Send one request, and again when a busy server says so; redirects are not followed.

    Raises:
        LimitExceeded: the answer takes too long or is too large.
        HTTPError, OSError: no server answers.
        ValueError: a header cannot be sent.
    """
    end = time.monotonic() + DEADLINE_SECONDS
    again_if_busy = Retrying(
        retry=retry_if_result(lambda received: received.again_after is not None),
        wait=lambda state: _last(state).again_after or 0,
        stop=stop_after_attempt(_ATTEMPTS) | stop_before_delay(DEADLINE_SECONDS),
        retry_error_callback=_last,
    )
    received: Received = again_if_busy(_within, end, lambda: _received(pools, method, url, headers, body, end))
    return received


def _last(state: RetryCallState) -> Received:
    assert state.outcome is not None
    received: Received = state.outcome.result()
    return received


def ahead(found: Iterator[T]) -> Iterator[T]:
    """The same, each fetched while the one before it is worked on; what it raises comes in its place."""
    following = begun(lambda: next(found, _END))
    while (item := following.result()) is not _END:
        following = begun(lambda: next(found, _END))
        yield item


def _within(end: float, work: Callable[[], Received]) -> Received:
    """What `work` returns or raises by `end`; after that it is left alone."""
    done = begun(work)
    if not wait([done], timeout=end - time.monotonic()).done:
        raise _too_slow()
    return done.result()


def _received(
    pools: PoolManager, method: str, url: str, headers: Mapping[str, str], body: bytes | None, end: float
) -> Received:
    response = pools.request(
        method,
        url,
        body=body,
        headers=headers,
        timeout=_TIMEOUT,
        retries=False,
        redirect=False,
        preload_content=False,
    )
    data = bytearray()
    # An answer not read to its end takes its connection with it.
    with closing(response):
        # No packed answer was asked for, and one could be a thousand times larger than what came in.
        while chunk := response.read1(_CHUNK, decode_content=False):
            data += chunk
            if len(data) > LARGEST_ANSWER:
                raise LimitExceeded(f"is larger than {LARGEST_ANSWER} bytes")
            if time.monotonic() > end:
                raise _too_slow()
    again = response.headers.get("Retry-After", "") if response.status in _BUSY else ""
    again_after = int(again) if _SECONDS.fullmatch(again) else None
    return Received(status=response.status, data=bytes(data), again_after=again_after)


def _too_slow() -> LimitExceeded:
    return LimitExceeded(f"did not end within {DEADLINE_SECONDS} seconds")
