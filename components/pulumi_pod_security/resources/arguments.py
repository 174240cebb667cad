"""What is wrong in a component's arguments is said when they are made, before anything is registered.

A provider would stumble over it in a process of its own, when half of the work is done.
"""

import inspect
from collections.abc import Iterable, Iterator

import pulumi

from pulumi_pod_security.cluster.connection import is_contents
from pulumi_pod_security.errors import Fault, InvalidInput, one_of
from pulumi_pod_security.policy.enforcement import ENFORCEMENTS, PSP
from pulumi_pod_security.policy.syntax import DNS_LABEL

__all__ = [
    "kept_secret",
    "require_connection",
    "require_enforcement",
    "require_names",
    "require_namespaces",
    "require_plugin",
    "require_seconds",
]

_A_DAY = 24 * 60 * 60


def require_seconds(arguments: object, value: object) -> None:
    """Refuse what nobody can wait for.

    Raises:
        InvalidInput: naming the arguments' type.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and 1 <= value <= _A_DAY):  # type: ignore[operator]
        allowed = f"a number of seconds from 1 to {_A_DAY}"
        _refuse(arguments, [Fault(path="timeout_seconds", value=value, allowed=allowed)])


def require_namespaces(arguments: object, value: object) -> None:
    """Refuse what is no list of namespaces: a text is one of letters. None means all. Raises like `require_seconds`."""
    if value is not None:
        _refuse(arguments, _namespace_faults(value))


def require_names(arguments: object, path: str, value: object) -> None:
    """Refuse what is no list of names: a text is one of letters. Raises like `require_seconds`."""
    names = isinstance(value, list | tuple | set | frozenset) and all(isinstance(name, str) and name for name in value)
    _refuse(arguments, [] if names else [Fault(path=path, value=value, allowed="a list of names")])


def require_connection(arguments: object, kubeconfig: object, context: object) -> None:
    """Refuse what leads to no cluster; the kubeconfig itself is never shown. Raises like `require_seconds`."""
    faults = []
    if not (kubeconfig is None or isinstance(kubeconfig, str | pulumi.Output) or inspect.isawaitable(kubeconfig)):
        allowed = "a text: the path of a kubeconfig, or its contents"
        faults.append(Fault(path="kubeconfig", value=type(kubeconfig).__name__, allowed=allowed))
    if not (context is None or (isinstance(context, str) and context)):
        faults.append(Fault(path="context", value=context, allowed="the name of a context in the kubeconfig"))
    _refuse(arguments, faults)


def require_enforcement(arguments: object, value: object) -> None:
    """Refuse what cannot hold pods to policies. Raises like `require_seconds`."""
    known = isinstance(value, str) and value in ENFORCEMENTS
    allowed = f"{one_of(ENFORCEMENTS, given=value)}; what a server can do: pulumi_pod_security.enforcement_of"
    _refuse(arguments, [] if known else [Fault(path="enforcement", value=value, allowed=allowed)])


def require_plugin(arguments: object, enforcement: str) -> None:
    """Refuse to turn the plugin on for a baseline whose policies are no objects. Raises like `require_seconds`."""
    allowed = "'psp', for this turns the PodSecurityPolicy plugin on; with anything else leave the enablement out"
    faults = [Fault(path="baseline.args.enforcement", value=enforcement, allowed=allowed)]
    _refuse(arguments, [] if enforcement == PSP else faults)


def _namespace_faults(value: object) -> Iterator[Fault]:
    if not isinstance(value, list | tuple | set | frozenset):
        yield Fault(path="namespaces", value=value, allowed="a list of namespaces, such as ['shop']")
        return
    for index, name in enumerate(value):
        known_later = isinstance(name, pulumi.Output)
        if not known_later and not (isinstance(name, str) and DNS_LABEL.admits(name)):
            yield Fault(path=f"namespaces[{index}]", value=name, allowed=DNS_LABEL.allowed)


def _refuse(arguments: object, found: Iterable[Fault]) -> None:
    faults = list(found)
    if faults:
        raise InvalidInput(type(arguments).__name__, faults)


def kept_secret(kubeconfig: pulumi.Input[str] | None) -> pulumi.Input[str] | None:
    """A path is no secret; contents, and anything that is only known later, may hold credentials."""
    if kubeconfig is None or (isinstance(kubeconfig, str) and not is_contents(kubeconfig)):
        return kubeconfig
    return pulumi.Output.secret(kubeconfig)
