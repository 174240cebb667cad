"""Laws of what a server answers: whatever it is, what comes of it is an answer or an error of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.inventory import workloads
from pulumi_pod_security.cluster.questions import Answer, Cluster
from pulumi_pod_security.errors import InvalidPolicy, PodSecurityError
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.stored import as_stored, from_server
from tests.fixtures.policy_manifests import manifests
from tests.unit.support.objects import cron_job, owner, pod, pod_spec
from tests.unit.support.standin import Reply, serving
from tests.unit.support.wire import saying
from tests.unit.support.world import kubeconfig

_POD = pod("a", "shop", annotations={}, generateName="a-")
_CREATOR = Identity(user="someone")
_KEYS = st.sampled_from(["metadata", "spec", "status", "items", "name", "template", "volumes", "containers", "a"])
_NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.just(1 << 300))
_PLAIN = st.one_of(st.none(), st.booleans(), _NUMBERS, st.text(max_size=8), st.just("9" * 5000))


def _nested(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(_KEYS, st.text(max_size=4)), inner))


_JSON = st.recursive(_PLAIN, _nested, max_leaves=8)
_OBJECTS = st.sampled_from([owner("a", spec=pod_spec(volumes=[{"name": "v"}])), cron_job("a"), _POD])
_STATUSES = st.sampled_from([200, 200, 200, 201, 204, 302, 403, 404, 500])


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in list(data.items() if isinstance(data, dict) else enumerate(data)):
        yield data, key
        if isinstance(value, dict | list):
            yield from _places(value)


@st.composite
def _spoilt(draw: st.DrawFn, whole: SearchStrategy[Any]) -> Any:
    """Something sound with garbage in one place."""
    data = json.loads(json.dumps(draw(whole)))
    place, key = draw(st.sampled_from(list(_places(data))))
    place[key] = draw(_JSON)
    return data


class Mimic:
    """A server that gives one answer to everything."""

    address = ""
    reply = Reply(body={})

    def cluster(self, body: Any, code: int = 200) -> Cluster:
        """A cluster whose every answer is this one."""
        self.reply = Reply(body=body, code=code)
        return Cluster(Connection(kubeconfig=kubeconfig(self.address)).open())


@pytest.fixture(scope="module")
def mimic() -> Iterator[Mimic]:
    """One server for all examples."""
    found = Mimic()
    with serving(lambda _: found.reply) as address:
        found.address = address
        yield found


@contextmanager
def _ours() -> Iterator[None]:
    with suppress(PodSecurityError):
        yield


_QUESTIONS: list[Callable[[Cluster], Any]] = [
    lambda cluster: cluster.version,
    lambda cluster: cluster.policies(),
    lambda cluster: cluster.may_use(_CREATOR, "default", "shop"),
    lambda cluster: workloads(cluster.api),
    lambda cluster: cluster.dry_run(_POD, _CREATOR),
]


@pytest.mark.parametrize("question", _QUESTIONS, ids=["version", "policies", "may-use", "workloads", "dry-run"])
@given(body=st.one_of(_JSON, _JSON.map(lambda item: {"items": [item]}), st.binary(max_size=20)), code=_STATUSES)
def test_any_answer_is_an_answer_or_an_error_of_ours(
    mimic: Mimic, question: Callable[[Cluster], Any], body: Any, code: int
) -> None:
    """Nothing but our own errors comes of JSON, or of bytes that are none, with whatever status."""
    with _ours():
        question(mimic.cluster(body, code))


@given(item=_spoilt(_OBJECTS))
def test_a_spoilt_object_is_read_and_tried_or_an_error_of_ours(mimic: Mimic, item: Any) -> None:
    """What the inventory lets through can be sent back to the server and named in a message."""
    with _ours():
        for workload in workloads(mimic.cluster({"items": [item]}).api):
            assert str(workload)
            assert workload.circumstances
            answer = mimic.cluster(_POD).dry_run(workload.pod, workload.creator)
            assert answer == Answer()


@given(metadata=_JSON)
def test_any_metadata_of_a_list_is_an_end_or_an_error(mimic: Mimic, metadata: Any) -> None:
    """A list whose metadata says anything at all ends."""
    with _ours():
        assert mimic.cluster({"items": [], "metadata": metadata}).policies() == {}


@given(version=_spoilt(st.just({"major": "1", "minor": "24", "gitVersion": "v1.24.17"})))
def test_any_version_is_a_version_or_an_error(mimic: Mimic, version: Any) -> None:
    """A version has numbers, or there is none."""
    with _ours():
        found = mimic.cluster(version).version
        assert found.major >= 0
        assert found.minor >= 0


@given(items=st.lists(st.one_of(_JSON, _spoilt(manifests())), max_size=3))
def test_any_list_of_policies_is_read_or_an_error(mimic: Mimic, items: list[Any]) -> None:
    """Each policy of the list that has a name is a policy, or a list of faults."""
    with suppress(ClusterError):
        for name, found in mimic.cluster({"items": items}).policies().items():
            with suppress(InvalidPolicy):
                assert from_server(found).name == name


@given(found=st.one_of(_JSON, _spoilt(manifests())))
def test_any_stored_policy_is_a_policy_or_a_list_of_faults(found: Any) -> None:
    """What a server keeps in a policy's place can be read and held against a declared one, or is refused whole."""
    with suppress(InvalidPolicy):
        as_stored(from_server(found))


@given(
    start=st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]),
    headers=st.lists(
        st.sampled_from(
            [
                b"Content-Length: -1\r\n",
                b"Content-Length: 5\r\n",
                b"Content-Length: " + b"9" * 5000 + b"\r\n",
                b"Content-Encoding: gzip\r\n",
                b"Retry-After: x\r\n",
                b"\r\n",
                b": \xff\r\n",
            ]
        )
    ),
    rest=st.binary(max_size=40),
)
def test_any_bytes_are_an_answer_or_an_error_of_ours(start: bytes, headers: list[bytes], rest: bytes) -> None:
    """What is not even HTTP is no server, or no API server."""
    with saying(lambda _: [start, *headers, rest]) as address, _ours():
        assert Cluster(Connection(kubeconfig=kubeconfig(address)).open()).version
