"""What `pod-security render` prints, sent to an API server of Kubernetes 1.36 as it is: its own reader reads the text.

kubectl sends what it read; the server reads YAML with the same library (sigs.k8s.io/yaml).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from pulumi_pod_security.cluster.plan import path_of, reference
from pulumi_pod_security.policy.identity import Identity
from tests.fixtures.waiting import eventually
from tests.integration.support.asking import Asker, Question
from tests.integration.support.cel_server import collection_of
from tests.unit.support.terminal import run
from tools.controlplane import LoneServer

pytestmark = pytest.mark.integration

_API = "rbac.authorization.k8s.io"
_NAMESPACE = "1e3"
_SOMEBODY = Identity(user="jane", groups=frozenset({"system:authenticated"}))
_RBAC = ("ClusterRole", "ClusterRoleBinding", "RoleBinding")
_BASELINE = (
    *("--grant", "{policy: restricted, to: [authenticated]}"),
    *("--grant", f"{{policy: default, namespace: '{_NAMESPACE}', to: [service-accounts, 'user:y']}}"),
)
_PATIENCE_SECONDS = 60


def documents(target: str, *options: str) -> list[str]:
    """The text of each document, for this server."""
    done = run("render", "--target", target, "--server-version", "1.36.3", *options)
    assert done.exit_code == 0, done.stderr
    return [text for text in done.stdout.split("---\n") if text]


@pytest.fixture(scope="module")
def namespace(lone_server: LoneServer) -> Asker:
    """A server that has the namespace, where a user may make pods; without controllers none ever goes."""
    asker = Asker(lone_server)
    asker.make(Question(method="POST", path="/api/v1/namespaces", body={"metadata": {"name": _NAMESPACE}}))
    may = {
        "metadata": {"name": "may-make-pods"},
        "roleRef": {"apiGroup": _API, "kind": "ClusterRole", "name": "system:aggregate-to-edit"},
        "subjects": [{"apiGroup": _API, "kind": "User", "name": _SOMEBODY.user}],
    }
    asker.make(Question(method="POST", path=f"/apis/{_API}/v1/namespaces/{_NAMESPACE}/rolebindings", body=may))
    return asker


@pytest.fixture
def asker(namespace: Asker) -> Iterator[Asker]:
    """It without what the last test put there."""
    made = [yaml.safe_load(text) for text in documents("cel", *_BASELINE, "--stage", "deny")]
    yield namespace
    for manifest in reversed(made):
        namespace.ask(Question(method="DELETE", path=path(manifest)))


def path(manifest: Mapping[str, Any]) -> str:
    """Where the object is."""
    if manifest["kind"] in _RBAC:
        return path_of(reference(manifest))
    return f"{collection_of(manifest['kind'])}/{manifest['metadata']['name']}"


def require_in(ours: Any, theirs: Any) -> None:
    """Fail where the server does not keep what was sent, to the byte; it fills in more."""
    if isinstance(ours, Mapping):
        for key, value in ours.items():
            require_in(value, theirs[key])
    elif isinstance(ours, list):
        for mine, its in zip(ours, theirs, strict=True):
            require_in(mine, its)
    else:
        assert ours == theirs


def put(asker: Asker, texts: list[str]) -> None:
    """Make each object of its text, in that order, and look at what the server keeps of it."""
    for text in texts:
        manifest = yaml.safe_load(text)
        collection = path(manifest).rpartition("/")[0]
        (reply,) = asker.make(Question(method="POST", path=collection, body=text))
        require_in(manifest, reply.content)


@pytest.mark.parametrize("options", [(), ("--stage", "warn"), ("--exempt=kube-system", "--exempt=mirror-pods")])
def test_every_stage_is_accepted(asker: Asker, options: tuple[str, ...]) -> None:
    """As text, in the order in which it is printed; and the server keeps what the manifests say."""
    put(asker, documents("cel", *_BASELINE, *options))


def test_what_is_denied_is_refused(asker: Asker) -> None:
    """By the words of the policies, and what they accept is written into."""
    put(asker, documents("cel", *_BASELINE, "--stage", "deny"))
    pods = f"/api/v1/namespaces/{_NAMESPACE}/pods?dryRun=All"

    def tried(**spec: Any) -> Any:
        usual = {"serviceAccountName": "default", "containers": [{"name": "c", "image": "c"}]}
        pod = {"metadata": {"name": "p"}, "spec": {**usual, **spec}}
        return asker.ask(Question(method="POST", path=pods, body=pod, identity=_SOMEBODY)).content

    eventually(lambda: "annotations" in tried()["metadata"], _PATIENCE_SECONDS)
    assert tried()["metadata"]["annotations"]["kubernetes.io/psp"] == "default"
    eventually(lambda: tried(hostPID=True)["kind"] == "Status", _PATIENCE_SECONDS)
    message = tried(hostPID=True)["message"]
    assert "PodSecurityPolicy: unable to validate pod: [default: " in message
    assert "hostPID" in message


def test_labels_are_applied_to_a_namespace_that_is_there(asker: Asker) -> None:
    """By server-side apply of the partial object: what others wrote stays."""
    (text,) = documents("psa", "-n", _NAMESPACE, "--enforce", "baseline")
    where = f"/api/v1/namespaces/{_NAMESPACE}"
    found = asker.make(Question(method="GET", path=where))[0].content["metadata"]
    (reply,) = asker.make(Question(method="PATCH", path=f"{where}?fieldManager=kubectl", body=text))
    labelled = reply.content["metadata"]
    assert labelled["uid"] == found["uid"]
    assert labelled["labels"] == found["labels"] | yaml.safe_load(text)["metadata"]["labels"]
    assert labelled["labels"]["pod-security.kubernetes.io/enforce-version"] == "v1.36"
