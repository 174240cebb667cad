"""A call that is given up after a while, for SDKs that would wait for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["bounded"]

T = TypeVar("T")


def bounded(call: Callable[[], T], seconds: float) -> T:
    """What the call returns or raises; TimeoutError after so many seconds, and then nobody waits for it any more."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            outcome.set_exception(error)

    # A daemon: an executor's thread would be joined at the end of the process, and keep that from ending.
    threading.Thread(target=run, daemon=True).start()
    return outcome.result(seconds)
