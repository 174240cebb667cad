"""A field moved by each provider's own SDK, against an API that is busy, slow, away or unwilling."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable

import pytest

from pulumi_pod_security.platforms.moving import words
from pulumi_pod_security.platforms.switch import SwitchError
from tests.fixtures.waiting import eventually
from tests.standins.faults import Fault, How, every, first, nth
from tests.unit.support.providers import PACE, Served
from tests.unit.support.telling import told

IMPATIENT = dataclasses.replace(PACE, timeout=0.4, look=0.4, request=0.2)
# More than what one move asks, with everything going well.
STEPS = 8


def test_on_and_off(provider: Served) -> None:
    """Each move is one change, and comes back when the provider is done with it."""
    assert not provider.field().is_enabled()
    provider.field().enable()
    assert provider.managed.running is None
    assert provider.field().is_enabled()
    provider.field().disable()
    assert not provider.field().is_enabled()
    assert provider.standin.script.calls.count(provider.provider.change) == 2


def test_what_is_so_already_is_not_changed(provider: Served) -> None:
    """Both moves may be repeated, and then only look."""
    provider.field().disable()
    assert provider.standin.script.calls == [provider.provider.read]
    provider.field().enable()
    provider.standin.script.restart()
    provider.field().enable()
    assert provider.standin.script.calls == [provider.provider.read]


@pytest.mark.parametrize("number", range(STEPS))
@pytest.mark.parametrize("how", [How.DROP, How.LOSE])
def test_a_lost_connection_at_any_step(provider: Served, number: int, how: How) -> None:
    """Whether the provider heard it or not: it is asked what came of it."""
    provider.standin.script.restart(nth(number, Fault(how=how)))
    provider.field().enable()
    assert provider.managed.enabled
    assert provider.managed.running is None


@pytest.mark.parametrize("number", range(4))
def test_an_answer_that_never_comes(provider: Served, number: int) -> None:
    """It is given up after a while, and the provider is asked again."""
    provider.standin.script.restart(nth(number, Fault(how=How.HANG)))
    provider.field(dataclasses.replace(PACE, request=0.3)).enable()
    assert provider.managed.enabled


@pytest.mark.parametrize("fault", ["busy", "throttled"])
def test_what_passes_is_waited_for(provider: Served, fault: str) -> None:
    """Another operation, or too many calls: the change is sent again."""
    named: Fault = getattr(provider.provider, fault)
    provider.standin.script.restart(first(provider.provider.change, named, named))
    provider.field().enable()
    assert provider.managed.enabled
    assert provider.standin.script.calls.count(provider.provider.change) == 3


def test_an_operation_that_goes_on_is_waited_for(provider: Served) -> None:
    """A change of a killed run comes to its end first: what the field says meanwhile is not what it will say."""
    provider.managed.begin(True)
    provider.field().disable()
    assert not provider.managed.enabled
    assert [change.ended.is_set() for change in provider.managed.changes] == [True, True]


def test_what_was_there_is_recorded_once_nothing_goes_on(provider: Served) -> None:
    """A plugin that is just being enabled was enabled before us."""
    provider.managed.begin(True)
    assert provider.field().is_settled_enabled()


def test_a_failed_change_is_told(provider: Served) -> None:
    """In the provider's words, where it has any; and the next try may do it."""
    provider.managed.fails.append("the control plane did not come back")
    with pytest.raises(SwitchError) as failed:
        provider.field().enable()
    reason = "did not do it" if provider.provider.kind == "kapsule" else "the control plane did not come back"
    assert reason in str(failed.value)
    provider.field().enable()
    assert provider.managed.enabled


