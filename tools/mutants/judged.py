"""What is changed: the modules that decide about a pod, as `[tool.mutmut]` of pyproject.toml lists them."""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import Path

__all__ = ["CHECKOUT", "PACKAGE", "modules", "within"]

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = "pulumi_pod_security"


def modules() -> dict[str, Path]:
    """The files by their modules' names."""
    configuration = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns: list[str] = configuration["tool"]["mutmut"]["only_mutate"]
    root = CHECKOUT / "components"
    files = {path: path.relative_to(root) for path in sorted(root.rglob("*.py"))}
    return {
        ".".join(file.with_suffix("").parts).removesuffix(".__init__"): path
        for path, file in files.items()
        if any(fnmatch.fnmatch(f"src/{file.as_posix()}", pattern) for pattern in patterns)
    }


def within(module: str, parts: tuple[str, ...]) -> bool:
    """Whether the module is one of these parts of the package, or in one of them; without parts, always."""
    return not parts or any(f"{module}.".startswith(f"{PACKAGE}.{part}.") for part in parts)
