"""Why a workload got its policy: every policy in the plugin's order, and why it was passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pulumi_pod_security.admission.changes import changes
from pulumi_pod_security.admission.findings import Judged
from pulumi_pod_security.admission.rbac import Rbac
from pulumi_pod_security.admission.request import Step
from pulumi_pod_security.errors import capped

__all__ = ["Considered", "Explanation", "explained"]


@dataclass(frozen=True, kw_only=True)
class Considered:
    """One policy, what came of it in a few words, and the details."""

    policy: str
    outcome: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A workload with every policy there is, in the order in which the plugin tries them."""

    judged: Judged
    policies: tuple[Considered, ...]


def explained(judged: Judged, policies: Sequence[str], rbac: Rbac) -> Explanation:
    """The walk through the policies, whose names are sorted as the plugin sorts them."""
    steps = judged.verdict.steps
    tried = [_considered(step, judged, rbac) for step in steps]
    known = {step.policy for step in steps}
    rest = f"not tried: {judged.policy} admits the pods as they are"
    beyond = [Considered(policy=name, outcome=rest) for name in policies if name not in known]
    return Explanation(judged=judged, policies=(*tried, *beyond))


def _considered(step: Step, judged: Judged, rbac: Rbac) -> Considered:
    written = tuple(f"writes {change}" for change in changes(step.given, step.pod))
    reasons = tuple(capped(step.reasons))
    match step.outcome:
        case "cannot be built":
            faults = tuple(str(fault) for fault in step.prepared.faults)
            return Considered(policy=step.policy, outcome="passed over: the plugin cannot build it", details=faults)
        case "may not be used":
            return Considered(policy=step.policy, outcome=_unusable(judged), details=_anyhow(reasons, written))
        case "refuses":
            details = (*_usable(step.policy, judged, rbac), *reasons)
            return Considered(policy=step.policy, outcome="passed over: refuses the pods", details=details)
        case "mutates":
            details = (*_usable(step.policy, judged, rbac), *written)
            return Considered(policy=step.policy, outcome=_not_needed(judged), details=details)
    # What is kept of the pod is a little more than what the policy writes: annotations become fields.
    kept = (f"writes {change}" for change in judged.changes)
    return Considered(policy=step.policy, outcome="chosen", details=(*_usable(step.policy, judged, rbac), *kept))


def _unusable(judged: Judged) -> str:
    users = [identity.user for identity in judged.workload.identities]
    who = f"neither {' nor '.join(users)} may use it" if len(users) > 1 else f"{users[0]} may not use it"
    return f"passed over: {who}"


def _anyhow(reasons: tuple[str, ...], written: tuple[str, ...]) -> tuple[str, ...]:
    if reasons:
        return ("it would refuse the pods as well:", *reasons)
    return ("it would admit the pods, with changes:", *written) if written else ("it would admit the pods as they are",)


def _not_needed(judged: Judged) -> str:
    how = "comes before it by name" if judged.verdict.steps[-1].outcome != "chosen" else "admits them as they are"
    return f"passed over: it would change the pods, and {judged.policy} {how}"


def _usable(policy: str, judged: Judged, rbac: Rbac) -> Iterator[str]:
    """Who brings the right to use the policy, and by what."""
    namespace = judged.workload.namespace
    for identity in judged.workload.identities:
        because = rbac.because(identity, policy, namespace)
        if because is not None:
            yield f"{identity.user} may use it: {because.subject}, {because.reason}"
            return
