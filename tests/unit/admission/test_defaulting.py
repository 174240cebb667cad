"""The API server's hand in a pod: before the plugin sees it, and when it keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from pulumi_pod_security.admission.defaulting import ServiceAccount, as_kept, as_seen, service_account_name
from pulumi_pod_security.controls.pod import Container, Metadata, Pod, PodSecurityContext, PodSpec, containers
from tests.unit.support.controls import a_container, a_pod

_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_SECCOMP = "seccomp.security.alpha.kubernetes.io/"
_MOUNTED = [{"name": "main", "volumeMounts": [{"name": "own", "mountPath": _TOKEN_PATH}]}]


def _spec(pod: Pod) -> PodSpec:
    assert pod.spec is not None
    return pod.spec


def _host_ports(pod: Pod) -> list[int | None]:
    return [port.host_port for _, container in containers(pod) for port in container.ports or ()]


def _mounts(container: Container) -> list[tuple[str, str | None, bool | None]]:
    return [(mount.name, mount.mount_path, mount.read_only) for mount in container.volume_mounts or ()]


def test_a_pod_that_says_nothing() -> None:
    """It gets a namespace, an empty security context, the account `default` and its token."""
    seen = as_seen(Pod(spec=PodSpec(containers=(Container(name="main"),))), "shop")
    assert seen.metadata == Metadata(namespace="shop")
    assert _spec(seen).security_context == PodSecurityContext()
    assert _spec(seen).service_account_name == "default"
    assert [(volume.name, volume.kind) for volume in _spec(seen).volumes or ()] == [
        ("kube-api-access-xxxxx", "projected")
    ]
    assert [_mounts(each) for _, each in containers(seen)] == [[("kube-api-access-xxxxx", _TOKEN_PATH, True)]]


def test_what_a_pod_says_stays() -> None:
    """Its namespace, its security context and what it mounts are its own."""
    pod = a_pod(
        securityContext={"runAsUser": 1},
        volumes=[{"name": "v", "emptyDir": {}}],
        containers=[{"name": "main", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
    )
    seen = as_seen(msgspec.structs.replace(pod, metadata=Metadata(namespace="other")), "shop")
    assert seen.metadata == Metadata(namespace="other")
    assert _spec(seen).security_context == PodSecurityContext(run_as_user=1)
    assert [volume.name for volume in _spec(seen).volumes or ()] == ["v", "kube-api-access-xxxxx"]
    assert [_mounts(each)[0] for _, each in containers(seen)] == [("v", "/v", None)]


@pytest.mark.parametrize(
    ("host_network", "ports"),
    [pytest.param(True, [80, 8443, 53], id="the node's"), pytest.param(False, [None, 8443, 0], id="its own")],
)
def test_host_ports(*, host_network: bool, ports: list[int | None]) -> None:
    """In the node's network every container port is a host port, unless the pod names one."""
    pod = a_pod(
        hostNetwork=host_network,
        initContainers=[{"name": "init", "ports": [{"containerPort": 80}]}, {"name": "none"}],
        containers=[
            {"name": "main", "ports": [{"containerPort": 443, "hostPort": 8443}, {"containerPort": 53, "hostPort": 0}]}
        ],
    )
    assert _host_ports(as_seen(pod, "shop")) == ports


def test_no_ports_on_the_nodes_network() -> None:
    """A pod in the node's network without ports is given none."""
    assert _host_ports(as_seen(a_pod(hostNetwork=True, initContainers=None), "shop")) == []


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        pytest.param({}, "default", id="none"),
        pytest.param({"serviceAccountName": "cart"}, "cart", id="named"),
        pytest.param({"serviceAccount": "cart"}, "cart", id="named in the field of old"),
        pytest.param({"serviceAccountName": "cart", "serviceAccount": "other"}, "cart", id="named in both"),
    ],
)
def test_service_accounts(spec: dict[str, Any], name: str) -> None:
    """Either field names the account, the newer one first; without, it is `default`."""
    assert service_account_name(as_seen(a_pod(**spec), "shop")) == name


def test_mirror_pods() -> None:
    """A pod that mirrors a node's own has no account, and no token."""
    seen = as_seen(a_pod(annotations={"kubernetes.io/config.mirror": "x"}), "kube-system")
    assert service_account_name(seen) is None
    assert _spec(seen).volumes is None


@pytest.mark.parametrize(
    ("own", "account", "mounted"),
    [
        pytest.param(None, None, True, id="nothing said"),
        pytest.param(None, False, False, id="the account says no"),
        pytest.param(None, True, True, id="the account says yes"),
        pytest.param(True, False, True, id="the pod's own word counts: yes"),
        pytest.param(False, True, False, id="the pod's own word counts: no"),
    ],
)
def test_whether_the_token_is_mounted(*, own: bool | None, account: bool | None, mounted: bool) -> None:
    """The pod decides, else its account; without a word it is mounted."""
    known = ServiceAccount(automount_service_account_token=account)
    seen = as_seen(a_pod(automountServiceAccountToken=own), "shop", service_account=known)
    assert bool(_spec(seen).volumes) is mounted


