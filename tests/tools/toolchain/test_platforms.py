"""What is said of the platform before anything is made."""

import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.toolchain import platforms
from tools.toolchain.cache import WHEELS
from tools.toolchain.install import install
from tools.toolchain.platforms import PLATFORMS, warning
from tools.toolchain.recipes import Recipe

__all__: list[str] = []


def _on(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)


@pytest.mark.parametrize(
    ("here", "told"),
    [
        (("Linux", "x86_64"), ""),
        (("Linux", "aarch64"), "Linux aarch64 is untested, only Linux x86_64 was tried: everything should work"),
        (
            ("Darwin", "arm64"),
            "Darwin arm64 is untested, only Linux x86_64 was tried: the tools should build, but the control plane of "
            "scripts/up needs Linux: its processes are tied to each other by the Linux kernel",
        ),
        (
            ("Linux", "riscv64"),
            "Linux riscv64 is untested, only Linux x86_64 was tried: there are no pinned wheels of etcd and Go for it, "
            "so both must be on PATH or named in POD_SECURITY_ETCD and POD_SECURITY_GO, and what Go cannot build "
            "there fails",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_a_platform_nobody_tried_is_named(monkeypatch: pytest.MonkeyPatch, here: tuple[str, str], told: str) -> None:
    """One line says what was tried and what may not work."""
    _on(monkeypatch, *here)
    assert warning() == told


@pytest.mark.usefixtures("cache")
def test_it_is_said_once_before_the_tools_are_made(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fake_go: Callable[..., Path],
    recipe: Callable[[str], Recipe],
) -> None:
    """And not when there is nothing to make."""
    fake_go()
    monkeypatch.setattr(platforms, "warning", lambda: "WARNED")
    install(list)
    assert capsys.readouterr().err == ""
    install(lambda: [recipe("first"), recipe("second")])
    told = capsys.readouterr().err
    assert told.startswith("note: WARNED\n")
    assert told.count("WARNED") == 1


@pytest.mark.parametrize("name", sorted(path.name for path in WHEELS.iterdir()))
def test_every_listed_platform_has_a_pinned_wheel(name: str) -> None:
    """One hash each: a platform without one would find no distribution."""
    assert (WHEELS / name).read_text().count("--hash=sha256:") == len(PLATFORMS)
