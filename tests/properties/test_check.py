"""Laws of reading and of the one call."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_pod_security.admission import rbac
from pulumi_pod_security.admission.check import check
from pulumi_pod_security.admission.chooser import choose
from pulumi_pod_security.admission.defaulting import as_seen
from pulumi_pod_security.admission.documents import Document, documents
from pulumi_pod_security.admission.documents.document import Unreadable
from pulumi_pod_security.admission.documents.yaml_text import parsed
from pulumi_pod_security.admission.evaluate import Evaluator, Question
from pulumi_pod_security.admission.findings import Report
from pulumi_pod_security.admission.manifests import JudgedOwner, JudgedPod, LivePod, TemplateOwner
from pulumi_pod_security.admission.prepared import Prepared
from pulumi_pod_security.admission.replicas import replica
from pulumi_pod_security.admission.request import Request
from pulumi_pod_security.admission.workloads import of_owner, of_pod
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import as_stored
from tests.fixtures.policy_manifests import garbage
from tests.fixtures.psp_pods import random_pod
from tests.fixtures.psp_policies import random_policy
from tests.unit.support.granting import grant

_RANDOM = st.randoms(use_true_random=False)
_KINDS = ["Deployment", "StatefulSet", "Pod", "Job", "CronJob", "Rollout", "Role", "PodSecurityPolicy", "List"]
_VERSIONS = ["v1", "apps/v1", "batch/v1", "policy/v1beta1", "rbac.authorization.k8s.io/v1", "argoproj.io/v1"]
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 62), 1 << 62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["C", "Z"])),
)
_DATA = st.recursive(
    _SCALARS,
    lambda parts: st.one_of(
        st.lists(parts, max_size=4), st.dictionaries(st.text("abcyn01~<", max_size=4), parts, max_size=4)
    ),
    max_leaves=20,
)


def _manifest(rng: Random, name: str) -> dict[str, Any]:
    pod = random_pod(rng)
    metadata = {**(pod.get("metadata") or {}), "name": name, "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "Pod", **pod, "metadata": metadata}


def _grants(names: str) -> list[dict[str, Any]]:
    return [each for name in names for each in grant(name)]


def _told(report: Report) -> list[tuple[Any, ...]]:
    """All that a report says but for places."""
    return [
        (str(each.workload), each.policy, each.changes, each.verdict.message, each.reasons) for each in report.workloads
    ]


@given(_RANDOM)
def test_what_decides_nothing_is_rightly_left_out(rng: Random) -> None:
    """The verdict on a workload is that of the chooser on the whole pod, as the server would show it to the plugin."""
    names = rng.sample("abcdef", rng.randint(1, 4))
    policies = [PodSecurityPolicy.from_manifest(random_policy(rng, name)) for name in names]
    access = rbac.Rbac(rbac.read((name, each) for name in names for each in grant(name)))
    workload = of_pod(msgspec.convert(_manifest(rng, "p"), LivePod))
    assert workload is not None
    seen = as_seen(msgspec.convert(workload.pod, Pod), "shop")
    request = Request(operation="CREATE", pod=seen, namespace="shop", user=workload.creator)
    whole = choose(request, [Prepared.of(as_stored(policy)) for policy in policies], access.may_use)
    judged = Evaluator(policies, access).judge(workload)
    assert (judged.admitted, judged.policy, judged.message) == (whole.admitted, whole.policy, whole.message)
    assert judged.reasons == whole.reasons
    assert judged.pod.annotations == whole.pod.annotations or not whole.admitted


@given(_RANDOM)
def test_check_says_what_the_chooser_says(rng: Random) -> None:
    """The same for the one call, which keeps fewer annotations."""
    names = rng.sample("abcdef", rng.randint(1, 4))
    policies = [random_policy(rng, name) for name in names]
    read = [PodSecurityPolicy.from_manifest(policy) for policy in policies]
    manifest = _manifest(rng, "p")
    (judged,) = check([*policies, *_grants("".join(names)), manifest]).workloads
    workload = of_pod(msgspec.convert(manifest, LivePod))
    assert workload is not None
    access = rbac.Rbac(rbac.read((name, each) for name in names for each in grant(name)))
    whole = Evaluator(read, access).judge(workload)
    assert (judged.admitted, judged.policy, judged.verdict.message) == (whole.admitted, whole.policy, whole.message)
    assert judged.reasons == whole.reasons
    assert [(step.policy, step.outcome, step.reasons) for step in judged.verdict.steps] == [
        (step.policy, step.outcome, step.reasons) for step in whole.steps
    ]


@given(_RANDOM)
def test_the_order_of_what_is_given_never_matters(rng: Random) -> None:
    """The same workloads in the same order, with the same words."""
    names = "".join(rng.sample("abcdef", 3))
    objects: list[Any] = [random_policy(rng, name) for name in names] + _grants(names) + [5, {"kind": "Pod"}]
    objects += [_manifest(rng, f"p{index}") for index in range(4)]
    shuffled = rng.sample(objects, len(objects))
    one, other = check(objects), check(shuffled)
    assert _told(one) == _told(other)
    assert (one.counts, one.policies) == (other.counts, other.policies)


@given(_RANDOM)
def test_the_order_of_pods_and_templates_never_matters(rng: Random) -> None:
    """Which of equal pods is listed depends on their names alone."""
    specs = [random_pod(rng)["spec"] for _ in range(2)]
    objects: list[Any] = [random_policy(rng, "a"), *_grants("a")]
    for index in range(6):
        objects.append({"apiVersion": "v1", "kind": "Pod", **_replica(rng, f"p{index}", rng.choice(specs))})
    template = {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"template": {"spec": rng.choice(specs)}}}
    objects.append({"apiVersion": "apps/v1", "kind": "Deployment", **template})
    one, other = check(objects), check(rng.sample(objects, len(objects)))
    assert _told(one) == _told(other)
    assert one.counts == other.counts


def _replica(rng: Random, name: str, spec: Any) -> dict[str, Any]:
    owners = rng.choice([[], [{"kind": "ReplicaSet", "name": "web-1", "controller": True}]])
    return {"metadata": {"name": name, "namespace": "shop", "ownerReferences": owners}, "spec": spec}


@given(_RANDOM)
def test_a_pod_is_judged_as_it_would_be_sent(rng: Random) -> None:
    """What is read to be judged and what is read to be sent are one question."""
    manifest = _manifest(rng, "p")
    manifest["spec"]["nodeName"] = "worker-1"
    manifest["spec"].setdefault("volumes", []).append({"name": "kube-api-access-x7x2p", **_volume(rng)})
    if rng.random() < 0.5:
        manifest["status"] = {"phase": "Running"}
    text = msgspec.json.encode(manifest)
    judged, sent = (of_pod(msgspec.json.decode(text, type=kind)) for kind in (JudgedPod, LivePod))
    assert judged is not None
    assert sent is not None
    assert Question.of(judged).key == Question.of(sent).key
    template = {"metadata": manifest["metadata"], "spec": {"template": manifest, "volumeClaimTemplates": _CLAIMS}}
    text = msgspec.json.encode(template)
    judged, sent = (
        of_owner("StatefulSet", msgspec.json.decode(text, type=kind)) for kind in (JudgedOwner, TemplateOwner)
    )
    assert judged is not None
    assert sent is not None
    assert Question.of(judged).key == Question.of(sent).key


def _volume(rng: Random) -> dict[str, Any]:
    """What may be behind the name of a token's volume."""
    host, empty = {"hostPath": {"path": "/"}}, {"emptyDir": None}
    token: dict[str, Any] = {"projected": {"sources": [{"configMap": {}}, {"serviceAccountToken": {}}]}}
    return rng.choice([host, token, {**token, **host}, {**token, **empty}, {"projected": {"sources": None}}, {}])


