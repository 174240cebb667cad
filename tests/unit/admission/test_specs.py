"""Specs of pods, whole and as far as policies read them: what is told of both, alike."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pulumi_pod_security.admission.manifests import BoundSpec
from pulumi_pod_security.admission.specs import Spec, as_sent, as_written, node_name, service_account, with_claims
from pulumi_pod_security.controls.pod import PodSpec

_TOKEN = {"name": "kube-api-access-x7x2p", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
_MOUNTED = {"name": "app", "volumeMounts": [{"name": "tmp"}, {"name": "kube-api-access-x7x2p"}]}
_BARE = {"name": "app", "volumeMounts": [{"name": "tmp"}]}


def whole(spec: dict[str, Any]) -> Spec:
    """As it is sent."""
    return spec


def bound(spec: dict[str, Any]) -> Spec:
    """As it is judged, of a pod."""
    return msgspec.convert(spec, BoundSpec)


def judged(spec: dict[str, Any]) -> PodSpec:
    """What policies read of it."""
    return msgspec.convert(spec, PodSpec)


FORMS = pytest.mark.parametrize("form", [whole, bound])


@FORMS
@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ({}, "default"),
        ({"serviceAccountName": "a"}, "a"),
        ({"serviceAccount": "b"}, "b"),
        ({"serviceAccountName": "a", "serviceAccount": "b"}, "a"),
    ],
)
def test_the_service_account(form: Any, spec: dict[str, Any], name: str) -> None:
    """The newer of its two fields goes first."""
    assert service_account(form(spec)) == name


@FORMS
@pytest.mark.parametrize(("spec", "name"), [({}, ""), ({"nodeName": "n1"}, "n1")])
def test_the_node(form: Any, spec: dict[str, Any], name: str) -> None:
    """None before it is scheduled."""
    assert node_name(form(spec)) == name


def test_a_template_has_no_node() -> None:
    """What is judged of it does not say one."""
    assert node_name(PodSpec()) == ""


def test_claims_come_first() -> None:
    """A volume for each, in place of the template's own of that name."""
    volumes = [{"name": "data", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]
    made = {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}
    claimed = {"volumes": [made, volumes[1]]}
    assert with_claims({"volumes": volumes}, ["data"], "db-0") == claimed
    assert with_claims(judged({"volumes": volumes}), ["data"], "db-0") == judged(claimed)


def test_what_the_server_added_is_taken_back() -> None:
    """The token's volume and its mounts, wherever they are, and containers that came later."""
    spec = {
        "nodeName": "n1",
        "volumes": [{"name": "tmp", "emptyDir": {}}, _TOKEN],
        "containers": [_MOUNTED],
        "initContainers": [_MOUNTED],
        "ephemeralContainers": [{"name": "debug"}],
    }
    sent = {"volumes": [{"name": "tmp", "emptyDir": {}}], "containers": [_BARE], "initContainers": [_BARE]}
    assert as_sent(spec) == sent
    assert as_sent(bound(spec)) == judged(sent)
    assert type(as_sent(bound(spec))) is PodSpec


@pytest.mark.parametrize("volume", [{**_TOKEN, "name": "mine"}, {**_TOKEN, "hostPath": {"path": "/"}}, {"name": 3}])
def test_what_only_looks_like_it_stays(volume: dict[str, Any]) -> None:
    """A name, or what is behind it, is anyone's."""
    assert as_sent({"volumes": [volume]}) == {"volumes": [volume]}


def test_what_no_server_takes_stays() -> None:
    """Named like the token's volume, with a field of a wrong type: the server will say so."""
    volume = {"name": "kube-api-access-x7x2p", "projected": 5}
    assert as_sent({"volumes": [volume]}) == {"volumes": [volume]}


def test_what_no_server_touched_is_as_it_was_written() -> None:
    """But for the type, which has no node."""
    spec = {"containers": [{"name": "app"}]}
    assert as_written(spec) is spec
    assert as_written(bound(spec)) == judged(spec)
    assert type(as_written(bound(spec))) is PodSpec
