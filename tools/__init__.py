"""What the project itself is run, built and tested with; no part of the installed package."""

__all__: list[str] = []
