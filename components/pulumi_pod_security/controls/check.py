"""What a check of the Pod Security Standards is: a level, and the rules that hold from one version on to the next.

A check refuses a pod as a whole, in one reason with its detail, which are the words of Kubernetes. The check's id is
Kubernetes' own; the control that owns the fields has the check among its faces, in `CHECKS`.

Upstream: policy/checks.go and policy/helpers.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import msgspec

from pulumi_pod_security.controls.pod import Pod

__all__ = ["Check", "Judge", "Level", "Refusal", "Rule", "except_in_user_namespaces", "except_on_windows"]

Level = Literal["baseline", "restricted"]
"""The levels that refuse anything; what baseline refuses, restricted does too."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a check refuses a pod: what is wrong, and where it is."""

    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


Judge = Callable[[Pod], Refusal | None]
"""What a check has against a pod, as the API server stores it."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a check asks.

    Attributes:
        since: The minor version of Kubernetes 1 from which on it holds, until the next rule does.
        overrides: The baseline checks that a restricted one takes the place of.
    """

    since: int
    judge: Judge
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check of the standards, with its rules in the order of their versions."""

    id: str
    level: Level
    rules: tuple[Rule, ...]


def except_on_windows(judge: Judge) -> Judge:
    """The same, but for pods that say they are for Windows: there the API server takes none of the fields."""
    return partial(_judge_elsewhere, judge)


def except_in_user_namespaces(judge: Judge) -> Judge:
    """The same, but for pods whose users are not the node's (`hostUsers: false`)."""
    return partial(_judge_with_host_users, judge)


def _judge_elsewhere(judge: Judge, pod: Pod) -> Refusal | None:
    system = pod.spec.os if pod.spec else None
    return None if system and system.name == "windows" else judge(pod)


def _judge_with_host_users(judge: Judge, pod: Pod) -> Refusal | None:
    return None if pod.spec and pod.spec.host_users is False else judge(pod)
