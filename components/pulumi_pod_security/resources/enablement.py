"""What the enablement components of all platforms share: their outputs, and what they say at the end."""

from collections.abc import Sequence

import pulumi

from pulumi_pod_security.resources.enforcing import EnforcingResource

__all__ = ["Enablement"]


class Enablement(pulumi.ComponentResource):
    """Preflight, then what was found is saved, then the switch; each depends on everything before it.

    Attributes:
        ready: every resource of the enablement.
        enforced: whether the API server enforces the baseline and was verified.
        command: what to run for nodes that are out of reach; empty when there is nothing to run.
    """

    ready: list[pulumi.Resource]
    enforced: pulumi.Output[bool]
    command: pulumi.Output[str]

    def _after(self, earlier: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(earlier))

    def _done(self, *made: pulumi.Resource, switch: EnforcingResource) -> None:
        """Tell what came of it; the last thing a constructor does."""
        self.ready = [*made, switch]
        self.enforced = switch.enforced
        self.command = switch.command
        pulumi.Output.all(switch.standing, self.command).apply(_say)
        switch.leaving.apply(_say_again)
        self.register_outputs({"enforced": self.enforced, "command": self.command})


def _say(told: Sequence[str | None]) -> None:
    standing, command = told
    if command:
        pulumi.warn(f"enforcement waits for the control-plane nodes: {standing}; run: {command}; then: pulumi up")


def _say_again(leaving: list[str] | None) -> None:
    if leaving:
        pulumi.warn(f"grants of {', '.join(leaving)} went after the verification; verify without them: pulumi up")
