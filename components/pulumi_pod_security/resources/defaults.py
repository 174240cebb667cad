"""The two acts behind enforcement where the plugin is always on: saving the provider's defaults, and removing them.

They are two resources because a create that fails leaves nothing in state: what `DefaultsSaved` saved is there before
anything is removed, so a removal that was killed half way is finished or undone by the next update.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import refused_workloads
from pulumi_pod_security.platforms.defaults import DefaultsSwitch, require_plugin, require_removable
from pulumi_pod_security.platforms.saved import SavedObjects
from pulumi_pod_security.resources.dynamic import BASELINE, Provider, connection_of, differ, is_known
from pulumi_pod_security.resources.enforcing import EnforcingProvider, EnforcingResource

__all__ = ["DefaultsRemoved", "DefaultsSaved"]


class SavedProvider(Provider):
    """Saves the defaults as they are before we remove them."""

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse another platform's cluster, and defaults that could not be put back, before anything depends on it."""
        if is_known(news.get("kubeconfig")):
            cluster = _cluster(news)
            require_plugin(cluster, news["platform"])
            require_removable(cluster, _now(news).present)

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """A default that is there now is saved as it is now; `delete` gets nothing but what was recorded."""
        if differ(olds, news, ("kubeconfig", "context", "defaults", "timeout_seconds")):
            return True
        before = SavedObjects.from_text(olds["saved"])
        return before.renewed(_now(news)) != before

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Save what is there, and what the plugin refuses before any of it goes."""
        refused = refused_workloads(_cluster(props))
        return CreateResult("saved", {**props, "saved": _now(props).text, "refused_before": refused})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Save anew what is there; what is gone stays as it was saved."""
        saved = SavedObjects.from_text(_olds["saved"]).renewed(_now(_news))
        return UpdateResult({**_news, "saved": saved.text, "refused_before": _olds["refused_before"]})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Put back what was saved, if a removal killed half way left it out: policies and grants go next."""
        RemovedProvider().put_back(_props)


class DefaultsSaved(Resource, module="pod-security", name="DefaultsSaved"):
    """What was there before; kept as a secret, because annotations may hold anything.

    Attributes:
        saved: text of the objects.
        refused_before: workloads that the plugin refused before any default was removed.
    """

    saved: pulumi.Output[str]
    refused_before: pulumi.Output[list[str]]

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        kept = pulumi.ResourceOptions(additional_secret_outputs=["saved"])
        inputs = {**props, "saved": None, "refused_before": None}
        super().__init__(SavedProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, kept))


class RemovedProvider(EnforcingProvider):
    """Removes the defaults once nothing needs them."""

    renewed = (*BASELINE, "saved", "timeout_seconds")

    def switch(self, props: Mapping[str, Any]) -> DefaultsSwitch:
        """The defaults, and what was saved of them."""
        return DefaultsSwitch(_cluster(props), props["defaults"], props["saved"])

    def refused_at_first(self, props: Mapping[str, Any]) -> Iterable[str]:
        """What the plugin, which was on all along, refused before the removal: asked now, unless that has begun."""
        untouched = self.switch(props).is_untouched
        return refused_workloads(_cluster(props)) if untouched else props["refused_before"]


class DefaultsRemoved(EnforcingResource, module="pod-security", name="DefaultsRemoved"):
    """Enforcement on a cluster whose plugin is always on."""

    provider_type = RemovedProvider


def _cluster(props: Mapping[str, Any]) -> Cluster:
    return Cluster(connection_of(props).open())


def _now(props: Mapping[str, Any]) -> SavedObjects:
    return SavedObjects.read(_cluster(props).api, props["defaults"])
