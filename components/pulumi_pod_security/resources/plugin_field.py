"""What the platforms with a switch in their provider's API share: what was found is saved, then the switch is moved.

They are two resources because a create that fails leaves nothing in state: what the first recorded is there before
anything is changed, so a switch that was killed half way is finished or undone by the next update.
A cluster of another name is another switch: the new one is turned on before the old one is turned off.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import ConfigureRequest, CreateResult, Resource, UpdateResult

from pulumi_pod_security.errors import shown
from pulumi_pod_security.platforms.field import FieldSwitch
from pulumi_pod_security.platforms.moving import Pace, ProviderField
from pulumi_pod_security.platforms.switch import SwitchError, relax
from pulumi_pod_security.resources.arguments import require_plugin, require_seconds
from pulumi_pod_security.resources.baseline import PodSecurityBaseline
from pulumi_pod_security.resources.dynamic import Provider, cluster_of, connection_of, differ, is_known
from pulumi_pod_security.resources.enablement import Enablement
from pulumi_pod_security.resources.enforcing import EnforcingProvider, EnforcingResource
from pulumi_pod_security.resources.own_cluster import unguarded
from pulumi_pod_security.resources.preflight import Preflight, PreflightArgs

__all__ = [
    "FieldArgs",
    "FieldEnablement",
    "FieldFound",
    "FieldFoundProvider",
    "FieldProvider",
    "FieldSwitchProvider",
    "pace_of",
]

_CONNECTION = ("kubeconfig", "context")


def pace_of(props: Mapping[str, Any]) -> Pace:
    """How long things may take."""
    return Pace(timeout=props["timeout_seconds"])


class FieldProvider(Provider):
    """A provider that reaches one cluster's field, and whose progress people see.

    Attributes:
        keys: the inputs that say which cluster it is, each with what its spellings mean: when that changes, it is
            another cluster.
        reach: the inputs that say how it is reached.
        field_at: the platform's field, by the inputs of both kinds and the pace.
    """

    keys: ClassVar[Mapping[str, Callable[[str], str]]]
    reach: ClassVar[tuple[str, ...]] = ()
    field_at: ClassVar[Callable[..., ProviderField]]

    def field(self, props: Mapping[str, Any]) -> ProviderField:
        """The field that the inputs mean."""
        place = {key: props.get(key) for key in (*self.keys, *self.reach)}
        return self.field_at(**place, pace=pace_of(props))

    def switch(self, props: Mapping[str, Any]) -> FieldSwitch:
        """The field, and what it said before us."""
        return FieldSwitch(self.field(props), was_on=bool(props["was_on"]))

    def configure(self, _req: ConfigureRequest) -> None:
        """Tell progress where Pulumi shows it, on the standard error; once, however many providers a process has."""
        super().configure(_req)
        told = logging.getLogger("pulumi_pod_security.platforms")
        if not told.handlers:
            told.addHandler(logging.StreamHandler())
            told.setLevel(logging.INFO)

    def is_placed(self, props: Mapping[str, Any]) -> bool:
        """Whether the cluster is known, which it is not while it is yet to be made."""
        return is_known({key: props.get(key) for key in (*self.keys, *self.reach)})

    def require_named(self, props: Mapping[str, Any]) -> None:
        """Raise SwitchError unless every part of the cluster's name is one."""
        for key in self.keys:
            name = props.get(key)
            if not (isinstance(name, str) and name.strip()):
                raise SwitchError(f"{key}: {shown(name)}; allowed: a name, as the provider writes it")

    def require_kubeconfig(self, props: Mapping[str, Any]) -> None:
        """Raise SwitchError unless the kubeconfig leads to the cluster."""
        self.field(props).require_kubeconfig(connection_of(props), props.get("server"))

    def moved(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
        """The inputs that name another cluster than before; one that is not known yet may name the same.

        A cluster that is only spelt otherwise is the same: were it replaced, it would be found enabled before us, and
        then disabled as the old one.
        """
        known = (key for key in self.keys if is_known(news.get(key)))
        named = [key for key in known if self.keys[key](olds[key]) != self.keys[key](news[key])]
        return [*named, *super().moved(olds, news)]


class FieldFoundProvider(FieldProvider):
    """Records whether the plugin was enabled before us."""

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse a cluster that is out of reach or cannot have the plugin; one yet to be made is not asked for.

        Also one that the same program would set back, and one that the kubeconfig does not lead to.
        """
        if news.get("unguarded"):
            raise SwitchError(news["unguarded"])
        if self.is_placed(news):
            self.require_named(news)
            self.field(news).require_plugin()
            if is_known(news.get("kubeconfig")):
                self.require_kubeconfig(news)

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """A plugin that was enabled before us and no longer is will be turned on by us, and off again at the end."""
        changed = differ(olds, news, (*_CONNECTION, *self.keys, *self.reach, "server", "timeout_seconds"))
        return changed or (olds["was_on"] and not self.field(news).is_enabled())

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Record it, once nothing is going on that could change it."""
        return CreateResult("found", {**props, "was_on": self.field(props).is_settled_enabled()})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Once it was found disabled, it is never recorded as enabled."""
        return UpdateResult({**_news, "was_on": _olds["was_on"] and self.field(_news).is_settled_enabled()})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Disable what a switch killed half way left enabled: policies and grants go next."""
        cluster = cluster_of(_props)
        relax(self.switch(_props), cluster, _props["timeout_seconds"])


class FieldSwitchProvider(FieldProvider, EnforcingProvider):
    """Enables the plugin by the provider's API."""

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """Where it is and how it is reached count too."""
        if differ(olds, news, (*self.keys, *self.reach, "server", "was_on", "timeout_seconds")):
            return True
        return super().changes(olds, news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Turn on and verify, in the one cluster that both the kubeconfig and the provider mean."""
        self.require_kubeconfig(props)
        return EnforcingProvider.create(self, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """As `create`."""
        self.require_kubeconfig(_news)
        return EnforcingProvider.update(self, _id, _olds, _news)


class FieldFound(Resource, module="pod-security", name="FieldFound"):
    """Whether the plugin was enabled before us."""

    provider_type: ClassVar[type[FieldFoundProvider]]
    was_on: pulumi.Output[bool]

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(self.provider_type(), name, {**props, "was_on": None}, opts)


@dataclass(frozen=True, kw_only=True)
class FieldArgs:
    """How enforcement is turned on; what else a platform's arguments have is where its cluster is.

    Attributes:
        baseline: the policies and grants to enforce.
        server: the kubeconfig's server where it is a tunnel or proxy to this cluster: the address that you vouch for.
            Else it must be one of the addresses that the provider tells.
        timeout_seconds: how long the provider may take to change the cluster, and its API server to follow.
    """

    baseline: PodSecurityBaseline
    server: str | None = None
    timeout_seconds: int = 1800

    def __post_init__(self) -> None:
        require_plugin(self, self.baseline.args.enforcement)
        require_seconds(self, self.timeout_seconds)

    @property
    def place(self) -> dict[str, Any]:
        """Everything but the baseline."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "baseline"}


class FieldEnablement(Enablement):
    """`Preflight`, then what was found, then the switch.

    Attributes:
        found_type, switch_type: the platform's own resources.
    """

    found_type: ClassVar[type[FieldFound]]
    switch_type: ClassVar[type[EnforcingResource]]

    def __init__(self, name: str, args: FieldArgs, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"pod-security:index:{type(self).__name__}", name, None, opts)
        baseline, place = args.baseline, args.place
        inputs = baseline.as_inputs
        connection = {key: inputs[key] for key in _CONNECTION}

        preflight = Preflight(f"{name}-preflight", PreflightArgs(baseline=baseline), self._after([]))
        before = [*baseline.ready, preflight]
        guarded = {"unguarded": unguarded(place.values())}
        found = self.found_type(f"{name}-found", {**connection, **place, **guarded}, self._after(before))
        saved = {"was_on": found.was_on, "refused": baseline.refused}
        switch = self.switch_type(f"{name}-switch", {**inputs, **place, **saved}, self._after([*before, found]))

        self._done(preflight, found, switch=switch)
