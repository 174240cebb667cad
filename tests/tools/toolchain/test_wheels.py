"""Wheels are taken only when they have the committed hash."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from tools.toolchain import wheels
from tools.toolchain.errors import ToolchainError

__all__: list[str] = []

_METADATA = "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n"
_TAGS = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def carrier(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel with one file in it, which is all that pip finds; gives the folder of the pins."""
    assert not cache.exists()
    pins = tmp_path / "pins"
    index = tmp_path / "index"
    index.mkdir()
    pins.mkdir()
    with zipfile.ZipFile(index / "carrier-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("carrier/bin/tool", "content")
        wheel.writestr("carrier-1.0.dist-info/METADATA", _METADATA)
        wheel.writestr("carrier-1.0.dist-info/WHEEL", _TAGS)
        wheel.writestr("carrier-1.0.dist-info/RECORD", "")
    monkeypatch.setattr(wheels, "WHEELS", pins)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return pins


def _pin(pins: Path, digest: str) -> None:
    (pins / "carrier-1.0.txt").write_text(f"carrier==1.0 --hash=sha256:{digest}\n")


def test_a_wheel_with_its_hash_is_unpacked_once(carrier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second build of the same run, or a resumed one, needs no index any more."""
    content = (tmp_path / "index" / "carrier-1.0-py3-none-any.whl").read_bytes()
    _pin(carrier, hashlib.sha256(content).hexdigest())
    unpacked = wheels.unpacked("carrier-1.0.txt")
    assert (unpacked / "carrier" / "bin" / "tool").read_text() == "content"
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    assert wheels.unpacked("carrier-1.0.txt") == unpacked


def test_a_wheel_with_another_hash_is_refused(carrier: Path, cache: Path) -> None:
    """Nothing of it is left behind."""
    _pin(carrier, "0" * 64)
    with pytest.raises(ToolchainError, match=r"^carrier-1\.0: pip install failed: .*HASHES"):
        wheels.unpacked("carrier-1.0.txt")
    assert not list((cache / "work" / "wheels").iterdir())


def test_a_wheel_without_a_committed_hash_is_refused(carrier: Path) -> None:
    """A forgotten hash must not mean that anything is taken."""
    (carrier / "carrier-1.0.txt").write_text("carrier==1.0\n")
    with pytest.raises(ToolchainError, match=r"^carrier-1\.0: pip install failed: .*hash"):
        wheels.unpacked("carrier-1.0.txt")
