"""One `pulumi up` puts the baseline on a real cluster and turns the plugin on; `destroy` leaves no trace of it.

The steps share one cluster, in use before: kube-system with CoreDNS, kube-proxy and a mirror pod, and an application.
"""

import pytest

import pulumi_pod_security as ps
from tests.integration.support.outcome import changes, succeeded
from tests.integration.support.project import GRANTS, Project
from tests.integration.support.sight import Sight, wait
from tools.walk.places import MANIFESTS
from tools.walk.report import refusal, running

pytestmark = [pytest.mark.integration, pytest.mark.story]

POLICIES = {"baseline-privileged", "baseline-default"}
ROLES = {"baseline-privileged-psp", "baseline-default-psp"}
BINDINGS = {"baseline-kube-system/privileged-psp-nodes", "baseline-default-psp"}
ACTS = {"baseline-server", "baseline-guard", "enforce-preflight", "enforce-found", "enforce-switch"}


class TestUp:
    """The main story."""

    def test_preview_from_scratch(self, project: Project, sight: Sight, files_before: tuple[bytes, bytes]) -> None:
        """A preview of everything goes through and changes nothing."""
        shown = succeeded(project.run("preview")).output
        assert "+ 15 to create" in shown
        assert not project.stack.resources()
        assert not sight.writes()
        assert len(sight.starts()) == 1
        assert sight.files() == files_before

    def test_first_up(self, project: Project, sight: Sight) -> None:
        """The first update creates policies, grants and switch, and the API server has been started once more."""
        done = changes(succeeded(project.run("up", "--yes")))
        assert done == {"created": POLICIES | ROLES | BINDINGS | ACTS}
        assert project.outputs()["enforced"] is True
        assert project.outputs()["version"] == "v1.24.17"
        assert [start.admission_plugins for start in sight.starts()] == [
            {"NodeRestriction"},
            {"NodeRestriction", "PodSecurityPolicy"},
        ]

    def test_policies_and_bindings_came_first(self, sight: Sight) -> None:
        """The audit log has every policy, role and binding created before the API server started with the plugin."""
        switched = sight.starts()[1].time
        writes = sight.writes()
        created = {
            (event.object_ref.resource, event.object_ref.name) for event in writes if event.response_status.code == 201
        }
        assert created == {
            ("podsecuritypolicies", "privileged"),
            ("podsecuritypolicies", "default"),
            ("clusterroles", "privileged-psp"),
            ("clusterroles", "default-psp"),
            ("rolebindings", "privileged-psp-nodes"),
            ("clusterrolebindings", "default-psp"),
        }
        assert [event for event in writes if event.time > switched] == []

    def test_second_up(self, project: Project, sight: Sight) -> None:
        """An update with nothing new changes nothing, neither in the state nor on the cluster nor on the node."""
        writes, files = len(sight.writes()), sight.files()
        again = succeeded(project.run("up", "--yes"))
        assert changes(again) == {}
        assert again.output.count("15 unchanged") == 2
        assert len(sight.writes()) == writes
        assert len(sight.starts()) == 2
        assert sight.files() == files

    def test_no_secret_in_the_state(self, project: Project) -> None:
        """The state holds kubeadm's configuration, and none of its secrets in clear."""
        exported = succeeded(project.run("stack", "export")).output
        assert "config_text" in exported

    def test_admitted_deployment(self, sight: Sight) -> None:
        """A Deployment that asks for nothing runs under `default`, with the seccomp profile the policy gives it."""
        sight.kubectl.run("apply", f"--filename={MANIFESTS / 'nginx.yaml'}")
        pods = wait(lambda: running(sight.kubectl, "--namespace=default", "--selector=app=nginx"), "nginx running")
        assert len(pods) == 3
        for pod in pods:
            annotations = pod["metadata"]["annotations"]
            assert annotations["kubernetes.io/psp"] == "default"
            assert annotations["seccomp.security.alpha.kubernetes.io/pod"] == "docker/default"
            assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}

    def test_refused_deployment(self, sight: Sight) -> None:
        """A Deployment that mounts a folder of the node gets no pods, and its ReplicaSet has the reason."""
        sight.kubectl.run("apply", f"--filename={MANIFESTS / 'hostpath.yaml'}")
        words = wait(lambda: refusal(sight.kubectl, "default", "nginx-hostpath"), "the refusal")
        assert "PodSecurityPolicy: unable to admit pod: [spec.volumes[0]: Invalid value: " in words
        assert '"hostPath": hostPath volumes are not allowed to be used]' in words

    def test_recycled_system_pods(self, sight: Sight) -> None:
        """The cluster's own pods come back under `privileged`."""
        pods = [
            *sight.recycled("kube-system", "k8s-app=kube-dns"),
            *sight.recycled("kube-system", "k8s-app=kube-proxy"),
        ]
        assert {pod["metadata"]["annotations"]["kubernetes.io/psp"] for pod in pods} == {"privileged"}

    def test_one_field_changed(self, project: Project, sight: Sight) -> None:
        """One more volume type in a policy updates that policy alone; our own acts are done anew, and no restart."""
        writes = len(sight.writes())
        wider = ps.presets.default().to_manifest()
        wider["spec"]["volumes"].append("ephemeral")
        project.configure(policies=["privileged", wider])
        done = changes(succeeded(project.up()))
        assert done == {"updated": {"baseline-default", *ACTS}}
        assert {event.object_ref.name for event in sight.writes()[writes:]} == {"default"}
        assert len(sight.starts()) == 2

    def test_one_grant_added(self, project: Project, sight: Sight) -> None:
        """One more grant creates one binding, and no restart."""
        writes = len(sight.writes())
        added = {"policy": "privileged", "namespace": "shop", "to": ["serviceaccount:agent"]}
        project.configure(grants=[*GRANTS, added])
        done = changes(succeeded(project.up()))
        assert done == {
            "created": {"baseline-shop/privileged-psp-agent:shop"},
            "updated": ACTS,
        }
        assert {event.object_ref.name for event in sight.writes()[writes:]} == {"privileged-psp-agent:shop"}
        assert len(sight.starts()) == 2

    def test_destroy(self, project: Project, sight: Sight, files_before: tuple[bytes, bytes]) -> None:
        """Destroy turns the plugin off and leaves files as they were to the byte, and no object of the baseline."""
        succeeded(project.destroy())
        assert sight.files() == files_before
        assert [start.admission_plugins for start in sight.starts()[2:]] == [{"NodeRestriction"}]
        assert not sight.policies()
        assert not sight.bindings()
        assert not project.stack.resources()

    def test_plugin_went_off_first(self, sight: Sight) -> None:
        """The audit log has every policy and binding deleted after the API server started without the plugin."""
        switched = sight.starts()[2].time
        deleted = [event for event in sight.writes() if event.verb == "delete"]
        assert {event.object_ref.name for event in deleted} >= {"privileged", "default", "default-psp"}
        assert [event for event in deleted if event.time < switched] == []

    def test_no_system_pod_was_ever_refused(self, sight: Sight) -> None:
        """Between first and last step nobody failed to create a pod in kube-system; elsewhere, what had to."""
        assert sight.refused_pods("kube-system") == []
        assert sight.refused_pods("default")

    def test_everything_runs(self, sight: Sight) -> None:
        """Afterwards every pod runs, and the Deployment that was refused gets its pods."""
        sight.kubectl.run("rollout", "restart", "deployment/nginx-hostpath", "--namespace=default")
        wait(
            lambda: running(sight.kubectl, "--namespace=default", "--selector=app=nginx-hostpath"),
            "nginx-hostpath running",
        )
        assert wait(lambda: running(sight.kubectl, "--all-namespaces"), "every pod running")
        sight.can_create_pods()
