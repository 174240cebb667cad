"""The stack program: `run` reads the configuration, makes the baseline and lets its platform enforce it."""

import pulumi

from pulumi_pod_security.errors import PodSecurityError
from stacks.baseline import baseline_stack, choice_of
from stacks.config import read_config
from stacks.enforcement import enforcement_stack

__all__ = ["run"]


def run() -> None:
    """Build the stack of the current configuration.

    Raises:
        pulumi.RunError: the configuration is refused; the message names the key and the command that mends it.
    """
    try:
        config = read_config(pulumi.Config("pod-security"))
        choice = choice_of(config)
        enforcement_stack(config, baseline_stack(config, choice), choice)
    except PodSecurityError as error:
        raise pulumi.RunError(str(error)) from None
