"""Reading pods, walking their containers, and changing no more than must be."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from pulumi_pod_security.controls import pod as pods
from pulumi_pod_security.controls.pod import Pod
from tests.unit.support.controls import a_pod

_POD = a_pod(
    initContainers=[{"name": "i0"}, {"name": "i1"}],
    containers=[{"name": "c0"}, {"name": "c1"}],
    ephemeralContainers=[{"name": "e0"}],
)


def test_containers() -> None:
    """All three kinds are walked with their paths: init, regular, ephemeral."""
    assert [(path, container.name) for path, container in pods.containers(_POD)] == [
        ("spec.initContainers[0]", "i0"),
        ("spec.initContainers[1]", "i1"),
        ("spec.containers[0]", "c0"),
        ("spec.containers[1]", "c1"),
        ("spec.ephemeralContainers[0]", "e0"),
    ]


def test_every_container_can_be_changed() -> None:
    """A change reaches the containers that the walk finds."""
    changed = pods.with_containers(_POD, lambda container: replace(container, image=container.name))
    assert [container.image for _, container in pods.containers(changed)] == ["i0", "i1", "c0", "c1", "e0"]


def test_lists_without_a_changed_container_stay() -> None:
    """What is not changed is the same object, list by list."""
    changed = pods.with_containers(
        _POD, lambda container: replace(container, image="x") if container.name == "c1" else container
    )
    assert changed.spec is not None
    assert _POD.spec is not None
    assert changed.spec.init_containers is _POD.spec.init_containers
    assert [container.image for container in changed.spec.containers or ()] == [None, "x"]


@pytest.mark.parametrize("pod", [_POD, Pod(), a_pod(containers=[])], ids=["some", "no spec", "none"])
def test_a_pod_without_a_changed_container_stays(pod: Pod) -> None:
    """Nothing is copied when nothing changes."""
    assert pods.with_containers(pod, lambda container: container) is pod


def test_an_annotation_that_is_there_stays() -> None:
    """A pod that has the annotation is the same object, and another one keeps what it has."""
    pod = a_pod(annotations={"a": "1"})
    assert pods.with_annotation(pod, "a", "1") is pod
    assert pods.with_annotation(pod, "a", "2").annotations == {"a": "2"}
    assert pods.with_annotation(pod, "b", "2").annotations == {"a": "1", "b": "2"}
    assert pods.with_annotation(Pod(), "a", "1").annotations == {"a": "1"}
    assert pod.annotations == {"a": "1"}


def test_unset_security_contexts_are_empty() -> None:
    """Nothing has to be there to be read, and what is set stays beside what is added."""
    assert pods.pod_security(Pod()) == pods.PodSecurityContext()
    assert pods.security(pods.Container()) == pods.SecurityContext()
    once = pods.with_pod_security(Pod(), fs_group=1)
    assert pods.pod_security(pods.with_pod_security(once, run_as_user=2)) == pods.PodSecurityContext(
        fs_group=1, run_as_user=2
    )
    container = pods.with_security(pods.with_security(pods.Container(), run_as_user=1), run_as_group=2)
    assert container.security_context == pods.SecurityContext(run_as_user=1, run_as_group=2)


def test_what_is_written_is_what_was_read() -> None:
    """Names are Kubernetes' own, abbreviations among them, and what is not set is left out."""
    manifest = {
        "metadata": {"generateName": "x-", "labels": {"a": "b"}},
        "spec": {
            "hostPID": True,
            "hostIPC": False,
            "automountServiceAccountToken": False,
            "securityContext": {"fsGroup": 1, "seLinuxOptions": {"level": "s0"}, "supplementalGroups": []},
            "containers": [{"name": "c", "securityContext": {"readOnlyRootFilesystem": True, "runAsNonRoot": False}}],
            "volumes": [
                {"name": "a", "downwardAPI": {"items": []}},
                {"name": "b", "scaleIO": {"system": "x"}},
                {"name": "c", "gcePersistentDisk": {"pdName": "x"}},
                {"name": "d", "projected": {"sources": [{"downwardAPI": {"items": [{"path": "x"}]}}]}},
            ],
        },
    }
    pod = msgspec.convert(manifest, Pod)
    assert msgspec.json.decode(msgspec.json.encode(pod)) == manifest
    assert msgspec.json.decode(msgspec.json.encode(manifest), type=Pod) == pod
