"""What every control is: the fields of a policy it owns, what it writes into a pod, and what it refuses in one.

A control has all its faces in one module, called like the control. It judges a pod as the plugin does after all
defaults are written; nothing here knows of users, names or the order of policies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["Control", "unchanged"]

S = TypeVar("S")


def unchanged(_settings: object, pod: Pod) -> Pod:
    """The default of a control that writes nothing."""
    return pod


@dataclass(frozen=True, kw_only=True)
class Control(Generic[S]):
    """One concern of a policy.

    Args:
        id: The name of its module.
        psp_fields: The fields of a policy's spec and the annotations it owns, spelled as in a manifest.
        settings: What the policy asks, worked out once; None when it asks nothing.
        judge: Every reason to refuse the pod.
        default: The pod with what the policy writes into it; the same object when that is nothing.
    """

    id: str
    psp_fields: tuple[str, ...]
    settings: Callable[[PodSecurityPolicy], S | None]
    judge: Callable[[S, Pod], Iterator[Reason]]
    default: Callable[[S, Pod], Pod] = unchanged
