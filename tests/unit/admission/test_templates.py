"""Pod templates inside custom resources."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pulumi_pod_security.admission.templates import embedded, pointed_at, require_paths
from pulumi_pod_security.admission.workloads import controller
from pulumi_pod_security.errors import InvalidInput

SPEC = {"containers": [{"name": "a", "image": "b"}]}


def resource(spec: object) -> dict[str, Any]:
    """A Rollout."""
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "r"}, "spec": spec}


@pytest.mark.parametrize(
    ("spec", "path", "places"),
    [
        pytest.param({"template": {"spec": SPEC}}, "spec.template", ["x.spec.template"], id="template"),
        pytest.param({"pod": SPEC}, "spec.pod", ["x.spec.pod"], id="spec"),
        pytest.param(
            {"steps": [{"t": {"spec": SPEC}}, {"t": SPEC}]},
            "spec.steps.t",
            ["x.spec.steps[0].t", "x.spec.steps[1].t"],
            id="list",
        ),
        pytest.param({"steps": []}, "spec.steps", [], id="empty"),
    ],
)
def test_finds_what_the_path_points_at(spec: object, path: str, places: list[str]) -> None:
    """Lists on the way are gone through, and a pod's spec will do for a template."""
    found = list(pointed_at(resource(spec), "x", path, "shop"))
    assert [place for place, _ in found] == places
    for _, workload in found:
        assert str(workload) == "shop/Rollout/r"
        assert (workload.pod["spec"], workload.creator) == (SPEC, controller("replicaset-controller"))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        pytest.param(
            {"templat": {}}, "x.spec.template: missing; allowed: a pod template, .*did you mean 'templat'", id="no"
        ),
        pytest.param(None, "x.spec: missing", id="null"),
        pytest.param({"template": 5}, "x.spec.template: 5; allowed: a mapping", id="number"),
        pytest.param(
            {"template": {"spec": {"containers": 5}}}, r"x.spec.template.spec.containers: 5; allowed: a list", id="bad"
        ),
    ],
)
def test_a_path_to_nothing_is_a_fault(spec: object, message: str) -> None:
    """It names where the way ends."""
    with pytest.raises(InvalidInput, match=message):
        list(pointed_at(resource(spec), "x", "spec.template", "shop"))


@pytest.mark.parametrize(
    ("kind", "path", "instead"),
    [
        *(
            (kind, "spec", "group, kind and path, such as {'argoproj.io/Rollout'")
            for kind in ("Rollout", "a.io/", "/B")
        ),
        ("a.io/B", "", "group, kind and path, such as "),
        ("a/b/c/D", "spec", "group, kind and path, such as "),
        ("a.io/v1/B", "spec", "group and kind, without the version between them: 'a.io/B'"),
        ("a.io/B", ".spec.template", "a path without a dot at its beginning: 'spec.template'"),
        ("a.io/B", "a..b", "a path with one dot between two steps, such as "),
        ("a.io/B", ".", "a path with one dot between two steps, such as "),
    ],
)
def test_a_path_that_cannot_point_is_refused(kind: str, path: str, instead: str) -> None:
    """Group, kind and path are all needed; the likely slips are told with what was meant."""
    with pytest.raises(InvalidInput, match=re.escape(f"templates[{kind!r}]: {path!r}; allowed: {instead}")):
        require_paths({kind: path})
    assert require_paths({"a.io/B": "spec.template"}) is None  # type: ignore[func-returns-value]


def test_suggests_where_templates_seem_to_be() -> None:
    """Containers with images, wherever they are; nothing else that is called so."""
    spec = {"a": {"spec": SPEC}, "b": [{"c": {"spec": SPEC}}], "d": {"spec": {"containers": [5, {}]}}}
    assert embedded(resource(spec)) == ("spec.a", "spec.b.c")


def test_a_search_ends() -> None:
    """Neither size nor depth of a hostile object matter."""
    deep: Any = {"spec": SPEC}
    for _ in range(100_000):
        deep = {"a": deep}
    assert embedded(resource(deep)) == ()
    assert embedded(resource([{"a": {"b": {}}}] * 1_000_000)) == ()
