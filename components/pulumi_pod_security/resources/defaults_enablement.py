"""Enforcement where the plugin is always on and a provider's defaults let every pod in, for any such platform.

Order: preflight, as if the defaults were gone; then they are saved; then they are removed, and the server proves it.
Destroy puts back what was saved, and waits until it is in force, before any grant or policy goes.
"""

from dataclasses import dataclass

import pulumi

from pulumi_pod_security.platforms.apart import require_apart
from pulumi_pod_security.platforms.platform import Platform
from pulumi_pod_security.resources.arguments import require_plugin, require_seconds
from pulumi_pod_security.resources.baseline import PodSecurityBaseline
from pulumi_pod_security.resources.defaults import DefaultsRemoved, DefaultsSaved
from pulumi_pod_security.resources.enablement import Enablement
from pulumi_pod_security.resources.preflight import Preflight, PreflightArgs

__all__ = ["DefaultsArgs", "DefaultsEnablement"]


@dataclass(frozen=True, kw_only=True)
class DefaultsArgs:
    """How enforcement is turned on.

    Attributes:
        baseline: the policies and grants to enforce; none may have the name of one of the provider's own objects.
        timeout_seconds: how long the API server may take to follow.
    """

    baseline: PodSecurityBaseline
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        require_plugin(self, self.baseline.args.enforcement)
        require_seconds(self, self.timeout_seconds)


class DefaultsEnablement(Enablement):
    """Preflight, then `DefaultsSaved`, then `DefaultsRemoved`."""

    def __init__(self, platform: Platform, name: str, args: DefaultsArgs, opts: pulumi.ResourceOptions | None) -> None:
        baseline, defaults = args.baseline, list(platform.defaults)
        require_apart(platform, baseline.manifests)
        super().__init__(f"pod-security:index:{type(self).__name__}", name, None, opts)
        place = {"platform": platform.name, "defaults": defaults, "timeout_seconds": args.timeout_seconds}
        inputs = {**baseline.as_inputs, **place}

        gate = Preflight(f"{name}-preflight", PreflightArgs(baseline=baseline, leaving=defaults), self._after([]))
        before = [*baseline.ready, gate]
        saved = DefaultsSaved(f"{name}-saved", inputs, self._after(before))
        found = {"saved": saved.saved, "refused_before": saved.refused_before, "refused": baseline.refused}
        removed = DefaultsRemoved(f"{name}-removed", {**inputs, **found}, self._after([*before, saved]))

        self._done(gate, saved, switch=removed)
