"""What a person could see of an error."""

from __future__ import annotations

import traceback

__all__ = ["told"]


def told(error: BaseException) -> str:
    """The whole report Python would print: message, causes and the frames' source lines."""
    return "".join(traceback.format_exception(error)) + repr(error)
