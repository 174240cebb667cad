"""How much of the plugin a run of random cases has reached: both branches of every control, and all it can say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pulumi_pod_security.admission.prepared import Prepared
from pulumi_pod_security.admission.request import Verdict
from pulumi_pod_security.controls import CONTROLS
from pulumi_pod_security.controls.control import Control, unchanged
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.policy.spec import FSType

__all__ = ["BRANCHES", "Coverage"]

BRANCHES = ("accepted", "refused", "tolerated", "defaulted")
"""What a control of the policy that decided did: it had something to ask and the pod passed; it refused; another
policy's control would have refused what this one let in; it wrote into the pod."""

# Looking at all policies takes time; what is counted so often is not counted further.
_ENOUGH = 100
# All policies ask the same of proc mounts while the server's gate ProcMountType is off.
_OUT_OF_REACH = {("proc_mount", "tolerated")}
_SE_LINUX = r"\.securityContext\.seLinuxOptions\."
_WORDS = (
    *(rf"^spec\.{kind}\[\d+\]" for kind in ("initContainers", "containers", "ephemeralContainers", "volumes")),
    *(f'"{kind}": {kind} volumes are not allowed' for kind in get_args(FSType) if kind != "*"),
    *(rf"^spec\.securityContext\.host{kind}: .*: Host \w+ is not allowed" for kind in ("Network", "PID", "IPC")),
    *(rf"^spec{_SE_LINUX}{part}: .* must be " for part in ("user", "role", "type", "level")),
    *(rf"^spec\.containers\[\d+\]{_SE_LINUX}{part}: .* must be " for part in ("user", "role", "type", "level")),
    r"^spec\.securityContext\.fsGroup: .*: group \d+ must be in the ranges",
    r"^spec\.securityContext\.supplementalGroups: .*: group \d+ must be in the ranges",
    r"^spec\.securityContext\.supplementalGroups: .*: unable to validate empty groups",
    r"^spec\.containers\[\d+\]\.securityContext: .*: group \d+ must be in the ranges",
    r"^spec\.containers\[\d+\]\.securityContext\.runAsUser: .*: must be in the ranges",
    r"^spec\.containers\[\d+\]\.securityContext\.runAsUser: .*: running with the root UID is forbidden",
    r"^spec\.containers\[\d+\]\.securityContext\.runAsNonRoot: .*: must be true",
    r"^spec\.runtimeClassName: Invalid value",
    r"seccomp may not be set",
    r"annotations\[seccomp\..* is not an allowed seccomp profile",
    r"annotations\[container\.seccomp\..* is not an allowed seccomp profile",
    r"AppArmor profile must be set",
    r" is not an allowed profile\. Allowed values",
    r": sysctl \".*\" is not allowed",
    r": unsafe sysctl \".*\" is not allowed",
    r"Host port \d+ is not allowed to be used",
    r"Allowing privilege escalation for containers is not allowed",
    r"capability may not be added",
    r"Privileged containers are not allowed",
    r"ProcMountType is not allowed",
    r"ReadOnlyRootFilesystem must be set to true",
    r"Inline CSI driver is not allowed to be used",
    r"Flexvolume driver is not allowed to be used",
    r"\.hostPath\.pathPrefix: .*: is not allowed to be used",
    r"\.volumeMounts\[\d+\]\.readOnly: .*: must be read-only",
)
"""All that the plugin can say of pods that were given a policy's defaults."""


_Settings = Mapping[str, Mapping[str, Any]]


class Coverage:
    """Counts cases by the branches of controls that decided them, and reasons by their words."""

    def __init__(self) -> None:
        self.branches: Counter[tuple[str, str]] = Counter()
        self.words: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self._patterns = [(words, re.compile(words, re.DOTALL)) for words in _WORDS]
        self._settings: _Settings = {}

    def begin(self, policies: Sequence[Prepared]) -> None:
        """Take note of the policies on the server."""
        usable = [prepared.policy for prepared in policies if not prepared.faults]
        self._settings = {policy.name: {each.id: each.settings(policy) for each in CONTROLS} for policy in usable}

    def note(self, verdict: Verdict, pod: Pod) -> None:
        """Count a case in which we and the server agree.

        Args:
            pod: As the plugin saw it.
        """
        if not verdict.admitted:
            self.verdicts["refused with reasons" if verdict.reasons else "refused without a reason"] += 1
            self._note_reasons(set(map(str, verdict.reasons)))
            self.branches.update((control, "refused") for control in set(self._refusing(verdict)))
        elif verdict.policy is None:
            self.verdicts["not looked at"] += 1
        else:
            changed = any(step.outcome == "chosen" and step.pod != pod for step in verdict.steps)
            self.verdicts["admitted and changed" if changed else "admitted as it was"] += 1
            self.branches.update(self._passing(verdict.policy, pod))

    def lacking(self, *, branches: int, words: int) -> list[str]:
        """Every branch, and all words, that fewer cases reached."""
        few = [f"{' '.join(key)}: {self.branches[key]}" for key in _expected() if self.branches[key] < branches]
        return few + [f"{said!r}: {self.words[said]}" for said in _WORDS if self.words[said] < words]

    def __str__(self) -> str:
        rows = [f"{name:28} {count:9}" for name, count in sorted(self.verdicts.items())]
        rows += [f"{'':28}" + "".join(f"{branch:>10}" for branch in BRANCHES)]
        for control in CONTROLS:
            counts = (self.branches[control.id, branch] for branch in BRANCHES)
            rows.append(f"{control.id:28}" + "".join(f"{count:10}" for count in counts))
        rarest = sorted(_WORDS, key=lambda words: self.words[words])[:5]
        rows += [f"the rarest words: {', '.join(f'{words} {self.words[words]}' for words in rarest)}"]
        return "\n".join(rows)

    def _note_reasons(self, reasons: set[str]) -> None:
        for words, pattern in self._patterns:
            if any(map(pattern.search, reasons)):
                self.words[words] += 1

    def _refusing(self, verdict: Verdict) -> Iterator[str]:
        for step in verdict.steps:
            if step.outcome == "refuses":
                for control in CONTROLS:
                    settings = self._settings[step.policy][control.id]
                    if settings is not None and any(control.judge(settings, step.pod)):
                        yield control.id

    def _passing(self, policy: str, pod: Pod) -> Iterator[tuple[str, str]]:
        for control in CONTROLS:
            settings = self._settings[policy][control.id]
            if settings is not None:
                yield control.id, "accepted"
                if control.default(settings, pod) is not pod:
                    yield control.id, "defaulted"
            if self.branches[control.id, "tolerated"] < _ENOUGH and self._is_refused_elsewhere(control, pod):
                yield control.id, "tolerated"

    def _is_refused_elsewhere(self, control: Control[Any], pod: Pod) -> bool:
        others = (settings[control.id] for settings in self._settings.values())
        return any(
            any(control.judge(settings, control.default(settings, pod))) for settings in others if settings is not None
        )


def _expected() -> Iterator[tuple[str, str]]:
    for control in CONTROLS:
        for branch in BRANCHES:
            if (control.id, branch) not in _OUT_OF_REACH and (
                branch != "defaulted" or control.default is not unchanged
            ):
                yield control.id, branch
