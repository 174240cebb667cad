"""Pod Security's defaults on the control-plane node by one resource: proven, undone, and killed at each step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Api, Refused
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.platforms.switch import EnforcementUndone
from pulumi_pod_security.resources.kubeadm_standards import KubeadmStandardsProvider
from tests.fixtures.waiting import eventually
from tests.integration.support.breaking import DRAFT, KUBEADM, How, Killed, breaking
from tests.integration.support.sight import Sight
from tools.controlplane import ControlPlane
from tools.toolchain import binary

pytestmark = pytest.mark.integration

PROVIDER = KubeadmStandardsProvider()
UP = [
    DRAFT,
    KUBEADM,
    DRAFT,
    KUBEADM,
    "write before.json",
    "write FILE",
    "write kubeadm.yaml",
    "write kube-apiserver.yaml",
]
PRIVILEGED = {"hostPID": True, "containers": [{"name": "app", "image": "app"}]}
REFUSAL = 'violates PodSecurity "baseline:v1.24": host namespaces (hostPID=true)'
CRASHING = """\
#!/bin/sh
{real} "$@" || exit
cd "$KUBEADM_INIT_DRYRUN_DIR"
find . -name kube-apiserver.yaml -exec sed -i 's/    - kube-apiserver$/&\\n    - --no-such/' {{}} +
"""


class Node:
    """The cluster's control-plane node, and what Pulumi would hand to the provider."""

    def __init__(self, cluster: ControlPlane, folder: Path) -> None:
        self.folder = folder / "pod-security"
        self.kubeconfig = str(cluster.kubeconfig())
        self.sight = Sight(cluster)
        self._place = {
            "kubeconfig": self.kubeconfig,
            "config": str(cluster.config_file),
            "manifests": str(cluster.manifests),
            "folder": str(self.folder),
            "kubeadm": str(binary("kubeadm", version=cluster.record.version)),
        }

    def props(self, **given: Any) -> dict[str, Any]:
        """A resource's inputs."""
        asked: dict[str, Any] = {
            "enforce": "baseline",
            "audit": None,
            "warn": None,
            "usernames": [],
            "runtime_classes": [],
        }
        exempt = {"namespaces": ["kube-system"]}
        return {**self._place, "context": None, "timeout_seconds": 120.0, **asked, **exempt, **given}

    def said(self, namespace: str = "default") -> str:
        """What the server says to a privileged pod; nothing when it admits it."""
        api: Api = Connection(kubeconfig=self.kubeconfig).open()
        body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tried"}, "spec": PRIVILEGED}
        try:
            api.post(f"/api/v1/namespaces/{namespace}/pods", body, dict[str, Any], dryRun="All")
        except Refused as refusal:
            return refusal.message
        return ""

    def left(self) -> list[str]:
        """The files in the folder, if it is there."""
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
def node(control_plane: ControlPlane, tmp_path: Path) -> Iterator[Node]:
    """A cluster whose accounts are there."""
    found = Node(control_plane, tmp_path)
    eventually(lambda: not found.said())
    yield found
    control_plane.reset()


def made(props: dict[str, Any]) -> dict[str, Any]:
    """The outputs of a resource that is created."""
    return PROVIDER.create(dict(props)).outs or {}


def refused(props: dict[str, Any], olds: dict[str, Any] | None = None) -> str:
    """Why a preview refuses."""
    return "".join(failure.reason for failure in PROVIDER.check(olds or {}, dict(props)).failures)


def test_enforced_changed_and_taken_back(node: Node) -> None:
    """The file is there and nothing else of ours; another content is another file; all comes back to the byte."""
    before = node.sight.files()
    assert not refused(node.props())
    outs = made(node.props())
    file = Path(outs["path"])
    assert node.left() == [file.name, "before.json"]
    assert {path.name: path.stat().st_mode & 0o777 for path in node.folder.iterdir()} == {
        file.name: 0o644,
        "before.json": 0o600,
    }
    assert REFUSAL in node.said()
    assert not node.said("kube-system")
    assert not PROVIDER.diff("standards", outs, node.props()).changes

    loose = node.props(enforce=None, warn="restricted")
    assert PROVIDER.diff("standards", outs, loose).changes
    assert not refused(loose, outs)
    later = PROVIDER.update("standards", outs, loose).outs or {}
    assert node.left() == [Path(later["path"]).name, "before.json"]
    assert later["path"] != outs["path"]
    assert not node.said()

    PROVIDER.delete("standards", later)
    assert node.sight.files() == before
    assert not node.folder.exists()
    assert not node.said()


