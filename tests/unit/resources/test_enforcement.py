"""What is asked of a server before anything is registered."""

from __future__ import annotations

import pulumi
import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.cluster.api import ClusterError
from tests.unit.support.world import TOKEN, World, kubeconfig


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the run is told."""
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", told.append)
    return told


def test_what_is_taken_is_told_with_the_reason(world: World, said: list[str]) -> None:
    """A preview shows it."""
    world.answers = {"/apis/policy/v1beta1": {"resources": [{"name": "podsecuritypolicies", "kind": "Any"}]}}
    choice = ps.enforcement_of(kubeconfig(world.address), context="standin")
    assert choice.enforcement == "psp"
    assert said == [choice.why]
    assert said[0].startswith("enforcement psp, the best that the server can do: Kubernetes v1.24.17 has PodSecurity")


def test_what_the_server_cannot_do_is_refused(world: World, said: list[str]) -> None:
    """And nothing is told to be taken."""
    with pytest.raises(ps.InvalidInput, match="enforcement: 'cel'; allowed: one of 'auto', 'psa' on"):
        ps.enforcement_of(kubeconfig(world.address), "cel")
    assert said == []


def test_a_server_that_is_away_is_an_error_without_secrets() -> None:
    """Nothing is guessed."""
    with pytest.raises(ClusterError, match="no Kubernetes API server answers") as refused:
        ps.enforcement_of(kubeconfig("http://127.0.0.1:1"))
    assert TOKEN not in str(refused.value)
