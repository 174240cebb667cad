"""Pod Security labels by one resource, on a real API server: beside other managers, and given back as they were."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Api, ClusterError, Refused
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.labelling import Labelling
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.resources.namespace_standards import NamespaceStandardsProvider
from pulumi_pod_security.targets.psa import LABELS
from tests.integration.support.breaking import How, Killed, breaking
from tests.integration.support.outcome import succeeded
from tests.integration.support.project import CHECKOUT
from tools.controlplane import ControlPlane
from tools.stack import Stack

pytestmark = pytest.mark.integration

ENFORCE, ENFORCE_VERSION, AUDIT, AUDIT_VERSION, WARN, WARN_VERSION = LABELS
PROVIDER = NamespaceStandardsProvider()
POD = {"containers": [{"name": "app", "image": "app"}]}


class Spaces:
    """Namespaces of a test's own, and what Pulumi would hand to the provider."""

    def __init__(self, cluster: ControlPlane) -> None:
        self.kubeconfig = str(cluster.kubeconfig())
        self.api: Api = Connection(kubeconfig=self.kubeconfig).open()
        self.names = [f"space-{secrets.token_hex(4)}" for _ in range(3)]
        for name in self.names:
            self.create(name)

    def create(self, name: str, manager: str = "kubectl-create", **labels: str) -> None:
        """A namespace with such labels."""
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        self.api.post("/api/v1/namespaces", body, dict[str, Any], fieldManager=manager)

    def label(self, name: str, manager: str = "kubectl-label", **labels: str | None) -> None:
        """What `kubectl label` does."""
        named = {label.replace("__", "-"): value for label, value in labels.items()}
        change = {"metadata": {"labels": {f"pod-security.kubernetes.io/{key}": v for key, v in named.items()}}}
        self.api.patch(f"/api/v1/namespaces/{name}", change, dict[str, Any], fieldManager=manager)

    def change(self, name: str, **metadata: Any) -> None:
        """What somebody writes by hand."""
        self.api.patch(f"/api/v1/namespaces/{name}", {"metadata": metadata}, dict[str, Any])

    def metadata(self, name: str) -> dict[str, Any]:
        """What the server has, but for what every write changes."""
        found: dict[str, Any] = self.api.get(f"/api/v1/namespaces/{name}", dict[str, Any])["metadata"]
        fields = [(each["manager"], each["operation"], each["fieldsV1"]) for each in found["managedFields"]]
        return {"labels": found["labels"], "annotations": found.get("annotations"), "fields": sorted(fields, key=str)}

    def labels(self, name: str) -> dict[str, str]:
        """Its Pod Security labels."""
        return {label: value for label, value in self.metadata(name)["labels"].items() if label in LABELS}

    def props(self, **given: Any) -> dict[str, Any]:
        """A resource's inputs."""
        asked = {"enforce": None, "audit": None, "warn": None, "take_over": [], "namespaces": self.names, **given}
        return {"kubeconfig": self.kubeconfig, "context": None, "manager": "tried", "labels": None, **asked}

    def admits(self, name: str, **spec: Any) -> str:
        """What the server says to such a pod; nothing when it admits it."""
        body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tried"}, "spec": {**POD, **spec}}
        try:
            self.api.post(f"/api/v1/namespaces/{name}/pods", body, dict[str, Any], dryRun="All")
        except Refused as refusal:
            return refusal.message
        return ""

    def deploy(self, name: str, **spec: Any) -> None:
        """A Deployment without a pod."""
        template = {"metadata": {"labels": {"app": "cart"}}, "spec": {**POD, **spec}}
        selector = {"matchLabels": {"app": "cart"}}
        body = {"metadata": {"name": "cart"}, "spec": {"replicas": 0, "selector": selector, "template": template}}
        path = f"/apis/apps/v1/namespaces/{name}/deployments"
        self.api.post(path, {"apiVersion": "apps/v1", "kind": "Deployment", **body}, dict[str, Any])


@pytest.fixture
def spaces(control_plane: ControlPlane) -> Spaces:
    """Three namespaces without any label of Pod Security."""
    return Spaces(control_plane)


