"""How many policies a server can judge a pod by."""

from __future__ import annotations

import dataclasses

import pytest

from pulumi_pod_security.errors import DoesNotFit
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.model import AllowedHostPath, PodSecurityPolicy
from pulumi_pod_security.targets.cel.budget import BUDGET, cost, require_budget
from pulumi_pod_security.targets.cel.terms import terms_of

_POLICY = ("policy",)
_BOTH = ("policy", "extensions")


def _like(policy: PodSecurityPolicy, count: int) -> list[PodSecurityPolicy]:
    return [dataclasses.replace(policy, name=f"{policy.name}-{number:02}") for number in range(count)]


@pytest.mark.parametrize(("count", "groups"), [(1, _POLICY), (13, _POLICY), (6, _BOTH)])
@pytest.mark.parametrize("policy", presets.PRESETS)
def test_thirteen_ordinary_policies_fit(policy: str, count: int, groups: tuple[str, ...]) -> None:
    """Or six, where roles name them in two API groups."""
    policies = _like(presets.preset(policy), count)
    require_budget(policies, terms_of(policies, groups))


@pytest.mark.parametrize(("count", "groups", "most"), [(15, _POLICY, 13), (14, _POLICY, 13), (8, _BOTH, 6)])
def test_more_are_refused_with_what_would_fit(count: int, groups: tuple[str, ...], most: int) -> None:
    """And with the names of those that say the same."""
    policies = [*_like(presets.restricted(), count - 2), *_like(presets.default(), 2)]
    terms = terms_of(policies, groups)
    assert cost(terms) > BUDGET
    with pytest.raises(DoesNotFit) as caught:
        require_budget(policies, terms)
    (fault,) = caught.value.faults
    assert (fault.path, fault.value) == ("policies", count)
    assert f"at most {most} of them: an API server spends 10,000,000 on a pod" in fault.allowed
    assert "may be one, if the same subjects may use them: restricted-00 and restricted-01 and " in fault.allowed
    assert fault.allowed.endswith(", default-00 and default-01")


def test_where_no_two_say_the_same_some_may_be_left_out() -> None:
    """What nobody uses costs as much as the rest."""
    spec = presets.restricted().spec
    policies = [
        dataclasses.replace(
            presets.restricted(),
            name=f"p{number:02}",
            spec=dataclasses.replace(spec, allowed_host_paths=(AllowedHostPath(path_prefix=f"/{number}"),)),
        )
        for number in range(14)
    ]
    with pytest.raises(DoesNotFit, match="no two say the same: leave out those that nobody may use"):
        require_budget(policies, terms_of(policies, _POLICY))


def test_one_policy_with_endless_lists_is_named() -> None:
    """No expression may be longer than a server reads, nor cost more than one may."""
    paths = tuple(AllowedHostPath(path_prefix=f"/srv/data/{number}") for number in range(1500))
    preset = presets.privileged()
    wide = dataclasses.replace(preset, name="wide", spec=dataclasses.replace(preset.spec, allowed_host_paths=paths))
    policies = [preset, wide]
    with pytest.raises(DoesNotFit) as caught:
        require_budget(policies, terms_of(policies, _POLICY))
    first = caught.value.faults[0]
    assert (first.path, first.value) == ("policies[wide]", "wide")
    assert first.allowed.startswith("lists of fewer entries: its expression would have ")
