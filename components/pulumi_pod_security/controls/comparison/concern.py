"""How a policy and a level of the standards stand to each other in one concern: what one admits and the other refuses.

Neither rule is said again here. A concern lists the ways in which a pod can use what it is about, each as a change of a
pod, and the faces of its controls and the checks of the standards judge each of them. The ways are chosen so that they
are enough: where any pod that an API server takes tells the policy from the level in this concern, one of them does.
A pod counts as it is sent: what the policy would write into it, it has for the policy and not for the level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_pod_security.controls.check import Check, Rule
from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import Container, Pod, PodSpec
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["PLAIN", "Concern", "Containment", "Difference", "Use", "fresh"]

PLAIN = Pod(spec=PodSpec(containers=(Container(name="app"),)))
"""A pod that uses nothing."""

_TOLD = 5


@dataclass(frozen=True, kw_only=True)
class Use:
    """One way in which a pod uses what a concern is about.

    Attributes:
        what: in words, the same for ways of one sort.
        example: what tells it from others of its sort; empty where there are none.
        change: the pod that uses it so, made of any pod.
        is_odd: whether such a pod says one thing where policies read and another where levels do, as nobody means it.
    """

    what: str
    example: str = ""
    change: Callable[[Pod], Pod]
    is_odd: bool = False


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Ways of one sort that one side admits and the other refuses; each is a witness."""

    what: str
    uses: tuple[Use, ...]

    @property
    def is_odd(self) -> bool:
        """Whether it is of odd pods alone."""
        return all(use.is_odd for use in self.uses)

    def __str__(self) -> str:
        examples = list(dict.fromkeys(use.example for use in self.uses if use.example))
        if not examples:
            return self.what
        more = f" and {len(examples) - _TOLD} more" if len(examples) > _TOLD else ""
        return f"{self.what}, such as {', '.join(examples[:_TOLD])}{more}"


@dataclass(frozen=True, kw_only=True)
class Containment:
    """What a level would change for a policy's pods in one concern.

    Attributes:
        concern: its id.
        is_known: whether policies know of it at all.
        allowed: what the level newly allows; when empty, it allows nothing new.
        refused: what it newly refuses.
        unwritten: what it newly refuses for want of what the policy writes into the pod, and admits with that.
    """

    concern: str
    is_known: bool
    allowed: tuple[Difference, ...]
    refused: tuple[Difference, ...]
    unwritten: tuple[Difference, ...]

    @property
    def refuses(self) -> bool:
        """Whether the level newly refuses anything."""
        return bool(self.refused or self.unwritten)


@dataclass(frozen=True, kw_only=True)
class Concern:
    """Controls that read the same fields of a pod, and the checks of the standards that read them.

    Attributes:
        id: the name of its module, which is that of its first control.
        uses: what a pod may use, given what the policy names.
    """

    id: str
    controls: tuple[Control[Any], ...]
    checks: tuple[Check, ...]
    uses: Callable[[PodSecurityPolicy], Iterable[Use]]

    def compare(self, policy: PodSecurityPolicy, rules: Mapping[str, Rule]) -> Containment:
        """How they stand to each other.

        Args:
            rules: those of the level by the ids of their checks, as `standards.members` gives them.
        """
        own = [rules[check.id] for check in self.checks if check.id in rules]
        said = [(control, control.settings(policy)) for control in self.controls]
        asked = [(control, settings) for control, settings in said if settings is not None]
        found: dict[str, dict[str, list[Use]]] = {"allowed": {}, "refused": {}, "unwritten": {}}
        for use in self.uses(policy):
            if side := _side(use.change(PLAIN), asked, own):
                found[side].setdefault(use.what, []).append(use)
        differences = {side: _differences(of_side) for side, of_side in found.items()}
        return Containment(concern=self.id, is_known=bool(self.controls), **differences)


def _side(pod: Pod, asked: Iterable[tuple[Control[Any], Any]], rules: Sequence[Rule]) -> str:
    """Where the pod belongs; nowhere when both admit it or both refuse it."""
    written, admitted = pod, True
    for control, settings in asked:
        written = control.default(settings, written)
        admitted = admitted and not control.judge(settings, written)
    if _passes(pod, rules):
        return "" if admitted else "allowed"
    if not admitted:
        return ""
    return "unwritten" if _passes(written, rules) else "refused"


def _passes(pod: Pod, rules: Iterable[Rule]) -> bool:
    return not any(rule.judge(pod) for rule in rules)


def _differences(found: Mapping[str, list[Use]]) -> tuple[Difference, ...]:
    return tuple(Difference(what=what, uses=tuple(uses)) for what, uses in found.items())


def fresh(stem: str, taken: Iterable[str]) -> str:
    """A name that begins so and is none of these."""
    known = frozenset(taken)
    while stem in known:
        stem += "x"
    return stem
