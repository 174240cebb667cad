"""Asks a Pulumi provider for its version: it has no argument for that, only its gRPC interface."""

import subprocess
import threading
from pathlib import Path

__all__ = ["asked"]


def asked(path: Path, *, timeout: float) -> str:
    """The version a provider answers over gRPC, empty when it does not answer in time."""
    with subprocess.Popen([path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        limit = threading.Timer(timeout, process.kill)
        limit.start()
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            return _plugin_version(int(port), timeout) if port.isdigit() else ""
        finally:
            limit.cancel()
            process.kill()


def _plugin_version(port: int, timeout: float) -> str:
    import grpc  # type: ignore[import-untyped]
    from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
    from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            return str(ResourceProviderStub(channel).GetPluginInfo(Empty(), timeout=timeout).version)
        except grpc.RpcError:
            return ""
