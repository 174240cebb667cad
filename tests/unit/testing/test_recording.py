"""The recording monitor that users' tests may use: what it keeps, and what it says of order."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown

from pulumi_pod_security.testing import EchoMocks, RecordingMonitor, record


class Thing(pulumi.CustomResource):
    """A resource of no provider."""

    value: pulumi.Output[str]

    def __init__(self, name: str, value: Any = None, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("test:index:Thing", name, {"value": value}, opts)


class Group(pulumi.ComponentResource):
    """A component with a thing in it, and in nested components as many as told."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, *, nested: int = 0) -> None:
        super().__init__("test:index:Group", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        self.thing = Thing(f"{name}-thing", opts=inside)
        if nested:
            Group(f"{name}-{nested}", inside, nested=nested - 1)


def after(*earlier: pulumi.Resource) -> pulumi.ResourceOptions:
    """Options that wait for resources."""
    return pulumi.ResourceOptions(depends_on=list(earlier))


def test_reaches_by_depends_on_through_others() -> None:
    """Order is transitive and has one direction; a resource does not wait for itself."""

    def program() -> None:
        first = Thing("first")
        second = Thing("second", opts=after(first))
        Thing("third", opts=after(second))
        Thing("alone")

    graph = record(program)
    first, third, alone = (graph.named(name) for name in ("first", "third", "alone"))
    assert graph.reaches(third, first)
    assert not graph.reaches(first, third)
    assert not graph.reaches(third, alone)
    assert not graph.reaches(third, third)
    assert first.urn not in third.dependencies


def test_reaches_by_an_input() -> None:
    """A value of another resource ties to it, and the input says so."""
    graph = record(lambda: Thing("second", Thing("first", "text").value))
    first, second = graph.named("first"), graph.named("second")
    assert second.inputs == {"value": "text"}
    assert graph.reaches(second, first)


def test_keeps_which_input_waits_for_what() -> None:
    """In a preview too, where the value is not known."""
    graph = record(lambda: Thing("second", Thing("first").value), preview=True)
    assert graph.named("second").property_dependencies["value"] == {graph.named("first").urn}
    assert isinstance(graph.named("second").inputs["value"], Unknown)


def test_a_component_waits_for_nothing_it_holds() -> None:
    """Depending on a component is depending on what is in it, and what is in it waits for the component's parent."""

    def program() -> None:
        group = Group("group", after(Thing("before")))
        Thing("behind", opts=after(group))

    graph = record(program)
    thing = graph.named("group-thing")
    assert graph.reaches(graph.named("behind"), thing)
    assert graph.reaches(thing, graph.named("before"))
    assert not graph.reaches(graph.named("group"), thing)
    assert graph.below(graph.named("group")) == [thing]


def test_what_is_below_a_component_is_below_those_above_it() -> None:
    """Only what a provider makes counts, however deep."""

    def program() -> None:
        Group("top", nested=2)
        Group("other")

    graph = record(program)
    below = [sorted(found.name for found in graph.below(graph.named(name))) for name in ("top", "top-2", "top-2-1")]
    assert below == [["top-2-1-thing", "top-2-thing", "top-thing"], ["top-2-1-thing", "top-2-thing"], ["top-2-1-thing"]]


def test_finds_by_name_and_type() -> None:
    """A type is given whole or by its last part."""

    def program() -> None:
        Group("a")
        Group("b")

    graph = record(program)
    assert graph.named("a").type == "test:index:Group"
    assert len(graph.of_type("Thing")) == len(graph.of_type("test:index:Thing")) == 2
    assert graph.of_type("hing") == []
    assert not graph.named("a").custom


@pytest.mark.parametrize(("name", "count"), [("nix", 0), ("twice", 2)])
def test_a_name_that_is_not_there_once_is_an_error(name: str, count: int) -> None:
    """The message lists what is registered."""

    def program() -> None:
        Thing("twice")
        Group("twice")

    with pytest.raises(LookupError) as error:
        record(program).named(name)
    assert str(error.value) == f"{count} resources are named '{name}'; registered: twice, twice, twice-thing"


def test_tells_secrets_and_shows_their_values() -> None:
    """A test compares the value and sees that it was sent as a secret."""
    options = pulumi.ResourceOptions(additional_secret_outputs=["value"])
    thing = record(lambda: Thing("thing", pulumi.Output.secret("hidden"), options)).named("thing")
    assert thing.inputs == {"value": "hidden"}
    assert thing.secrets == thing.secret_outputs == {"value"}
    assert record(lambda: Thing("thing", "open")).named("thing").secrets == frozenset()


def test_answers_as_the_mocks_say() -> None:
    """Ids and outputs are the test's own."""

    class Answering(EchoMocks):
        def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
            return "id", {"value": f"{args.name} of the mocks"}

    seen: list[Any] = []

    def program() -> pulumi.Output[Any]:
        thing = Thing("thing", "given")
        return pulumi.Output.all(thing.id, thing.value).apply(seen.append)

    record(program, mocks=Answering())
    assert seen == [["id", "thing of the mocks"]]


def test_an_exception_of_the_program_comes_through() -> None:
    """A test sees what the program raised, not an empty recording."""

    def program() -> None:
        raise ValueError("of the program")

    with pytest.raises(ValueError, match="of the program"):
        record(program)


def test_recordings_are_apart() -> None:
    """Nothing of one program is in the recording of the next."""
    record(lambda: Thing("first"))
    assert [found.name for found in record(lambda: Thing("second")).registrations.values()] == ["second"]


def test_serves_a_test_that_sets_mocks_itself() -> None:
    """The monitor can be given to Pulumi's own function."""
    monitor = RecordingMonitor(EchoMocks())
    pulumi.runtime.set_mocks(monitor.mocks, monitor=monitor)
    pulumi.runtime.test(lambda: Thing("thing").urn)()
    assert monitor.named("thing").urn == "urn:pulumi:stack::project::pulumi:pulumi:Stack$test:index:Thing::thing"
