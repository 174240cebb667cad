"""The options by which people declare a baseline to a command."""

from __future__ import annotations

from typing import Annotated

import typer

from pulumi_pod_security.cli.declared import EXAMPLE, Declared

__all__ = ["GrantOption", "PolicyOption", "StackFileOption", "declared_by"]

PolicyOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PRESET", help="Put a preset there that no grant names. Repeatable."),
]
GrantOption = Annotated[list[str] | None, typer.Option(metavar="GRANT", help=f"Such as '{EXAMPLE}'. Repeatable.")]
StackFileOption = Annotated[
    str | None,
    typer.Option("--stack-file", metavar="PATH", help="Take policies and grants from a Pulumi stack's file."),
]


def declared_by(policies: list[str] | None, grants: list[str] | None, stack_file: str | None) -> Declared | None:
    """What the options declare; None when they declare nothing.

    Raises:
        typer.BadParameter: they do not go together.
        InvalidInput: one of them cannot be used.
    """
    if stack_file is not None and (policies or grants):
        raise typer.BadParameter("give either this, or --policy and --grant", param_hint="--stack-file")
    if policies and not grants:
        raise typer.BadParameter(f"nobody could use it; say who: --grant '{EXAMPLE}'", param_hint="--policy")
    if stack_file is not None:
        return Declared.by_stack_file(stack_file)
    return Declared.by_options(policies or [], grants) if grants else None
