"""Arguments that nothing can be made of, refused when they are given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.errors import InvalidInput

BASELINE: Any = SimpleNamespace(args=SimpleNamespace(enforcement="psp"))
PLACE: dict[str, Any] = {"project": "shop", "location": "europe-west1", "cluster": "prod"}
MADE: dict[str, Callable[..., Any]] = {
    "EksEnablementArgs": lambda **more: ps.EksEnablementArgs(**{"baseline": BASELINE, **more}),
    "GkeEnablementArgs": lambda **more: ps.GkeEnablementArgs(**{"baseline": BASELINE, **PLACE, **more}),
    "KubeadmEnablementArgs": lambda **more: ps.KubeadmEnablementArgs(**{"baseline": BASELINE, **more}),
    "RecycledArgs": lambda **more: ps.RecycledArgs(baseline=BASELINE, **more),
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize(
    "seconds",
    [None, "300", 0, -1, 1e-9, float("nan"), float("inf"), 86_401, 10**400, True, []],
    ids=lambda one: repr(one)[:9],
)
def test_seconds_that_nobody_can_wait_for(name: str, seconds: Any) -> None:
    """A switch that waits for them would be turned on and never be proven, and no `destroy` would end."""
    with pytest.raises(InvalidInput, match=rf"(?s)^{name}: 1 fault.*timeout_seconds: .*; allowed: .* from 1 to 86400$"):
        MADE[name](timeout_seconds=seconds)


@pytest.mark.parametrize("name", MADE)
def test_seconds_that_one_can_wait_for(name: str) -> None:
    """A second, a day, and a part of one."""
    for seconds in (1, 86_400, 2.5):
        assert MADE[name](timeout_seconds=seconds).timeout_seconds == seconds


@pytest.mark.parametrize("name", sorted(MADE.keys() - {"RecycledArgs"}))
def test_the_plugin_is_for_policies_that_are_objects(name: str) -> None:
    """Turned on for a baseline without them it would let nothing in."""
    other: Any = SimpleNamespace(args=SimpleNamespace(enforcement="cel"))
    with pytest.raises(
        InvalidInput, match=rf"(?s)^{name}: 1 fault.*baseline.args.enforcement: 'cel'; allowed: 'psp', "
    ):
        MADE[name](baseline=other)


@pytest.mark.parametrize("namespaces", ["shop", 3, {"shop": 1}, [3], [None], ["магазин"], ["shop", "a b"]])
def test_what_is_no_list_of_namespaces(namespaces: Any) -> None:
    """A text would be taken for a list of letters."""
    with pytest.raises(InvalidInput, match=r"(?s)^RecycledArgs: 1 fault.*namespaces(\[[01]\])?: .*; allowed: "):
        ps.RecycledArgs(baseline=BASELINE, namespaces=namespaces)


@pytest.mark.parametrize("namespaces", [None, [], ["shop"], ("shop", "kube-system")])
def test_lists_of_namespaces(namespaces: Any) -> None:
    """None means all."""
    assert ps.RecycledArgs(baseline=BASELINE, namespaces=namespaces).namespaces == namespaces


@pytest.mark.parametrize(
    "kubeconfig", [3, b"planted-token", ["planted-token"], {"token": "planted-token"}, Path("config")]
)
def test_what_is_no_kubeconfig(kubeconfig: Any) -> None:
    """What it holds may be credentials, so that only its type is told."""
    with pytest.raises(InvalidInput, match=r"kubeconfig: '\w+'; allowed: a text") as refused:
        ps.PodSecurityBaselineArgs(policies=[], grants=[], kubeconfig=kubeconfig)
    assert "planted" not in str(refused.value)


@pytest.mark.parametrize("context", [3, "", []])
def test_what_is_no_context(context: Any) -> None:
    """An empty one is none, which is said by None."""
    with pytest.raises(InvalidInput, match=r"context: .*; allowed: the name of a context in the kubeconfig"):
        ps.PodSecurityBaselineArgs(policies=[], grants=[], context=context)


def test_kubeconfigs() -> None:
    """A path, contents, and what is only known later."""
    for kubeconfig in (None, "~/.kube/config", pulumi.Output.from_input("a: b\n")):
        assert ps.PodSecurityBaselineArgs(policies=[], grants=[], kubeconfig=kubeconfig).kubeconfig is kubeconfig


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        ({"namespaces": "shop"}, "namespaces: 'shop'"),
        ({"namespaces": None}, "namespaces: missing"),
        ({"namespaces": ["a b"]}, r"namespaces\[0\]: 'a b'"),
        (
            {"namespaces": ["shop"], "enforce": "strict"},
            r"(?s)^NamespaceStandardsArgs.enforce: .*'strict'; allowed",
        ),
        (
            {"namespaces": ["shop"], "warn": "baseline:1.24"},
            r"(?s)^NamespaceStandardsArgs.warn: .*'1.24'; allowed",
        ),
        ({"namespaces": ["shop"], "take_over": "helm"}, "take_over: 'helm'; allowed: a list of names"),
        ({"namespaces": ["shop"], "take_over": None}, "take_over: None; allowed: a list of names"),
        ({"namespaces": ["shop"], "context": 3}, "context: 3"),
    ],
)
def test_standards_that_are_none(args: Any, fault: str) -> None:
    """Named as they were written."""
    with pytest.raises(InvalidInput, match=fault):
        ps.NamespaceStandardsArgs(**args)


def test_namespaces_that_are_known_later() -> None:
    """As from a resource of the same program."""
    later = pulumi.Output.from_input("shop")
    assert ps.NamespaceStandardsArgs(namespaces=[later], enforce="baseline").namespaces == [later]