def done(props: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a resource that is created."""
    return PROVIDER.create(dict(props)).outs or {}


def said(props: Mapping[str, Any]) -> str:
    """Why a preview refuses."""
    return "".join(failure.reason for failure in PROVIDER.check({}, dict(props)).failures)


def test_labels_are_enforced_and_go_again(spaces: Spaces) -> None:
    """Pinned to the server's version; one resource for all of them, and nothing of it stays."""
    before = [spaces.metadata(name) for name in spaces.names]
    made = done(spaces.props(enforce="baseline", warn="restricted:latest"))
    assert made["labels"] == {ENFORCE: "baseline", ENFORCE_VERSION: "v1.24", WARN: "restricted", WARN_VERSION: "latest"}
    for name in spaces.names:
        assert spaces.labels(name) == made["labels"]
        assert 'violates PodSecurity "baseline:v1.24": host namespaces' in spaces.admits(name, hostPID=True)
        assert not spaces.admits(name)
    assert not PROVIDER.diff("tried", made, made).changes
    PROVIDER.delete("tried", made)
    assert [spaces.metadata(name) for name in spaces.names] == before


def test_what_runs_is_not_refused(spaces: Spaces) -> None:
    """A Deployment without a pod counts, of which the server itself would not tell."""
    spaces.deploy(spaces.names[1], hostNetwork=True)
    told = said(spaces.props(enforce="baseline"))
    assert told.startswith("1 of 1 workloads would not be admitted; no label was changed")
    assert f"{spaces.names[1]}/Deployment/cart (0 replicas" in told
    assert 'violates PodSecurity "baseline:v1.24": host namespaces (hostNetwork=true)' in told
    with pytest.raises(PreflightRefused, match="would not be admitted"):
        done(spaces.props(enforce="baseline"))
    assert not any(map(spaces.labels, spaces.names))
    assert not said(spaces.props(warn="baseline"))
    assert not said(spaces.props(enforce="baseline", namespaces=[spaces.names[0]]))


def test_what_is_refused_already_is_nobodys_doing(spaces: Spaces) -> None:
    """A level that is enforced already is not held against those that do not fit it."""
    spaces.deploy(spaces.names[1], hostNetwork=True)
    spaces.label(spaces.names[1], enforce="baseline", enforce__version="v1.24")
    assert not said(spaces.props(enforce="baseline"))


def test_another_manager_is_a_conflict(spaces: Spaces) -> None:
    """It is named with what it wrote; nothing is changed anywhere."""
    spaces.label(spaces.names[2], enforce="privileged")
    told = said(spaces.props(enforce="baseline"))
    assert f"{spaces.names[2]}: {ENFORCE}=privileged of 'kubectl-label'" in told
    assert "name the managers in take_over" in told
    with pytest.raises(PreflightRefused):
        done(spaces.props(enforce="baseline"))
    assert [spaces.labels(name) for name in spaces.names] == [{}, {}, {ENFORCE: "privileged"}]


def test_the_server_has_the_last_word_on_conflicts(spaces: Spaces) -> None:
    """Of a label that somebody writes right before us."""
    labelling = Labelling(api=spaces.api, manager="tried")
    spaces.label(spaces.names[0], enforce="privileged")
    with pytest.raises(Refused, match='conflict with "kubectl-label"'):
        labelling.apply(spaces.names[0], {ENFORCE: "baseline"})
    assert spaces.labels(spaces.names[0]) == {ENFORCE: "privileged"}


@pytest.mark.parametrize("how", How, ids=str)
def test_what_was_taken_over_comes_back(spaces: Spaces, how: How) -> None:
    """To the byte and to its manager, also where the run is broken at any step of both ways."""
    name = spaces.names[0]
    spaces.label(name, enforce="privileged", enforce__version="v1.20")
    spaces.label(name, manager="helm", audit="baseline")
    before = spaces.metadata(name)
    asked = spaces.props(
        enforce="baseline:v1.23", audit="restricted", namespaces=[name], take_over=["helm", "kubectl-label"]
    )
    step = 0
    met = True
    while met:
        step += 1
        met = _broken(step, how, lambda: done(asked))
        made = done(asked)
        assert spaces.labels(name) == made["labels"]
        broken = _broken(step, how, lambda made=made: PROVIDER.delete("tried", made))
        met = met or broken
        PROVIDER.delete("tried", made)
        assert spaces.metadata(name) == before
    assert step > 2


def _broken(step: int, how: How, act: Any) -> bool:
    with breaking(step, how) as calls:
        try:
            act()
        except (PodSecurityError, Killed):
            assert calls.is_met
    return calls.is_met


def test_a_label_that_is_no_longer_asked_for_goes_back(spaces: Spaces) -> None:
    """And a namespace that is no longer named has what it had."""
    first, second, _ = spaces.names
    spaces.label(first, audit="baseline")
    made = done(spaces.props(enforce="baseline", audit="restricted", take_over=["kubectl-label"]))
    asked = spaces.props(enforce="restricted", namespaces=[first], take_over=["kubectl-label"])
    assert PROVIDER.diff("tried", made, asked).changes
    updated = PROVIDER.update("tried", made, asked).outs or {}
    assert spaces.labels(first) == {ENFORCE: "restricted", ENFORCE_VERSION: "v1.24", AUDIT: "baseline"}
    assert spaces.labels(second) == {}
    PROVIDER.delete("tried", updated)
    assert spaces.labels(first) == {AUDIT: "baseline"}


def test_what_somebody_changed_later_is_theirs(spaces: Spaces) -> None:
    """It is drift for the next update, and destroy leaves it."""
    name = spaces.names[0]
    made = done(spaces.props(enforce="baseline", namespaces=[name]))
    spaces.label(name, enforce="privileged")
    assert PROVIDER.diff("tried", made, made).changes
    PROVIDER.delete("tried", made)
    assert spaces.labels(name) == {ENFORCE: "privileged"}


@pytest.mark.parametrize("text", ["{", "[1]", '[{"label": "a", "value": "b", "managers": []}]'])
def test_what_was_saved_and_cannot_be_read(spaces: Spaces, text: str) -> None:
    """It is told, and nothing is changed until somebody looked."""
    name = spaces.names[0]
    spaces.label(name, enforce="privileged")
    made = done(spaces.props(enforce="baseline", namespaces=[name], take_over=["kubectl-label"]))
    (annotation,) = spaces.metadata(name)["annotations"]
    spaces.change(name, annotations={annotation: text})
    with pytest.raises(ClusterError, match=rf"what namespace {name} had before, .* cannot be given back"):
        PROVIDER.delete("tried", made)
    assert spaces.labels(name) == made["labels"]


def test_a_namespace_whose_managers_are_not_on_record(spaces: Spaces) -> None:
    """As of old ones: the server has a name for whoever wrote the label, and so have we."""
    name = spaces.names[0]
    spaces.label(name, enforce="privileged")
    spaces.change(name, managedFields=[{}])
    assert f"{ENFORCE}=privileged of 'before-first-apply'" in said(spaces.props(enforce="baseline"))
    asked = spaces.props(enforce="baseline", namespaces=[name], take_over=["before-first-apply"])
    made = done(asked)
    assert spaces.labels(name) == made["labels"]
    PROVIDER.delete("tried", made)
    assert spaces.labels(name) == {ENFORCE: "privileged"}
    made = done(asked)
    spaces.change(name, managedFields=[{}])
    with pytest.raises(ClusterError, match="whose labels are whose is no longer on record"):
        PROVIDER.delete("tried", made)


def test_what_is_declared_is_not_taken_over(spaces: Spaces) -> None:
    """Who declares by server-side apply would be in the way again."""
    name = spaces.names[0]
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {ENFORCE: "privileged"}}}
    spaces.api.apply(f"/api/v1/namespaces/{name}", manifest, dict[str, Any], fieldManager="argocd")
    told = said(spaces.props(enforce="baseline", take_over=["argocd"]))
    assert f"{name}: {ENFORCE}=privileged of 'argocd'" in told
    assert "is changed where it is declared" in told


