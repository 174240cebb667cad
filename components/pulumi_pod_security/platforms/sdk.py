"""What the providers' SDKs have in common: they are there only with their extra, and their servers ask for patience."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from typing import Any

from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.policy.plugin import LAST_VERSION

__all__ = ["has_plugin", "imported", "last_part", "retry_after"]

_MOST_SECONDS = 300


def imported(module: str, *, extra: str) -> Any:
    """A module of an SDK; raises SwitchError with the command that installs it where it is missing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise SwitchError(
            f"the platform {extra} needs the Python package of {error.name}; install it with: "
            f"pip install 'pulumi-pod-security[{extra}]'"
        ) from None


def retry_after(headers: Mapping[str, str]) -> float:
    """How many seconds an answer asks to be left alone; 0 where it does not say, or says it as a date."""
    value = headers.get("Retry-After") or ""
    return min(float(value), _MOST_SECONDS) if value.isdecimal() else 0.0


def last_part(name: str) -> str:
    """The name or id in a full one: Pulumi's own resources have `projects/.../clusters/NAME` or `REGION/ID`."""
    return name.rpartition("/")[2]


def has_plugin(version: str) -> bool:
    """Whether Kubernetes of this version can have the plugin; one that cannot be read tells nothing."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return found is None or (int(found[1]), int(found[2])) <= LAST_VERSION
