"""What is asked of the PodSecurityPolicy plugin, and what it answers."""

from __future__ import annotations

from typing import Literal

import msgspec

from pulumi_pod_security.admission.prepared import Answers, Prepared
from pulumi_pod_security.controls.pod import Metadata, Pod
from pulumi_pod_security.controls.printing import quoted
from pulumi_pod_security.controls.reason import Reasons
from pulumi_pod_security.policy.identity import Identity

__all__ = ["Operation", "Outcome", "Request", "Step", "Verdict"]

Operation = Literal["CREATE", "UPDATE"]

Outcome = Literal["chosen", "mutates", "refuses", "may not be used", "cannot be built"]
"""What came of a policy: it was chosen, or why it was passed over.

`mutates`: it would write into the pod, and either nothing may be written or another policy was before it. `cannot be
built`: a strategy that needs ranges or a label has none.
"""


class Request(msgspec.Struct, frozen=True, kw_only=True):
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


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that was tried, and what came of it. What was not needed for the verdict is worked out when asked for.

    Attributes:
        answers: What the pod answered; all steps of a verdict share it.
    """

    prepared: Prepared
    outcome: Outcome
    answers: Answers

    def __repr__(self) -> str:
        return f"Step(policy={self.policy!r}, outcome={self.outcome!r})"

    @property
    def policy(self) -> str:
        """The policy's name."""
        return self.prepared.name

    @property
    def given(self) -> Pod:
        """The pod as it came."""
        return self.answers.pod

    @property
    def pod(self) -> Pod:
        """The pod with the policy's defaults."""
        return self.prepared.default(self.given)

    @property
    def reasons(self) -> Reasons:
        """Why the policy refuses the pod, whether or not it may be used."""
        return self.answers.reasons(self.prepared)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The plugin's answer. The words of a refusal are found when they are asked for.

    Attributes:
        policy: The policy that admitted the pod; None when it was refused, or not looked at.
        pod: As admitted, with what the policy writes; as given when it was refused.
        steps: Every policy that was tried, in order.
        operation: What was asked for.
    """

    admitted: bool
    policy: str | None
    pod: Pod
    steps: tuple[Step, ...] = ()
    operation: Operation = "CREATE"

    @property
    def reasons(self) -> Reasons:
        """Those a refusal shows: of the policies that may be used, in the order they were tried."""
        refusing = () if self.admitted else (step for step in self.steps if step.outcome == "refuses")
        return tuple(reason for step in refusing for reason in step.reasons)

    @property
    def message(self) -> str | None:
        """What the server says when it refuses."""
        if self.admitted:
            return None
        metadata = self.pod.metadata or Metadata()
        name = metadata.name or metadata.generate_name or "Unknown"
        return f"pods {quoted(name)} is forbidden: PodSecurityPolicy: {self._cause()}"

    def _cause(self) -> str:
        if all(step.outcome == "cannot be built" for step in self.steps):
            return "no providers available to validate pod request"
        verb = "admit" if self.operation == "CREATE" else "validate"
        return f"unable to {verb} pod: [{' '.join(map(str, self.reasons))}]"
