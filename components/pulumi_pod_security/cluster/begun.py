"""Work that may be left alone: it goes on in a thread that holds up no exit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

__all__ = ["begun"]

T = TypeVar("T")


def begun(work: Callable[[], T]) -> Future[T]:
    """What `work` will return or raise.

    Its thread is a daemon: an executor's would be joined at the end of the process, and keep that from ending.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            done.set_exception(error)

    Thread(target=run, name="pod-security", daemon=True).start()
    return done