def test_a_token_mounted_by_hand_is_left_alone() -> None:
    """Where every container has something at the token's path, neither a mount nor a volume is added."""
    seen = as_seen(a_pod(containers=_MOUNTED, volumes=[{"name": "own"}]), "shop")
    assert [volume.name for volume in _spec(seen).volumes or ()] == ["own"]
    assert [_mounts(each) for _, each in containers(seen)] == [[("own", _TOKEN_PATH, None)]]


def test_the_token_is_mounted_where_it_is_not() -> None:
    """Init containers get it too; ephemeral ones do not."""
    pod = a_pod(containers=_MOUNTED, initContainers=[{"name": "init"}], ephemeralContainers=[{"name": "debugger"}])
    mounts = {container.name: len(_mounts(container)) for _, container in containers(as_seen(pod, "shop"))}
    assert mounts == {"init": 1, "main": 1, "debugger": 0}


def test_the_token_is_mounted_once() -> None:
    """A container that mounts it by hand gets no second one beside another that does not."""
    pod = a_pod(containers=[*_MOUNTED, {"name": "other"}])
    assert {each.name: len(_mounts(each)) for _, each in containers(as_seen(pod, "shop"))} == {"main": 1, "other": 1}


def test_a_token_volume_that_is_there_is_used() -> None:
    """A pod read back from a server has the volume already, by its prefix."""
    seen = as_seen(a_pod(volumes=[{"name": "v"}, {"name": "kube-api-access-abcde"}]), "shop")
    assert [volume.name for volume in _spec(seen).volumes or ()] == ["v", "kube-api-access-abcde"]
    assert [_mounts(each) for _, each in containers(seen)] == [[("kube-api-access-abcde", _TOKEN_PATH, True)]]


def _profile(text: str) -> dict[str, str]:
    kind, _, local = text.partition(":")
    return {"type": kind, **({"localhostProfile": local} if local else {})}


def _of_pod(field: str | None, annotation: str | None) -> Pod:
    annotations = {} if annotation is None else {f"{_SECCOMP}pod": annotation}
    return a_pod(annotations=annotations, securityContext={"seccompProfile": field and _profile(field)})


def _of_container(field: str | None, annotation: str | None) -> Pod:
    annotations = {} if annotation is None else {f"container.{_SECCOMP}main": annotation}
    return a_pod(annotations=annotations, containers=[a_container(seccompProfile=field and _profile(field))])


@pytest.mark.parametrize("made", [_of_pod, _of_container], ids=["pod", "container"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param((None, None), (None, None), id="neither"),
        pytest.param(("RuntimeDefault", None), ("RuntimeDefault", "runtime/default"), id="a field"),
        pytest.param(("Unconfined", None), ("Unconfined", "unconfined"), id="an unconfined field"),
        pytest.param(("Localhost:a/b", None), ("Localhost:a/b", "localhost/a/b"), id="a local field"),
        pytest.param(("Localhost", None), ("Localhost", None), id="a local field without a name"),
        pytest.param((None, "runtime/default"), ("RuntimeDefault", "runtime/default"), id="an annotation"),
        pytest.param((None, "docker/default"), ("RuntimeDefault", "docker/default"), id="docker's annotation"),
        pytest.param((None, "unconfined"), ("Unconfined", "unconfined"), id="an unconfined annotation"),
        pytest.param((None, "localhost/a/b"), ("Localhost:a/b", "localhost/a/b"), id="a local annotation"),
        pytest.param((None, "localhost/"), (None, "localhost/"), id="a local annotation without a name"),
        pytest.param((None, "other"), (None, "other"), id="an annotation that is none"),
        pytest.param((None, ""), (None, ""), id="an empty annotation"),
        pytest.param(("Unconfined", "docker/default"), ("Unconfined", "docker/default"), id="both"),
        pytest.param(("Unconfined", ""), ("Unconfined", ""), id="a field and an empty annotation"),
    ],
)
def test_seccomp_profiles_are_kept_as_both(
    made: Callable[[str | None, str | None], Pod],
    before: tuple[str | None, str | None],
    after: tuple[str | None, str | None],
) -> None:
    """The field and the annotation are each made of the other when one is missing."""
    assert as_kept(made(*before)) == made(*after)


def test_a_container_beside_one_with_a_profile_stays() -> None:
    """An annotation is for the container that it names, and for no other."""
    annotations = {f"container.{_SECCOMP}main": "unconfined"}
    kept = as_kept(a_pod(annotations=annotations, containers=[a_container(), a_container("other")]))
    assert kept == a_pod(
        annotations=annotations,
        containers=[a_container(seccompProfile={"type": "Unconfined"}), a_container("other")],
    )


def test_a_pod_without_seccomp_stays() -> None:
    """Nothing is copied when nothing is written."""
    pod = a_pod(annotations={"a": "b"}, containers=[a_container(runAsUser=1)])
    assert as_kept(pod) is pod
