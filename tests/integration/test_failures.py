"""What is refused before anything is changed, and what is found after the switch and undone.

After each failure pods can still be created, and the next update finishes the job.
"""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.integration.support.kubeadm import meddling
from tests.integration.support.outcome import refused, succeeded
from tests.integration.support.people import everyone_may_use
from tests.integration.support.project import GRANTS, POLICIES, Project
from tests.integration.support.sight import Sight
from tools.controlplane.configuration import with_api_server_flags
from tools.toolchain import binary
from tools.walk.places import MANIFESTS

pytestmark = pytest.mark.integration

UNDONE = "the switch was undone: the API server runs without the plugin again"


@pytest.mark.story
class TestGaps:
    """Workloads that may use no policy, and a grant that goes missing."""

    def test_preflight_refuses(self, project: Project, sight: Sight) -> None:
        """A workload without any usable policy is named with its account; nothing is created, nothing restarts."""
        project.configure(grants=[GRANTS[0]])
        said = refused(
            project.run("up", "--yes"),
            "workloads would not be admitted; enforcement was not touched",
            "shop/Deployment/cart (2 replicas, service account shop:default, created by "
            "system:serviceaccount:kube-system:replicaset-controller)",
            "grant one:  - {policy: ",
        )
        assert "kube-system/" not in said.replace("baseline-kube-system/", "")
        assert not sight.policies()
        assert not sight.bindings()
        assert len(sight.starts()) == 1

    def test_mirror_pods_count_as_their_nodes(self, project: Project, sight: Sight) -> None:
        """A static Pod's mirror is created by its node and has no account: without a grant to nodes it is refused."""
        accounts = {"policy": "privileged", "namespace": "kube-system", "to": ["service-accounts"]}
        everyone = {"policy": "default", "to": ["group:system:serviceaccounts"]}
        project.configure(grants=[accounts, everyone])
        said = refused(
            project.run("preview"),
            "1 of ",
            "kube-system/Pod/kube-apiserver-control-plane (no service account, created by system:node:control-plane)",
        )
        assert "shop/" not in said
        assert len(sight.starts()) == 1

    def test_a_mirror_pod_that_no_policy_admits(self, project: Project, sight: Sight) -> None:
        """A node that may use only a policy that does not fit its static Pods is named, with what the policy says."""
        accounts = {"policy": "privileged", "namespace": "kube-system", "to": ["service-accounts"]}
        project.configure(grants=[accounts, GRANTS[1]])
        refused(
            project.run("preview"),
            "1 of ",
            "kube-system/Pod/kube-apiserver-control-plane (no service account, created by system:node:control-plane)",
            "default: spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used",
        )
        assert len(sight.starts()) == 1

    def test_next_up_finishes(self, project: Project, sight: Sight) -> None:
        """With the grants in place the same stack goes through, and nobody is refused."""
        project.configure(grants=list(GRANTS))
        _finishes(project, sight)

    def test_a_binding_is_deleted(self, project: Project, sight: Sight) -> None:
        """A binding deleted behind Pulumi's back is found missing, and the command that mends it is named."""
        sight.kubectl.run("delete", "rolebinding", "privileged-psp-nodes", "--namespace=kube-system")
        refused(
            project.run("up", "--yes"),
            "what the baseline declares is not in force; enforcement was not touched",
            "RoleBinding/kube-system/privileged-psp-nodes or the role behind it is gone or changed",
            "pulumi up --refresh",
        )
        assert sight.plugin_on()

    def test_refresh_mends(self, project: Project, sight: Sight) -> None:
        """That command puts the binding back, and the cluster's own pods can be created again."""
        succeeded(project.run("up", "--yes", "--refresh"))
        assert "privileged-psp-nodes" in sight.bindings()
        assert sight.plugin_on()
        sight.can_create_pods()

    def test_a_replacement(self, project: Project, sight: Sight) -> None:
        """A binding in use that would be deleted and made anew is named by the preview, whatever the reason."""
        (urn,) = (found["urn"] for found in project.stack.resources() if found["urn"].endswith("/privileged-psp-nodes"))
        refused(
            project.run("up", "--yes", f"--replace={urn}"),
            "RoleBinding/kube-system/privileged-psp-nodes would be deleted and made anew while it is in use",
        )
        assert "privileged-psp-nodes" in sight.bindings()

    def test_another_role(self, project: Project, sight: Sight) -> None:
        """RBAC changes the role of no binding, so without a preview too nothing is deleted to change it."""
        project.configure(grants=[{**GRANTS[0], "role": "psp:other"}, GRANTS[1]])
        refused(
            project.up(),
            "RoleBinding/kube-system/privileged-psp-nodes cannot change its role to psp:other",
            "give this grant another `binding:` name",
        )
        assert "privileged-psp-nodes" in sight.bindings()
        project.configure(grants=list(GRANTS))

    def test_the_kubeconfig_moves(self, project: Project, tmp_path: Path) -> None:
        """Nothing in the state leads to a kubeconfig that is named no longer: destroy would look for it."""
        old = str(project.cluster.kubeconfig())
        project.configure(kubeconfig=str(shutil.copy(old, tmp_path / "moved.conf")))
        succeeded(project.up())
        assert old not in succeeded(project.run("stack", "export")).output


def test_a_workload_that_no_policy_admits(project: Project, sight: Sight, tmp_path: Path) -> None:
    """A Deployment without pods that no policy fits is refused in the preview with the plugin's own reasons."""
    file = _collector(tmp_path)
    sight.kubectl.run("apply", f"--filename={file}")

    refused(
        project.run("preview"),
        "1 of ",
        "shop/Deployment/collector (0 replicas, service account shop:default, created by ",
        'default: spec.volumes[0]: Invalid value: "hostPath": hostPath volumes are not allowed to be used',
    )
    assert not sight.policies()
    assert len(sight.starts()) == 1

    sight.kubectl.run("delete", f"--filename={file}")
    _finishes(project, sight)


