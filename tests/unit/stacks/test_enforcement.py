"""The example stack of every platform, previewed: who copies one gets the component of that platform."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import pulumi_pod_security as ps
import stacks
from pulumi_pod_security.platforms.known import PLATFORMS
from stacks import baseline
from tests.unit.support.documents import ROOT
from tests.unit.support.programs import recorded
from tests.unit.support.stackfile import Configure
from tests.unit.support.world import kubeconfig

EXAMPLES = sorted((ROOT / "stacks").glob("Pulumi.*.example.yaml"))


def kind_of(example: Path) -> str:
    """The platform it is for, by its name."""
    return example.name.split(".")[1]


def test_every_platform_has_an_example() -> None:
    """And there is none of another."""
    assert [kind_of(example) for example in EXAMPLES] == sorted(platform.kind for platform in PLATFORMS)


@pytest.mark.parametrize("example", EXAMPLES, ids=kind_of)
@pytest.mark.parametrize("seconds", [None, 7])
def test_the_time_out_is_the_components_own(
    configure: Configure, example: Path, seconds: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless another is configured: a stack waits as long as a program."""
    written = {
        key.removeprefix("pod-security:"): value for key, value in YAML(typ="safe").load(example)["config"].items()
    }
    if seconds is not None:
        written["platform"]["timeoutSeconds"] = seconds
    configure(**written)
    monkeypatch.setattr(baseline, "eks_kubeconfig", lambda *_, **__: kubeconfig("https://127.0.0.1:6443"))
    graph = recorded(stacks.run, preview=True)
    arguments = getattr(ps, f"{kind_of(example).capitalize()}EnablementArgs")
    (own,) = [each.default for each in dataclasses.fields(arguments) if each.name == "timeout_seconds"]
    told = {
        found.inputs["timeout_seconds"] for found in graph.registrations.values() if "timeout_seconds" in found.inputs
    }
    assert told == {own if seconds is None else seconds}


@pytest.mark.parametrize("example", EXAMPLES, ids=kind_of)
def test_an_example_is_enforced_as_its_platform_does_it(
    configure: Configure, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Baseline and enablement, on the platform that its configuration names."""
    written = YAML(typ="safe").load(example)["config"]
    configure(**{key.removeprefix("pod-security:"): value for key, value in written.items()})
    monkeypatch.setattr(baseline, "eks_kubeconfig", lambda *_, **__: kubeconfig("https://127.0.0.1:6443"))
    kind = written["pod-security:platform"]["kind"]
    graph = recorded(stacks.run, preview=True)
    (enablement,) = graph.of_type(f"{kind.capitalize()}Enablement")
    made = graph.below(enablement)
    (switch,) = [last for last in made if all(last is found or graph.reaches(last, found) for found in made)]
    assert kind == kind_of(example)
    assert all(graph.reaches(switch, policy) for policy in graph.of_type("PodSecurityPolicy"))


@pytest.mark.parametrize("kind", ["aks", "gke", "kapsule"])
def test_a_tunnel_is_vouched_for(configure: Configure, kind: str) -> None:
    """Its address reaches what compares it, before the switch and at the switch."""
    written = YAML(typ="safe").load(ROOT / "stacks" / f"Pulumi.{kind}.example.yaml")["config"]
    given = {key.removeprefix("pod-security:"): value for key, value in written.items()}
    configure(**{**given, "platform": {**given["platform"], "server": "https://127.0.0.1:6443"}})
    graph = recorded(stacks.run, preview=True)
    servers = [graph.named(name).inputs["server"] for name in ("enforce-found", "enforce-switch")]
    assert servers == ["https://127.0.0.1:6443"] * 2
