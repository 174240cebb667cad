"""The server's provider: what it refuses on every preview, and what it records."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from pulumi.output import Unknown

from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.resources.server import GRANTING_RIGHTS, WRITE_RIGHTS, ServerProvider
from tests.unit.support.inputs import failure, inputs_of, received
from tests.unit.support.objects import owner, pod_spec
from tests.unit.support.plans import TO_ALL
from tests.unit.support.world import TOKEN, World

PROVIDER = ServerProvider()


def inputs(world: World, **more: Any) -> dict[str, Any]:
    """The inputs of a server."""
    return {**inputs_of(world, [presets.default()], [TO_ALL]), **more}


def refused(world: World, **more: Any) -> str | None:
    """What check says."""
    return failure(PROVIDER.check({}, inputs(world, **more)))


def test_a_server_that_fits_passes(world: World) -> None:
    """1.24 and every right: nothing to say."""
    assert refused(world) is None


def test_a_server_without_psp_is_refused(world: World) -> None:
    """Every other resource depends on this one, so nothing is created."""
    world.version = {"major": "1", "minor": "25", "gitVersion": "v1.25.0"}
    assert "runs Kubernetes v1.25.0, and PodSecurityPolicy was removed in 1.25" in (refused(world) or "")


def test_a_server_without_psp_is_told_what_it_has(world: World) -> None:
    """The field, what is allowed there, and the command."""
    as_of_1_36(world)
    assert (refused(world) or "").endswith(
        "; enforcement: 'psp'; allowed: one of 'auto', 'cel', 'psa', 'cel+psa' on Kubernetes v1.36.3, which has no "
        "PodSecurityPolicy; mend it with: pulumi config set pod-security:enforcement cel"
    )


def as_of_1_36(world: World) -> None:
    """Make it a server that knows no policies as objects."""
    world.version = {"major": "1", "minor": "36", "gitVersion": "v1.36.3"}
    world.absent = {"/apis/policy/v1beta1", "/apis/policy/v1beta1/podsecuritypolicies"}
    names = ("validatingadmissionpolicies", "mutatingadmissionpolicies")
    world.answers["/apis/admissionregistration.k8s.io/v1"] = {
        "resources": [{"name": name, "kind": "Any"} for name in names]
    }


def of_policies(world: World) -> list[str]:
    """The requests that ask for policies as objects."""
    return [call.path for call in world.calls if "podsecuritypolicies" in call.path]


@pytest.mark.parametrize("enforcement", ["cel", "psa", "cel+psa"])
def test_a_server_without_psp_may_have_something_else(world: World, enforcement: str) -> None:
    """Then policies are not asked for, neither to judge nor to record."""
    as_of_1_36(world)
    props = inputs(world, enforcement=enforcement)
    assert failure(PROVIDER.check({}, props)) is None
    assert PROVIDER.create(props).outs == {**props, "version": "v1.36.3", "refused": []}
    assert of_policies(world) == []


def test_what_the_server_cannot_do_is_refused(world: World) -> None:
    """CEL admission before 1.30."""
    assert (refused(world, enforcement="cel") or "").startswith(
        f"{world.address}: nothing was created; enforcement: 'cel'; allowed: one of 'auto', 'psa' on Kubernetes v1.24"
    )


@pytest.mark.parametrize("right", WRITE_RIGHTS, ids=str)
def test_rights_to_policies_are_needed_where_they_are_objects(world: World, right: Any) -> None:
    """To grant a policy takes `use` everywhere: nobody may put into a role what they lack."""
    as_of_1_36(world)
    world.denied = {(right.verb, right.resource)}
    needed = right in GRANTING_RIGHTS
    assert (f"\n  {right}\n" in (refused(world, enforcement="cel") or "")) is needed
    assert needed is (right.resource != "podsecuritypolicies" or right.verb == "use")


@pytest.mark.parametrize("enforcing", [False, True])
def test_policies_stay_while_the_plugin_is_on(world: World, enforcing: bool) -> None:  # noqa: FBT001
    """Labels in their place would leave a plugin that refuses everything."""
    world.enforcing = enforcing
    words = failure(PROVIDER.check(inputs(world), inputs(world, enforcement="psa")))
    assert words == (
        None
        if not enforcing
        else f"{world.address}: the PodSecurityPolicy plugin is on, which lets nothing in without policies; "
        "nothing was changed; enforcement: 'psa'; allowed: 'psp' until the plugin is off; "
        "mend it with: pulumi config set pod-security:enforcement psp"
    )


def test_an_upgraded_server_takes_over_what_was_there(world: World) -> None:
    """The bindings of before are this stack's own; one that it does not know is not."""
    olds = inputs(world, enforcement="psp")
    as_of_1_36(world)
    binding = {"metadata": {"name": "default-psp"}, "roleRef": {}, "subjects": []}
    world.lists["/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"] = [binding]
    news = inputs(world, enforcement="cel")
    assert failure(PROVIDER.check(olds, news)) is None
    assert "ClusterRoleBinding/default-psp is on the server already" in (failure(PROVIDER.check({}, news)) or "")


def test_a_providers_server_is_told_the_providers_own_way(world: World) -> None:
    """Its version says whose it is, before any component does."""
    world.version = {"major": "1", "minor": "25+", "gitVersion": "v1.25.6-eks-48e63af"}
    words = refused(world) or ""
    assert "nothing was created; on Amazon EKS from 1.25 on Pod Security Standards are built in: kubectl label" in words


