"""How a subject is spelled in config: `nodes`, `authenticated`, `user:jane`, `serviceaccount:shop/cart` and so on."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_pod_security.errors import Fault, InvalidGrant, closest, one_of
from pulumi_pod_security.policy.subjects import (
    Subject,
    authenticated,
    group,
    nodes,
    service_account,
    service_accounts,
    user,
)

__all__ = ["parse_subject"]


def parse_subject(text: str, *, path: str = "to") -> Subject:
    """The subject that a text spells.

    `nodes`, `authenticated` and `service-accounts` stand alone; `user:`, `group:`, `serviceaccount:` and
    `service-accounts:` take a name, a service account's with a namespace before it if it is not the grant's.

    Raises:
        InvalidGrant: naming the path, and what to write instead.
    """
    if not isinstance(text, str):
        raise InvalidGrant("grant", [Fault(path=path, value=text, allowed=one_of(_SPELLINGS))])
    kind, _, name = text.partition(":")
    if text in _ALONE:
        return _ALONE[text]()
    if kind in _NAMED and name:
        return _NAMED[kind](name)
    raise InvalidGrant("grant", [Fault(path=path, value=text, allowed=_instead(text))])


def _account(name: str) -> Subject:
    namespace, slash, account = name.rpartition("/")
    return service_account(account, namespace if slash else None)


_ALONE: dict[str, Callable[[], Subject]] = {
    "nodes": nodes,
    "authenticated": authenticated,
    "service-accounts": service_accounts,
}
_NAMED: dict[str, Callable[[str], Subject]] = {
    "user": user,
    "group": group,
    "serviceaccount": _account,
    "service-accounts": service_accounts,
}
_SPELLINGS = (
    *_ALONE,
    *("user:NAME", "group:NAME", "serviceaccount:NAME", "serviceaccount:NAMESPACE/NAME", "service-accounts:NAMESPACE"),
)


def _instead(text: str) -> str:
    kind, colon, name = text.partition(":")
    alone, _, below = kind.partition("/")
    if kind == "system" and colon:
        return _instead_of_system(text)
    if alone in ("nodes", "authenticated"):
        return f"{alone!r}, and 'namespace: {name or below}' on the grant itself"
    if kind and not colon:
        return f"'user:{kind}', 'group:{kind}' or 'serviceaccount:{kind}', or {one_of(_ALONE, given=kind)}"
    guess = closest(kind, _NAMED)
    return one_of(_SPELLINGS) + (f"; did you mean '{guess}:{name or 'NAME'}'?" if guess else "")


def _instead_of_system(text: str) -> str:
    if text in ("system:nodes", "system:authenticated"):
        return repr(text.removeprefix("system:"))
    _, name, *rest = text.split(":")
    if name == "serviceaccounts":
        return repr(":".join(["service-accounts", *rest]))
    if name == "serviceaccount":
        return repr("serviceaccount:" + "/".join(rest))
    if name == "authenticated":
        return f"'authenticated', and 'namespace: {':'.join(rest)}' on the grant itself"
    return f"'group:{text}' or 'user:{text}'"
