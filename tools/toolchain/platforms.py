"""Which systems the tools are made for, and which of these somebody has tried.

The pins have wheels of etcd and Go for every platform listed here, and Go builds the rest for the platform it runs on.
"""

import platform
from collections.abc import Sized

from tools.toolchain.progress import say

__all__ = ["PLATFORMS", "announce", "warning"]

_TRIED = ("Linux", "x86_64")
_NO_SERVERS = "the control plane of scripts/up needs Linux: its processes are tied to each other by the Linux kernel"
PLATFORMS = {
    _TRIED: "",
    ("Linux", "aarch64"): "everything should work",
    ("Darwin", "x86_64"): f"the tools should build, but {_NO_SERVERS}",
    ("Darwin", "arm64"): f"the tools should build, but {_NO_SERVERS}",
}
"""By system and machine, as Python names them: what to expect there; nothing to say where it was tried."""

_ELSEWHERE = (
    "there are no pinned wheels of etcd and Go for it, so both must be on PATH or named in POD_SECURITY_ETCD and "
    "POD_SECURITY_GO, and what Go cannot build there fails"
)


def warning() -> str:
    """One line about this platform, empty on the one that was tried."""
    here = (platform.system(), platform.machine())
    expected = PLATFORMS.get(here, _ELSEWHERE)
    return f"{' '.join(here)} is untested, only {' '.join(_TRIED)} was tried: {expected}" if expected else ""


def announce(recipes: Sized) -> None:
    """Say so before anything is made on a platform that nobody has tried."""
    if recipes and (told := warning()):
        say(f"note: {told}")
