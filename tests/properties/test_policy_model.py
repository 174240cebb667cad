"""Laws of reading and writing policies."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_pod_security.errors import InvalidPolicy
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.spec_rules import unusable
from pulumi_pod_security.policy.stored import as_stored, from_server
from tests.fixtures.policy_manifests import garbage, manifests


@given(manifests())
def test_writing_what_was_read_gives_the_same_manifest(manifest: dict[str, Any]) -> None:
    """to_manifest undoes from_manifest: nothing is dropped, added or defaulted."""
    assert PodSecurityPolicy.from_manifest(manifest).to_manifest() == manifest


@given(manifests())
def test_reading_what_was_written_gives_the_same_policy(manifest: dict[str, Any]) -> None:
    """from_manifest undoes to_manifest, and equal policies hash alike."""
    policy = PodSecurityPolicy.from_manifest(manifest)
    again = PodSecurityPolicy.from_manifest(policy.to_manifest())
    assert again == policy
    assert hash(again) == hash(policy)


@given(manifests())
def test_either_api_group_says_the_same(manifest: dict[str, Any]) -> None:
    """extensions/v1beta1 is read as the same policy and written as policy/v1beta1."""
    older = PodSecurityPolicy.from_manifest({**manifest, "apiVersion": "extensions/v1beta1"})
    assert older.to_manifest() == manifest


@given(manifests())
def test_storing_changes_nothing_twice(manifest: dict[str, Any]) -> None:
    """What a server would keep of a policy, it would keep whole, and it can be used as before."""
    policy = PodSecurityPolicy.from_manifest(manifest)
    stored = as_stored(policy)
    assert as_stored(stored) == stored
    assert from_server(stored.to_manifest()) == stored
    assert len(list(unusable(stored.spec))) == len(list(unusable(policy.spec)))


@given(garbage())
def test_garbage_is_refused_and_nothing_worse(data: Any) -> None:
    """Whatever stands in a manifest's place, the answer is a list of faults."""
    with suppress(InvalidPolicy):
        PodSecurityPolicy.from_manifest(data)


@given(manifests(), garbage(), st.data())
def test_garbage_inside_a_manifest_is_refused_and_nothing_worse(manifest: dict[str, Any], bad: Any, data: Any) -> None:
    """Whatever stands in the place of one value, the answer is a policy that writes back, or a list of faults."""
    place, key = data.draw(st.sampled_from(list(_places(changed := copy.deepcopy(manifest)))))
    place[key] = bad
    with suppress(InvalidPolicy):
        PodSecurityPolicy.from_manifest(PodSecurityPolicy.from_manifest(changed).to_manifest())


@given(manifests(), st.sampled_from([object(), 1.5, b"", {1: 2}, [[[]]]]), st.data())
def test_a_value_of_a_wrong_type_is_the_only_fault(manifest: dict[str, Any], bad: Any, data: Any) -> None:
    """No rule is applied to a value that could not be read, and no other value is blamed for it."""
    path, place, key = data.draw(st.sampled_from(list(_paths(changed := copy.deepcopy(manifest)))))
    place[key] = bad
    with pytest.raises(InvalidPolicy) as refusal:
        PodSecurityPolicy.from_manifest(changed)
    assert [fault.path for fault in refusal.value.faults if not fault.path.startswith(path)] == []


@given(manifests(), garbage())
def test_garbage_for_a_member_is_refused_and_nothing_worse(manifest: dict[str, Any], bad: Any) -> None:
    """A policy made by hand from the wrong things is refused with faults, like one that was read."""
    policy = PodSecurityPolicy.from_manifest(manifest)
    members = {name: getattr(policy, name) for name in ("name", "spec", "labels", "annotations", "seccomp", "apparmor")}
    for name in members:
        with suppress(InvalidPolicy):
            PodSecurityPolicy(**{**members, name: bad})


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    for _, place, key in _paths(data):
        yield place, key


def _paths(data: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(entries):
        plain = isinstance(key, str) and "/" not in key and "." not in key and "-" not in key
        below = f"{path}[{key}]" if not plain or key[:1].isdigit() else f"{path}.{key}".lstrip(".")
        yield below, data, key
        if isinstance(value, dict | list):
            yield from _paths(value, below)
