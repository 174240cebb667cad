"""Mutation testing of the judgement: each small change fails a test, or `tests/mutants.toml` explains it.

mutmut makes the changes and runs the tests; here is only where it runs and what its survivors are held against.
"""

__all__: list[str] = []
