"""Each control's clauses of an admission policy, asked beside its other faces."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from pulumi_pod_security.admission.defaulting import as_seen
from pulumi_pod_security.controls import CONTROLS
from pulumi_pod_security.controls.cel import Refused, Written, any_applies
from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import Pod, pod_security, with_pod_security
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.spec_rules import unusable
from pulumi_pod_security.policy.stored import as_stored
from tests.fixtures.cel_environment import evaluate, shown
from tests.fixtures.psp_pods import random_pod
from tests.fixtures.psp_policies import random_policy

_POLICIES = [as_stored(PodSecurityPolicy.from_manifest(random_policy(Random(f"cel/{n}"), f"p{n}"))) for n in range(60)]


def _pod(seed: int) -> Pod:
    """A pod as servers from 1.27 on have it: with no seccomp profile in an annotation, and no list that is empty."""
    pod = as_seen(msgspec.convert(random_pod(Random(f"cel/pod/{seed}")), Pod), "apps")
    kept = {key: value for key, value in pod.annotations.items() if "seccomp.security" not in key}
    if pod.metadata is not None:
        pod = replace(pod, metadata=replace(pod.metadata, annotations=kept))
    return pod if pod_security(pod).supplemental_groups else with_pod_security(pod, supplemental_groups=None)


_PODS = [_pod(seed) for seed in range(150)]
_SHOWN = [shown(pod) for pod in _PODS]


def _answer(control: Control[Any], settings: Any, pod: Pod) -> str:
    written = control.default(settings, pod)
    if control.judge(settings, written):
        return "refuses"
    return "fits" if written is pod else "mutates"


def _said(control: Control[Any], settings: Any, pod: dict[str, Any]) -> str:
    clauses = control.cel(settings)
    if evaluate(any_applies(each for each in clauses if isinstance(each, Refused)), pod):
        return "refuses"
    return "mutates" if evaluate(any_applies(each for each in clauses if isinstance(each, Written)), pod) else "fits"


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_clauses_say_what_the_other_faces_say(control: Control[Any]) -> None:
    """Fits, is written into or is refused: of random pods under random policies."""
    asked = {
        settings for policy in _POLICIES if not any(unusable(policy.spec)) and (settings := control.settings(policy))
    }
    said = Counter[str]()
    for settings in asked:
        for pod, as_shown in zip(_PODS, _SHOWN, strict=True):
            ours = _answer(control, settings, pod)
            assert _said(control, settings, as_shown) == ours, (settings, as_shown, control.cel(settings))
            said[ours] += 1
    assert said["refuses"] or said["mutates"]
