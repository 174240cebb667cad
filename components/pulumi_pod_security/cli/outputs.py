"""Where results go: `table`, `json` or `junit` on the standard output, and any of them to a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pulumi_pod_security.errors import Fault, InvalidInput, one_of

__all__ = ["Output", "outputs", "write"]


class Output(NamedTuple):
    """A format, and the file it goes to; None means the standard output."""

    format: str
    file: Path | None


def outputs(given: Iterable[str], known: tuple[str, ...]) -> list[Output]:
    """The outputs that `FORMAT` and `FORMAT=FILE` mean; without one on the standard output, `known[0]` is there.

    Raises:
        InvalidInput: there is no such format, no file is named behind `=`, or two would go to one place.
    """
    found: list[Output] = []
    for text in given:
        form, equals, file = text.partition("=")
        if form not in known or bool(equals) != bool(file):
            raise _refusal(text, one_of(known, given=form) + "; to a file as FORMAT=FILE")
        output = Output(form, Path(file) if file else None)
        if any(output.file == other.file for other in found):
            raise _refusal(text, "one output for each file, and one for the standard output")
        found.append(output)
    if all(output.file for output in found):
        found.append(Output(known[0], None))
    return found


def write(output: Output, text: str) -> None:
    """Put a text where it goes.

    Raises:
        InvalidInput: the file cannot be written.
    """
    if output.file is None:
        # `typer.echo` would choose an encoding of its own.
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        output.file.write_text(text, encoding="utf-8", errors="backslashreplace")
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise _refusal(str(output.file), f"a file that can be written ({said})") from None


def _refusal(value: str, allowed: str) -> InvalidInput:
    return InvalidInput("options", [Fault(path="--output", value=value, allowed=allowed)])
