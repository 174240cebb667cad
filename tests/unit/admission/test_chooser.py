"""Which policy a created pod gets, in which order, and what is said when it gets none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pulumi_pod_security.admission.chooser import MayUse, choose
from pulumi_pod_security.admission.prepared import Prepared
from pulumi_pod_security.admission.request import Request, Verdict
from pulumi_pod_security.controls.pod import Metadata, Pod
from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.unit.support.controls import a_container, a_pod, a_policy

_JANE = Identity(user="jane", groups=frozenset({"system:authenticated"}))
_CART = Identity.service_account("shop", "cart")
_PLAIN = a_pod()
_PRIVILEGED = a_pod(containers=[a_container(privileged=True)])


def _wide(name: str) -> PodSecurityPolicy:
    return a_policy(name, privileged=True, volumes=["*"])


def _writing(name: str) -> PodSecurityPolicy:
    return a_policy(name, readOnlyRootFilesystem=True)


def _narrow(name: str) -> PodSecurityPolicy:
    return a_policy(name)


def _broken(name: str) -> PodSecurityPolicy:
    return a_policy(name, fsGroup={"rule": "MustRunAs"})


def _everyone(*names: str) -> MayUse:
    return lambda _identity, policy, _namespace: not names or policy in names


def _created(pod: Pod, policies: Sequence[PodSecurityPolicy], may_use: MayUse | None = None) -> Verdict:
    request = Request(operation="CREATE", pod=pod, namespace="shop", user=_JANE)
    return choose(request, [Prepared.of(policy) for policy in policies], may_use or _everyone())


def _outcomes(verdict: Verdict) -> list[tuple[str, str]]:
    return [(step.policy, step.outcome) for step in verdict.steps]


@pytest.mark.parametrize(
    ("policies", "outcomes"),
    [
        pytest.param([_wide("b"), _wide("a")], [("a", "chosen")], id="the first by name"),
        pytest.param([_writing("a"), _wide("b")], [("a", "mutates"), ("b", "chosen")], id="one that writes nothing"),
        pytest.param(
            [_writing("c"), _writing("b"), _broken("a")],
            [("a", "cannot be built"), ("b", "chosen"), ("c", "mutates")],
            id="the first that writes, when all do",
        ),
        pytest.param([_wide("ab"), _wide("a.b"), _wide("a-b")], [("a-b", "chosen")], id="by byte"),
    ],
)
def test_the_order(policies: list[PodSecurityPolicy], outcomes: list[tuple[str, str]]) -> None:
    """First those that write nothing, then those that write, each by name, however they were given."""
    assert _outcomes(_created(_PLAIN, policies)) == outcomes
    assert _outcomes(_created(_PLAIN, policies[::-1])) == outcomes


def test_policies_that_may_not_be_used_are_passed_over() -> None:
    """A policy counts only for those who may use it."""
    verdict = _created(_PLAIN, [_wide("a"), _writing("b"), _wide("c")], _everyone("b"))
    assert (verdict.admitted, verdict.policy) == (True, "b")
    assert _outcomes(verdict) == [("a", "may not be used"), ("b", "chosen"), ("c", "may not be used")]


def test_policies_that_refuse_are_passed_over() -> None:
    """A policy that refuses says why, although another admits the pod."""
    verdict = _created(_PRIVILEGED, [_narrow("a"), _wide("b")])
    assert (verdict.admitted, verdict.policy, verdict.reasons, verdict.message) == (True, "b", (), None)
    assert [(step.policy, step.outcome, len(step.reasons)) for step in verdict.steps] == [
        ("a", "refuses", 1),
        ("b", "chosen", 0),
    ]


def test_what_a_policy_writes_is_in_the_verdict() -> None:
    """The pod as admitted has the policy's defaults and its name, whatever name it came with."""
    verdict = _created(a_pod(annotations={"kubernetes.io/psp": "mine", "a": "b"}), [_writing("writing")])
    context = a_container(readOnlyRootFilesystem=True)
    assert verdict.pod == a_pod(annotations={"a": "b", "kubernetes.io/psp": "writing"}, containers=[context])


def test_everything_a_policy_writes_is_in_the_verdict() -> None:
    """What several controls write is written together."""
    policy = a_policy(
        "a",
        readOnlyRootFilesystem=True,
        allowPrivilegeEscalation=False,
        runAsUser={"rule": "MustRunAs", "ranges": [{"min": 5, "max": 9}]},
    )
    context = a_container(readOnlyRootFilesystem=True, allowPrivilegeEscalation=False, runAsUser=5)
    assert _created(_PLAIN, [policy]).pod == a_pod(annotations={"kubernetes.io/psp": "a"}, containers=[context])


