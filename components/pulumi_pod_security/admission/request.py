"""What is asked of the PodSecurityPolicy plugin, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.policy.identity import Identity

if TYPE_CHECKING:
    from pulumi_pod_security.admission.prepared import Prepared

__all__ = ["Operation", "Outcome", "Request", "Step", "Verdict"]

Operation = Literal["CREATE", "UPDATE"]

Outcome = Literal["chosen", "mutates", "refuses", "may not be used", "cannot be built"]
"""Why a policy was passed over. `mutates`: it would write into the pod, and either nothing may be written or another
policy was before it. `cannot be built`: a strategy that needs ranges or a label has none."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A pod on its way to the plugin, as the plugin sees it (see `defaulting.as_seen`).

    Args:
        old: The stored pod, on UPDATE.
        user: Who sends the request; the pod's service account is asked besides.
    """

    operation: Operation
    pod: Pod
    old: Pod | None = None
    namespace: str
    user: Identity
    subresource: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A policy that was tried, and what came of it. What was not needed for the verdict is worked out when asked for.

    Attributes:
        given: The pod as it came.
    """

    prepared: Prepared = field(repr=False)
    outcome: Outcome
    given: Pod = field(repr=False)

    @property
    def policy(self) -> str:
        """The policy's name."""
        return self.prepared.name

    @property
    def pod(self) -> Pod:
        """The pod with the policy's defaults."""
        return self.prepared.default(self.given)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the policy refuses the pod, whether or not it may be used."""
        return tuple(self.prepared.judge(self.pod))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The plugin's answer.

    Attributes:
        policy: The policy that admitted the pod; None when it was refused, or not looked at.
        pod: As admitted, with what the policy writes; as given when it was refused.
        reasons: Those a refusal shows: of the policies that may be used, in the order they were tried.
        steps: Every policy that was tried, in order.
        message: What the server says when it refuses.
    """

    admitted: bool
    policy: str | None
    pod: Pod
    reasons: tuple[Reason, ...] = ()
    steps: tuple[Step, ...] = ()
    message: str | None = None
