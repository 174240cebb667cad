"""`python -m bench.lived check|list KUBECONFIG`: read a live cluster, and print what that took."""

import contextlib
import io
import sys
import time
from collections.abc import Callable, Mapping
from itertools import chain

import msgspec

from bench.checked import memory
from pulumi_pod_security.cli.app import app
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.listing import ACCESS, WORKLOADS

__all__ = ["Lived"]


class Lived(msgspec.Struct, kw_only=True):
    """What reading a cluster took, from the first request to the last word of the report.

    Attributes:
        processor: seconds of this process's own work.
        peak: memory in megabytes, at most.
    """

    seconds: float
    processor: float
    peak: float
    summary: str


def _check(kubeconfig: str) -> str:
    """The command, as people run it, but for the terminal."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        app(["check", "--kubeconfig", kubeconfig], standalone_mode=False)
    return shown.getvalue().splitlines()[-1]


def _list(kubeconfig: str) -> str:
    """The same lists by the same client, page by page, and nothing done with them."""
    api = Connection(kubeconfig=kubeconfig).open()
    pages = chain.from_iterable(api.pages(resource.path) for resource in (*ACCESS, *WORKLOADS))
    return f"{sum(len(page.items or ()) for page in pages)} objects"


_SIDES: Mapping[str, Callable[[str], str]] = {"check": _check, "list": _list}


def _lived(side: str, kubeconfig: str) -> Lived:
    started, worked = time.monotonic(), time.process_time()
    summary = _SIDES[side](kubeconfig)
    return Lived(
        seconds=time.monotonic() - started,
        processor=time.process_time() - worked,
        peak=memory("VmHWM"),
        summary=summary,
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_lived(*sys.argv[1:])))
