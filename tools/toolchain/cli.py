"""The toolchain's command line.

argparse and not a friendlier library, because the run that finds everything in place has to end at once.
"""

import argparse
import shlex
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from tools.toolchain import api
from tools.toolchain.cache import cache_root, folder
from tools.toolchain.choose import chosen, selected
from tools.toolchain.errors import ToolchainError
from tools.toolchain.progress import say
from tools.toolchain.recipes import RECIPES

__all__ = ["main"]

_DESCRIPTION = """\
Makes the binaries this project runs and tests against: Pulumi's CLI, its Python language host and the Kubernetes
provider, etcd, Kubernetes' own commands and kwok. Each is taken, in this order, from
  1. the file that a variable names     POD_SECURITY_PULUMI=/path/to/pulumi, POD_SECURITY_KUBE_APISERVER=..., any tool
  2. the cache, where it was made before
  3. PATH, when what lies there prints a fitting version
  4. its pinned sources: Go modules checked against go.sum, wheels checked against their hashes
"""

_EPILOG = """\
variables:
  POD_SECURITY_CACHE     folder to keep everything in, instead of the user's cache folder
  POD_SECURITY_GO        go command to build with, instead of the one on PATH or in the pinned wheel
  POD_SECURITY_<TOOL>    file to use as that tool
  GOPROXY, PIP_INDEX_URL where modules and wheels come from, as always

examples:
  python -m tools.toolchain                          make whatever is missing
  python -m tools.toolchain ensure etcd kwok         make only these
  eval "$(python -m tools.toolchain env)"            find them in this shell
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the process' exit code."""
    signal.signal(signal.SIGTERM, _terminated)
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except ToolchainError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted: finished tools stay, the next run makes the rest")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.toolchain",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_ensure, tools=[])
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    ensure = commands.add_parser("ensure", help="make what is missing (the default)")
    ensure.add_argument("tools", nargs="*", metavar="TOOL", help="a tool or a set of tools as in `list`; default all")
    ensure.set_defaults(run=_ensure)
    for name, run, told in (
        ("list", _list, "every tool with its version, state and file"),
        ("path", _path, "the folder to put on PATH: it holds every tool"),
        ("env", _env, "the lines a shell evaluates to find the tools"),
        ("clean", _clean, "drop what interrupted builds and older versions left"),
    ):
        commands.add_parser(name, help=told).set_defaults(run=run)
    return parser


def _ensure(options: argparse.Namespace) -> None:
    api.ensure(selected(options.tools))


def _list(_: argparse.Namespace) -> None:
    for recipe in RECIPES:
        for binary in recipe.binaries:
            choice = chosen(recipe, binary)
            origin, path = (choice.origin, str(choice.path)) if choice else ("missing", "-")
            print(f"{binary.name:<28}{recipe.title:<28}{origin:<12}{path}")


def _path(_: argparse.Namespace) -> None:
    api.ensure()
    print(api.links())


def _env(_: argparse.Namespace) -> None:
    settings = api.environment()
    del settings["PATH"]
    print(f'export PATH={shlex.quote(str(api.links()))}:"$PATH"')
    for name, value in settings.items():
        print(f"export {name}={shlex.quote(value)}")


def _clean(_: argparse.Namespace) -> None:
    from tools.toolchain.turn import turn

    keep = {folder(recipe) for recipe in RECIPES}
    with turn():
        for path in _made():
            if path not in keep:
                say(f"removing {path}")
                shutil.rmtree(path)


def _made() -> list[Path]:
    root = cache_root()
    return [*(root / "tools").glob("*"), *(root / "path").glob("*"), *root.glob("work")]


def _terminated(*_: object) -> None:
    raise KeyboardInterrupt
