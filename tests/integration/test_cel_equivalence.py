"""Admission policies on Kubernetes 1.36 beside the PodSecurityPolicy plugin of 1.24, thousands of times.

    POD_SECURITY_CASES=30000 POD_SECURITY_SEED=1a2b3c4d scripts/test tests/integration/test_cel_equivalence.py

The same policies, rights, people and pods on both servers: who is admitted, by which policy, and with which defaults.
Without a seed every run takes a new one and prints it; with it, the same cases come again.
"""

from __future__ import annotations

import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from pulumi_pod_security.admission.chooser import choose
from pulumi_pod_security.admission.request import Request
from pulumi_pod_security.controls.pod import Pod
from tests.fixtures.cel_cases import CASES_IN_A_ROUND, make_round_for_both
from tests.fixtures.psp_cases import Case, Round
from tests.integration.support.asking import Reply
from tests.integration.support.cel_comparison import Pair, sort_of
from tests.integration.support.cel_server import CelServer
from tests.integration.support.psp_comparison import Cluster, prepare
from tests.integration.support.psp_run import PLUGIN, WITHOUT
from tests.integration.support.psp_server import PolicyServer
from tools.controlplane import ControlPlane, LoneServer

_CASES = int(os.environ.get("POD_SECURITY_CASES", "3000"))
_SEED = os.environ.get("POD_SECURITY_SEED") or secrets.token_hex(4)
_SHOWN = tuple(f"{kind}, {end}" for kind in ("created", "updated", "debugged") for end in ("admitted", "refused"))

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600 + _CASES // 10)]


@pytest.fixture(scope="module")
def plugin(control_plane: ControlPlane) -> Iterator[PolicyServer]:
    """The referee: a cluster with pods to change, and the plugin on."""
    control_plane.reset()
    server = PolicyServer(control_plane, WITHOUT)
    server.furnish(_SEED)
    server.switch(PLUGIN)
    yield server
    control_plane.reset()


@pytest.fixture(scope="module")
def server(plugin: PolicyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CelServer]:
    """An API server of 1.36 with the same namespaces, accounts and pods."""
    folder: Path = tmp_path_factory.mktemp("cel")
    lone = LoneServer(folder, "1.36.3", {"disable-admission-plugins": ""})
    try:
        lone.start(owner=os.getpid())
        found = CelServer(lone)
        found.furnish(plugin.stored)
        yield found
    finally:
        lone.destroy()


def test_both_say_the_same(plugin: PolicyServer, server: CelServer, figure: Callable[[str], None]) -> None:
    """Verdict, chosen policy and defaults, for pods that are made and for pods that are changed.

    At containers for debugging the plugin does not look; admission policies say what it says to the next update.
    """
    begin, sorts, found = time.monotonic(), Counter[str](), list[str]()
    for number in range(-(-_CASES // CASES_IN_A_ROUND)):
        round_ = make_round_for_both(_SEED, number, min(CASES_IN_A_ROUND, _CASES - number * CASES_IN_A_ROUND))
        cluster = prepare(round_)
        cases = [case for case in round_.cases if case.stored is None or server.stored[case.stored]]
        sorts["not stored"] += len(round_.cases) - len(cases)
        for case, old, new in zip(cases, *_asked((plugin, server), round_, cases), strict=True):
            pair = Pair(case=case, plugin=old, policies=new)
            sorts[sort_of(pair)] += 1
            found += pair.differences()
            if pair.is_debugging and pair.is_valid:
                assert old.code < 300
                assert (new.code < 300) == _is_admitted_next(plugin, case, cluster), case.name
    figure(f"{_CASES} cases, {len(found)} differences, {time.monotonic() - begin:.0f} s, POD_SECURITY_SEED={_SEED}")
    figure("\n".join(f"{sort:40} {count:6}" for sort, count in sorted(sorts.items())))
    assert not found, f"POD_SECURITY_SEED={_SEED}: {len(found)}\n" + "\n".join(found[:40])
    assert all(sorts[sort] >= _CASES // 300 for sort in _SHOWN), sorts


def _asked(servers: tuple[PolicyServer, CelServer], round_: Round, cases: Sequence[Case]) -> list[list[Reply]]:
    """What each server says to each case, once the round is in force."""

    def ask(server: PolicyServer | CelServer) -> list[Reply]:
        server.enact(round_)
        return server.ask(cases)

    with ThreadPoolExecutor(len(servers)) as workers:
        return list(workers.map(ask, servers))


def _is_admitted_next(plugin: PolicyServer, case: Case, cluster: Cluster) -> bool:
    request = Request(
        operation="UPDATE",
        pod=msgspec.convert(plugin.body(case), Pod),
        old=msgspec.convert(plugin.before(case), Pod),
        namespace=case.namespace,
        user=case.identity,
    )
    return choose(request, cluster.policies, cluster.rbac.may_use).admitted
