"""How a configuration is refused, and what doing as the message says comes to."""

from __future__ import annotations

import pulumi
import pytest

from stacks.config import InvalidConfig, read_config
from tests.unit.support.stackfile import StackFile

__all__ = ["mend", "refusal"]


def refusal() -> str:
    """The words with which the configuration is refused."""
    with pytest.raises(InvalidConfig) as error:
        read_config(pulumi.Config("pod-security"))
    return str(error.value)


def mend(file: StackFile) -> int:
    """Do all that each message says, from top to bottom, until there is none; the number of messages."""
    for times in range(4):
        file.apply()
        try:
            read_config(pulumi.Config("pod-security"))
        except InvalidConfig as error:
            for line in str(error).splitlines()[1::2]:
                file.run(line.removeprefix("  mend it with: "))
        else:
            return times
    raise AssertionError(f"not mended: {file.values}")
