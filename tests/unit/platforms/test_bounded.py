"""A call that is given up."""

from __future__ import annotations

import threading

import pytest

from pulumi_pod_security.platforms.bounded import Overdue, bounded


def test_what_is_in_time() -> None:
    """Its value, or its error, a TimeoutError of its own too."""
    assert bounded(lambda: 1, 5) == 1
    for error in (KeyError("x"), TimeoutError("of its own")):

        def fail(error: Exception = error) -> None:
            raise error

        with pytest.raises(type(error), match=r"x|of its own"):
            bounded(fail, 5)


def test_what_is_not() -> None:
    """It is given up, and what comes of it can still be seen."""
    go = threading.Event()
    with pytest.raises(Overdue) as given_up:
        bounded(lambda: go.wait(10), 0.05)
    assert not given_up.value.outcome.done()
    go.set()
    assert given_up.value.outcome.result(10) is True
