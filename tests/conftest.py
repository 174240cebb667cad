"""What every test can ask for."""

__all__ = ["pytest_plugins"]

pytest_plugins = [
    "tests.fixtures.controlplane",
    "tests.fixtures.figures",
    "tests.fixtures.stack",
    "tests.fixtures.thorough",
]
