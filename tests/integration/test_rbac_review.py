"""Who may use which policy, beside the API server's own authorizer: random graphs, and many questions about each.

`RBAC_QUESTIONS` is how many are asked, `RBAC_SEED` repeats a run.
"""

from __future__ import annotations

import os
import random
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from pulumi_pod_security.admission.rbac import (
    ClusterRole,
    ClusterRoleBinding,
    Named,
    Objects,
    Rbac,
    Role,
    RoleBinding,
    read,
)
from pulumi_pod_security.admission.rbac.because import Because
from pulumi_pod_security.cluster.api import Api, Refused
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.objects import AccessReview
from pulumi_pod_security.policy.identity import Identity
from tests.fixtures.rbac_graphs import Graph, Question, graph, questions
from tests.fixtures.rbac_refused import REFUSED, TAKEN
from tests.fixtures.waiting import eventually
from tests.integration.support.rbac_coverage import BRANCHES, branches
from tools.controlplane import ControlPlane

pytestmark = pytest.mark.integration

_GROUP = "rbac.authorization.k8s.io"
_RBAC = f"/apis/{_GROUP}/v1"
_QUESTIONS = int(os.environ.get("RBAC_QUESTIONS", "5000"))
_SEED = int(os.environ.get("RBAC_SEED") or secrets.randbelow(2**32))
_A_GRAPH = 500
_ALLOWED_BY = re.compile(r'RBAC: allowed by (?P<kind>\w+) "(?P<name>[^"/]+)(?:/(?P<namespace>[^"]+))?" of')


@pytest.fixture(scope="module")
def api(control_plane: ControlPlane) -> Iterator[Api]:
    """The API server, as its administrator sees it."""
    yield Connection(kubeconfig=str(control_plane.kubeconfig())).open()
    control_plane.reset()


def _path(manifest: Mapping[str, Any]) -> str:
    namespace = manifest["metadata"].get("namespace")
    return f"{_RBAC}/{f'namespaces/{namespace}/' if namespace else ''}{manifest['kind'].lower()}s"


def _stored(api: Api) -> Objects:
    return Objects(
        cluster_roles=tuple(api.items(f"{_RBAC}/clusterroles", ClusterRole)),
        roles=tuple(api.items(f"{_RBAC}/roles", Role)),
        cluster_role_bindings=tuple(api.items(f"{_RBAC}/clusterrolebindings", ClusterRoleBinding)),
        role_bindings=tuple(api.items(f"{_RBAC}/rolebindings", RoleBinding)),
    )


def _with_files(stored: Objects, manifests: list[dict[str, Any]]) -> Rbac:
    """What the server has without a graph, and the graph as it stands in files."""
    files = read((f"[{index}]", manifest) for index, manifest in enumerate(manifests))
    return Rbac(
        Objects(
            cluster_roles=stored.cluster_roles + files.cluster_roles,
            roles=stored.roles + files.roles,
            cluster_role_bindings=stored.cluster_role_bindings + files.cluster_role_bindings,
            role_bindings=stored.role_bindings + files.role_bindings,
            faults=files.faults,
        )
    )


def _reviewed(api: Api, question: Question) -> str | None:
    """Why the server says yes, in either API group; None when it says no in both."""
    identity = question.identity
    for group in ("policy", "extensions"):
        attributes = {
            "group": group,
            "version": "*",
            "resource": "podsecuritypolicies",
            "verb": "use",
            "name": question.policy,
            "namespace": question.namespace,
        }
        spec = {"user": identity.user, "groups": sorted(identity.groups), "resourceAttributes": attributes}
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        status = api.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", review, AccessReview).status
        if status.allowed:
            return status.reason
    return None


def _make(api: Api, made: Graph) -> None:
    named = {"apiVersion": "v1", "kind": "Namespace"}
    for namespace in made.namespaces:
        api.post("/api/v1/namespaces", {**named, "metadata": {"name": namespace}}, dict[str, Any])
    _create(api, made.manifests)


def _create(api: Api, manifests: list[dict[str, Any]]) -> None:
    with ThreadPoolExecutor(max_workers=8) as workers:
        list(workers.map(lambda manifest: api.post(_path(manifest), manifest, dict[str, Any]), manifests))


