"""`scripts/mutants`."""

import signal
import sys

import click

from tools.mutants.comparison import Comparison
from tools.mutants.explained import EXPLAINED, InvalidList, read
from tools.mutants.judged import CHECKOUT, modules, within
from tools.mutants.running import RunFailed, found, run

__all__ = ["main"]


def _known(_context: click.Context, _parameter: click.Parameter, parts: tuple[str, ...]) -> tuple[str, ...]:
    for part in parts:
        if not any(within(module, (part,)) for module in modules()):
            raise click.BadParameter(f"{part!r} is no part of what is changed; see only_mutate in pyproject.toml")
    return parts


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("parts", nargs=-1, metavar="[PART]...", callback=_known)
def main(*, parts: tuple[str, ...]) -> None:
    """Change the judgement in every small way, and see that a test fails each time.

    \b
    Judged:   the modules that `[tool.mutmut]` of pyproject.toml names, or only these PARTs of the package:
              scripts/mutants controls.volumes admission.rbac
    Allowed:  survivors in tests/mutants.toml, which says of each why no test has to see it.
    Takes:    about 20 minutes on 2 cores for everything.

    What mutmut made stays in .local/mutants until the next run; look at it there with `mutmut browse`.
    Exit codes: 0 as explained, 1 a survivor is not explained, an explained one is gone or mutmut failed, 2 wrong usage,
    130 interrupted.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        explanations = read(CHECKOUT / EXPLAINED)
        run(parts)
        comparison = Comparison.of(found(parts), explanations, parts)
    except (RunFailed, InvalidList) as failure:
        click.echo(f"error: {failure}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("interrupted; nothing is kept of the run", err=True)
        sys.exit(130)
    click.echo(str(comparison))
    sys.exit(0 if comparison.holds else 1)


if __name__ == "__main__":
    main(prog_name="scripts/mutants")
