"""The API server's manifest as kubeadm makes it from a configuration, rendered in a folder of its own.

A configuration may hold bootstrap tokens, so that what a killed run left behind is removed by the next one.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from pulumi_pod_security.platforms.files import read, replace
from pulumi_pod_security.platforms.manifest import MANIFEST
from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["rendered"]

_PREFIX = "pulumi-pod-security-kubeadm-"
_TIMEOUT_SECONDS = 120
_DEAD_AFTER_SECONDS = 3600


def rendered(kubeadm: str, configuration: str, config: Path) -> str:
    """The manifest that the binary `kubeadm` makes of `configuration`; errors call it `config`.

    A dry run writes below KUBEADM_INIT_DRYRUN_DIR and needs no root (cmd/init.go, kubeadm v1.24.17).

    Raises:
        SwitchError: kubeadm is not there, refuses the configuration, or makes no manifest.
    """
    _remove_left_overs()
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        copy = Path(folder) / "kubeadm.yaml"
        replace(copy, configuration)
        command = [kubeadm, "init", "phase", "control-plane", "apiserver", "--dry-run", f"--config={copy}"]
        _run(command, {**os.environ, "KUBEADM_INIT_DRYRUN_DIR": folder}, config)
        made = sorted(Path(folder).rglob(MANIFEST))
        if not made:
            raise SwitchError(f"{kubeadm} rendered no {MANIFEST}; is it 1.22 or later? ask: {kubeadm} version")
        return read(made[0])


def _remove_left_overs() -> None:
    """Remove our own folders of runs that cannot be alive any more."""
    with os.scandir(tempfile.gettempdir()) as found:
        for entry in found:
            # Another process may remove an entry while we look at it.
            with contextlib.suppress(OSError):
                if entry.name.startswith(_PREFIX) and _is_dead(entry):
                    shutil.rmtree(entry.path)


def _is_dead(entry: os.DirEntry[str]) -> bool:
    """Whether a real folder of ours is older than any rendering takes; everyone may make links there."""
    if not entry.is_dir(follow_symlinks=False):
        return False
    status = entry.stat(follow_symlinks=False)
    return status.st_uid == os.geteuid() and time.time() - status.st_mtime > _DEAD_AFTER_SECONDS


def _run(command: list[str], environment: dict[str, str], config: Path) -> None:
    try:
        subprocess.run(
            command,
            env=environment,
            check=True,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
        )
    except FileNotFoundError:
        raise SwitchError(f"kubeadm: {command[0]!r} is not there; give the path of the node's kubeadm binary") from None
    except subprocess.CalledProcessError as error:
        raise SwitchError(f"kubeadm refused {config}: {_masked(_last_line(error.stderr))}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SwitchError(f"kubeadm could not render {MANIFEST}: {error}") from None


def _masked(words: str) -> str:
    """kubeadm quotes a malformed bootstrap token; `[a-z0-9]{6}.` starts one (bootstrap-token-authentication, v1.24)."""
    return re.sub(r"\b[a-z0-9]{6}\.\w+", "TOKEN", words)


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line and not line.startswith("To see the stack trace")]
    return lines[-1] if lines else "no reason given"
