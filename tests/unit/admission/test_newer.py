"""A pod as servers read it that have no PodSecurityPolicy any more."""

from __future__ import annotations

from pulumi_pod_security.admission.newer import as_read_by_newer
from tests.unit.support.controls import a_pod

APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"


def test_annotations_of_seccomp_say_nothing() -> None:
    """The pod's and the containers'; others stay."""
    annotations = {SECCOMP: "runtime/default", "container.seccomp.security.alpha.kubernetes.io/main": "unconfined"}
    assert as_read_by_newer(a_pod({**annotations, "a": "b"})).annotations == {"a": "b"}


def test_fields_of_apparmor_say_what_annotations_did() -> None:
    """A container's own before the pod's, and an annotation before both."""
    unconfined, default = {"type": "Unconfined"}, {"type": "RuntimeDefault"}
    containers = [
        {"name": "own", "securityContext": {"appArmorProfile": unconfined}},
        {"name": "inherits"},
        {"name": "annotated", "securityContext": {"appArmorProfile": unconfined}},
    ]
    pod = a_pod(
        {f"{APPARMOR}annotated": "localhost/x"}, containers=containers, securityContext={"appArmorProfile": default}
    )
    assert as_read_by_newer(pod).annotations == {
        f"{APPARMOR}own": "unconfined",
        f"{APPARMOR}inherits": "runtime/default",
        f"{APPARMOR}annotated": "localhost/x",
    }


def test_a_pod_without_either_is_the_same() -> None:
    """Nothing is made of nothing."""
    pod = a_pod()
    assert as_read_by_newer(pod) is pod
