"""Who may use what is what the server answers, not what the configuration says."""

from typing import Any

import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.cluster.questions import Cluster
from tools.walk.access import Use, uses

__all__: list[str] = []

NAMESPACES = ("kube-system", "shop")


def _uses(cluster: Cluster, *subjects: ps.Subject) -> list[tuple[str, str, str]]:
    return [(use.subject, use.policy, use.namespaces) for use in uses(cluster, subjects, NAMESPACES)]


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        pytest.param(
            ps.nodes(),
            [
                ("Group system:nodes", "privileged", "kube-system"),
                ("Group system:nodes", "default", "every namespace"),
            ],
            id="nodes log in",
        ),
        pytest.param(
            ps.authenticated(), [("Group system:authenticated", "default", "every namespace")], id="authenticated"
        ),
        pytest.param(ps.user("kubelet"), [("User kubelet", "default", "every namespace")], id="a user logs in"),
        pytest.param(
            ps.service_accounts("shop"),
            [("Group system:serviceaccounts:shop", "privileged", "kube-system, shop")],
            id="service accounts, as the plugin asks",
        ),
        pytest.param(
            ps.service_account("cart", "shop"),
            [
                ("ServiceAccount shop/cart", "privileged", "kube-system, shop"),
                ("ServiceAccount shop/cart", "default", "shop"),
            ],
            id="a service account",
        ),
        pytest.param(ps.group("system:serviceaccounts:gone"), [], id="nothing"),
    ],
)
def test_each_subject_has_what_the_server_grants(
    cluster: Cluster, subject: ps.Subject, found: list[tuple[str, str, str]]
) -> None:
    """Beyond what its own grant says, and less when the server says no."""
    assert _uses(cluster, subject) == found


def test_every_policy_and_namespace_is_asked_about(cluster: Cluster, server: Any) -> None:
    """Every namespace by itself, unless all of them are allowed at once."""
    uses(cluster, [ps.nodes(), ps.nodes()], NAMESPACES)
    asked = {(spec["resourceAttributes"]["name"], spec["resourceAttributes"]["namespace"]) for spec in server.asked}
    assert asked == {("privileged", ""), ("privileged", "kube-system"), ("privileged", "shop"), ("default", "")}
    assert all("system:nodes" in spec["groups"] for spec in server.asked)


def test_a_subject_of_two_grants_is_shown_once(cluster: Cluster) -> None:
    """The table is about subjects, not about grants."""
    (use,) = uses(cluster, [ps.authenticated(), ps.authenticated()], NAMESPACES)
    assert use == Use(subject="Group system:authenticated", policy="default", namespaces="every namespace")
