"""What is asked of a container to see how it is, or when it begins and ends; of each only the host that is called."""

from __future__ import annotations

import msgspec

__all__ = ["Call", "Handler", "Lifecycle"]


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request over HTTP, or a connection; to the pod's own address when no host is named."""

    host: str | None = None


class Handler(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A probe, or what is done when a container begins or ends; one that calls nobody is as good as none."""

    http_get: Call | None = None
    tcp_socket: Call | None = None


class Lifecycle(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What is done when a container has begun, and before it ends."""

    post_start: Handler | None = None
    pre_stop: Handler | None = None
