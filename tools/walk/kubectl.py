"""kubectl of the cluster's version, asked for JSON."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tools.toolchain import binary

__all__ = ["Kubectl", "KubectlError"]


class KubectlError(Exception):
    """kubectl failed; the message is what it wrote."""


class Kubectl:
    """kubectl with one kubeconfig."""

    def __init__(self, kubeconfig: Path, version: str) -> None:
        self._program = binary("kubectl", version=version)
        self._kubeconfig = kubeconfig

    def run(self, *arguments: str) -> str:
        """What kubectl prints; raises KubectlError."""
        environment = {**os.environ, "KUBECONFIG": str(self._kubeconfig)}
        done = subprocess.run([self._program, *arguments], env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise KubectlError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def get(self, *arguments: str) -> Any:
        """The object or list that `kubectl get` finds; raises KubectlError."""
        return json.loads(self.run("get", *arguments, "--output=json"))
