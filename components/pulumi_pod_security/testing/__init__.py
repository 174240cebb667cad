"""Helpers that tests of programs using this package may import; nothing here runs in a deployment."""

from pulumi_pod_security.testing.recording import EchoMocks, RecordingMonitor, Registration, record

__all__ = ["EchoMocks", "RecordingMonitor", "Registration", "record"]
