"""What the tests on real servers share: a project to run, a cluster to look at, and ways for both to go wrong."""

__all__: list[str] = []