@given(_RANDOM)
def test_pods_told_by_their_text_are_one_question(rng: Random) -> None:
    """Whatever is in a pod, a text that is like an earlier one puts no other question."""
    spec = random_pod(rng)["spec"]
    written = random_pod(rng).get("metadata", {}).get("annotations") or {}
    # All others are left out of a question before it is put.
    annotations = {key: value for key, value in written.items() if "security" in key}
    keys: dict[object, bytes] = {}
    for name in ("aaaaa", rng.choice(["aaaaa", "bbbbb"]), "ccccc"):
        text = msgspec.Raw(msgspec.json.encode(_listed(rng, name, spec, annotations)))
        seen, workload = replica(text), of_pod(msgspec.json.decode(text, type=JudgedPod))
        assert workload is not None
        assert seen is None or keys.setdefault(seen.likeness, Question.of(workload).key) == Question.of(workload).key


def _listed(rng: Random, token: str, spec: dict[str, Any], annotations: dict[str, str]) -> dict[str, Any]:
    """A pod as a server lists it, at times with odd names."""
    name = f"kube-api-access-{token}"
    volume: dict[str, Any] = {"projected": {"sources": [{"serviceAccountToken": {}}]}}
    own = [{"name": rng.choice(["app", name]), "hostPath": {"path": f"/{rng.choice(['etc', name])}"}}]
    volumes = [*(spec.get("volumes") or []), *own[: rng.randint(0, 1)], {"name": name, **volume}]
    owners = [{"kind": "ReplicaSet", "name": "web-1", "controller": True}]
    metadata = {"name": f"web-{token}", "namespace": "shop", "uid": "u", "ownerReferences": owners}
    return {
        "metadata": {**metadata, "annotations": annotations if rng.random() < 0.5 else {}},
        "spec": {**spec, "volumes": volumes, "nodeName": rng.choice(["a", "b"])},
        "status": {"phase": "Running"},
    }


