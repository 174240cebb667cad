"""One `go build` of a pinned module folder: modules first, so that a failed download is told from a failed build."""

import json
import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.toolchain import golang
from tools.toolchain.cache import sources
from tools.toolchain.errors import ToolchainError
from tools.toolchain.progress import Task
from tools.toolchain.recipes import GoBuild, ModuleFile

__all__ = ["build"]

_NOISE = re.compile(r"go: downloading|go: added|#")
_DISK = "no space left on device"


def build(step: GoBuild, *, scratch: Path, out: Path, task: Task) -> None:
    """Build the step's packages into `out`, with sources and leftovers in `scratch`."""
    command = golang.find([step])
    go = _Go(command=command, environment=golang.environment(), folder=scratch / step.folder)
    go.folder.mkdir()
    for source in sources(step):
        shutil.copy2(source, go.folder)
    _download(step, go, task)
    go("build", "-v", *_flags(step), "-o", f"{out}/", *step.packages, heard=_counter(task, "compiling, {} packages"))
    for file in step.plain:
        shutil.copy2(go.module(file.module) / file.path, out)


def _download(step: GoBuild, go: "_Go", task: Task) -> None:
    heard = _counter(task, "downloading, {} modules")
    try:
        for file in step.embeds:
            _embed(file, go.module(file.module), go.folder)
        go("list", "-deps", "-f", "{{.Dir}}", *_flags(step), *step.packages, heard=heard)
        for file in step.plain:
            go.module(file.module)
    except ToolchainError as error:
        raise ToolchainError(
            f"{error}; if this is the network, set GOPROXY (`go env -w GOPROXY=...`) to a module proxy that this "
            "machine reaches, or put the finished binaries on PATH"
        ) from error


def _embed(file: ModuleFile, module: Path, folder: Path) -> None:
    """Copy a JSON file beside the sources that embed it, with the values set that a release sets."""
    content = json.loads((module / file.path).read_bytes()) | dict(file.values)
    (folder / Path(file.path).name).write_text(json.dumps(content, separators=(",", ":")))


def _flags(step: GoBuild) -> tuple[str, ...]:
    stamps = " ".join(f"-X {symbol}={value}" for symbol, value in step.stamps)
    return "-tags", ",".join(step.tags), "-ldflags", f"-s -w {stamps}"


def _counter(task: Task, phase: str) -> Callable[[str], None]:
    """Counts the lines Go prints, one per module or package, and shows the count."""
    count = 0

    def heard(_: str) -> None:
        nonlocal count
        count += 1
        task.at(phase.format(count))

    task.at(phase.format(0))
    return heard


@dataclass(frozen=True, kw_only=True)
class _Go:
    """The go command in one module folder."""

    command: Path
    environment: Mapping[str, str]
    folder: Path

    def module(self, path: str) -> Path:
        """Where a required module's files are, once downloaded and checked against go.sum."""
        return Path(json.loads(self("mod", "download", "-json", path))["Dir"])

    def __call__(self, *arguments: str, heard: Callable[[str], None] = lambda _: None) -> str:
        """Run go to its end and return what it printed; `heard` gets each line of its standard error."""
        errors: deque[str] = deque(maxlen=100)
        with tempfile.TemporaryFile("w+", dir=self.folder) as printed:
            with self._start(arguments, printed.fileno()) as process, _stopped_on_error(process):
                for line in process.stderr or ():
                    errors.append(line.strip())
                    heard(line)
            printed.seek(0)
            output = str(printed.read())
        if process.returncode:
            raise ToolchainError(f"{self.folder.name}: go {arguments[0]} failed: {_reason(errors, output)}")
        return output

    def _start(self, arguments: tuple[str, ...], stdout: int) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [self.command, *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )


@contextmanager
def _stopped_on_error(process: "subprocess.Popen[str]") -> Iterator[None]:
    try:
        yield
    except BaseException:
        process.terminate()
        raise


def _reason(errors: deque[str], output: str) -> str:
    """The one line of Go's output that names the cause."""
    told = [line for line in errors if line and not _NOISE.match(line)] + re.findall(r'"Error": "([^"]+)', output)
    full = [line for line in told if _DISK in line]
    return str((full or told or ["go said nothing"])[0])