def test_a_workload_that_comes_with_the_switch(project: Project, sight: Sight, tmp_path: Path) -> None:
    """Applied right before the switch it is refused by the server after it: undone, with workload and reason."""
    file = _collector(tmp_path)
    program = meddling(tmp_path, project.cluster, "apply", f"--filename={file}")
    project.set_platform(kubeadm=str(program))

    refused(
        project.up(),
        "shop/Deployment/collector (0 replicas, service account shop:default)",
        'pods "collector-" is forbidden: PodSecurityPolicy: unable to admit pod',
        "hostPath volumes are not allowed to be used",
        UNDONE,
    )
    _not_enforced(sight)
    assert len(sight.starts()) == 3

    sight.kubectl.run("delete", f"--filename={file}")
    project.set_platform(kubeadm=str(binary("kubeadm", version=project.cluster.record.version)))
    _finishes(project, sight)


def test_tightening_under_enforcement(project: Project, sight: Sight) -> None:
    """A policy that would refuse what runs is refused while the old one still stands; pods go on being created."""
    succeeded(project.up())
    project.configure(policies=["privileged", "restricted"], grants=[GRANTS[0], {**GRANTS[1], "policy": "restricted"}])

    refused(project.run("preview"), "shop/Deployment/cart", "restricted: ")
    refused(project.up(), "shop/Deployment/cart", "restricted: ")

    assert {"privileged", "default"} <= sight.policies()
    sight.can_create_pods()


def test_a_baseline_under_anothers_plugin(project: Project, sight: Sight) -> None:
    """Whoever turned the plugin on: nothing of the baseline goes while something lives on it, and then all of it."""
    project.configure(platform=None)
    succeeded(project.up())
    project.cluster.restart_api_server({"enable-admission-plugins": "NodeRestriction,PodSecurityPolicy"})

    project.configure(grants=[GRANTS[0]])
    refused(project.up(), "shop/Deployment/cart", "workloads would not be admitted")
    refused(project.destroy(), "shop/Deployment/cart", "so policies and grants stay", "or turn the plugin off")
    assert sight.policies() == set(POLICIES)
    sight.can_create_pods()

    project.cluster.restart_api_server({"enable-admission-plugins": None})
    succeeded(project.destroy())
    assert not sight.policies()
    sight.can_create_pods()


def test_an_api_server_that_does_not_start(project: Project, sight: Sight) -> None:
    """A manifest the API server refuses to start with is taken back, and what was waited for is said."""
    file = project.cluster.config_file
    before = file.read_text(encoding="utf-8")
    file.write_text(with_api_server_flags(before, {"no-such-flag": "true"}), encoding="utf-8")
    broken = file.read_bytes()
    project.set_platform(timeoutSeconds=30)

    refused(
        project.up(),
        "the API server coming back with the PodSecurityPolicy plugin did not happen within 30 s",
        UNDONE,
    )
    assert file.read_bytes() == broken
    _not_enforced(sight)

    file.write_text(before, encoding="utf-8")
    _finishes(project, sight)


def test_a_canary_wrongly_admitted(project: Project, sight: Sight, tmp_path: Path) -> None:
    """A binding that lets every service account use every policy is found by the pod that must not pass."""
    file = everyone_may_use(sight, tmp_path)

    refused(
        project.up(),
        "privileged canary in namespace default (service account default:default)",
        "was admitted by policy privileged, though the baseline grants only default there",
        UNDONE,
    )
    _not_enforced(sight)

    sight.kubectl.run("delete", f"--filename={file}")
    _finishes(project, sight)


def test_a_canary_wrongly_refused(project: Project, sight: Sight, tmp_path: Path) -> None:
    """A policy changed behind our back, right before the switch, is found by the pod that must pass."""
    annotation = "seccomp.security.alpha.kubernetes.io/defaultProfileName-"
    program = meddling(tmp_path, project.cluster, "annotate", "podsecuritypolicy", "default", annotation)
    project.set_platform(kubeadm=str(program))

    refused(
        project.up(),
        "minimal canary in namespace default (service account default:default)",
        "was refused, though the baseline grants default: ",
        UNDONE,
    )
    _not_enforced(sight)

    project.set_platform(kubeadm=str(binary("kubeadm", version=project.cluster.record.version)))
    refused(
        project.up(), "policy default on the server differs from the declared one in seccomp", "pulumi up --refresh"
    )
    succeeded(project.up("--refresh"))
    assert sight.plugin_on()
    sight.can_create_pods()


def _collector(folder: Path) -> Path:
    """A Deployment of no pods with a host path."""
    deployment = yaml.safe_load((MANIFESTS / "hostpath.yaml").read_text(encoding="utf-8"))
    deployment["metadata"] |= {"name": "collector", "namespace": "shop"}
    deployment["spec"]["replicas"] = 0
    file = folder / "collector.yaml"
    file.write_text(yaml.safe_dump(deployment), encoding="utf-8")
    return file


def _not_enforced(sight: Sight) -> None:
    """The plugin is off, pods can be created, and the policies wait for the next update."""
    assert not sight.plugin_on()
    sight.can_create_pods()
    assert sight.policies() == set(POLICIES)


def _finishes(project: Project, sight: Sight) -> None:
    """The next update goes through, and pods can be created under it."""
    succeeded(project.up())
    assert sight.plugin_on()
    assert project.outputs()["enforced"] is True
    sight.can_create_pods()
