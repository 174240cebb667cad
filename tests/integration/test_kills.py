"""Killed at the worst moments, all of it at once: pods can still be created, and the next run finishes the job."""

from pathlib import Path

import pytest

from tests.integration.support.killing import killed
from tests.integration.support.kubeadm import blocked
from tests.integration.support.outcome import changes, succeeded
from tests.integration.support.project import POLICIES, Project
from tests.integration.support.sight import PLUGIN, Sight, wait
from tests.integration.support.wire import open_wire
from tools.toolchain import binary

pytestmark = pytest.mark.integration

UP = ("up", "--yes", "--skip-preview")
DESTROY = ("destroy", "--yes", "--skip-preview")


def test_killed_while_policies_are_created(project: Project, sight: Sight, tmp_path: Path) -> None:
    """Killed after the server made a policy, before the state knew of it: the next update goes on with it."""
    with open_wire(project.cluster) as wire:
        wire.keeps = _creates_policy
        project.configure(kubeconfig=str(wire.kubeconfig(tmp_path)))
        killed(project, UP, wire.kept.is_set)
        wire.closed.set()
    assert sight.policies()
    assert not sight.bindings()
    assert not sight.plugin_on()
    sight.can_create_pods()

    with open_wire(project.cluster) as wire:
        project.configure(kubeconfig=str(wire.kubeconfig(tmp_path)))
        _finishes(project, sight)
    assert len(sight.starts()) == 2


def test_killed_between_grants_and_switch(project: Project, sight: Sight, tmp_path: Path) -> None:
    """Killed with everything created and the API server not yet told: the next update switches."""
    program, reached = blocked(tmp_path, project.cluster)
    project.set_platform(kubeadm=str(program))
    killed(project, UP, reached.exists)
    assert sight.policies() == set(POLICIES)
    assert len(sight.bindings()) == 2
    assert len(sight.starts()) == 1
    sight.can_create_pods()

    project.set_platform(kubeadm=str(binary("kubeadm", version=project.cluster.record.version)))
    _finishes(project, sight)
    assert [PLUGIN in start.admission_plugins for start in sight.starts()] == [False, True]


@pytest.mark.story
class TestKilledAfterTheSwitch:
    """Killed with the plugin coming on, and once more with the plugin going off."""

    def test_between_switch_and_verification(
        self, project: Project, sight: Sight, files_before: tuple[bytes, bytes]
    ) -> None:
        """The API server comes back with the plugin on, policies and grants are there, and pods can be created."""
        killed(project, UP, lambda: sight.files()[1] != files_before[1])
        sight.wait_for_plugin()
        sight.can_create_pods()
        assert "enforced" not in project.outputs()

    def test_next_up(self, project: Project, sight: Sight) -> None:
        """The next update verifies what is there, without another restart."""
        done = _finishes(project, sight)
        assert "enforce-switch" in done["created"]
        assert len(sight.starts()) == 2

    def test_destroy_killed_half_way(self, project: Project, sight: Sight, files_before: tuple[bytes, bytes]) -> None:
        """Killed with the files put back and nothing deleted yet: the API server follows, and pods can be created."""
        killed(project, DESTROY, lambda: sight.files()[1] == files_before[1])
        wait(lambda: not sight.plugin_on() or None, "a start without the plugin")
        sight.can_create_pods()
        assert sight.policies() == set(POLICIES)

    def test_next_destroy(self, project: Project, sight: Sight, files_before: tuple[bytes, bytes]) -> None:
        """The next run deletes what is left, and the files are as they were to the byte."""
        succeeded(project.destroy())
        assert sight.files() == files_before
        assert not sight.policies()
        assert not sight.bindings()
        assert not project.stack.resources()
        assert len(sight.starts()) == 3
        sight.can_create_pods()


def test_killed_after_the_switch_then_destroyed(
    project: Project, sight: Sight, files_before: tuple[bytes, bytes]
) -> None:
    """Destroyed without another update, the plugin goes off before the policies do, with no switch in the state."""
    killed(project, UP, lambda: sight.files()[1] != files_before[1])
    sight.wait_for_plugin()
    succeeded(project.destroy())
    assert sight.files() == files_before
    assert not sight.plugin_on()
    assert not sight.policies()
    sight.can_create_pods()


def _creates_policy(request: str) -> bool:
    method, _, path = request.partition(" ")
    return method in {"POST", "PATCH"} and "/podsecuritypolicies" in path and "dryRun=" not in path


def _finishes(project: Project, sight: Sight) -> dict[str, set[str]]:
    """The next update goes through, and pods can be created under it; what it changed."""
    done = changes(succeeded(project.up()))
    assert sight.plugin_on()
    assert project.outputs()["enforced"] is True
    sight.can_create_pods()
    return done
