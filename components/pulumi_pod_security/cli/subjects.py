"""Whom a command is about: spelled as in stack config, made an identity as the authorizer sees it."""

from __future__ import annotations

from pulumi_pod_security.errors import InvalidInput
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.spelling import parse_subject
from pulumi_pod_security.policy.subjects import Subject, subject_faults

__all__ = ["identity_of", "subject_of"]

_ANONYMOUS = "system:anonymous"


def subject_of(text: str, namespace: str, path: str) -> Subject:
    """The subject; a service account without a namespace is one of `namespace`.

    Raises:
        InvalidInput: nobody is spelled so, or nobody can be called so.
    """
    subject = parse_subject(text, path=path)
    faults = tuple(subject_faults(subject, path, namespace))
    if faults:
        raise InvalidInput("subject", faults)
    return subject.within(None if subject.kind == "ServiceAccounts" else namespace)


def identity_of(subject: Subject) -> Identity:
    """A user or a service account that is logged in, or somebody of whom nothing is known but the group."""
    if subject.kind == "ServiceAccount":
        return Identity.authenticated_service_account(subject.namespace or "", subject.name)
    if subject.kind == "Group":
        return Identity(user="", groups=frozenset({subject.name}))
    group = "system:unauthenticated" if subject.name == _ANONYMOUS else "system:authenticated"
    return Identity(user=subject.name, groups=frozenset({group}))
