"""What does not fit a type is a fault at its place."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import pytest

from pulumi_pod_security.admission.conversion import converted, decoder
from pulumi_pod_security.admission.manifests import CronJob, LivePod, TemplateOwner
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.errors import InvalidInput
from tests.unit.support.objects import cron_job, owner, pod, pod_spec


class Spelt(msgspec.Struct):
    """A field with a name like a mark, and few values."""

    X: Literal["a", "b"]


class Mixed(msgspec.Struct):
    """A field of one of several types."""

    x: int | bytes | None


def privileged(value: object) -> dict[str, Any]:
    """A pod with a container that is so privileged."""
    return pod("a", spec={"containers": [{"name": "a"}, {"name": "b", "securityContext": {"privileged": value}}]})


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        pytest.param(
            privileged("yes"),
            Pod,
            "x.spec.containers[1].securityContext.privileged: 'yes'; allowed: true or false, or nothing",
            id="bool",
        ),
        pytest.param(
            pod("a", spec=pod_spec(securityContext={"runAsUser": "1"})),
            Pod,
            "x.spec.securityContext.runAsUser: '1'; allowed: a whole number, or nothing",
            id="int",
        ),
        pytest.param({"metadata": {}}, LivePod, "x: missing; allowed: spec", id="missing"),
        pytest.param({}, Spelt, "x: missing; allowed: X", id="missing-by-its-own-name"),
        pytest.param({"X": "c"}, Spelt, "x.X: 'c'; allowed: Invalid enum value 'c'", id="none-of-some"),
        pytest.param({"x": 1.5}, Mixed, "x.x: 1.5; allowed: a whole number or bytes, or nothing", id="several"),
        pytest.param(5, LivePod, "x: 5; allowed: a mapping", id="number"),
        pytest.param(
            pod("a", spec={"containers": 5}), LivePod, "x.spec.containers: 5; allowed: a list, or nothing", id="spec"
        ),
        pytest.param(
            owner("a", spec={"volumes": [{"name": 5}]}),
            TemplateOwner,
            "x.spec.template.spec.volumes[0].name: 5; allowed: a text",
            id="template",
        ),
        pytest.param(
            {**cron_job("a"), "spec": {"jobTemplate": {"spec": {"template": {"spec": []}}}}},
            CronJob,
            "x.spec.jobTemplate.spec.template.spec: []; allowed: a mapping",
            id="cron",
        ),
    ],
)
def test_a_fault_names_place_value_and_what_is_allowed(data: Any, kind: type[Any], message: str) -> None:
    """As far down as the type knows."""
    with pytest.raises(InvalidInput) as refusal:
        converted(data, kind, "x")
    assert [str(fault) for fault in refusal.value.faults] == [message]


def test_a_decoder_is_made_once() -> None:
    """For a type that nobody has met before, and kept."""

    class New(msgspec.Struct):
        x: int

    assert decoder(New).decode(b'{"x": 1}').x == 1
    assert decoder(New) is decoder(New)
