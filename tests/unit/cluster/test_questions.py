"""The questions asked of an API server, as they go over the wire, and what the answers mean."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import ClusterError, Refused, Unreachable
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Answer, Cluster, Right
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.identity import Identity
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.world import World, kubeconfig

CART = Identity.service_account("shop", "cart")
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


def version(major: str, minor: str, git: str = "v1.24.17") -> dict[str, str]:
    """What `/version` answers."""
    return {"major": major, "minor": minor, "gitVersion": git}


def pod(namespace: str = "shop") -> dict[str, Any]:
    """A pod to try."""
    return {"metadata": {"generateName": "a-", "namespace": namespace, "annotations": {}}, "spec": {"containers": []}}


@pytest.mark.parametrize(
    ("answer", "has_psp"),
    [
        pytest.param(version("1", "24"), True, id="last-with"),
        pytest.param(version("1", "25"), False, id="first-without"),
        pytest.param(version("1", "9"), True, id="one-digit"),
        pytest.param(version("1", "24+"), True, id="cloud-suffix"),
        pytest.param(version("1+", "25-gke.1"), False, id="other-suffix"),
        pytest.param(version("2", "0"), False, id="next-major"),
    ],
)
def test_tells_from_the_version_whether_there_is_psp(world: World, answer: dict[str, str], has_psp: bool) -> None:  # noqa: FBT001
    """The API went away in 1.25, whatever a provider appends to the numbers."""
    world.version = answer
    assert world.cluster().version.has_psp is has_psp


@pytest.mark.parametrize(
    "answer",
    [version("", ""), version("1", "x"), version("1", "9" * 5000), version("\u0661", "24")],
    ids=["empty", "letters", "five-thousand-digits", "other-digits"],
)
def test_a_version_without_numbers_is_one_error(world: World, answer: dict[str, str]) -> None:
    """What answers is no Kubernetes; its own words are shown."""
    world.version = answer
    with pytest.raises(ClusterError, match=r"/version says 'v1\.24\.17', which is no Kubernetes version"):
        _ = world.cluster().version


def test_a_version_of_many_words_is_cut(world: World) -> None:
    """What is no version may be of any length, and an error may not."""
    world.version = version("", "", "x" * 100_000)
    with pytest.raises(ClusterError) as error:
        _ = world.cluster().version
    assert len(str(error.value)) < 500


def test_asks_for_the_version_once(world: World) -> None:
    """A server's version does not change while we ask."""
    cluster = world.cluster()
    assert cluster.version is cluster.version
    assert len(world.asked("/version")) == 1


def test_asks_about_use_as_the_plugin_does(world: World) -> None:
    """The review has the account's own groups, the policy's name and the namespace, and names group `policy` first."""
    world.cluster().may_use(CART, "default", "shop")
    first, second = (call.body["spec"] for call in world.asked(REVIEWS))
    assert first == {
        "user": "system:serviceaccount:shop:cart",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:shop"],
        "resourceAttributes": {
            "group": "policy",
            "version": "*",
            "resource": "podsecuritypolicies",
            "verb": "use",
            "name": "default",
            "namespace": "shop",
        },
    }
    assert second["resourceAttributes"]["group"] == "extensions"


@pytest.mark.parametrize("group", ["policy", "extensions"])
def test_the_right_in_either_group_is_enough(group: str) -> None:
    """Roles written before 1.16 name the group `extensions`."""

    def answer(call: Call) -> Reply:
        asked = call.body["spec"]["resourceAttributes"]
        return Reply(body={"status": {"allowed": asked["group"] == group}})

    with serving(answer) as address:
        assert Cluster(Connection(kubeconfig=kubeconfig(address)).open()).may_use(CART, "default", "shop")


def test_no_allowed_means_no(world: World) -> None:
    """An answer without `allowed` is a no: Go leaves out what is false."""
    with serving(lambda _: Reply(body={"status": {"reason": "no opinion"}})) as address:
        world.address = address
        assert not world.cluster().may_use(CART, "default", "shop")


def test_remembers_answers_about_access(world: World) -> None:
    """Equal questions are asked once, however many workloads raise them."""
    world.uses = {("system:serviceaccounts:shop", "default", "shop")}
    cluster = world.cluster()
    assert [cluster.may_use(Identity.service_account("shop", "cart"), "default", "shop") for _ in range(3)] == [
        True
    ] * 3
    assert len(world.asked(REVIEWS)) == 1


def test_names_the_rights_that_are_missing(world: World) -> None:
    """The rights we lack come back in the order asked, each as `kubectl auth can-i` takes it."""
    rights = [Right(verb="list", resource=resource, group="apps") for resource in ("daemonsets", "deployments", "jobs")]
    world.denied = {("list", "jobs"), ("list", "daemonsets")}
    assert [str(right) for right in world.cluster().missing(rights)] == ["list daemonsets.apps", "list jobs.apps"]
    assert str(Right(verb="create", resource="pods")) == "create pods"


def test_asks_about_rights_in_every_namespace(world: World) -> None:
    """A right in one namespace would not do, so no namespace is named."""
    world.cluster().missing([Right(verb="list", resource="pods")])
    spec = world.calls[-1].body["spec"]
    assert spec == {"resourceAttributes": {"group": "", "resource": "pods", "verb": "list"}}


