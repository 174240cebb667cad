"""Admission policies on an API server of 1.36: what becomes of pods stage by stage, and what must not break them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.fixtures.psp_policies import narrowest_policy
from tests.fixtures.psp_values import ODD_TEXTS, Manifest
from tests.fixtures.waiting import eventually
from tests.integration.support.cel_enforcement import STRANGER, WITNESS, Enforcement, last_policy, note
from tests.integration.support.cel_server import CelServer
from tools.controlplane import LoneServer
from tools.controlplane.audit import AuditEvent, read_audit_log

pytestmark = pytest.mark.integration

_HEAD = "PodSecurityPolicy: unable to validate pod: "
_VALIDATING = "ValidatingAdmissionPolicy"
_RECORD = "podsecuritypolicy.policy.k8s.io/validate-policy"
_FAILURE = "validation.policy.admission.k8s.io/validation_failure"


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoneServer]:
    """A server that lets pods come without a service account, and with one that is not there."""
    server = LoneServer(tmp_path_factory.mktemp("cel"), "1.36.3")
    try:
        server.start(owner=os.getpid())
        yield server
    finally:
        server.destroy()


@pytest.fixture(scope="module")
def enforcement(lone: LoneServer) -> Enforcement:
    """People, and nothing in force."""
    server = CelServer(lone)
    server.furnish(())
    found = Enforcement(server)
    for user, policy in (("jane", "closed"), ("joe", "strict"), ("odd", "odd")):
        found.allow(user, policy)
    return found


def _pod(name: str = "web", *, security: Manifest | None = None, **spec: Any) -> Manifest:
    container: Manifest = {"name": "c", "image": "web:1", **({"securityContext": security} if security else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container], **spec}}


def _closed() -> PodSecurityPolicy:
    """One that has nothing to write and refuses all that is privileged."""
    return dataclasses.replace(last_policy(), name="closed")


def _strict() -> PodSecurityPolicy:
    """One that writes."""
    preset = presets.restricted()
    return dataclasses.replace(
        preset, name="strict", seccomp=dataclasses.replace(preset.seccomp, default="runtime/default")
    )


_PRIVILEGED = {"privileged": True}


def _event(lone: LoneServer, pod: str) -> AuditEvent:
    """What the audit log says last of the pod that was made."""

    def found() -> list[AuditEvent]:
        log = read_audit_log(lone.layout.audit_log)
        return [each for each in log if (each.verb, each.object_ref.name) == ("create", pod)]

    eventually(found, 20)
    return found()[-1]


def test_who_is_refused_hears_of_the_first_policy_that_is_theirs(enforcement: Enforcement, lone: LoneServer) -> None:
    """Of none that they may not use; and the audit log says by which policy a pod was admitted."""
    enforcement.enforce([_closed(), _strict(), last_policy()])
    refused = _pod("refused", security=_PRIVILEGED, hostPID=True)
    for user, policy in (("jane", "closed"), ("joe", "strict"), (WITNESS, enforcement.last)):
        reply = enforcement.ask(refused, user)
        assert (reply.code, reply.content["reason"]) == (403, "Forbidden")
        said = reply.content["message"]
        assert f"denied request: {_HEAD}[{policy}: " in said
        assert "hostPID: Host PID is not allowed to be used" in said
        assert "Privileged containers are not allowed (containers c)" in said
        assert not [other for other in ("closed", "strict", "zz-") if other != policy[: len(other)] and other in said]
    said = enforcement.ask(refused, STRANGER).content["message"]
    assert said.endswith(f"{_HEAD}[] (user {STRANGER} may not use a policy that accepts it)")
    of_account = enforcement.ask(_pod(serviceAccountName="robot", hostPID=True), STRANGER).content["message"]
    told = f"neither service account apps:robot nor user {STRANGER} may use a policy that accepts it"
    assert of_account.endswith(f"{_HEAD}[] ({told})")
    assert _RECORD not in _event(lone, "refused").annotations
    reply = enforcement.ask(_pod("admitted"), "jane")
    assert (reply.code, note(reply)) == (201, "closed")
    assert _event(lone, "admitted").annotations[_RECORD] == "closed"


def test_service_accounts_that_are_none(enforcement: Enforcement) -> None:
    """A name that cannot be one refuses nobody who may use a policy, and lets in nobody else."""
    enforcement.enforce([_closed(), last_policy()])
    named = _pod(serviceAccountName="Not_A_Name")
    told = {user: enforcement.ask(named, user) for user in ("jane", STRANGER)}
    # What is wrong with the name is the server's to say.
    assert told["jane"].code == 422
    assert b"serviceAccountName" in told["jane"].body
    assert told[STRANGER].code in (403, 422)
    mirror = _pod(nodeName="worker-1")
    mirror["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "0"}
    assert enforcement.ask(mirror, "jane").code == 201
    assert enforcement.ask(mirror, STRANGER).code == 403


def test_a_message_that_is_too_long_still_refuses(enforcement: Enforcement) -> None:
    """Cut, or in short where it cannot be cut to what a server takes: 5 KiB in a line."""
    plain = PodSecurityPolicy.from_manifest(narrowest_policy("closed"))
    wide = {"allowedCapabilities": [f"CAPABILITY_{number}_{'X' * 60}" for number in range(80)]}
    manifest = narrowest_policy("strict")
    long = PodSecurityPolicy.from_manifest({**manifest, "spec": {**manifest["spec"], **wide}})
    broad = {"allowedCapabilities": ["日本" * 30 + str(number) for number in range(80)]}
    alien = PodSecurityPolicy.from_manifest({**narrowest_policy("odd"), "spec": {**manifest["spec"], **broad}})
    enforcement.enforce([plain, long, alien, last_policy()])
    pod = _pod(security={"capabilities": {"add": ["SYS_TIME"]}})
    cut = enforcement.ask(pod, "joe")
    assert cut.code == 403
    assert cut.content["message"].endswith(" ...]")
    in_short = enforcement.ask(pod, "odd")
    assert in_short.code == 403
    assert in_short.content["message"].endswith(f"{_HEAD}[odd]")


def test_what_would_be_told_of_a_policy_does_not_refuse(enforcement: Enforcement) -> None:
    """Who is admitted by one policy is admitted, whatever there is to say of the others."""
    enforcement.enforce([*(dataclasses.replace(_strict(), name=f"s{number}") for number in range(12)), last_policy()])
    containers = [{"name": f"c{number}", "image": "web:1"} for number in range(20)]
    volumes = [{"name": f"v{number}", "emptyDir": {}} for number in range(20)]
    pod = _pod(containers=containers, volumes=volumes)
    assert enforcement.ask(pod, STRANGER).code == 403
    assert enforcement.ask(_pod(containers=containers), WITNESS).code == 201


_HOSTILE = ("${HOME}", "' || true || '", '" || true || "', "\\", "{{ . }}", *ODD_TEXTS)


def test_texts_in_policies_are_texts(enforcement: Enforcement) -> None:
    """Quotes, backslashes, line ends: what they say is compared, and never read as an expression."""
    spec = {
        **narrowest_policy("odd")["spec"],
        "volumes": ["*"],
        "allowedHostPaths": [{"pathPrefix": f"/srv/{each}"} for each in _HOSTILE],
        "allowedCapabilities": [*_HOSTILE],
        "allowedCSIDrivers": [{"name": "csi.example.com"}],
        "allowedFlexVolumes": [{"driver": f"example.com/{each}"} for each in _HOSTILE],
        "seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"type": _HOSTILE[2], "level": "s0"}},
    }
    annotations = {
        "seccomp.security.alpha.kubernetes.io/allowedProfileNames": ",".join(f"localhost/{each}" for each in _HOSTILE),
    }
    manifest = {**narrowest_policy("odd"), "spec": spec}
    manifest["metadata"] = {"name": "odd", "annotations": annotations}
    odd = PodSecurityPolicy.from_manifest(manifest)
    enforcement.enforce([odd, last_policy()])
    label = {"seLinuxOptions": {"type": _HOSTILE[2], "level": "s0"}}
    for hostile in _HOSTILE:
        profile = {"seccompProfile": {"type": "Localhost", "localhostProfile": hostile}}
        driver = {"name": "f", "flexVolume": {"driver": f"example.com/{hostile}"}}
        path = {"name": "h", "hostPath": {"path": f"/srv/{hostile}"}}
        pod = _pod(
            volumes=[path, driver], security={"capabilities": {"add": [hostile]}}, securityContext=profile | label
        )
        reply = enforcement.ask(pod, "odd")
        assert reply.code == 201, (hostile, reply.body)
        for volumes in (
            [{**path, "hostPath": {"path": "/srv/other"}}],
            [{"name": "f", "flexVolume": {"driver": "x/y"}}],
        ):
            other = _pod(volumes=volumes, securityContext=profile | label)
            assert enforcement.ask(other, "odd").code == 403, hostile


def test_names_that_would_be_one_variable(enforcement: Enforcement) -> None:
    """Each is asked what it says itself, and is used by whom it is for."""
    open_ = dataclasses.replace(presets.privileged(), name="a-b")
    enforcement.allow("one", "a.b")
    enforcement.allow("other", "a-b")
    enforcement.enforce([open_, dataclasses.replace(_closed(), name="a.b"), last_policy()])
    pod = _pod(security=_PRIVILEGED)
    assert enforcement.ask(pod, "one").code == 403
    reply = enforcement.ask(pod, "other")
    assert (reply.code, note(reply)) == (201, "a-b")


def test_a_note_of_ones_own_widens_nothing(enforcement: Enforcement) -> None:
    """What a pod says it was admitted by counts only for who may use that, and brings none of its defaults."""
    open_ = dataclasses.replace(presets.privileged(), name="open")
    enforcement.enforce([_closed(), open_, _strict(), last_policy()])
    forged = _pod(security=_PRIVILEGED)
    forged["metadata"]["annotations"] = {"kubernetes.io/psp": "open"}
    for user in ("jane", STRANGER):
        assert enforcement.ask(forged, user).code == 403
    plain = _pod()
    plain["metadata"]["annotations"] = {"kubernetes.io/psp": "strict"}
    reply = enforcement.ask(plain, "jane")
    assert (reply.code, note(reply)) == (201, "closed")
    assert "runAsNonRoot" not in reply.body.decode()
    assert enforcement.ask(plain, STRANGER).code == 403


def test_without_the_binding_nothing_is_enforced(enforcement: Enforcement) -> None:
    """Which is how an admin gets out: it can always be deleted."""
    enforcement.enforce([_closed(), last_policy()])
    pod = _pod(security=_PRIVILEGED)
    assert enforcement.ask(pod, STRANGER).code == 403
    enforcement.take_away(f"{_VALIDATING}Binding")
    eventually(lambda: enforcement.ask(pod, STRANGER).code == 201, 60)


def test_without_the_mutating_half_a_pod_must_say_everything(enforcement: Enforcement) -> None:
    """Who is refused is told which field is missing and what the policy would have written."""
    enforcement.enforce([_strict(), last_policy()], mutates=False)
    reply = enforcement.ask(_pod(), "joe")
    said = reply.content["message"]
    assert reply.code == 403
    for missing in (
        "securityContext.seccompProfile: must be set, such as to runtime/default",
        "securityContext.appArmorProfile: must be set, such as to runtime/default",
        "runAsNonRoot",
        "and drop ['ALL']",
    ):
        assert missing in said
    container = {
        "capabilities": {"drop": ["ALL"]},
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "appArmorProfile": {"type": "RuntimeDefault"},
    }
    pod = {"seccompProfile": {"type": "RuntimeDefault"}, "fsGroup": 1, "supplementalGroups": [1]}
    complete = enforcement.ask(_pod(security=container, securityContext=pod), "joe")
    assert (complete.code, note(complete)) == (201, ""), complete.body


@pytest.mark.parametrize("exemption", ["kube-system", "mirror-pods"])
def test_exemptions_let_in_only_what_they_name(enforcement: Enforcement, exemption: str) -> None:
    """Pods of that namespace, or of nodes that say so; the same pod elsewhere, or of somebody else, is judged."""
    # Its own answer would be a mirror pod of nobody, which is no node's and is judged.
    enforcement.enforce([_closed(), last_policy()], exemptions=[exemption])
    pod, mirror = _pod(security=_PRIVILEGED), _pod(security=_PRIVILEGED, nodeName="worker-1")
    mirror["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "0"}
    answers = {
        "elsewhere": enforcement.ask(pod, STRANGER),
        "kube-system": enforcement.ask(pod, STRANGER, namespace="kube-system"),
        "mirror of nobody": enforcement.ask(mirror, STRANGER),
        "pod of a node": enforcement.ask(pod, STRANGER, "system:nodes"),
        "mirror-pods": enforcement.ask(mirror, STRANGER, "system:nodes"),
    }
    assert [name for name, reply in answers.items() if reply.code < 300] == [exemption]


def test_warn_lets_in_and_names_the_reason(enforcement: Enforcement, lone: LoneServer) -> None:
    """To the sender, and in the audit log."""
    enforcement.put([_closed(), last_policy()], stage="warn", mutates=True)
    pod = _pod("warned", security=_PRIVILEGED)
    eventually(lambda: enforcement.ask(pod, "jane").warnings, 60)
    reply = enforcement.ask(pod, "jane")
    assert (reply.code, note(reply)) == (201, "")
    # Who sends it hears of all policies that are theirs, and of the verdict.
    warning, verdict = reply.warnings
    assert f"{_HEAD}[] (" in verdict
    assert f"Validation failed for ValidatingAdmissionPolicy '{_RECORD.partition('/')[0]}'" in warning
    assert f"{_HEAD}[closed: " in warning
    assert "Privileged containers are not allowed (containers c)" in warning
    eventually(lambda: not enforcement.ask(_pod(), WITNESS).warnings, 60)
    assert f"{_HEAD}[closed: " in _event(lone, "warned").annotations[_FAILURE]


def test_audit_lets_in_and_says_so_to_the_log_alone(enforcement: Enforcement, lone: LoneServer) -> None:
    """Nobody else hears of it."""
    enforcement.put([_closed(), last_policy()], stage="audit", mutates=True)
    pod = _pod("noted", security=_PRIVILEGED)
    # The stage before may still warn.
    eventually(lambda: enforcement.ask(pod, "jane").code == 201 and not enforcement.ask(pod, "jane").warnings, 60)
    noted = _event(lone, "noted").annotations[_FAILURE]
    (failure,) = msgspec.json.decode(noted)
    assert failure["message"].startswith(f"{_HEAD}[closed: ")
    assert failure["validationActions"] == ["Audit"]
    assert enforcement.ask(_pod("unnoted"), WITNESS).code == 201
    assert _FAILURE not in _event(lone, "unnoted").annotations