@pytest.mark.parametrize("right", WRITE_RIGHTS, ids=str)
def test_each_right_is_needed(world: World, right: Any) -> None:
    """What creating and removing a baseline takes is asked for before anything is created."""
    world.denied = {(right.verb, right.resource)}
    assert f"\n  {right}\n" in (refused(world) or "")


def test_nobody_can_grant_use_without_having_it() -> None:
    """RBAC refuses an escalation, so the right is among those asked for."""
    assert "use podsecuritypolicies.policy" in map(str, WRITE_RIGHTS)


def test_a_server_that_is_away_is_refused_without_secrets(world: World) -> None:
    """The sentence names the address and not the token."""
    world.address = "http://127.0.0.1:1"
    words = refused(world) or ""
    assert words.startswith("no Kubernetes API server answers at http://127.0.0.1:1: ")
    assert TOKEN not in words


def test_a_kubeconfig_that_cannot_be_used_is_refused(world: World) -> None:
    """A path without a file is one line."""
    assert refused(world, kubeconfig="/none") == ("kubeconfig /none: cannot be used: there is no such file")


def test_a_kubeconfig_that_is_not_known_yet_is_not_asked(world: World) -> None:
    """A cluster that this very update creates is checked when it exists."""
    assert refused(world, kubeconfig=Unknown()) is None
    assert world.calls == []


def test_records_version_and_inputs(world: World) -> None:
    """Outputs hold the inputs, so that the next diff compares with them."""
    props = inputs(world)
    for result in (PROVIDER.create(props), PROVIDER.update("server", props, props)):
        assert result.outs == {**props, "version": "v1.24.17", "refused": []}
    assert PROVIDER.create(props).id == "server"


def privileged(world: World) -> None:
    """Let a Deployment run that `default` refuses."""
    world.put(presets.default())
    world.uses = {("system:authenticated", "default", None)}
    container = {"name": "app", "image": "app", "securityContext": {"privileged": True}}
    world.lists["/apis/apps/v1/deployments"] = [owner("cart", spec=pod_spec(containers=[container]))]


def test_records_what_the_plugin_refuses_already(world: World) -> None:
    """What it refuses before the baseline changes is not the change's doing."""
    privileged(world)
    world.enforcing = True
    assert (PROVIDER.create(inputs(world)).outs or {})["refused"] == ["shop/Deployment/cart"]


def test_without_the_right_to_ask_nothing_is_recorded(world: World) -> None:
    """A baseline alone needs no right to read workloads."""
    privileged(world)
    world.enforcing = True
    world.denied = {("list", "deployments")}
    assert (PROVIDER.create(inputs(world)).outs or {})["refused"] == []
    assert refused(world) is None


def test_what_is_somebody_elses_is_not_written_over(world: World) -> None:
    """A policy or binding of the same name that says something else is named, unless the last update declared it."""
    world.put(dataclasses.replace(presets.example(), name="default"))
    binding = {"metadata": {"name": "default-psp"}, "roleRef": {}, "subjects": []}
    world.lists["/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"] = [binding]
    said = failure(PROVIDER.check({}, inputs(world))) or ""
    assert said.startswith(
        f"these are there already at {world.address}; nothing was created\n  PodSecurityPolicy/default "
    )
    assert "\n  ClusterRoleBinding/default-psp is on the server already, is not this stack's, and differs" in said
    assert "in roleRef, subjects: give the declared one another name" in said
    assert failure(PROVIDER.check(inputs(world), inputs(world))) is None


def test_an_equal_object_is_taken_over(world: World) -> None:
    """A killed run or a rescue left it behind."""
    world.put(presets.default())
    assert failure(PROVIDER.check({}, inputs(world))) is None


def test_a_grant_is_not_taken_away_to_change_its_role(world: World) -> None:
    """RBAC updates no roleRef, so Pulumi would delete the binding first: refused before anything is made."""
    olds, other = inputs(world), Grant(policy="default", subjects=TO_ALL.subjects, role="other")
    news = inputs_of(world, [presets.default()], [other])
    assert failure(PROVIDER.check(olds, news)) == (
        "grants would be gone for a moment; nothing was changed\n"
        "  ClusterRoleBinding/default-psp cannot change its role to other: it would be deleted first, and nobody would "
        "hold its grant meanwhile; give this grant another `binding:` name"
    )
    assert failure(PROVIDER.check({}, news)) is None


def test_an_upgraded_server_is_recorded_anew(world: World) -> None:
    """The command for nodes out of reach names the version that runs now."""
    props = inputs(world)
    outs = PROVIDER.create(props).outs or {}
    world.version = {"major": "1", "minor": "24", "gitVersion": "v1.24.18"}
    assert PROVIDER.diff("server", outs, props).changes


def test_an_unchanged_server_is_left_alone(world: World) -> None:
    """What was recorded does not count as a difference."""
    props = inputs(world)
    outs = PROVIDER.create(props).outs or {}
    assert not PROVIDER.diff("server", outs, props).changes


@pytest.mark.parametrize(
    "change",
    [{"kubeconfig": "/other"}, {"context": "b"}, {"policies": []}, {"grants": []}, {"enforcement": "cel"}],
)
def test_a_changed_baseline_is_recorded_anew(world: World, change: dict[str, Any]) -> None:
    """Before policies or grants change, what is refused under them is asked."""
    props = inputs(world)
    assert PROVIDER.diff("server", props, received({**props, **change})).changes
