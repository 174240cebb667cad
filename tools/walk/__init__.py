"""The walk a new user takes: a cluster that already runs things, the baseline on it, enforcement, and the way back."""

__all__: list[str] = []
