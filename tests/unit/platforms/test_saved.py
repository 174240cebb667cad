"""A provider's objects, read and written whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_pod_security.platforms.saved import SavedObjects, kept
from tests.unit.support.provider import BINDING, ROLE, TRIO, ProviderWorld, provided, trio

TEXTS = st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3)


@pytest.fixture
def cloud() -> Iterator[ProviderWorld]:
    """A cluster with the defaults."""
    with provided(ProviderWorld(enforcing=True)) as world:
        world.make(*trio(annotations={"note": 'naïve \u2028 "quoted"'}, finalizers=["example.com/hold"]))
        yield world


def saved(world: ProviderWorld) -> SavedObjects:
    """What is read."""
    return SavedObjects.read(world.cluster().api, TRIO)


def test_what_is_there_is_kept_but_for_what_servers_write(cloud: ProviderWorld) -> None:
    """Labels, annotations, finalizers, subjects, rules and spec, in the order of removal."""
    expected = trio(annotations={"note": 'naïve \u2028 "quoted"'}, finalizers=["example.com/hold"])
    assert list(saved(cloud).objects.items()) == list(zip(TRIO, expected, strict=True))


def test_what_is_not_there_is_recorded_as_absent(cloud: ProviderWorld) -> None:
    """It is no object that could be made later."""
    cloud.unmake(ROLE)
    assert saved(cloud).objects[ROLE] is None
    assert list(saved(cloud).present) == [TRIO[0], TRIO[2]]


def test_the_text_reads_back(cloud: ProviderWorld) -> None:
    """Whole numbers stay whole, and what is absent stays absent."""
    cloud.unmake(BINDING)
    found = saved(cloud)
    assert SavedObjects.from_text(found.text) == found
    assert '"max": 65535}' in found.text


@given(TEXTS, TEXTS)
def test_any_labels_and_annotations_read_back(labels: dict[str, str], annotations: dict[str, str]) -> None:
    """To the byte, whatever they hold."""
    objects = dict(zip(TRIO, trio(labels=labels, annotations=annotations), strict=True))
    found = SavedObjects(objects=objects)
    assert json.dumps(SavedObjects.from_text(found.text).objects[BINDING]) == json.dumps(objects[BINDING])


def test_renewed_has_what_is_there_now_and_keeps_what_is_gone() -> None:
    """The provider may bring a newer one, or one that was not there at all."""
    old, new = trio(), trio(labels={"version": "2"})
    before = SavedObjects(objects={BINDING: old[0], ROLE: old[1], TRIO[2]: None})
    now = SavedObjects(objects={BINDING: None, ROLE: new[1], TRIO[2]: new[2]})
    after = before.renewed(now)
    assert after.objects == {BINDING: old[0], ROLE: new[1], TRIO[2]: new[2]}
    assert list(after.objects) == list(TRIO)


def test_an_object_that_is_going_is_kept_as_it_was() -> None:
    """When it was told to go is the server's own affair."""
    (binding, *_) = trio()
    going = {**binding, "metadata": {**binding["metadata"], "deletionTimestamp": "2022-05-03T10:00:00Z"}}
    assert kept(going) == binding
