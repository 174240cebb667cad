"""Another team's program: the wheel installed in an environment of its own, and the program of examples/kubeadm."""

import ast
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from pulumi_pod_security.cluster.preflight import READ_RIGHTS
from pulumi_pod_security.platforms.apiservers import ENDPOINTS_RIGHT
from pulumi_pod_security.resources.server import WRITE_RIGHTS
from tests.integration.support.furniture import SECRETS
from tests.integration.support.outcome import succeeded
from tests.integration.support.people import kubeconfig_of
from tests.integration.support.project import CHECKOUT, Project
from tests.integration.support.sight import Sight
from tools.controlplane import ControlPlane
from tools.stack import Stack
from tools.toolchain import environment

pytestmark = pytest.mark.integration

EXAMPLE = CHECKOUT / "examples" / "kubeadm"
LONGEST_PROGRAM = 12
RIGHTS = [
    {"apiGroups": [right.group], "resources": [right.resource], "verbs": [right.verb]}
    for right in (*WRITE_RIGHTS, *READ_RIGHTS, ENDPOINTS_RIGHT)
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def consumer(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and what it depends on, and with nothing of this checkout."""
    folder = tmp_path_factory.mktemp("consumer") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    # A .pth file named by a .pth file is not read, so the checkout's own editable install stays out.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        f"--target={site}",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    return folder


@pytest.fixture
def example(fresh_cluster: ControlPlane, sight: Sight, consumer: Path, tmp_path: Path) -> Project:
    """A copy of the example, with its two settings, in the consumer's environment; its user has just the rights."""
    kubeconfig = kubeconfig_of("team", RIGHTS, sight, tmp_path)
    shutil.copytree(EXAMPLE, tmp_path / "program")
    path = os.pathsep.join((str(consumer / "bin"), environment()["PATH"]))
    variables = {"PATH": path, "KUBECONFIG": str(kubeconfig), "PYTHONPATH": ""}
    stack = Stack(project=tmp_path / "program", state=tmp_path / "state", name="dev", variables=variables)
    project = Project(stack=stack, cluster=fresh_cluster, values={}, secrets=SECRETS)
    stack.select()
    for key, value in (("kubeadm", fresh_cluster.config_file), ("manifests", fresh_cluster.manifests)):
        succeeded(project.run("config", "set", key, str(value)))
    return project


def test_wheel(wheel: Path) -> None:
    """The wheel holds the package, its types marker and what keeps Pulumi from asking for a plugin; nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert archive.read("pulumi_pod_security/pulumi-plugin.json").strip() == b'{"resource": false}'
    folders = {name.partition("/")[0] for name in names}
    assert folders == {"pulumi_pod_security", "pulumi_pod_security-0.1.0.dist-info"}
    assert "pulumi_pod_security/py.typed" in names
    assert "pulumi_pod_security/resources/kubeadm.py" in names


def test_program_is_short() -> None:
    """The example has no more than a dozen lines of code."""
    text = (EXAMPLE / "__main__.py").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert ast.parse(text).body
    assert len(lines) <= LONGEST_PROGRAM


def test_consumer_has_the_wheel(consumer: Path) -> None:
    """What the example imports is the installed wheel, not this checkout."""
    command = [str(consumer / "bin" / "python3"), "-I", "-c", "import pulumi_pod_security as ps; print(ps.__file__)"]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert Path(found.strip()).is_relative_to(consumer)


def test_up_and_destroy(example: Project, sight: Sight) -> None:
    """The example enforces on a cluster in use, and its destroy leaves everything as it was.

    Its user has the rights that are asked for and no other: that they are enough shows here.
    """
    files = sight.files()

    said = succeeded(example.run("up", "--yes")).output
    assert "unable to find plugin" not in said
    assert sight.plugin_on()
    sight.can_create_pods()

    succeeded(example.destroy())
    assert sight.files() == files
    assert not sight.plugin_on()
    assert not sight.policies()
    sight.can_create_pods()
