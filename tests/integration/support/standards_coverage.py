"""How much of the standards a run of random pods has reached: both branches of every rule, and all that is said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pulumi_pod_security.admission.standards import StandardVerdict
from pulumi_pod_security.controls.check import Check, Rule
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.standards import CHECKS, STANDARDS

__all__ = ["BRANCHES", "Coverage"]

BRANCHES = ("accepted", "refused", "relaxed")
"""What a rule did: it had nothing against a pod, or something; it took one that the rule before it had refused."""

# Validation takes no other way to mount /proc from a pod with the node's users.
_OUT_OF_REACH = {("procMount", 35, "refused")}
_KINDS = (
    *("awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker"),
    *("gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "iscsi", "nfs", "photonPersistentDisk"),
    *("portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"),
)
_WORDS = (
    *(rf'restricted volume types? (".*", )?"{kind}"' for kind in _KINDS),
    *(rf"host namespaces \(.*host{name}=true" for name in ("Network", "PID", "IPC")),
    *(r'container "', r'containers "', r'pod and container "', r'pod and containers "', r'volume "', r'volumes "'),
    *(r"uses hostPort \d+", r"use hostPorts? \d+", r"hostPorts \d+, \d+"),
    *(r'lifecycle host "', r'lifecycle hosts "', r'use probe or lifecycle hosts? "'),
    *(r"forbidden AppArmor profile \(", r"forbidden AppArmor profiles \(", r"\(annotation must not set AppArmor"),
    *(r" and annotations must", r" and annotation must", r"\(pod must not set AppArmor"),
    *(r'Options: type "', r'Options: types "', r"user may not be set", r"role may not be set", r'"; user may'),
    *(r"forbidden annotation sec", r"forbidden annotations? container\.seccomp", r"forbidden annotations "),
    *(r'\(pod must not set securityContext\.seccompProfile\.type to "Unconfined"', r"pod or container \"\S+ must set"),
    *(r"pod or containers .* must set securityContext\.seccompProfile", r"forbidden sysctls \(.*, .*\)"),
    *(r"pod or containers? .* must set securityContext\.runAsNonRoot=true", r"must not set .*runAsNonRoot=false"),
    *(r"\(pod must not set runAsUser=0", r"container \"\S+ must not set runAsUser=0", r"procMount to \"Unmasked\""),
    *(r"non-default capabilities", r"unrestricted capabilities .*; container", r"drop=\[\"ALL\"\]\)"),
    *(r"hostProcess \(pod must", r"hostProcess \(container", r"hostProcess \(pod and container"),
    *(r"\(container \"\S+ must set securityContext\.allowPrivilegeEscalation=false", r"privileged \(container"),
)
"""All that is said of pods, in the parts of which it is made."""


class Coverage:
    """Counts pods by the branches of the rules that judged them, and refusals by their words."""

    def __init__(self) -> None:
        self.branches: Counter[tuple[str, int, str]] = Counter()
        self.words: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self._patterns = [(words, re.compile(words)) for words in _WORDS]

    def note(self, verdict: StandardVerdict, pod: Pod) -> None:
        """Count a pod about which we and the server agree.

        Args:
            pod: As the server judged it.
        """
        standard = verdict.standard
        self.verdicts[f"{standard.level} {'admits' if verdict.admitted else 'refuses'}"] += 1
        if standard.level != "privileged":
            for name, rule in STANDARDS[standard.level][standard.minor].items():
                self.branches.update((name, rule.since, branch) for branch in _taken(name, rule, pod))
        said = verdict.message or ""
        self.words.update(words for words, pattern in self._patterns if pattern.search(said))

    def lacking(self, *, branches: int, words: int) -> list[str]:
        """Every branch, and all words, that fewer pods reached."""
        few = [
            f"{' '.join(map(str, key))}: {self.branches[key]}" for key in _expected() if self.branches[key] < branches
        ]
        return few + [f"{said!r}: {self.words[said]}" for said in _WORDS if self.words[said] < words]

    def __str__(self) -> str:
        rows = [f"{name:28} {count:9}" for name, count in sorted(self.verdicts.items())]
        rows += [f"{'':32}" + "".join(f"{branch:>10}" for branch in BRANCHES)]
        for check, rule in _rules():
            counts = (self.branches[check.id, rule.since, branch] for branch in BRANCHES)
            rows.append(f"{check.id:27} 1.{rule.since:<3}" + "".join(f"{count:10}" for count in counts))
        rarest = sorted(_WORDS, key=lambda words: self.words[words])[:5]
        rows += [f"the rarest words: {', '.join(f'{words} {self.words[words]}' for words in rarest)}"]
        return "\n".join(rows)


def _rules() -> Iterator[tuple[Check, Rule]]:
    return ((check, rule) for check in CHECKS for rule in check.rules)


def _expected() -> Iterator[tuple[str, int, str]]:
    for check, rule in _rules():
        for branch in BRANCHES[: 2 if rule is check.rules[0] else 3]:
            if (check.id, rule.since, branch) not in _OUT_OF_REACH:
                yield check.id, rule.since, branch


def _taken(name: str, rule: Rule, pod: Pod) -> Iterator[str]:
    if rule.judge(pod) is not None:
        yield "refused"
        return
    yield "accepted"
    rules = next(check.rules for check in CHECKS if check.id == name)
    if rule is not rules[0] and rules[rules.index(rule) - 1].judge(pod) is not None:
        yield "relaxed"