def test_reads_the_policies_whole(world: World) -> None:
    """Every policy of every page comes by its name, with all that the server keeps."""
    world.put(presets.default(), presets.privileged(), presets.restricted())
    world.page = 1
    found = world.cluster().policies()
    assert set(found) == {"default", "privileged", "restricted"}
    assert found["restricted"]["spec"]["requiredDropCapabilities"] == ["ALL"]


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"metadata": None},
        {"metadata": [3]},
        {"metadata": {}},
        {"metadata": {"name": 3}},
        {"metadata": {"name": ""}},
    ],
    ids=["empty", "null", "list", "no-name", "number", "empty-name"],
)
def test_a_policy_without_a_name_is_one_error(world: World, found: Any) -> None:
    """A list with something else than policies in it is not an API server's."""
    world.lists["/apis/policy/v1beta1/podsecuritypolicies"] = [presets.default().to_manifest(), found]
    with pytest.raises(ClusterError, match=r"metadata of a policy is .*, without a name") as error:
        world.cluster().policies()
    assert str(error.value).startswith(f"{world.address}: ")


def test_a_dry_run_stores_nothing_and_speaks_as_the_creator(world: World) -> None:
    """The pod is sent to its namespace as its creator would send it, with `dryRun=All`."""
    creator = Identity.authenticated_service_account("kube-system", "replicaset-controller")
    world.cluster().dry_run(pod(), creator)
    call = world.calls[-1]
    assert (call.method, call.path, call.query) == ("POST", "/api/v1/namespaces/shop/pods", {"dryRun": "All"})
    assert call.header("Impersonate-User") == ["system:serviceaccount:kube-system:replicaset-controller"]
    assert set(call.header("Impersonate-Group")) == creator.groups
    assert call.body == pod()


def test_an_admitted_pod_names_its_policy(world: World) -> None:
    """The plugin marks what it admits; without the mark it had no say."""
    world.put(presets.default())
    world.uses = {("system:serviceaccounts:shop", "default", None)}
    cluster = world.cluster()
    assert cluster.dry_run(pod(), CART) == Answer()
    world.enforcing = True
    assert cluster.dry_run(pod(), CART) == Answer(policy="default")


@pytest.mark.parametrize(
    ("words", "by_psp"),
    [
        pytest.param('pods "a" is forbidden: PodSecurityPolicy: unable to admit pod: []', True, id="since-1.19"),
        pytest.param('pods "a" is forbidden: unable to validate against any pod security policy: []', True, id="1.18"),
        pytest.param('pods "a" is forbidden: exceeded quota: compute', False, id="quota"),
        pytest.param('violates PodSecurity "restricted:latest"', False, id="pod-security-admission"),
    ],
)
def test_tells_whose_refusal_it_is(words: str, by_psp: bool) -> None:  # noqa: FBT001 - a column of the table
    """Only the plugin's own words prove that it is on."""
    answer = Answer(refusal=words)
    assert (answer.refused_by_psp, answer.judged_by_psp) == (by_psp, by_psp)


def test_an_admission_without_the_mark_is_no_judgement() -> None:
    """A pod that nobody judged proves nothing; one with a mark does."""
    assert not Answer().judged_by_psp
    assert Answer(policy="default").judged_by_psp


def test_a_refused_pod_comes_with_the_servers_words(world: World) -> None:
    """A refusal is an answer, not an error."""
    world.refusals = {"a-": "exceeded quota: compute"}
    answer = world.cluster().dry_run(pod(), CART)
    assert answer.refusal == 'pods "a-" is forbidden: exceeded quota: compute'


@pytest.mark.parametrize("code", [401, 429, 503])
def test_what_is_no_verdict_is_an_error(code: int) -> None:
    """An expired login or a server that is not ready says nothing about the pod."""
    with serving(lambda _: Reply(code=code, body={"message": "not now"})) as address:
        cluster = Cluster(Connection(kubeconfig=kubeconfig(address)).open())
        with pytest.raises(Refused, match="not now"):
            cluster.dry_run(pod(), CART)


def test_answers_come_in_the_order_of_the_questions(world: World) -> None:
    """Several are asked at once; the slowest does not change the order."""
    slow = threading.Event()

    def question(number: int) -> int:
        if number == 0:
            slow.wait(5)
        slow.set()
        return number * number

    assert world.cluster().ask(question, range(20)) == [number * number for number in range(20)]


def test_an_error_of_one_question_is_the_error_of_all(world: World) -> None:
    """Half an answer is none."""

    def question(number: int) -> int:
        if number == 3:
            raise ClusterError("gone")
        return number

    with pytest.raises(ClusterError, match="gone"):
        world.cluster().ask(question, range(20))


def test_a_dry_run_whose_connection_was_lost_is_sent_again() -> None:
    """It stores nothing, so that twice does no harm."""
    cut = Reply(body=pod(), headers={"Content-Length": "9999", "Connection": "close"})
    replies = [cut, cut, Reply(code=201, body=pod())]
    with serving(lambda _: replies.pop(0)) as address:
        cluster = Cluster(Connection(kubeconfig=kubeconfig(address)).open())
        assert cluster.dry_run(pod(), CART) == Answer()
    assert replies == []


def test_a_dry_run_that_is_lost_each_time_is_an_error() -> None:
    """Three times are enough."""
    calls: list[Call] = []

    def lose(call: Call) -> Reply:
        calls.append(call)
        return Reply(body=pod(), headers={"Content-Length": "9999", "Connection": "close"})

    with serving(lose) as address, pytest.raises(Unreachable):
        Cluster(Connection(kubeconfig=kubeconfig(address)).open()).dry_run(pod(), CART)
    assert len(calls) == 3