@pytest.mark.parametrize("first", [0, 1])
def test_two_that_take_over(spaces: Spaces, first: int) -> None:
    """Each keeps what it took, and of what both hold the last one gives it back: a renamed resource loosens nothing."""
    name = spaces.names[0]
    spaces.label(name, enforce="privileged", audit="privileged")
    before = spaces.metadata(name)
    shared = {"enforce": "baseline", "namespaces": [name], "take_over": ["kubectl-label"]}
    both = [done(spaces.props(**shared)), done({**spaces.props(**shared, audit="restricted"), "manager": "other"})]
    PROVIDER.delete("", both.pop(first))
    assert spaces.labels(name)[ENFORCE] == "baseline"
    PROVIDER.delete("", both.pop())
    assert spaces.metadata(name) == before


def test_one_that_fails_leaves_none(spaces: Spaces) -> None:
    """Nothing is in the state of a create that failed, so nothing is left on the server either."""
    for step in (1, 2, 3):
        with breaking(step), pytest.raises(ClusterError, match="the labels made before that were taken back"):
            done(spaces.props(enforce="baseline"))
        assert not any(map(spaces.labels, spaces.names))
    made = done(spaces.props(enforce="baseline", namespaces=spaces.names[:1]))
    with breaking(2), pytest.raises(ClusterError):
        PROVIDER.update("tried", made, spaces.props(enforce="baseline"))
    assert [bool(spaces.labels(name)) for name in spaces.names] == [True, False, False]