def test_seccomp_is_kept_twice() -> None:
    """A profile given as an annotation is in the field when the server keeps the pod."""
    key = "seccomp.security.alpha.kubernetes.io/"
    policy = a_policy("a", annotations={f"{key}defaultProfileName": "docker/default", f"{key}allowedProfileNames": "*"})
    pod = _created(_PLAIN, [policy]).pod
    assert pod == a_pod(
        annotations={f"{key}pod": "docker/default", "kubernetes.io/psp": "a"},
        securityContext={"seccompProfile": {"type": "RuntimeDefault"}},
    )


@pytest.mark.parametrize(
    ("spec", "asked"),
    [
        pytest.param({"serviceAccountName": "cart"}, [_CART, _JANE], id="its account, then the user"),
        pytest.param({"serviceAccount": "cart"}, [_CART, _JANE], id="the field of old"),
        pytest.param({"serviceAccountName": "cart", "serviceAccount": "x"}, [_CART, _JANE], id="the new field first"),
        pytest.param({}, [_JANE], id="a mirror pod"),
        pytest.param({"serviceAccountName": ""}, [_JANE], id="an empty name"),
    ],
)
def test_who_is_asked_for(spec: dict[str, Any], asked: list[Identity]) -> None:
    """The pod's service account, as the plugin makes it up, and who sends the request; in the pod's namespace."""
    found: list[tuple[Identity, str, str]] = []

    def nobody(identity: Identity, policy: str, namespace: str) -> bool:
        found.append((identity, policy, namespace))
        return False

    assert not _created(a_pod(**spec), [_wide("a")], nobody).admitted
    assert found == [(identity, "a", "shop") for identity in asked]


@pytest.mark.parametrize("who", [_CART, _JANE], ids=["the account", "the user"])
def test_either_may_use_it(who: Identity) -> None:
    """It is enough that one of the two may use the policy."""
    pod = a_pod(serviceAccountName="cart")
    assert _created(pod, [_wide("a")], lambda identity, _policy, _namespace: identity == who).admitted


def test_a_refusal_gives_the_reasons_of_usable_policies() -> None:
    """Reasons of policies that nobody here may use are kept from them; the pod comes back as it was."""
    verdict = _created(_PRIVILEGED, [_narrow("a"), _narrow("b"), _writing("c")], _everyone("a", "c"))
    reason = Reason(
        path="spec.containers[0].securityContext.privileged",
        kind="Invalid value",
        value="true",
        detail="Privileged containers are not allowed",
    )
    assert (verdict.admitted, verdict.policy, verdict.reasons) == (False, None, (reason, reason))
    assert verdict.pod is _PRIVILEGED
    assert verdict.message == (
        f'pods "tried" is forbidden: PodSecurityPolicy: unable to admit pod: [{reason} {reason}]'
    )
    assert _outcomes(verdict) == [("a", "refuses"), ("b", "may not be used"), ("c", "refuses")]


@pytest.mark.parametrize(
    ("metadata", "policies", "message"),
    [
        pytest.param(
            Metadata(name="cart", generate_name="x-"),
            [_wide("a")],
            'pods "cart" is forbidden: PodSecurityPolicy: unable to admit pod: []',
            id="nothing usable",
        ),
        pytest.param(
            Metadata(generate_name="cart-"),
            [_wide("a"), _broken("b")],
            'pods "cart-" is forbidden: PodSecurityPolicy: unable to admit pod: []',
            id="a name the server will make",
        ),
        pytest.param(
            None,
            [_broken("a")],
            'pods "Unknown" is forbidden: PodSecurityPolicy: no providers available to validate pod request',
            id="no policy can be built, no name",
        ),
        pytest.param(
            Metadata(name="cart"),
            [],
            'pods "cart" is forbidden: PodSecurityPolicy: no providers available to validate pod request',
            id="no policies",
        ),
    ],
)
def test_the_servers_sentence(metadata: Metadata | None, policies: list[PodSecurityPolicy], message: str) -> None:
    """Without reasons the brackets are empty; without policies there are none."""
    verdict = _created(Pod(metadata=metadata), policies, _everyone("nothing"))
    assert (verdict.admitted, verdict.reasons, verdict.message) == (False, (), message)


def test_subresources_are_not_looked_at() -> None:
    """Not even ephemeral containers are, when they are added by their subresource."""
    request = Request(
        operation="UPDATE", pod=_PRIVILEGED, old=_PLAIN, namespace="shop", user=_JANE, subresource="ephemeralcontainers"
    )
    verdict = choose(request, [Prepared.of(_narrow("a"))], _everyone())
    assert verdict == Verdict(admitted=True, policy=None, pod=_PRIVILEGED)