_CLAIMS = [{"metadata": {"name": "data"}}, {"metadata": {"name": "kube-api-access-x7x2p"}}]


@given(
    st.lists(
        st.builds(
            lambda kind, version, more: {"kind": kind, "apiVersion": version, **more},
            st.sampled_from(_KINDS),
            st.sampled_from(_VERSIONS),
            st.dictionaries(
                st.sampled_from(["metadata", "spec", "items", "status", "rules", "roleRef"]), garbage(), max_size=4
            ),
        ),
        max_size=4,
    )
)
def test_garbage_ends_as_faults_and_counts(given_objects: list[dict[str, Any]]) -> None:
    """Whatever stands in an object, it is counted once or is a fault, and nothing is raised."""
    report = check(given_objects, templates={"argoproj.io/Rollout": "spec.template"})
    lists = sum(1 for each in given_objects if each["kind"] == "List")
    assert report.counts.documents >= len(given_objects) - lists
    assert all(str(fault) for fault in report.faults)


@given(_DATA)
def test_yaml_is_read_as_it_was_written(data: Any) -> None:
    """What a YAML library writes, with every text quoted, is read back the same."""
    quoted = yaml.dump({"a": data}, default_style='"', Dumper=_Quoting, allow_unicode=True)
    assert list(parsed(quoted.encode())) == [(None, {"a": data})]


class _Quoting(yaml.SafeDumper):
    """Writes equal parts twice."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own signature
        """Never an alias."""
        return True


@given(_DATA)
def test_json_is_yaml(data: Any) -> None:
    """What JSON says, YAML says as well, unless a key stands twice or merges."""
    text = json.dumps({"a": data}, ensure_ascii=False)
    assert list(parsed(text.encode())) == [(None, json.loads(text))]


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=60), st.text("ab:-[]{}&*!|>'\"#%@, \n\t0y~<.", max_size=60).map(str.encode)))
def test_any_bytes_are_data_or_refused(text: bytes) -> None:
    """Nothing but a refusal comes of hostile text, and what is read can be written as JSON."""
    with suppress(Unreadable):
        json.dumps(list(parsed(text)))


def test_any_bytes_of_a_file_are_documents_or_faults(tmp_path: Path) -> None:
    """The same by way of a file, where documents are cut and encodings are told apart."""
    file = tmp_path / "x.yaml"

    @given(st.binary(max_size=80).map(lambda tail: b"apiVersion: v1\nkind: A\n---\n" + tail))
    def reads(text: bytes) -> None:
        file.write_bytes(text)
        first, *_ = [*documents([file]), None]
        assert isinstance(first, Document)

    reads()
