"""What people import, and what importing it costs them."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest

import pulumi_pod_security as ps

MODULES = sorted(module.name for module in pkgutil.walk_packages(ps.__path__, f"{ps.__name__}."))
CLOUDS = ("azure", "boto3", "botocore", "google.cloud", "googleapiclient", "scaleway")
CLOUDS_OF_PULUMI = ("pulumi_aws", "pulumi_azure", "pulumi_azure_native", "pulumi_gcp", "pulumiverse_scaleway")


def loaded(program: str, folder: Path) -> set[str]:
    """The modules that a program of its own has loaded at its end."""
    code = f"{program}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout))


def test_everything_public_is_exported() -> None:
    """`__all__` and the namespace are the same, sorted as people read them; `presets` is the one module among it."""
    public = {name for name, value in vars(ps).items() if name[0] != "_" and not isinstance(value, ModuleType)}
    assert sorted(ps.__all__) == sorted({*public, "presets"})
    assert len(ps.__all__) == len(set(ps.__all__))


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_exports(name: str) -> None:
    """Each has a docstring, and an `__all__` whose names are there; a package without names has no need of one."""
    module = importlib.import_module(name)
    assert module.__doc__
    exported = getattr(module, "__all__", None)
    assert exported is not None or (hasattr(module, "__path__") and not _own_names(module))
    assert all(hasattr(module, entry) for entry in exported or ())


def test_importing_costs_no_sdk(tmp_path: Path) -> None:
    """Neither a cloud's SDK nor Kubernetes' clients are loaded before something asks for them."""
    modules = loaded("import pulumi_pod_security", tmp_path)
    sdks = ("kubernetes", "pulumi_kubernetes", *CLOUDS, *CLOUDS_OF_PULUMI)
    assert [name for name in modules if name in sdks or name.startswith(tuple(f"{sdk}." for sdk in sdks))] == []


def test_the_source_folder_is_no_package(tmp_path: Path) -> None:
    """Consumers have a folder of that name, which must stay theirs."""
    program = "import importlib.util\nassert importlib.util.find_spec('components') is None"
    loaded(program, tmp_path)


def test_the_language_host_is_told_that_there_is_no_plugin() -> None:
    """A distribution named `pulumi-*` without this file makes Pulumi look for a plugin that does not exist."""
    assert json.loads((files(ps) / "pulumi-plugin.json").read_text()) == {"resource": False}


def test_types_come_along() -> None:
    """Type checkers read a package's annotations only with the marker."""
    assert (files(ps) / "py.typed").is_file()


def _own_names(module: ModuleType) -> list[str]:
    return [name for name, value in vars(module).items() if name[0] != "_" and not isinstance(value, ModuleType)]
