"""Our verdict beside the plugin's answer: admitted or not, by which policy, changed how, refused with which words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pulumi_pod_security.admission.changes import applied, changes
from pulumi_pod_security.admission.chooser import choose
from pulumi_pod_security.admission.defaulting import ServiceAccount, as_seen, service_account_name
from pulumi_pod_security.admission.prepared import Prepared
from pulumi_pod_security.admission.rbac import Rbac, read
from pulumi_pod_security.admission.request import Request, Verdict
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import as_stored
from tests.fixtures.psp_cases import Case, Round
from tests.fixtures.psp_values import SERVICE_ACCOUNTS, Manifest
from tests.integration.support.asking import Reply

__all__ = ["Cluster", "Difference", "Exchange", "differences", "prepare", "seen", "verdict_on"]

_NOTE = "podsecuritypolicy.policy.k8s.io/"
_ANNOTATION = "kubernetes.io/psp"
_RANDOM = re.compile(rb"kube-api-access-[a-z0-9]{5}")
_HEAD = re.compile(r"(?P<head>.*?PodSecurityPolicy: unable to \w+ pod: )\[(?P<reasons>.*)\]", re.DOTALL)
# Reasons are joined by spaces, and have spaces; a path and a kind begin each.
_NEXT = re.compile(r" (?=(?:pod\.)?(?:spec|metadata)[.\[]\S*: (?:Invalid value|Forbidden|Required value): )")
_OF_THE_SERVER = ("managedFields", "uid", "creationTimestamp")


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One case, with what was said to it.

    Attributes:
        sent, before: the pod in the request, and the stored one it changes.
        plain, reply: the server's answers without and with the plugin.
        notes: what the plugin put into the audit log.
    """

    case: Case
    sent: Manifest
    before: Manifest | None
    plain: Reply
    reply: Reply
    notes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What the plugin says, and what we say."""

    case: str
    about: str
    server: object
    ours: object

    @property
    def sort(self) -> str:
        """What it is about, in whatever container or volume."""
        return re.sub(r"\[\d+\]", "[]", self.about)

    def __str__(self) -> str:
        return f"{self.case}: {self.about}\n  server: {self.server}\n  ours:   {self.ours}"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The round's policies and RBAC, as the server keeps them."""

    policies: Sequence[Prepared]
    rbac: Rbac


def prepare(round_: Round) -> Cluster:
    """What the round puts on the server."""
    manifests = [manifest for right in round_.rights for manifest in (right.role, right.binding)]
    rbac = Rbac(read((f"rights[{index}]", manifest) for index, manifest in enumerate(manifests)))
    assert not rbac.faults, rbac.faults
    policies = [Prepared.of(as_stored(PodSecurityPolicy.from_manifest(policy))) for policy in round_.policies]
    return Cluster(policies=policies, rbac=rbac)


def seen(exchange: Exchange) -> Pod:
    """The pod as the plugin sees it; a stored one has all its defaults."""
    pod = msgspec.convert(exchange.sent, Pod)
    if exchange.before is not None:
        return pod
    account = SERVICE_ACCOUNTS[service_account_name(pod) or "default"]
    return as_seen(pod, exchange.case.namespace, service_account=msgspec.convert(account, ServiceAccount))


def verdict_on(exchange: Exchange, cluster: Cluster) -> Verdict:
    """Our answer to the case."""
    case = exchange.case
    request = Request(
        operation="CREATE" if exchange.before is None else "UPDATE",
        pod=seen(exchange),
        old=None if exchange.before is None else msgspec.convert(exchange.before, Pod),
        namespace=case.namespace,
        user=case.identity,
        subresource=case.subresource,
    )
    return choose(request, cluster.policies, cluster.rbac.may_use)


def differences(exchange: Exchange, verdict: Verdict) -> Iterator[Difference]:
    """Everything in which our answer is not the server's."""
    for about, server, ours in _beside(exchange, verdict):
        if server != ours:
            yield Difference(case=exchange.case.name, about=about, server=server, ours=ours)


def _beside(exchange: Exchange, verdict: Verdict) -> Iterator[tuple[str, object, object]]:
    content, code = exchange.reply.content, exchange.reply.code
    if code == 403 or not verdict.admitted:
        said, ours = (_parts(text) for text in (_said(exchange), verdict.message or f"admitted by {verdict.policy}"))
        yield "sentence", said[0], ours[0]
        yield "reasons in it", said[1], ours[1]
        yield "reasons", said[1], Counter(map(str, verdict.reasons))
        return
    note = "admit-policy" if exchange.before is None else "validate-policy"
    yield "policy", exchange.notes.get(_NOTE + note), verdict.policy
    # Validation may refuse what the plugin made of the pod.
    if code < 300:
        ours = _masked(exchange.plain) if exchange.before else _written(exchange, verdict)
        yield from _leaves("", _masked(exchange.reply), ours)
    if code < 300 and exchange.before is None:
        yield "annotation", content["metadata"]["annotations"].get(_ANNOTATION), verdict.policy


def _leaves(path: str, server: Any, ours: Any) -> Iterator[tuple[str, object, object]]:
    """The values below two pods that are not equal."""
    if isinstance(server, dict) and isinstance(ours, dict):
        for key in {**server, **ours}:
            if server.get(key) != ours.get(key):
                yield from _leaves(f"{path}.{key}", server.get(key), ours.get(key))
    elif isinstance(server, list) and isinstance(ours, list) and len(server) == len(ours):
        for index, pair in enumerate(zip(server, ours, strict=True)):
            yield from _leaves(f"{path}[{index}]", *pair)
    else:
        yield path, server, ours


def _said(exchange: Exchange) -> str:
    return str(exchange.reply.content["message"]) if exchange.reply.code == 403 else f"admitted: {exchange.reply.code}"


def _parts(message: str) -> tuple[str, Counter[str]]:
    """The sentence without its list of reasons, and the reasons, whose order is random on the server."""
    found = _HEAD.fullmatch(message)
    if not found:
        return message, Counter()
    reasons = found["reasons"]
    return found["head"], Counter(_NEXT.split(reasons) if reasons else ())


def _written(exchange: Exchange, verdict: Verdict) -> Any:
    """The pod of a server without the plugin, with what we say that the policy writes."""
    return applied(_masked(exchange.plain), changes(seen(exchange), verdict.pod))


def _masked(reply: Reply) -> Any:
    """The pod in the answer, without what differs in any two answers."""
    pod = msgspec.json.decode(_RANDOM.sub(b"kube-api-access-xxxxx", reply.body))
    metadata = pod["metadata"]
    for name in (*_OF_THE_SERVER, *(("name",) if "generateName" in metadata else ())):
        metadata.pop(name, None)
    return pod
