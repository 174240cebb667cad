"""What all dynamic providers share: refusing in words, comparing inputs, and a log without our tracebacks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, nodes
from pulumi_pod_security.resources.dynamic import (
    Provider,
    cluster_of,
    connection_of,
    grants_of,
    is_known,
    led_elsewhere,
    policies_of,
)
from tests.unit.support.inputs import failure, inputs_of, received
from tests.unit.support.world import World


class Refusing(Provider):
    """A provider that refuses `bad` and breaks on `broken`."""

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse."""
        if news["value"] == "bad":
            raise PodSecurityError("value: 'bad'; allowed: 'good'")
        if news["value"] == "broken":
            raise RuntimeError("a fault of ours")


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """The logger through which gRPC reports what a provider raised."""
    logger = logging.getLogger("grpc._server")
    filters = list(logger.filters)
    yield logger
    logger.filters = filters


def test_a_refusal_is_shown_as_it_was_written() -> None:
    """A check failure is the one kind of error that comes without a traceback."""
    news = received({"value": "bad"})
    result = Refusing().check({}, news)
    assert failure(result) == "value: 'bad'; allowed: 'good'"
    assert result.inputs == news


def test_what_is_not_refused_passes_with_its_inputs(world: World) -> None:
    """The inputs come back as they came, the provider among them, with the uid of the cluster they are for."""
    world.uid = "a-uid"
    news = {**inputs_of(world, [], []), **received({"value": "good", "number": 3})}
    result = Refusing().check({}, news)
    assert failure(result) is None
    assert result.inputs == {**news, "cluster_uid": "a-uid"}


def test_a_cluster_yet_to_be_made_is_not_asked() -> None:
    """Its kubeconfig is not known in the preview."""
    news = {"value": "good", "kubeconfig": Unknown()}
    result = Refusing().check({}, news)
    assert (failure(result), result.inputs) == (None, news)


@pytest.mark.parametrize(
    ("before", "now", "replaces"),
    [
        pytest.param("a", "b", ["cluster_uid"], id="another"),
        pytest.param("a", "a", [], id="the-same"),
        pytest.param(None, "b", [], id="not-recorded"),
        pytest.param("a", None, [], id="not-known-yet"),
    ],
)
def test_another_cluster_is_another_resource(before: str | None, now: str | None, replaces: list[str]) -> None:
    """So that what stood on the first one is deleted there, which puts back what was there."""
    assert led_elsewhere(received({"cluster_uid": before}), received({"cluster_uid": now})) == replaces


def test_the_cluster_of_before_is_the_one_that_is_recorded(world: World) -> None:
    """A kubeconfig that leads elsewhere by now is refused before anything is put back or taken there."""
    assert cluster_of({**inputs_of(world, [], []), "cluster_uid": world.uid}).uid == world.uid
    with pytest.raises(PreflightRefused) as refused:
        cluster_of({**inputs_of(world, [], []), "cluster_uid": "of-another"})
    assert str(refused.value).startswith(f"kubeconfig: it leads to {world.address} now, which is another cluster than ")


def test_a_fault_of_ours_is_no_refusal() -> None:
    """An exception that nobody raised on purpose keeps its traceback."""
    with pytest.raises(RuntimeError, match="a fault of ours"):
        Refusing().check({}, received({"value": "broken"}))


@pytest.mark.parametrize(
    ("olds", "changes"),
    [
        pytest.param({"a": 3.0, "b": ["x"]}, False, id="equal"),
        pytest.param({"a": 3.0, "b": ["x"], "output": "more"}, False, id="outputs-do-not-count"),
        pytest.param({"a": 4.0, "b": ["x"]}, True, id="changed"),
        pytest.param({"a": 3.0}, True, id="new"),
    ],
)
def test_a_change_of_any_input_is_an_update(olds: dict[str, Any], changes: bool) -> None:  # noqa: FBT001
    """Numbers compare as numbers, whatever type they arrive in."""
    result = Provider().diff("id", received(olds), {"a": 3, "b": ["x"]})
    assert result.changes is changes
    assert not result.replaces


def test_an_input_that_is_not_known_yet_is_a_change() -> None:
    """In a preview whatever depends on it may change."""
    assert Provider().diff("id", {"a": "x"}, {"a": Unknown()}).changes


def test_a_refresh_finds_what_was_recorded() -> None:
    """An act has nothing outside that could differ."""
    result = Provider().read("id", {"a": 1})
    assert (result.id, result.outs) == ("id", {"a": 1})


@pytest.mark.parametrize(
    ("value", "known"),
    [
        pytest.param("text", True, id="text"),
        pytest.param(None, True, id="none"),
        pytest.param({"a": [1, {"b": "c"}]}, True, id="nested"),
        pytest.param(Unknown(), False, id="marker"),
        pytest.param(UNKNOWN, False, id="marker-as-text"),
        pytest.param({"a": [1, {"b": Unknown()}]}, False, id="nested-marker"),
        pytest.param([UNKNOWN], False, id="listed-marker"),
    ],
)
def test_tells_what_is_known(value: object, known: bool) -> None:  # noqa: FBT001 - a column of the table
    """One unknown part makes the whole unknown."""
    assert is_known(value) is known


def test_reads_the_baseline_back(world: World) -> None:
    """Policies and grants come out as they went in, whole numbers and all."""
    grants = (Grant(policy="privileged", namespace="kube-system", subjects=[nodes()], binding="ours"),)
    policies = [make() for make in presets.PRESETS.values()]
    props = inputs_of(world, policies, grants, context="prod")
    assert policies_of(props) == policies
    assert grants_of(props) == grants
    assert connection_of(props).context == "prod"


def test_reads_what_was_never_given_as_nothing() -> None:
    """The inputs before the first update are empty."""
    assert (policies_of({}), grants_of({}), connection_of({}).kubeconfig) == ([], (), None)


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        pytest.param(PodSecurityError("refused"), False, id="ours"),
        pytest.param(RuntimeError("fault"), True, id="other"),
        pytest.param(None, True, id="no-exception"),
    ],
)
def test_only_our_refusals_come_without_a_traceback(
    log: logging.Logger,
    caplog: pytest.LogCaptureFixture,
    error: Exception | None,
    kept: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """What gRPC logs about anything else stays, because it is needed to mend it."""
    Provider().configure(ConfigureRequest(Config({}, "project")))
    log.error("Exception calling application", exc_info=error)
    assert (len(caplog.records) == 1) is kept


def test_the_filter_is_there_once(log: logging.Logger) -> None:
    """Every dynamic resource configures its provider."""
    before = len(log.filters)
    for provider in (Provider(), Refusing()):
        provider.configure(ConfigureRequest(Config({}, "project")))
    assert len(log.filters) <= before + 1
