"""Platforms whose plugin is always on, behind defaults that let every pod in: the switch is to take those away.

Removed in the platform's order, the binding first, which alone lets nobody in any more; put back the other way round.
Nothing is removed that was not saved before, or that could not be put back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any

from pulumi_pod_security.admission.rbac import Objects, Rbac, read
from pulumi_pod_security.cluster.access import asked_as, live_rbac, named_reference, together
from pulumi_pod_security.cluster.api import ClusterError, Refused
from pulumi_pod_security.cluster.plan import collection_of, path_of
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.refusal import listed
from pulumi_pod_security.cluster.verification import plugin_is_on
from pulumi_pod_security.platforms.saved import SavedObjects, kept, live
from pulumi_pod_security.platforms.switch import SwitchError, Words
from pulumi_pod_security.policy.identity import Identity

__all__ = ["DefaultsSwitch", "Unsettled", "require_plugin", "require_removable"]

_LOG = logging.getLogger(__name__)


class Unsettled(ClusterError):
    """The API server does not act yet as the objects it keeps say; it is asked again."""


class DefaultsSwitch:
    """Takes a provider's defaults away, and puts them back.

    Args:
        cluster: the server.
        references: the defaults, in the order in which they are removed.
        saved: text of `SavedObjects`: what was there before us.
    """

    words = Words(
        coming="the provider's defaults being gone",
        going="the provider's defaults being in force again",
        undone="the provider's defaults are back",
        kept="the provider's defaults were gone before this stack and stay gone",
        undoing="putting back the provider's defaults",
    )
    way_back = None

    def __init__(self, cluster: Cluster, references: Sequence[str], saved: str) -> None:
        self._cluster = cluster
        self._references = tuple(references)
        self._text = saved

    @property
    def was_on(self) -> bool:
        """Whether none of the defaults was there when they were saved."""
        return not self._saved.present

    @property
    def is_set(self) -> bool:
        """Whether none of the defaults is there now."""
        return not self._found()

    @property
    def is_untouched(self) -> bool:
        """Whether all that was saved is there now, so that nothing has been taken away yet."""
        return self._saved.present.keys() <= self._found().keys()

    def is_on(self, cluster: Cluster) -> bool:
        """Whether the defaults are gone, and not only in part.

        Raises:
            Unsettled: some are there and some are not, or the authorizer has not followed: neither on nor off.
        """
        if not cluster.version.has_psp:
            return False
        there = self._found().keys()
        missing = self._saved.present.keys() - there
        if there and missing:
            raise Unsettled(f"still there: {', '.join(there)}; not there: {', '.join(sorted(missing))}")
        _require_followed(cluster, self._saved)
        return not there

    def is_off(self, cluster: Cluster) -> bool:
        """Whether what was saved is in force again. Raises like `is_on`."""
        return not self.is_on(cluster)

    def turn_on(self) -> None:
        """Delete what is there, if it is what was saved; raises SwitchError."""
        found = self._found()
        unsaved = [reference for reference, one in found.items() if kept(one) != self._saved.objects.get(reference)]
        if unsaved:
            raise SwitchError(_changed(unsaved))
        require_removable(self._cluster, found)
        for reference, one in found.items():
            self._remove(reference, one)

    def turn_off(self) -> None:
        """Create what was saved and is missing; raises SwitchError."""
        # From 1.25 on there is no policy to put back, and nobody asks for one.
        if self._cluster.version.has_psp:
            for reference, one in reversed(self._saved.present.items()):
                self._put_back(reference, one)

    @cached_property
    def _saved(self) -> SavedObjects:
        return SavedObjects.from_text(self._text)

    def _found(self) -> dict[str, dict[str, Any]]:
        found = ((reference, live(self._cluster.api, reference)) for reference in self._references)
        return {reference: one for reference, one in found if one is not None}

    def _remove(self, reference: str, found: Mapping[str, Any]) -> None:
        metadata = found["metadata"]
        try:
            self._cluster.api.delete(
                path_of(reference), uid=metadata.get("uid", ""), resource_version=metadata.get("resourceVersion", "")
            )
        except Refused as refusal:
            if refusal.code == HTTPStatus.CONFLICT:
                raise SwitchError(_changed([reference])) from None
            if refusal.code != HTTPStatus.NOT_FOUND:
                raise

    def _put_back(self, reference: str, saved: Mapping[str, Any]) -> None:
        try:
            self._cluster.api.post(collection_of(reference), saved, dict[str, Any])
        except Refused as refusal:
            if refusal.code != HTTPStatus.CONFLICT:
                raise
            self._compare(reference, saved)

    def _compare(self, reference: str, saved: Mapping[str, Any]) -> None:
        """What others put there is left, and said; what is about to go is not there to stay."""
        found = live(self._cluster.api, reference)
        if found is None or found["metadata"].get("deletionTimestamp"):
            raise SwitchError(f"{reference} is being deleted by somebody else; once it is gone, run the same again")
        if kept(found) != saved:
            _LOG.warning("%s is there, is not as it was saved, and is left as it is", reference)


def require_plugin(cluster: Cluster, platform: str) -> None:
    """Refuse a cluster whose plugin is off: there the defaults hold nothing back.

    Raises:
        SwitchError: it is.
        ClusterError: nobody can tell.
    """
    if not plugin_is_on(cluster):
        raise SwitchError(
            f"the PodSecurityPolicy plugin is off at {cluster.api.where}, and on {platform} it is always on; does the "
            "kubeconfig lead to a cluster of another platform? see: kubectl config view --minify"
        )


def require_removable(cluster: Cluster, objects: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse to remove what could not be put back, or would not go.

    A creation is tried out on the server: an object that is there already is refused as such only after everything
    else was found right (`Create` in registry/generic/registry/store.go, k8s.io/apiserver v0.24.17).

    Raises:
        SwitchError: with every object, and the server's reasons.
        ClusterError: no server answers.
    """
    faults = [fault for reference, found in objects.items() for fault in _faults(cluster, reference, kept(found))]
    if faults:
        raise SwitchError(listed("the provider's defaults could not be put back later; nothing was changed", faults))


