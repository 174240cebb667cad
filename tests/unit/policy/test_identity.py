"""Who asks for a pod, in the API server's eyes."""

from __future__ import annotations

from pulumi_pod_security.policy.identity import Identity


def test_only_who_logged_in_is_authenticated() -> None:
    """The plugin asks about an account it made up itself; the same account as a creator is in one group more."""
    made_up, creator = (
        make("shop", "cart") for make in (Identity.service_account, Identity.authenticated_service_account)
    )
    assert made_up.user == creator.user == "system:serviceaccount:shop:cart"
    assert made_up.groups == {"system:serviceaccounts", "system:serviceaccounts:shop"}
    assert creator.groups - made_up.groups == {"system:authenticated"}
