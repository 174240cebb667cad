"""A typed pod may be read by several threads at once, from the first time on."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
import msgspec
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.admission.conversion import decoder
from pulumi_pod_security.cluster.objects import AccessReview

sys.setswitchinterval(1e-6)
together = threading.Barrier(8)

def read():
    together.wait()
    for _ in range(20):
        msgspec.convert({"spec": {"containers": [{"securityContext": {"privileged": True}}]}}, Pod)
        decoder(AccessReview).decode(b'{"status": {"allowed": true}}')

threads = [threading.Thread(target=read) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


@pytest.mark.parametrize("attempt", range(5))
def test_the_first_reading_by_many_does_not_crash(attempt: int) -> None:
    """msgspec builds what it knows of a type at first sight, and not safely: most runs of this ended the process."""
    assert attempt >= 0
    assert subprocess.run([sys.executable, "-c", PROGRAM], check=False).returncode == 0