def test_a_change_taken_and_not_made(provider: Served) -> None:
    """A service that ignores the field has no such plugin any more, and another way is named."""
    provider.managed.ignores = True
    with pytest.raises(SwitchError, match=r"did not do it; use Pod Security Standards there: label namespaces"):
        provider.field().enable()
    assert provider.standin.script.calls.count(provider.provider.change) == 1


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda field: field.is_enabled(), id="look"),
        pytest.param(lambda field: field.require_plugin(), id="require"),
        pytest.param(lambda field: field.enable(), id="enable"),
    ],
)
def test_a_refusal_is_told_at_once(provider: Served, act: Callable[..., None]) -> None:
    """One sentence: the cluster, the provider's words, what to do; and no credential."""
    provider.standin.script.restart(every(provider.provider.read, provider.provider.denied))
    with pytest.raises(SwitchError) as refused:
        act(provider.field())
    assert len(provider.standin.script.calls) == 1
    assert "no such right" in str(refused.value)
    assert "; the " in str(refused.value)
    assert not [sent for sent in provider.standin.script.credentials if sent.split()[-1] in told(refused.value)]


@pytest.mark.parametrize("how", [How.DROP, How.HANG, How.STATUS])
def test_waiting_is_bounded(provider: Served, how: How) -> None:
    """A provider that is never heard ends in one sentence that says so, and what was seen last."""
    fault = dataclasses.replace(provider.provider.throttled, how=how)
    provider.standin.script.restart(lambda _number, _name: fault)
    with pytest.raises(SwitchError, match=r"did not answer within 0.4 s: .+; look at it in the provider's console"):
        provider.field(IMPATIENT).is_enabled()
    with pytest.raises(SwitchError, match=r"did not come to have PodSecurityPolicy on within 0.4 s: "):
        provider.field(IMPATIENT).enable()


def test_a_change_that_does_not_end_is_given_up(provider: Served) -> None:
    """What is said last is what the provider is doing; the next try goes on from there."""
    provider.managed.seconds = 1
    with pytest.raises(SwitchError, match=r"within 0.4 s: .*(updating|InProgress|RUNNING)"):
        provider.field(IMPATIENT).enable()
    provider.field().enable()
    assert len(provider.managed.changes) == 1


def test_a_throttling_provider_is_left_alone(provider: Served) -> None:
    """It says for how long, and that counts more than our own pace."""
    if provider.provider.kind == "gke":
        fault = Fault(code="RESOURCE_EXHAUSTED", message="quota")
    else:
        fault = dataclasses.replace(provider.provider.throttled, headers={"Retry-After": "7"})
    provider.standin.script.restart(first(provider.provider.read, fault))
    with pytest.raises(SwitchError, match="did not answer within 3 s: "):
        provider.field().is_enabled()
    assert provider.standin.script.calls == [provider.provider.read]


def test_a_version_without_the_plugin(provider: Served) -> None:
    """It is refused with what the provider has instead, unless the plugin is on all the same."""
    provider.field().require_plugin()
    provider.managed.version = "1.25.6"
    if provider.provider.kind == "kapsule":
        provider.standin.offered.remove("PodSecurityPolicy")
    with pytest.raises(SwitchError, match=r"1\.25\.6.* no PodSecurityPolicy.*pod-security.kubernetes.io/enforce"):
        provider.field().require_plugin()
    provider.managed.enabled = True
    provider.managed.begin(True)
    provider.managed.settle()
    provider.field().require_plugin()


def test_progress_is_told(provider: Served, caplog: pytest.LogCaptureFixture) -> None:
    """Each state once, with the seconds since the beginning; never a credential."""
    provider.managed.flip = lambda _enabled: eventually(lambda: len(caplog.records) > 1, PACE.timeout)
    with caplog.at_level(logging.INFO, logger="pulumi_pod_security.platforms"):
        provider.field().enable()
    said = [record.getMessage() for record in caplog.records if record.name.startswith("pulumi_pod_security")]
    assert said[0].endswith("turning PodSecurityPolicy on (0 s)")
    states = [state.rpartition(" (")[0] for state in said]
    assert len(states) == len(set(states)) >= 2
    assert not [sent for sent in provider.standin.script.credentials if sent.split()[-1] in caplog.text]


def test_a_provider_is_quoted_in_one_short_line() -> None:
    """Its words may be pages."""
    assert words("a\n  b\tc") == "a b c"
    assert words("a" * 400) == "a" * 300 + "..."


def test_a_providers_words_move_no_cursor() -> None:
    """Progress is logged, and shown as it comes."""
    assert words("\x1b[2Jbusy\u202e\r\nnaïve") == r"\x1b[2Jbusy\u202e naïve"
