"""How the standards name what is wrong: in quotes, as one or as many, and by who set it.

Upstream: policy/helpers.go and policy/visitor.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from pulumi_pod_security.controls.pod import (
    Container,
    Pod,
    PodSecurityContext,
    SecurityContext,
    each_container,
    pod_security,
    security,
)

__all__ = ["Context", "contexts", "counted", "in_quotes", "names", "plural", "setters", "users"]

Context = PodSecurityContext | SecurityContext
"""A security context, of a pod or of a container; they have some fields in common."""


def plural(word: str, found: Collection[object]) -> str:
    """The word for so many."""
    return word if len(found) == 1 else f"{word}s"


def in_quotes(names: Iterable[str]) -> str:
    """Names one after the other, each in quotes; nothing in them is escaped."""
    return ", ".join(f'"{name}"' for name in names)


def counted(word: str, names: Collection[str]) -> str:
    """What they are, and their names: `containers "a", "b"`."""
    return f"{plural(word, names)} {in_quotes(names)}"


def users(word: str, names: Collection[str]) -> str:
    """Those that use something, with the verb: `container "a" uses`."""
    return f"{counted(word, names)} {'uses' if len(names) == 1 else 'use'}"


def names(pod: Pod, is_bad: Callable[[Container], object]) -> list[str]:
    """The containers of which that is true."""
    return [container.name for container in each_container(pod) if is_bad(container)]


def contexts(pod: Pod) -> tuple[Context, ...]:
    """The pod's security context and its containers', in the order in which they are looked at."""
    return (pod_security(pod), *map(security, each_container(pod)))


def setters(pod: Pod, is_bad: Callable[[Context], object]) -> list[str]:
    """Who has a security context of which that is true: the pod, and its containers."""
    bad = names(pod, lambda container: is_bad(security(container)))
    of_pod = ["pod"] if is_bad(pod_security(pod)) else []
    return [*of_pod, counted("container", bad)] if bad else of_pod
