"""When a server began, and what defaults would refuse; the rest is among the integration tests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.cluster.unlabelled import require_defaults_admit, server_start
from pulumi_pod_security.targets.admissionconfiguration import (
    PodSecurityConfiguration,
    PodSecurityDefaults,
    PodSecurityExemptions,
)
from tests.unit.support.objects import metadata
from tests.unit.support.world import World

NOTHING = PodSecurityConfiguration()
BASELINE = PodSecurityDefaults(enforce=Standard(level="baseline"))
ENFORCE = "pod-security.kubernetes.io/enforce"


def test_when_the_server_began() -> None:
    """In seconds since 1970, among everything else that it measures."""
    assert server_start(measuring("# HELP x\nprocess_start_time_seconds 1.7e+09\nup 1\n")) == 1_700_000_000


@pytest.mark.parametrize("text", ["", "process_start_time_seconds soon\n", "<html>"])
def test_what_does_not_say_when_is_an_error(text: str) -> None:
    """With what to ask."""
    with pytest.raises(ClusterError, match=r"there: /metrics does not say when .* kubectl get --raw /metrics"):
        server_start(measuring(text))


def measuring(text: str) -> Any:
    """A cluster that says this of itself."""
    return SimpleNamespace(api=SimpleNamespace(where="there", text=lambda path: {"/metrics": text}[path]))


@pytest.mark.parametrize(
    ("labels", "exemptions", "refused"),
    [
        pytest.param({}, {}, True, id="unlabelled"),
        pytest.param({"team": "shop"}, {}, True, id="other-labels"),
        pytest.param({ENFORCE: "privileged"}, {}, False, id="labelled"),
        pytest.param({ENFORCE: "baseline"}, {}, False, id="refused-already"),
        pytest.param({}, {"namespaces": ("shop",)}, False, id="exempt-namespace"),
        pytest.param({}, {"runtime_classes": ("kata",)}, False, id="exempt-class"),
        pytest.param(
            {}, {"usernames": ("system:serviceaccount:kube-system:replicaset-controller",)}, False, id="exempt-creator"
        ),
        pytest.param({}, {"usernames": ("jane",), "runtime_classes": ("other",)}, True, id="others-exempt"),
    ],
)
def test_what_runs_must_fit(
    world: World,
    labels: dict[str, str],
    exemptions: dict[str, tuple[str, ...]],
    refused: bool,  # noqa: FBT001
) -> None:
    """Where labels do not say, and nobody is exempt."""
    world.lists["/api/v1/namespaces"] = [{"metadata": {"name": "shop", "labels": labels}}]
    spec = {"hostPID": True, "runtimeClassName": "kata", "containers": [{"name": "c", "image": "c"}]}
    owner = {"metadata": metadata("cart", "shop"), "spec": {"template": {"spec": spec}}}
    world.lists["/apis/apps/v1/deployments"] = [owner]
    after = PodSecurityConfiguration(defaults=BASELINE, exemptions=PodSecurityExemptions(**exemptions))
    if not refused:
        require_defaults_admit(world.cluster(), NOTHING, after)
        return
    with pytest.raises(PreflightRefused, match="1 of 1 workloads would not be admitted; nothing was changed"):
        require_defaults_admit(world.cluster(), NOTHING, after)
    # What was refused before is nobody's doing, and what is exempt no more is.
    require_defaults_admit(world.cluster(), after, after)
    exempt = PodSecurityConfiguration(defaults=BASELINE, exemptions=PodSecurityExemptions(namespaces=("shop",)))
    with pytest.raises(PreflightRefused):
        require_defaults_admit(world.cluster(), exempt, after)
