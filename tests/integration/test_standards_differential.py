"""Our verdict on pods beside that of Pod Security Admission in Kubernetes 1.36, for each standard, thousands of times.

    POD_SECURITY_CASES=50000 POD_SECURITY_SEED=1a2b3c4d scripts/test tests/integration/test_standards_differential.py

Without a seed every run takes a new one and prints it; with it, the same pods come again.
"""

from __future__ import annotations

import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from random import Random

import msgspec
import pytest

from pulumi_pod_security.admission.standards import Standard, StandardVerdict, is_significant, judge
from pulumi_pod_security.admission.syncing import as_synced
from pulumi_pod_security.controls.pod import Pod
from tests.fixtures.psp_values import Manifest
from tests.fixtures.standards_handmade import handmade, turns
from tests.fixtures.standards_pods import random_pod
from tests.fixtures.standards_values import random_standard
from tests.integration.support.standards_coverage import Coverage
from tests.integration.support.standards_server import Exchange, StandardsServer
from tools.controlplane import LoneServer

_CASES = int(os.environ.get("POD_SECURITY_CASES", "5000"))
_SEED = os.environ.get("POD_SECURITY_SEED") or secrets.token_hex(4)
# One in so many cases must reach each branch of each rule; all that is said must be said at least once.
_RARITY = 2500
_AT_ONCE = 500
_STORED, _CHANGES = 60, 5

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600 + _CASES // 20)]


@pytest.fixture(scope="module")
def server(lone_server: LoneServer) -> StandardsServer:
    """An API server with a namespace for each standard, and pods to change."""
    server = StandardsServer(lone_server)
    server.furnish(_SEED, _STORED)
    return server


def _cases() -> Iterator[tuple[Standard, Manifest]]:
    index = 0
    while True:
        rng = Random(f"{_SEED}/{index}")
        yield random_standard(rng), random_pod(rng)
        index += 1


def _judged(exchange: Exchange) -> tuple[Pod, StandardVerdict]:
    """The pod as the server sees it, and our verdict."""
    sent = msgspec.convert(exchange.sent, Pod)
    if exchange.before is None:
        seen = as_synced(sent)
        return seen, judge(seen, exchange.standard)
    if is_significant(sent, msgspec.convert(exchange.before, Pod)):
        return sent, judge(sent, exchange.standard)
    return sent, StandardVerdict(standard=exchange.standard, refusals=())


def _sentence(exchange: Exchange, verdict: StandardVerdict) -> str | None:
    metadata = exchange.sent["metadata"]
    name = metadata.get("name") or metadata["generateName"]
    return None if verdict.admitted else f'pods "{name}" is forbidden: {verdict.message}'


def _told(differing: Sequence[tuple[Exchange, str | None]]) -> str:
    """How many answers differ, and the first of them."""
    first = [f"{each.standard}\n  server {each.said}\n  ours   {ours}\n  {each.sent}" for each, ours in differing[:5]]
    return "\n".join([f"POD_SECURITY_SEED={_SEED}: {len(differing)} differ", *first])


def _compared(exchanges: Sequence[Exchange], coverage: Coverage) -> list[tuple[Exchange, str | None]]:
    differing = []
    for exchange in exchanges:
        pod, verdict = _judged(exchange)
        ours = _sentence(exchange, verdict)
        if ours == exchange.said:
            coverage.note(verdict, pod)
        else:
            differing.append((exchange, ours))
    return differing


def test_the_server_agrees(server: StandardsServer, figure: Callable[[str], None]) -> None:
    """Verdict and words are the server's, whatever pod it is and whatever the namespace's labels ask for."""
    begin, coverage, cases = time.monotonic(), Coverage(), _cases()
    differing, asked, refused = list[tuple[Exchange, str | None]](), 0, 0
    while asked < _CASES:
        said = server.create(next(cases) for _ in range(min(_AT_ONCE, 2 * (_CASES - asked))))
        valid = [each for each in said if each.is_valid][: _CASES - asked]
        refused += sum(not each.is_valid for each in said)
        asked += len(valid)
        differing += _compared(valid, coverage)
    seconds = time.monotonic() - begin
    figure(f"{asked} pods, {len(differing)} differences, {seconds:.0f} s, POD_SECURITY_SEED={_SEED}\n{coverage}")
    figure(f"{'refused by validation':28} {refused:9}")
    assert not differing, _told(differing)
    lacking = coverage.lacking(branches=_CASES // _RARITY, words=_CASES // 5000)
    assert not lacking, f"POD_SECURITY_SEED={_SEED} reached too little: {lacking}"


def test_pods_made_by_hand(server: StandardsServer, figure: Callable[[str], None]) -> None:
    """The corners of each check, in every version in which something changes and in the one before."""
    said = server.create(product(turns(), handmade()))
    differing = _compared([each for each in said if each.is_valid], Coverage())
    figure(f"{len(said)} pods made by hand, {len(differing)} differences")
    assert not differing, _told(differing)
    assert [each.reply.content["message"] for each in said if not each.is_valid] == []


def test_updates(server: StandardsServer, figure: Callable[[str], None]) -> None:
    """An update is judged when it changes an image or adds a container for debugging, and else let through."""
    said = [each for each in server.update(_SEED, _CHANGES) if each.is_valid]
    differing = _compared(said, Coverage())
    outcomes = Counter("refused" if each.said else "admitted" for each in said)
    let_through = [each for each in said if each.said is None and not judge(_judged(each)[0], each.standard).admitted]
    figure(f"{len(said)} updates, {dict(outcomes)}, {len(let_through)} let through, {len(differing)} differences")
    assert not differing, _told(differing)
    assert outcomes["refused"] > 20
    assert outcomes["admitted"] > 20
    assert let_through