def _settle(api: Api, before: Objects, made: Graph, mark: str) -> None:
    """Wait until the controller has aggregated and the authorizer has heard of it all."""
    wanted = _with_files(before, made.manifests).rules
    expected = {name: {held.rule for held in rules} for name, rules in wanted.items() if name.kind == "ClusterRole"}

    def aggregated() -> bool:
        found = Objects(cluster_roles=tuple(api.items(f"{_RBAC}/clusterroles", ClusterRole)))
        rules = {role.named: set(role.rules or ()) for role in found.cluster_roles}
        return all(rules[name] >= expected[name] for name in expected)

    eventually(aggregated, 30)
    # The authorizer hears of objects of one kind in the order in which they were made, so one last one of each kind.
    for kind, namespace in (("ClusterRole", ""), ("Role", made.namespaces[0])):
        question = _last(api, kind, f"canary-{mark}", namespace)
        eventually(partial(_reviewed, api, question), 30)


def _last(api: Api, kind: str, name: str, namespace: str) -> Question:
    """Make a role and a binding, and return the question whose answer they turn to yes."""
    user = f"{name}-{kind}"
    named = {
        "apiVersion": f"{_GROUP}/v1",
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
    }
    rule = {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}
    _create(api, [{**named, "kind": kind, "rules": [rule]}])
    reference = {"apiGroup": _GROUP, "kind": kind, "name": name}
    subject = {"apiGroup": _GROUP, "kind": "User", "name": user}
    _create(api, [{**named, "kind": f"{kind}Binding", "roleRef": reference, "subjects": [subject]}])
    return Question(identity=Identity(user=user), policy="any", namespace=namespace)


def _differences(api: Api, rbac: Rbac, files: Rbac, asked: list[Question]) -> list[str]:
    """Where the server says something else than its own objects, or than the files they were made from."""
    with ThreadPoolExecutor(max_workers=8) as workers:
        answers = list(workers.map(partial(_reviewed, api), asked))
    found = []
    for question, reason in zip(asked, answers, strict=True):
        where = (question.identity, question.policy, question.namespace)
        ours = (rbac.may_use(*where), files.may_use(*where))
        if ours != (reason is not None,) * 2:
            found.append(f"{where}: server {reason!r}, its objects {ours[0]}, files {ours[1]}")
        elif reason and not _is_among(reason, rbac.can(question.identity)):
            found.append(f"{where}: server {reason!r}, which we never name")
    return found


def _is_among(reason: str, given: Iterable[Because]) -> bool:
    """Whether the binding that the server names is one of those we would."""
    said = _ALLOWED_BY.match(reason)
    names = said.groups() if said else ("", "", "")
    return any(because.binding == Named(names[0], names[1], names[2] or "") for because in given)


def test_the_authorizer_agrees(api: Api, figure: Callable[[str], None]) -> None:
    """To every question the authorizer's answer is ours, from stored objects and from files, by a binding we name."""
    chance = random.Random(_SEED)
    counts: Counter[str] = Counter()
    for number in range(-(-_QUESTIONS // _A_GRAPH)):
        mark = f"g{number}"
        made = graph(chance, mark)
        before = _stored(api)
        _make(api, made)
        _settle(api, before, made, mark)
        rbac, files = Rbac(_stored(api)), _with_files(before, made.manifests)
        asked = questions(chance, made, min(_A_GRAPH, _QUESTIONS - number * _A_GRAPH))
        assert _differences(api, rbac, files, asked) == [], f"RBAC_SEED={_SEED} RBAC_QUESTIONS={_QUESTIONS}"
        counts += branches(files, asked)
    figure(f"{_QUESTIONS} questions, RBAC_SEED={_SEED}: {dict(counts.most_common())}")
    floor = max(1, _QUESTIONS // 500)
    assert {branch: counts[branch] for branch in BRANCHES if counts[branch] < floor} == {}, f"RBAC_SEED={_SEED}"


def _dry_run(api: Api, manifest: dict[str, Any]) -> int:
    """The status of the server's answer: 422 or 400 where it refuses the object."""
    try:
        api.post(_path(manifest), manifest, dict[str, Any], dryRun="All")
    except Refused as refusal:
        return refusal.code
    return 201


@pytest.mark.parametrize("case", REFUSED)
def test_what_it_refuses_counts_for_nothing(api: Api, case: str) -> None:
    """The server refuses what the table of refusals says it does."""
    assert _dry_run(api, REFUSED[case][0]) in (400, 422)


@pytest.mark.parametrize("case", TAKEN)
def test_what_it_takes_counts(api: Api, case: str) -> None:
    """The server takes what the table says it takes."""
    assert _dry_run(api, TAKEN[case]) == 201
