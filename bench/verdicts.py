"""Our verdicts beside those of the real plugin, asked for by dry runs: the same pods on both sides, in turn.

Every pod is sent once and no two are equal, so that nobody can answer from memory; what we keep of security contexts
that are equal in many pods helps us, and is meant to. Both sides begin with the pod as JSON. A verdict of ours is
admitted or not, by which policy, and the pod as admitted; the words of a refusal, which the server always sends, are
timed by themselves, on pods of their own. Where the two do not agree on a pod, there is nothing to compare, and no
figure is printed.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import click
import msgspec

from bench.machine import load, seconds
from bench.pods import KINDS, distinct_pods
from bench.policies import restricted_with_seccomp
from pulumi_pod_security.admission.chooser import choose
from pulumi_pod_security.admission.defaulting import ServiceAccount, as_seen, service_account_name
from pulumi_pod_security.admission.request import Request, Verdict
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.policy.identity import Identity
from tests.fixtures.psp_cases import WITNESSES, Round
from tests.fixtures.psp_grants import Right, right_of
from tests.fixtures.psp_policies import narrowest_policy, random_policy
from tests.fixtures.psp_values import POLICY_NAMES, SERVICE_ACCOUNTS, Manifest
from tests.integration.support.asking import WORKERS, Question, Reply
from tests.integration.support.psp_comparison import Cluster, prepare
from tests.integration.support.psp_run import PLUGIN, WITHOUT
from tests.integration.support.psp_server import PolicyServer
from tools.controlplane import ControlPlane
from tools.scratch import scratch
from tools.toolchain import ensure

__all__ = ["verdicts_against_server"]

_GOAL = 100
_SEED = "verdicts"
_POLICIES = 20
_NAMESPACE = "apps"
_WITNESSED = "witnessed"
_AUTHOR = Identity(user="jane", groups=frozenset({"system:authenticated"}))
_ACCOUNTS = {name: msgspec.convert(written, ServiceAccount) for name, written in SERVICE_ACCOUNTS.items()}
_OURS = "in this process"
_SIDES = ("ours", "worded", "alone", "together")
_HEADING = f"{'':30s} {'median':>10s} {'verdicts/s':>11s} {'ratio':>22s} {'goal':>6s}"

_decode = msgspec.json.Decoder(Pod).decode


@dataclass(frozen=True, kw_only=True)
class _Lap:
    """How long each side takes for the same pods, in seconds per pod."""

    ours: float
    worded: float
    alone: float
    together: float


def verdicts_against_server(laps: int, pods: int) -> None:
    """Print how many verdicts each side gives, under one policy and under many."""
    ensure()
    with scratch(Path(tempfile.gettempdir())) as folder:
        control_plane = ControlPlane(folder / "cluster")
        try:
            control_plane.start(owner=os.getpid())
            _measure(PolicyServer(control_plane, WITHOUT), laps, pods)
        finally:
            control_plane.destroy()


def _measure(server: PolicyServer, laps: int, pods: int) -> None:
    server.furnish(_SEED)
    server.switch(PLUGIN)
    fresh = {kind: distinct_pods(make, _SEED) for kind, make in KINDS.items()}
    for title, policies in (("a restricted policy", [_restricted()]), _many()):
        round_ = _round(policies)
        server.enact(round_)
        server.withdraw(_WITNESSED)
        cluster = prepare(Round(number=0, policies=tuple(policies), rights=round_.rights, witnessed="", cases=()))
        for kind, found in fresh.items():
            before = load()
            taken = [_lap(server, cluster, list(islice(found, pods)), list(islice(found, pods))) for _ in range(laps)]
            click.echo(f"{title}, {kind}: {laps} x {pods} a side, load {before} before and {load()} after")
            _print(taken)


def _many() -> tuple[str, list[Manifest]]:
    rng = Random(_SEED)
    others = [random_policy(rng, name) for name in rng.sample(POLICY_NAMES, _POLICIES - 1)]
    return f"{_POLICIES} policies, all of which may be used", [*others, _restricted()]


def _restricted() -> Manifest:
    manifest = restricted_with_seccomp().to_manifest()
    labels = narrowest_policy("")["metadata"]["labels"]
    return {**manifest, "metadata": {**manifest["metadata"], "labels": labels}}


def _round(policies: Sequence[Manifest]) -> Round:
    right = right_of(_AUTHOR.user, "", None)
    (rule,) = right.role["rules"]
    names = [policy["metadata"]["name"] for policy in policies]
    usable = Right(role={**right.role, "rules": [{**rule, "resourceNames": names}]}, binding=right.binding)
    witnesses = (right_of(user, _WITNESSED, namespace) for user, namespace in WITNESSES.items())
    return Round(
        number=0,
        policies=(*policies, narrowest_policy(_WITNESSED)),
        rights=(usable, *witnesses),
        witnessed=_WITNESSED,
        cases=(),
    )


def _lap(server: PolicyServer, cluster: Cluster, pods: Sequence[Manifest], others: Sequence[Manifest]) -> _Lap:
    """The two ways to ask the server share the pods: a dry run leaves nothing behind."""
    texts, other_texts = (list(map(msgspec.json.encode, each)) for each in (pods, others))
    path = f"/api/v1/namespaces/{_NAMESPACE}/pods?dryRun=All"
    questions = [Question(method="POST", path=path, body=pod, identity=_AUTHOR) for pod in pods]
    asker, admitted, replies = server.asker, list[bool](), list[Reply]()

    def timed(act: Callable[[], object]) -> float:
        return seconds(act) / len(pods)

    lap = _Lap(
        ours=timed(lambda: admitted.extend(_verdict(text, cluster).admitted for text in texts)),
        worded=timed(lambda: [_verdict(text, cluster).message for text in other_texts]),
        alone=timed(lambda: replies.extend(map(asker.ask, questions))),
        together=timed(lambda: asker.ask_all(questions)),
    )
    _require_agreement(admitted, replies)
    return lap


def _verdict(text: bytes, cluster: Cluster) -> Verdict:
    pod = _decode(text)
    account = _ACCOUNTS[service_account_name(pod) or "default"]
    seen = as_seen(pod, _NAMESPACE, service_account=account)
    request = Request(operation="CREATE", pod=seen, namespace=_NAMESPACE, user=_AUTHOR)
    return choose(request, cluster.policies, cluster.rbac.may_use)


def _require_agreement(admitted: Sequence[bool], replies: Sequence[Reply]) -> None:
    """Validation comes after the plugin: what it refuses, the plugin let in."""
    for index, (ours, reply) in enumerate(zip(admitted, replies, strict=True)):
        if reply.code not in (201, 403, 422) or ours != (reply.code != 403):
            raise click.ClickException(f"pod {index}: admitted is {ours} here, and the server says {reply.body!r}")


def _print(taken: Sequence[_Lap]) -> None:
    ours, worded, alone, together = ([getattr(lap, name) for lap in taken] for name in _SIDES)
    click.echo(_HEADING)
    click.echo(_row(_OURS, ours, ""))
    click.echo(_row(f"{_OURS}, worded", worded, ""))
    click.echo(_row("the server, 1 connection", alone, _ratio(alone, ours)))
    click.echo(_row("  beside ours, worded", alone, _ratio(alone, worded)))
    click.echo(_row(f"the server, {WORKERS} connections", together, _ratio(together, ours)))


def _ratio(theirs: Sequence[float], ours: Sequence[float]) -> str:
    ratios = sorted(one / other for one, other in zip(theirs, ours, strict=True))
    return f"{f'{statistics.median(ratios):.0f} ({ratios[0]:.0f} to {ratios[-1]:.0f})':>22s} {_GOAL:6d}"


def _row(what: str, figures: Sequence[float], ratio: str) -> str:
    median = statistics.median(figures)
    return f"{what:30s} {median * 1e6:7.0f} us {1 / median:11.0f} {ratio}".rstrip()
