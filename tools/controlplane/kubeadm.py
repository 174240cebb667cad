"""The real kubeadm binary, driven without root, without a node and without a network.

Everything it writes goes to a folder of ours: KUBEADM_INIT_DRYRUN_DIR says where the files of a dry run go, and in a
dry run certificates, kubeconfigs and manifests are as real as otherwise.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.controlplane.errors import KubeadmError
from tools.controlplane.layout import Layout
from tools.scratch import scratch

__all__ = ["Kubeadm"]

SKIPPED_PHASES = (
    "preflight",
    "kubelet-start",
    "wait-control-plane",
    "upload-config",
    "upload-certs",
    "mark-control-plane",
    "bootstrap-token",
    "kubelet-finalize",
    "addon",
)


class Kubeadm:
    """kubeadm with the configuration of one cluster."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def initialize(self) -> None:
        """Make certificates, kubeconfigs and manifests."""
        with self._dry_run("init", f"--skip-phases={','.join(SKIPPED_PHASES)}", "--skip-token-print") as files:
            for kubeconfig in files.glob("*.conf"):
                _move(kubeconfig, self.layout.kubeconfigs)
            for manifest in files.glob("*.yaml"):
                _move(manifest, self.layout.manifests)
            # What is left is the PKI, with etcd's in a folder of its own.
            for entry in list(files.iterdir()):
                _move(entry, self.layout.pki)

    def render_api_server(self) -> None:
        """Put the API server's manifest for the present configuration in its place, at once."""
        with self._dry_run("init", "phase", "control-plane", "apiserver") as files:
            target = self.layout.manifest("kube-apiserver")
            draft = target.with_name(f".{target.name}.new")
            shutil.move(files / target.name, draft)
            draft.replace(target)

    def user_kubeconfig(self, user: str, groups: Sequence[str]) -> str:
        """A kubeconfig with a client certificate."""
        organizations = [f"--org={group}" for group in groups]
        return self._run("kubeconfig", "user", f"--client-name={user}", *organizations)

    def token_kubeconfig(self, user: str, token: str) -> str:
        """A kubeconfig with a bearer token."""
        return self._run("kubeconfig", "user", f"--client-name={user}", f"--token={token}")

    def phase(self, *phase: str) -> None:
        """Do a phase of `kubeadm init` on the running cluster, as its admin."""
        self._run("init", "phase", *phase, f"--kubeconfig={self.layout.kubeconfigs / 'admin.conf'}")

    @contextlib.contextmanager
    def _dry_run(self, *arguments: str) -> Iterator[Path]:
        with scratch(self.layout.folder) as folder:
            self._run(*arguments, "--dry-run", dry_run_folder=str(folder))
            (files,) = (folder / "tmp").iterdir()
            yield files

    def _run(self, *arguments: str, dry_run_folder: str = "") -> str:
        command = [str(self.layout.binaries / "kubeadm"), *arguments, f"--config={self.layout.configuration}"]
        environment = {**os.environ, "KUBEADM_INIT_DRYRUN_DIR": dry_run_folder}
        result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if result.returncode:
            raise KubeadmError(f"kubeadm {' '.join(arguments)} failed ({result.returncode}): {result.stderr.strip()}")
        return result.stdout


def _move(entry: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    shutil.move(entry, folder / entry.name)
