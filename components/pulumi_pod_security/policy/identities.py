"""Who asks, as people name them: a subject or its text in stack config, made an identity as the authorizer sees it."""

from __future__ import annotations

from pulumi_pod_security.errors import Fault, InvalidInput
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.spelling import parse_subject
from pulumi_pod_security.policy.subjects import Subject, subject_faults

__all__ = ["asking", "identity_of", "subject_of"]

_ANONYMOUS = "system:anonymous"


def subject_of(text: str, namespace: str, path: str) -> Subject:
    """The subject; a service account without a namespace is one of `namespace`.

    Raises:
        InvalidInput: nobody is spelled so, or nobody can be called so.
    """
    return _sound(parse_subject(text, path=path), namespace, path)


def asking(given: object, namespace: str, path: str) -> Identity:
    """Whoever is given: an identity, a subject, or the text that spells one.

    Raises:
        InvalidInput: it is none of these, or nobody can be called so.
    """
    if isinstance(given, Identity):
        return given
    if isinstance(given, str):
        return identity_of(subject_of(given, namespace, path))
    if isinstance(given, Subject):
        return identity_of(_sound(given, namespace, path))
    allowed = "user('jane'), service_account('cart', 'shop'), 'user:jane', 'serviceaccount:shop/cart' or an Identity"
    raise InvalidInput("subject", [Fault(path=path, value=given, allowed=allowed)])


def _sound(subject: Subject, namespace: str, path: str) -> Subject:
    faults = tuple(subject_faults(subject, path, namespace))
    if faults:
        raise InvalidInput("subject", faults)
    return subject.within(None if subject.kind == "ServiceAccounts" else namespace)


def identity_of(subject: Subject) -> Identity:
    """A user or a service account that is logged in, or somebody of whom nothing is known but the group.

    `NewAuthenticator` in pkg/authentication/request/anonymous/anonymous.go, k8s.io/apiserver v0.24.17.
    """
    if subject.kind == "ServiceAccount":
        return Identity.authenticated_service_account(subject.namespace or "", subject.name)
    if subject.kind == "Group":
        return Identity(user="", groups=frozenset({subject.name}))
    group = "system:unauthenticated" if subject.name == _ANONYMOUS else "system:authenticated"
    return Identity(user=subject.name, groups=frozenset({group}))
