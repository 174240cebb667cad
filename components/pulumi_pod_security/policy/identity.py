"""Who asks for a pod, in the API server's eyes: a user name and groups.

The PodSecurityPolicy plugin asks twice: for the pod's service account, which it makes up itself and without the group
`system:authenticated`, and for whoever sends the request, who did log in. Hence two makers for one account.
Asked in plugin/pkg/admission/security/podsecuritypolicy/admission.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Identity"]


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A user name and the groups it is in."""

    user: str
    groups: frozenset[str] = frozenset()

    @classmethod
    def service_account(cls, namespace: str, name: str) -> Identity:
        """A pod's service account as the admission plugin makes it up: not in `system:authenticated`.

        `UserInfo` in pkg/authentication/serviceaccount/util.go, k8s.io/apiserver v0.24.17.
        """
        groups = frozenset({"system:serviceaccounts", f"system:serviceaccounts:{namespace}"})
        return cls(user=f"system:serviceaccount:{namespace}:{name}", groups=groups)

    @classmethod
    def authenticated_service_account(cls, namespace: str, name: str) -> Identity:
        """A service account that logged in with its token, as a controller does.

        pkg/authentication/group/authenticated_group_adder.go, k8s.io/apiserver v0.24.17.
        """
        account = cls.service_account(namespace, name)
        return cls(user=account.user, groups=account.groups | {"system:authenticated"})
