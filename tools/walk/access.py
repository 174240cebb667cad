"""Who may use what: asked of the server, for every subject, policy and namespace, whatever was declared."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import pulumi_pod_security as ps
from pulumi_pod_security.cluster.questions import Cluster

__all__ = ["Use", "uses"]

_LOGGED_IN = "system:authenticated"
_ACCOUNTS = "system:serviceaccounts"


@dataclass(frozen=True, kw_only=True)
class Use:
    """A policy that a subject may use, and for pods of which namespaces."""

    subject: str
    policy: str
    namespaces: str


def uses(cluster: Cluster, subjects: Iterable[ps.Subject], namespaces: Iterable[str]) -> list[Use]:
    """What the server's authorizer says of each subject and each of its policies, by SubjectAccessReview."""
    everywhere = tuple(namespaces)
    pairs = list(product(dict.fromkeys(subjects), cluster.policies()))
    found = cluster.ask(lambda pair: _where(cluster, _asked_as(pair[0]), pair[1], everywhere), pairs)
    return [
        Use(subject=str(subject), policy=policy, namespaces=where)
        for (subject, policy), where in zip(pairs, found, strict=True)
        if where
    ]


def _where(cluster: Cluster, identity: ps.Identity, policy: str, namespaces: Iterable[str]) -> str:
    if cluster.may_use(identity, policy, ""):
        return "every namespace"
    return ", ".join(name for name in namespaces if cluster.may_use(identity, policy, name))


def _asked_as(subject: ps.Subject) -> ps.Identity:
    """Someone the subject means: logged in, but for service accounts, as which the plugin asks for pods."""
    if subject.kind == "ServiceAccount":
        return ps.Identity.service_account(subject.namespace or "", subject.name)
    if subject.kind == "User":
        return ps.Identity(user=subject.name, groups=frozenset({_LOGGED_IN}))
    also = _ACCOUNTS if subject.name.startswith(_ACCOUNTS) else _LOGGED_IN
    return ps.Identity(user="", groups=frozenset({subject.name, also}))
