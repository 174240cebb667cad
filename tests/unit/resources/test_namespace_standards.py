"""Pod Security labels as a resource, as far as no server is needed; the rest is among the integration tests."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN

from pulumi_pod_security.resources.namespace_standards import NamespaceStandardsProvider

NOWHERE = {"kubeconfig": "/none/kubeconfig", "context": None, "namespaces": ["shop"], "take_over": []}
PROPS: dict[str, Any] = {**NOWHERE, "enforce": "baseline", "audit": None, "warn": None, "manager": "m"}


@pytest.mark.parametrize(
    "changed",
    [{"kubeconfig": UNKNOWN}, {"namespaces": ["shop", UNKNOWN]}, {"enforce": "restricted"}, {"take_over": ["helm"]}],
    ids=str,
)
def test_a_changed_input_is_a_change(changed: dict[str, Any]) -> None:
    """No server is asked, which may not be there yet."""
    assert NamespaceStandardsProvider().diff("m", PROPS, {**PROPS, **changed}).changes


def test_what_is_not_known_yet_is_not_judged() -> None:
    """As in the preview of a cluster that the same program makes."""
    checked = NamespaceStandardsProvider().check({}, {**PROPS, "kubeconfig": UNKNOWN})
    assert not checked.failures


def test_a_cluster_that_is_not_there_is_one_failure() -> None:
    """In words."""
    (failure,) = NamespaceStandardsProvider().check({}, PROPS).failures
    assert failure.reason.startswith("kubeconfig /none/kubeconfig: cannot be used: there is no such file")
