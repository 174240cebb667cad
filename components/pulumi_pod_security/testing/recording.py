"""Order as a graph: what a program asks Pulumi to register, and what waits for what.

Pulumi's own mocks hide dependencies. Here they are recorded, so that a test can say what must come first, and what
must not be tied:

    monitor = record(program)
    assert monitor.reaches(monitor.named("enforce-switch"), monitor.named("enforce-preflight"))

A test that calls `pulumi.runtime.set_mocks` itself gives it a `RecordingMonitor` as `monitor`. Code of dynamic
providers never runs under mocks. Order in time is not recorded: mocks answer in any that dependencies allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, rpc
from pulumi.runtime.mocks import MockMonitor

__all__ = ["EchoMocks", "RecordingMonitor", "Registration", "record"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Registration:
    """One resource, as the program asked for it.

    Attributes:
        urn, type, name: what it is.
        parent: URN of the resource it is registered below.
        custom: whether a provider makes it; False for components.
        provider: reference of an explicit provider, its URN and id joined by `::`; empty for the default one.
        dependencies: URNs of all that it waits for, whether by `depends_on` or by an input.
        property_dependencies: URNs that each input waits for.
        inputs: the inputs, secrets as plain values, what is not known yet as `pulumi.output.Unknown`.
        secrets: names of the inputs that are secrets.
        secret_outputs: names of the outputs that are kept as secrets.
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    provider: str
    dependencies: frozenset[str]
    property_dependencies: Mapping[str, frozenset[str]]
    inputs: Mapping[str, Any]
    secrets: frozenset[str]
    secret_outputs: frozenset[str]

    @property
    def waits_for(self) -> frozenset[str]:
        """URNs of everything that must exist first: dependencies, parent and provider."""
        return self.dependencies | {self.parent, self.provider.rpartition("::")[0]} - {""}


class EchoMocks(Mocks):
    """Every resource gets an id made from its name, and its inputs as outputs; every call answers nothing."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Answer with the inputs."""
        return f"{args.name}-id", args.inputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:  # noqa: ARG002
        """Answer with nothing."""
        return {}, None


class RecordingMonitor(MockMonitor):
    """A mock monitor that keeps every registration, by URN in `registrations`."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.registrations: dict[str, Registration] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the monitor's own name
        """Answer as the mocks say, and keep what was asked."""
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]  # Pulumi's mocks are untyped
        # The stack itself is no resource of the program.
        if request.type != "pulumi:pulumi:Stack":
            self.registrations[answer.urn] = _registration(answer.urn, request)
        return answer

    def named(self, name: str) -> Registration:
        """The one registration of that name; raises LookupError when there are none or several."""
        found = [registration for registration in self.registrations.values() if registration.name == name]
        if len(found) != 1:
            names = sorted(registration.name for registration in self.registrations.values())
            raise LookupError(f"{len(found)} resources are named {name!r}; registered: {', '.join(names)}")
        return found[0]

    def of_type(self, type_: str) -> list[Registration]:
        """Every registration of a type, given by its token or by the last part of it, such as `ClusterRole`."""
        return [found for found in self.registrations.values() if type_ in (found.type, found.type.rpartition(":")[2])]

    def below(self, component: Registration) -> list[Registration]:
        """The custom resources that a component registered, through nested components too."""
        return [found for found in self.registrations.values() if found.custom and component.urn in self._above(found)]

    def reaches(self, later: Registration, earlier: Registration) -> bool:
        """Whether `later` waits for `earlier`, directly or through others."""
        seen: set[str] = set()
        ahead = set(later.waits_for)
        while ahead:
            urn = ahead.pop()
            seen.add(urn)
            if urn in self.registrations:
                ahead |= self.registrations[urn].waits_for - seen
        return earlier.urn in seen

    def _above(self, registration: Registration) -> Iterator[str]:
        while registration.parent in self.registrations:
            registration = self.registrations[registration.parent]
            yield registration.urn


def record(program: Callable[[], Any], *, mocks: Mocks | None = None, preview: bool = False) -> RecordingMonitor:
    """Run a program under mocks to its end, and return the monitor that recorded it.

    Args:
        mocks: what resources answer; `EchoMocks` when none are given.
        preview: whether this is a preview, where outputs that the mocks do not give are unknown.
    """
    monitor = RecordingMonitor(mocks or EchoMocks())
    pulumi.runtime.set_mocks(monitor.mocks, monitor=monitor, preview=preview)
    pulumi.runtime.test(program)()
    return monitor


def _registration(urn: str, request: Any) -> Registration:
    inputs = rpc.deserialize_properties(request.object, keep_unknowns=True)
    return Registration(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        provider=request.provider,
        dependencies=frozenset(request.dependencies),
        property_dependencies={name: frozenset(waited.urns) for name, waited in request.propertyDependencies.items()},
        inputs={name: rpc.unwrap_rpc_secret(value) for name, value in inputs.items()},
        secrets=frozenset(name for name, value in inputs.items() if rpc.is_rpc_secret(value)),
        secret_outputs=frozenset(request.additionalSecretOutputs),
    )
