"""What the toolchain raises when it cannot go on."""

__all__ = ["ToolchainError"]


class ToolchainError(Exception):
    """One line that says what is missing and how it is to be had."""