def test_what_others_changed_since_stays(node: Node) -> None:
    """The flag names no file then; the volume's folder stays for it."""
    outs = made(node.props())
    config, manifest = Path(outs["config"]), Path(outs["manifests"]) / "kube-apiserver.yaml"
    for path in (config, manifest):
        path.write_text(path.read_text() + "# theirs\n")
    PROVIDER.delete("standards", outs)
    for path in (config, manifest):
        text = path.read_text()
        assert text.endswith("# theirs\n")
        assert "admission-" not in text.replace("admission-control-config-file", "").replace("admission-plugins", "")
    assert node.left() == []
    assert node.folder.exists()
    assert not node.said()


def test_what_runs_is_not_refused(node: Node) -> None:
    """A Deployment in a namespace without labels counts, and one in an exempt namespace does not."""
    node.sight.kubectl.run("create", "namespace", "shop")
    template = {"metadata": {"labels": {"app": "cart"}}, "spec": PRIVILEGED}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "cart"}}, "template": template}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "cart"}, "spec": spec}
    api: Api = Connection(kubeconfig=node.kubeconfig).open()
    api.post("/apis/apps/v1/namespaces/shop/deployments", body, dict[str, Any])
    told = refused(node.props())
    assert told.startswith("1 of 1 workloads would not be admitted; nothing was changed")
    assert "shop/Deployment/cart (0 replicas" in told
    assert not refused(node.props(namespaces=["shop", "kube-system"]))
    assert not refused(node.props(usernames=["system:serviceaccount:kube-system:replicaset-controller"]))
    assert not refused(node.props(enforce=None, warn="restricted"))


def test_a_server_that_does_not_come_back_is_helped(node: Node, tmp_path: Path) -> None:
    """What was there before is put back, and nothing of ours stays."""
    before = node.sight.files()
    kubeadm = tmp_path / "kubeadm"
    kubeadm.write_text(CRASHING.format(real=node.props()["kubeadm"]))
    kubeadm.chmod(0o755)
    with pytest.raises(EnforcementUndone) as undone:
        made(node.props(kubeadm=str(kubeadm), timeout_seconds=20.0))
    assert "the API server coming back with the defaults of Pod Security did not happen within 20 s" in str(
        undone.value
    )
    assert "the switch was undone: the API server runs with what it had before again" in str(undone.value)
    assert node.sight.files() == before
    assert node.left() == []
    assert not node.said()


# Each takes two starts of the API server or more.
@pytest.mark.parametrize(
    ("step", "how"),
    [
        (7, How.KILLED_AFTER),
        *(
            pytest.param(step, how, marks=pytest.mark.thorough)
            for step, how in ((6, How.KILLED_AFTER), (7, How.FAILS), (8, How.LOST), (8, How.KILLED_AFTER))
        ),
    ],
)
def test_broken_at_each_step(node: Node, step: int, how: How) -> None:
    """What fails leaves nothing, what is killed is finished by the next run; the end is as the beginning."""
    before = node.sight.files()
    with pytest.raises(Killed if how.kills else EnforcementUndone), breaking(step, how) as met:
        made(node.props())
    assert [name if "admission" not in name else "write FILE" for name in met.made[:step]] == UP[:step]
    if not how.kills:
        assert node.sight.files() == before
        assert node.left() == []
    # Which may be about to come back with what was written.
    node.sight.wait_for_api_server()
    outs = made(node.props())
    assert REFUSAL in node.said()
    assert node.left() == [Path(outs["path"]).name, "before.json"]
    PROVIDER.delete("standards", outs)
    assert node.sight.files() == before
    assert not node.folder.exists()