def _faults(cluster: Cluster, reference: str, found: Mapping[str, Any]) -> Iterator[str]:
    kind, _, name = reference.partition("/")
    if finalizers := found["metadata"].get("finalizers"):
        yield (
            f"{reference} would not go before somebody removes its finalizers ({', '.join(finalizers)}); remove them: "
            f'kubectl patch {kind.lower()} {name} --type=merge -p \'{{"metadata":{{"finalizers":null}}}}\''
        )
    try:
        cluster.api.post(collection_of(reference), found, dict[str, Any], dryRun="All")
    except Refused as refusal:
        if refusal.code != HTTPStatus.CONFLICT:
            yield f"{reference}: {refusal.message}"


def _changed(references: Iterable[str]) -> str:
    return (
        f"{', '.join(references)} changed since it was saved, and only what was saved is deleted; save it anew and go "
        "on with: pulumi up"
    )


def _require_followed(cluster: Cluster, saved: SavedObjects) -> None:
    """Return when the authorizer says, to everyone whom the saved objects concern, what the RBAC that is there says."""
    cluster.may_use.cache_clear()
    objects = live_rbac(cluster)
    stored = Rbac(objects)
    for identity, policy, namespace in _concerned(cluster, objects, saved):
        answer = cluster.may_use(identity, policy, namespace)
        if answer != stored.may_use(identity, policy, namespace):
            verb = "still lets" if answer else "does not let"
            who = identity.user or ", ".join(identity.groups)
            raise Unsettled(f"the authorizer {verb} {who} use policy {policy}, other than roles and bindings say")


def _concerned(cluster: Cluster, objects: Objects, saved: SavedObjects) -> Iterator[tuple[Identity, str, str]]:
    """Whom the saved roles and bindings give what and where, by bindings of others to these roles too."""
    removed = saved.present
    named = (found.partition("/") for found in removed)
    policies = sorted(cluster.policies().keys() | {name for kind, _, name in named if kind == "PodSecurityPolicy"})
    full = Rbac(together(objects, read(removed.items())))
    for link in full.links.all:
        if removed.keys() & {named_reference(link.binding), named_reference(link.role)}:
            yield from ((asked_as(link.subject), name, link.namespace) for name in policies if full.gives(link, name))