def test_what_comes_back_is_judged(spaces: Spaces) -> None:
    """A stricter level of before is not let loose on what was deployed meanwhile."""
    name = spaces.names[0]
    spaces.label(name, enforce="restricted", enforce__version="v1.24")
    made = done(spaces.props(enforce="privileged", namespaces=[name], take_over=["kubectl-label"]))
    spaces.deploy(name, hostNetwork=True)
    for asked in ({"warn": "baseline", "namespaces": [name]}, {"enforce": "privileged", "namespaces": []}):
        given = spaces.props(**asked, take_over=["kubectl-label"])
        (failure,) = PROVIDER.check(made, given).failures
        assert f"{name}/Deployment/cart" in failure.reason
        assert 'violates PodSecurity "restricted:v1.24"' in failure.reason
        assert "keep what is enforced now: privileged:v1.24" in failure.reason


def test_no_namespace_is_ever_created(spaces: Spaces) -> None:
    """A missing one may come with the same update, so a preview lets it be; the update names it."""
    asked = spaces.props(enforce="baseline", namespaces=[*spaces.names, "nowhere"])
    assert not said(asked)
    with pytest.raises(PreflightRefused, match=r"(?s)no label was changed, and none is created here.*nowhere"):
        done(asked)
    assert not any(map(spaces.labels, spaces.names))
    assert spaces.api.find("/api/v1/namespaces/nowhere", dict[str, Any]) is None
    PROVIDER.delete("tried", {**asked, "namespaces": ["nowhere"]})
    assert spaces.api.find("/api/v1/namespaces/nowhere", dict[str, Any]) is None


def test_the_manager_stays(spaces: Spaces) -> None:
    """A renamed stack finds its labels again."""
    made = done(spaces.props(enforce="baseline"))
    renamed = {**spaces.props(enforce="baseline"), "manager": "renamed"}
    checked = PROVIDER.check(made, renamed)
    assert not checked.failures
    assert checked.inputs["manager"] == "tried"
    assert not PROVIDER.diff("tried", made, {**made, **checked.inputs, "labels": made["labels"]}).changes
    PROVIDER.delete("tried", made)


def test_two_resources_share_a_namespace(spaces: Spaces) -> None:
    """As long as they do not contradict each other."""
    name = spaces.names[0]
    first = done(spaces.props(enforce="baseline", namespaces=[name]))
    asked = {**spaces.props(warn="restricted", namespaces=[name]), "manager": "other"}
    second = done(asked)
    assert "of 'tried'" in said({**asked, "enforce": "restricted"})
    PROVIDER.delete("tried", first)
    assert spaces.labels(name) == {WARN: "restricted", WARN_VERSION: "v1.24"}
    PROVIDER.delete("other", second)
    assert spaces.labels(name) == {}


def test_the_program_of_the_readme(spaces: Spaces, tmp_path: Path) -> None:
    """By Pulumi itself: made, found unchanged, and gone."""
    shutil.copytree(CHECKOUT / "examples" / "standards", tmp_path / "program")
    variables = {"KUBECONFIG": spaces.kubeconfig}
    stack = Stack(project=tmp_path / "program", state=tmp_path / "state", name="dev", variables=variables)
    stack.select()
    succeeded(stack.run("config", "set", "--plaintext", "namespaces", json.dumps(spaces.names)))
    before = [spaces.metadata(name) for name in spaces.names]
    succeeded(stack.run("up", "--yes"))
    labels = json.loads(succeeded(stack.run("stack", "output", "labels")).output)
    assert labels[ENFORCE] == "baseline"
    assert [spaces.labels(name) for name in spaces.names] == [labels] * 3
    succeeded(stack.run("up", "--yes", "--expect-no-changes"))
    succeeded(stack.run("destroy", "--yes"))
    assert [spaces.metadata(name) for name in spaces.names] == before
