"""Nodes out of reach: the program changes kubeadm's configuration, a person changes the nodes, the program verifies."""

import pytest

from tests.integration.support.outcome import changes, succeeded
from tests.integration.support.project import POLICIES, Project
from tests.integration.support.sight import Sight, wait
from tools.controlplane.kubeadm import Kubeadm

pytestmark = [pytest.mark.integration, pytest.mark.story]

UPGRADE = (
    "ssh NODE sudo kubeadm init phase upload-config kubeadm --config kubeadm.yaml && "
    "ssh NODE sudo kubeadm upgrade node phase control-plane"
)


@pytest.fixture(scope="class")
def contents(project: Project) -> str:
    """The admin's kubeconfig, given by contents instead of by path, as where it comes from another resource."""
    project.configure(kubeconfig=None)
    project.set_platform(manifests=None, kubeadm=None)
    text = project.cluster.kubeconfig().read_text(encoding="utf-8")
    succeeded(project.run("config", "set", "--secret", "pod-security:kubeconfig", text))
    return text


class TestManual:
    """A person plays the operator of the nodes."""

    @pytest.mark.usefixtures("contents", "files_before")
    def test_up_states_the_command(self, project: Project, sight: Sight) -> None:
        """The configuration names the plugin, nothing is enforced yet, and the output says what to run."""
        said = succeeded(project.up()).output
        config = project.cluster.config_file
        command = f"scp {config} NODE:kubeadm.yaml && {UPGRADE}"
        outputs = project.outputs()
        assert (outputs["enforced"], outputs["command"]) == (False, command)
        assert command in said
        assert "enable-admission-plugins: NodeRestriction,PodSecurityPolicy" in config.read_text(encoding="utf-8")
        assert sight.policies() == set(POLICIES)
        assert len(sight.starts()) == 1

    def test_no_credentials_in_the_state(self, project: Project, contents: str) -> None:
        """A kubeconfig given by its contents is a secret wherever the state holds it."""
        exported = succeeded(project.run("stack", "export")).output
        keys = [line.split()[-1] for line in contents.splitlines() if "client-key-data" in line]
        assert keys
        assert [key for key in keys if key in exported] == []

    def test_verified_after_the_operator(self, project: Project, sight: Sight) -> None:
        """Once the nodes follow, the next update verifies and says so; it restarts nothing."""
        Kubeadm(project.cluster.layout).render_api_server()
        sight.wait_for_plugin()
        assert changes(succeeded(project.up())) == {"updated": {"enforce-switch"}}
        outputs = project.outputs()
        assert (outputs["enforced"], outputs["command"]) == (True, "")
        assert len(sight.starts()) == 2
        sight.can_create_pods()

    def test_destroy_waits_for_the_operator(
        self, project: Project, sight: Sight, files_before: tuple[bytes, bytes]
    ) -> None:
        """While the nodes enforce, only the configuration goes back: without grants, pods would be refused."""
        finished = project.destroy()
        assert finished.code != 0
        assert f"run: scp {project.cluster.config_file} NODE:kubeadm.yaml && {UPGRADE}" in finished.output
        assert sight.files()[0] == files_before[0]
        assert sight.policies() == set(POLICIES)
        sight.can_create_pods()

    def test_destroy_after_the_operator(
        self, project: Project, sight: Sight, files_before: tuple[bytes, bytes]
    ) -> None:
        """Once the nodes follow, destroy removes the rest."""
        Kubeadm(project.cluster.layout).render_api_server()
        wait(lambda: not sight.plugin_on() or None, "a start without the plugin")
        sight.wait_for_api_server()
        succeeded(project.destroy())
        assert sight.files() == files_before
        assert not sight.policies()
        assert not project.stack.resources()
        sight.can_create_pods()
