"""Our verdict on pods beside that of the real PodSecurityPolicy plugin of Kubernetes 1.24, thousands of times.

    POD_SECURITY_CASES=50000 POD_SECURITY_SEED=1a2b3c4d scripts/test tests/integration/test_psp_differential.py

Without a seed every run takes a new one and prints it; with it, the same cases come again.
"""

from __future__ import annotations

import dataclasses
import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.fixtures.psp_cases import make_round
from tests.fixtures.psp_policies import unbuildable_policy
from tests.integration.support.psp_comparison import Difference, Exchange, differences, prepare, seen, verdict_on
from tests.integration.support.psp_coverage import Coverage
from tests.integration.support.psp_run import PLUGIN, WITHOUT, exchanges, rounds
from tests.integration.support.psp_server import PolicyServer
from tools.controlplane import ControlPlane

_CASES = int(os.environ.get("POD_SECURITY_CASES", "5000"))
_SEED = os.environ.get("POD_SECURITY_SEED") or secrets.token_hex(4)
# One in so many cases must reach each branch of each control; all that the plugin can say must be said at least once.
_RARITY = 1000
_SECCOMP_MISMATCH = " in annotation and field must match"
_ESCALATION_MISMATCH = "cannot set `allowPrivilegeEscalation` to false and `"

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600 + _CASES // 20)]


@pytest.fixture(scope="module")
def server(control_plane: ControlPlane) -> Iterator[PolicyServer]:
    """A cluster with pods to change, its API server without the plugin."""
    control_plane.reset()
    server = PolicyServer(control_plane, WITHOUT)
    server.furnish(_SEED)
    yield server
    control_plane.reset()


def _is_valid(exchange: Exchange) -> bool:
    """Whether validation, which comes after the plugin, takes the pod, or has one of two known things against it.

    A pod may name two seccomp profiles for the same container, in both places; and a policy that forbids privilege
    escalation writes so into a privileged container, too. In both the plugin has had its say before.
    """
    if exchange.plain.code == 422:
        return _SECCOMP_MISMATCH in exchange.plain.content["message"]
    if exchange.reply.code == 422:
        return _ESCALATION_MISMATCH in exchange.reply.content["message"]
    return exchange.plain.code < 300


def _listed(found: Sequence[Difference]) -> str:
    """How many differences there are of each sort, and the first of each."""
    first = {difference.sort: difference for difference in reversed(found)}
    counts = Counter(difference.sort for difference in found)
    return "\n".join(f"{counts[sort]} x {first[sort]}" for sort in counts)


def test_the_plugin_agrees(server: PolicyServer, figure: Callable[[str], None]) -> None:
    """Verdict, chosen policy, admitted pod and reasons are the server's, whoever sends or changes whatever pod."""
    begin, coverage, found, invalid = time.monotonic(), Coverage(), list[Difference](), 0
    for round_, said in rounds(server, _SEED, _CASES):
        cluster = prepare(round_)
        coverage.begin(cluster.policies)
        for exchange in said:
            verdict = verdict_on(exchange, cluster)
            found += differences(exchange, verdict)
            coverage.note(verdict, seen(exchange))
            assert _is_valid(exchange), (exchange.plain.body, exchange.reply.body)
            invalid += exchange.reply.code == 422
    seconds = time.monotonic() - begin
    figure(f"{_CASES} cases, {len(found)} differences, {seconds:.0f} s, POD_SECURITY_SEED={_SEED}\n{coverage}")
    figure(f"{'refused by validation':28} {invalid:9}")
    assert not found, f"POD_SECURITY_SEED={_SEED}\n{_listed(found)}"
    lacking = coverage.lacking(branches=_CASES // _RARITY, words=_CASES // 5000)
    assert not lacking, f"POD_SECURITY_SEED={_SEED} reached too little: {lacking}"


def test_nothing_to_choose_from(server: PolicyServer) -> None:
    """Where no policy's strategies can be built, the server has its own words for it, and so do we."""
    round_ = make_round(_SEED, 0, 40)
    server.switch(WITHOUT)
    plain = server.ask(round_.cases)
    server.switch(PLUGIN)
    server.enact(dataclasses.replace(round_, policies=(unbuildable_policy("a"), round_.policies[-1])))
    server.withdraw(round_.witnessed)
    alone = dataclasses.replace(round_, policies=(unbuildable_policy("a"),))
    said = exchanges(server, alone, plain, server.ask(alone.cases), server.notes())
    found = [each for one in said for each in differences(one, verdict_on(one, prepare(alone)))]
    assert not found, _listed(found)
    assert any("no providers available" in one.reply.content.get("message", "") for one in said if one.before)
