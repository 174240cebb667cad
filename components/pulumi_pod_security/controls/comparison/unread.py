"""What no policy knows of and the standards refuse: calls to other hosts, and processes of Windows nodes."""

from __future__ import annotations

from pulumi_pod_security.controls import host_probes, windows_host_process
from pulumi_pod_security.controls.comparison.changing import each_with, security_of_pod
from pulumi_pod_security.controls.comparison.concern import Concern, Use
from pulumi_pod_security.controls.handler import Call, Handler
from pulumi_pod_security.controls.pod import WindowsOptions

__all__ = ["CONCERNS"]

_CALL = Use(
    what="probes and lifecycle hooks that call another host",
    change=each_with(liveness_probe=Handler(http_get=Call(host="example.com"))),
)
_HOST_PROCESS = Use(
    what="host processes on Windows",
    change=security_of_pod(windows_options=WindowsOptions(host_process=True)),
)

CONCERNS = (
    Concern(id="host_probes", controls=(), checks=host_probes.CHECKS, uses=lambda _policy: (_CALL,)),
    Concern(
        id="windows_host_process",
        controls=(),
        checks=windows_host_process.CHECKS,
        uses=lambda _policy: (_HOST_PROCESS,),
    ),
)
