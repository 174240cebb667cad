"""The pods that must be admitted and must not, as they follow from what is granted."""

from __future__ import annotations

import dataclasses

import pytest

from pulumi_pod_security.cluster.canaries import CREATOR, Canary, canaries, probe
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import (
    Grant,
    Subject,
    authenticated,
    group,
    nodes,
    service_account,
    service_accounts,
    user,
)
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.profiles import ProfilePolicy

DEFAULT, PRIVILEGED = presets.default(), presets.privileged()
SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
APPARMOR = "container.apparmor.security.beta.kubernetes.io/canary"


def tried(*grants: Grant, namespaces: tuple[str, ...] = ("shop",)) -> list[Canary]:
    """The canaries of a baseline with both policies."""
    return list(canaries([DEFAULT, PRIVILEGED], grants, namespaces))


def verdicts(found: list[Canary]) -> list[tuple[str, bool, tuple[str, ...]]]:
    """Where each is tried, whether it must be admitted, and by what."""
    return [(canary.namespace, canary.admitted, canary.policies) for canary in found]


def test_where_nothing_is_granted_only_refusal_is_tried() -> None:
    """Without a grant a minimal pod proves nothing, and a privileged one must not get in."""
    assert verdicts(tried()) == [("shop", False, ())]


def test_where_a_policy_is_granted_both_are_tried() -> None:
    """A pod that asks for nothing gets in, one that asks for everything does not."""
    to_all = Grant(policy="default", subjects=[authenticated()])
    assert verdicts(tried(to_all)) == [("shop", True, ("default",)), ("shop", False, ("default",))]


def test_where_privilege_is_granted_only_admission_is_tried() -> None:
    """A privileged pod may get in there, so it proves nothing."""
    grants = [Grant(policy=name, subjects=[service_accounts()], namespace="shop") for name in ("privileged", "default")]
    assert verdicts(tried(*grants)) == [("shop", True, ("default", "privileged"))]


def test_each_namespace_once_and_in_order() -> None:
    """A grant in one namespace is tried there, and its absence elsewhere."""
    grant = Grant(policy="default", subjects=[service_accounts()], namespace="b")
    found = tried(grant, namespaces=("b", "a", "b"))
    assert verdicts(found) == [("a", False, ()), ("b", True, ("default",)), ("b", False, ("default",))]


@pytest.mark.parametrize(
    ("subject", "reached"),
    [
        pytest.param(service_accounts(), True, id="accounts-of-the-namespace"),
        pytest.param(service_account("default"), True, id="the-account"),
        pytest.param(group("system:serviceaccounts"), True, id="all-accounts"),
        pytest.param(authenticated(), True, id="creator-who-logged-in"),
        pytest.param(service_account("replicaset-controller", "kube-system"), True, id="creator"),
        pytest.param(service_account("cart"), False, id="another-account"),
        pytest.param(nodes(), False, id="nodes"),
        pytest.param(user("jane"), False, id="user"),
    ],
)
def test_a_grant_reaches_the_canary_by_account_or_creator(subject: Subject, reached: bool) -> None:  # noqa: FBT001
    """A canary runs as `default` and is sent by the controller of ReplicaSets; a grant to others is not its own."""
    found = tried(Grant(policy="default", subjects=[subject], namespace="shop"))
    assert found[0].admitted is reached


def test_a_grant_of_a_policy_that_is_not_ours_is_not_tried() -> None:
    """Nothing is known about what it admits."""
    grant = Grant(policy="theirs", subjects=[authenticated()])
    assert verdicts(list(canaries([DEFAULT], [grant], ["shop"]))) == [("shop", False, ())]


def test_the_refused_canary_asks_for_everything() -> None:
    """No policy that is not privileged lets it in, whatever else it allows."""
    (canary,) = tried()
    assert canary.pod["spec"]["containers"][0]["securityContext"] == {"privileged": True}
    assert {canary.pod["spec"][name] for name in ("hostNetwork", "hostPID", "hostIPC")} == {True}


def test_the_admitted_canary_asks_for_nothing() -> None:
    """No token volume either, which a policy's list of volumes may refuse."""
    canary, _ = tried(Grant(policy="default", subjects=[authenticated()]))
    assert canary.pod["spec"] == {
        "serviceAccountName": "default",
        "automountServiceAccountToken": False,
        "containers": [{"name": "canary", "image": "canary"}],
    }
    assert canary.pod["metadata"]["annotations"] == {}


@pytest.mark.parametrize(
    ("policy", "annotations"),
    [
        pytest.param(
            dataclasses.replace(DEFAULT, seccomp=ProfilePolicy(allowed=("localhost/a", "*"))),
            {SECCOMP: "runtime/default"},
            id="any-seccomp",
        ),
        pytest.param(
            dataclasses.replace(DEFAULT, seccomp=ProfilePolicy(allowed=("localhost/a", "localhost/b"))),
            {SECCOMP: "localhost/a"},
            id="listed-seccomp",
        ),
        pytest.param(DEFAULT, {}, id="default-seccomp"),
        pytest.param(
            dataclasses.replace(
                DEFAULT, seccomp=ProfilePolicy(), apparmor=ProfilePolicy(allowed=("localhost/a", "unconfined"))
            ),
            {APPARMOR: "localhost/a"},
            id="listed-apparmor",
        ),
        pytest.param(presets.restricted(), {SECCOMP: "docker/default"}, id="restricted"),
    ],
)
def test_asks_for_a_profile_where_none_is_filled_in(policy: PodSecurityPolicy, annotations: dict[str, str]) -> None:
    """A list of profiles without a default refuses a pod that names none."""
    grant = Grant(policy=policy.name, subjects=[authenticated()])
    minimal = next(canaries([policy], [grant], ["shop"]))
    assert minimal.pod["metadata"]["annotations"] == annotations


def test_says_what_it_is() -> None:
    """A message about a canary names its kind, namespace and account."""
    admitted, refused = tried(Grant(policy="default", subjects=[authenticated()]))
    assert str(admitted) == "minimal canary in namespace shop (service account shop:default)"
    assert str(refused) == "privileged canary in namespace shop (service account shop:default)"


def test_is_sent_by_the_controller_of_replica_sets() -> None:
    """That controller makes most pods of a cluster."""
    assert CREATOR.user == "system:serviceaccount:kube-system:replicaset-controller"
    assert "system:authenticated" in CREATOR.groups
    assert tried()[0].creator is CREATOR


def test_a_probe_is_a_pod_of_its_namespace() -> None:
    """What finds out whether the plugin is on asks for nothing and takes no name."""
    pod = probe("kube-public")
    assert pod["metadata"] == {"generateName": "pod-security-canary-", "namespace": "kube-public", "annotations": {}}
