"""What holds pods to the policies of a baseline, and what a server can do of it.

PodSecurityPolicy where its API is there, up to 1.24. Later CEL admission: ValidatingAdmissionPolicy, in v1 from 1.30
on, which refuses, and MutatingAdmissionPolicy, in v1 from 1.36 on, which writes a policy's defaults into pods. Between
and beside them the labels of Pod Security Admission, on by default from 1.23 on, whose three levels only come near.
(The first versions are those of the `+k8s:prerelease-lifecycle-gen:introduced` marks in k8s.io/api v0.36.3 and of
the gate PodSecurity in pkg/features/kube_features.go, kubernetes v1.24.17.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_pod_security.errors import Fault, InvalidInput, one_of

__all__ = [
    "AUTO",
    "CEL",
    "CEL_AND_PSA",
    "ENFORCEMENTS",
    "PSA",
    "PSP",
    "WISHES",
    "Choice",
    "Served",
    "choose",
    "fault_of",
    "lacking",
]

AUTO = "auto"
PSP = "psp"
CEL = "cel"
PSA = "psa"
CEL_AND_PSA = "cel+psa"

ENFORCEMENTS = (PSP, CEL, PSA, CEL_AND_PSA)
"""What may hold pods to the policies."""

WISHES = (AUTO, *ENFORCEMENTS)
"""What may be asked for; `auto` is the first that the server can do of psp, cel and psa."""

_LAST_WITH_POLICIES = 24
_FIRST_WITH_LEVELS = (1, 23)
_FIRST_WITH_VALIDATING = 30
_FIRST_WITH_MUTATING = 36
_NAMES = {
    PSP: "PodSecurityPolicy",
    CEL: "ValidatingAdmissionPolicy in v1",
    PSA: "Pod Security Admission",
    CEL_AND_PSA: "ValidatingAdmissionPolicy in v1 and Pod Security Admission",
}


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a server has of all this.

    Attributes:
        version: what it says of itself, such as `v1.24.17`.
        numbers: its major and minor version.
        policies: whether it has the API of PodSecurityPolicy.
        validating: whether it has ValidatingAdmissionPolicy in v1.
        mutating: whether it has MutatingAdmissionPolicy in v1.
    """

    version: str
    numbers: tuple[int, int]
    policies: bool
    validating: bool
    mutating: bool

    @classmethod
    def by_default(cls, minor: int) -> Served:
        """What a server of Kubernetes 1.`minor` has, unless somebody turned it off or more of it on."""
        return cls(
            version=f"v1.{minor}",
            numbers=(1, minor),
            policies=minor <= _LAST_WITH_POLICIES,
            validating=minor >= _FIRST_WITH_VALIDATING,
            mutating=minor >= _FIRST_WITH_MUTATING,
        )

    @property
    def levels(self) -> bool:
        """Whether labels of namespaces are heeded, unless somebody turned Pod Security Admission off."""
        return self.numbers >= _FIRST_WITH_LEVELS

    @property
    def possible(self) -> tuple[str, ...]:
        """What it can enforce with, the best first."""
        return tuple(self._possible())

    def _possible(self) -> Iterator[str]:
        if self.policies:
            yield PSP
        if self.validating:
            yield CEL
        if self.levels:
            yield PSA
        if self.validating and self.levels:
            yield CEL_AND_PSA


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is taken, and why.

    Attributes:
        enforcement: one of `ENFORCEMENTS`.
        mutates: whether what the policies write into pods is written.
        why: a sentence.
    """

    enforcement: str
    mutates: bool
    why: str


def choose(wish: str, served: Served) -> Choice:
    """What is taken on a server.

    Raises:
        InvalidInput: nobody knows this wish, or the server cannot do it; or it can do nothing at all.
    """
    if fault := fault_of(wish, served):
        raise InvalidInput("baseline", [fault])
    taken = served.possible[0] if wish == AUTO else wish
    mutates = taken == PSP or (taken in (CEL, CEL_AND_PSA) and served.mutating)
    return Choice(enforcement=taken, mutates=mutates, why=_why(wish, taken, served))


def fault_of(wish: object, served: Served) -> Fault | None:
    """Why a wish is refused on a server, with the command that mends it; None when it is not."""
    if wish not in WISHES:
        return Fault(path="enforcement", value=wish, allowed=one_of(WISHES, given=wish))
    if not served.possible:
        allowed = f"a server that has one of {', '.join(_NAMES.values())}; Kubernetes {served.version} has none"
        return Fault(path="enforcement", value=wish, allowed=allowed)
    if wish in (AUTO, *served.possible):
        return None
    allowed = (
        f"{one_of((AUTO, *served.possible))} {lacking(str(wish), served)}; "
        f"mend it with: pulumi config set pod-security:enforcement {served.possible[0]}"
    )
    return Fault(path="enforcement", value=wish, allowed=allowed)


def lacking(wish: str, served: Served) -> str:
    """What a server has not that a wish takes, after a list of what may be wished for there."""
    return f"on Kubernetes {served.version}, which has no {_NAMES[wish]}"


def _why(wish: str, taken: str, served: Served) -> str:
    asked = "the best that the server can do" if wish == AUTO else "asked for"
    return f"enforcement {taken}, {asked}: Kubernetes {served.version} has {_NAMES[taken]}{_limits(taken, served)}"


def _limits(taken: str, served: Served) -> str:
    """What it does and what it does not."""
    if taken == PSP:
        return ""
    if taken == PSA:
        return ", whose levels come near to the policies and are not the same"
    if served.mutating:
        return ", and MutatingAdmissionPolicy in v1 writes the defaults of policies"
    return "; it has no MutatingAdmissionPolicy in v1, so that no defaults of policies are written"
