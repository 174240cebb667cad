"""Pod Security's defaults and exemptions in a kubeadm ClusterConfiguration: a file, a flag and a volume for it.

The file's name has the hash of its content: an API server reads it once, when it starts, and a kubelet restarts one
only when its manifest changes. So another content is another flag, and the file of before is there to go back to.
A file of somebody else, who may configure other plugins in it, is never replaced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from pulumi_pod_security.errors import shown
from pulumi_pod_security.platforms.extraargs import (
    argument,
    cluster_configuration,
    others,
    places,
    with_argument,
    with_server_entry,
)
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.platforms.yamltext import with_value
from pulumi_pod_security.targets.admissionconfiguration import PodSecurityConfiguration

__all__ = [
    "FOLDER",
    "AdmissionFile",
    "admission_files",
    "with_admission_file",
    "without_admission_file",
    "without_admission_flag",
]

FOLDER = "/etc/kubernetes/pod-security"
"""Where the file is, on every control-plane node."""

_FLAG = "admission-control-config-file"
_VOLUME = "pod-security"
_PLUGIN = "PodSecurity"
_NAME = re.compile(r"admission-[0-9a-f]{12}\.yaml")
_OURS = re.compile(rf"/(?:[^/]+/)*{_NAME.pattern}")
_FLAGGED = re.compile(rf"(--{_FLAG}=){_OURS.pattern}")
# The first minor version that has the plugin without a feature gate.
_BY_DEFAULT = 23
_NAMES = "names joined by commas"


@dataclass(frozen=True, kw_only=True)
class AdmissionFile:
    """The file that an API server of that version is given.

    Attributes:
        minor: of the server's version.
        folder: where it is, absolute.
    """

    configuration: PodSecurityConfiguration
    minor: int
    folder: str = FOLDER

    def named_in(self, text: str) -> bool:
        """Whether a kubeadm configuration or a manifest has its path."""
        return self.path in text

    def instead(self, text: str) -> str:
        """The text with this file wherever it has one of ours from the same folder."""
        return re.sub(rf"{re.escape(self.folder)}/{_NAME.pattern}", self.path, text)

    @property
    def text(self) -> str:
        """Its content; raises InvalidInput when the server has no Pod Security admission."""
        return _written(self.configuration.admission_configuration(self.minor))

    @property
    def name(self) -> str:
        """Its name, another one for another content."""
        return f"admission-{sha256(self.text.encode()).hexdigest()[:12]}.yaml"

    @property
    def path(self) -> str:
        """Its path on the node, and in the API server's container."""
        return f"{self.folder}/{self.name}"

    @property
    def entry(self) -> str:
        """What it has below `plugins`, for a file of somebody else."""
        return _written([self.configuration.plugin(self.minor)])


def with_admission_file(text: str, file: AdmissionFile) -> str:
    """A kubeadm configuration whose API server is given the file, and is otherwise the same to the byte.

    Raises:
        SwitchError: `text` holds no ClusterConfiguration that can be read or changed alone, or names a file of
            somebody else, or Pod Security is turned off there.
        InvalidInput: the server has no Pod Security admission.
    """
    path, configuration = file.path, cluster_configuration(text)
    _require_plugin(configuration, file.minor)
    held = argument(configuration, _FLAG, "the path of a file")
    if held and not _OURS.fullmatch(held):
        raise SwitchError(
            f"apiServer.extraArgs.{_FLAG}: {shown(held)} is a file of somebody else, which stays; add to its "
            f"`plugins`, on every control-plane node, and then restart the API servers:\n{file.entry}"
        )
    flagged = text if held == path else _with_path(text, path)
    after = _with_volume(flagged, file.folder)
    return _checked(text, after, path, [*_added(configuration, file.folder), *_volumes(configuration)])


def without_admission_file(text: str) -> str:
    """The configuration with our file taken out of the flag, and otherwise the same; raises like the other way.

    The volume stays: it is of a folder that nothing reads then, and others may have come after it.
    """
    configuration = cluster_configuration(text)
    if not _OURS.fullmatch(argument(configuration, _FLAG, "the path of a file") or ""):
        return text
    return _checked(text, _with_path(text, ""), "", _volumes(configuration))


def without_admission_flag(manifest: str) -> str:
    """A static Pod manifest whose flag names no file any more, where it named one of ours."""
    return _FLAGGED.sub(r"\1", manifest)


def admission_files(folder: Path) -> list[Path]:
    """The files of ours in a folder, which need not be there."""
    return sorted(path for path in folder.glob("admission-*.yaml") if _NAME.fullmatch(path.name))


def _written(content: object) -> str:
    """YAML of which every value is quoted, or a namespace called `1e3` would be a number to the server."""
    out = StringIO()
    yaml = YAML()
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=2, offset=0)
    yaml.dump(_quoted(content), out)
    return out.getvalue()


def _quoted(content: object) -> object:
    if isinstance(content, Mapping):
        return {key: _quoted(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_quoted(value) for value in content]
    return DoubleQuotedScalarString(str(content))


def _require_plugin(configuration: dict[str, Any], minor: int) -> None:
    disabled = argument(configuration, "disable-admission-plugins", _NAMES) or ""
    gates = argument(configuration, "feature-gates", _NAMES) or ""
    for flag, value, off in (
        ("disable-admission-plugins", disabled, _PLUGIN),
        ("feature-gates", gates, f"{_PLUGIN}=false"),
    ):
        if off in (name.strip() for name in value.split(",")):
            raise SwitchError(
                f"apiServer.extraArgs.{flag}: {shown(value)} turns Pod Security off, so that nobody would read its "
                f"defaults; take {off} out of it"
            )
    if minor < _BY_DEFAULT and f"{_PLUGIN}=true" not in gates:
        raise SwitchError(
            f"apiServer.extraArgs.feature-gates: {shown(gates)}; allowed: with {_PLUGIN}=true, without which "
            f"Kubernetes 1.{minor} has no Pod Security"
        )


def _with_path(text: str, path: str) -> str:
    held = places(text, _FLAG)
    return with_value(text, held[-1], path) if held else with_argument(text, _FLAG, path)


def _with_volume(text: str, folder: str) -> str:
    added = _added(cluster_configuration(text), folder)
    return with_server_entry(text, "extraVolumes", added) if added else text


def _added(configuration: dict[str, Any], folder: str) -> list[dict[str, Any]]:
    """Our volume, unless it is there; raises SwitchError when another one has its name or its place."""
    ours = {"name": _VOLUME, "hostPath": folder, "mountPath": folder, "readOnly": True, "pathType": "Directory"}
    for index, volume in enumerate(_volumes(configuration)):
        if not isinstance(volume, dict):
            raise SwitchError(f"apiServer.extraVolumes[{index}]: {type(volume).__name__}; allowed: a mapping")
        if volume == ours:
            return []
        for key in ("name", "mountPath"):
            if volume.get(key) == ours[key]:
                raise SwitchError(
                    f"apiServer.extraVolumes[{index}].{key}: {shown(ours[key])} is what this package names; allowed: "
                    "another one, or that volume as this package writes it"
                )
    return [ours]


def _volumes(configuration: dict[str, Any]) -> list[Any]:
    found = (configuration.get("apiServer") or {}).get("extraVolumes")
    if found is not None and not isinstance(found, list):
        raise SwitchError(f"apiServer.extraVolumes: {type(found).__name__}; allowed: a list")
    return list(found or ())


def _checked(before: str, after: str, path: str, volumes: list[Any]) -> str:
    """`after`, once reading it has shown that flag and volumes are as wanted and all else is as before."""
    if not (_is_so(after, path, volumes) and _rest(after) == _rest(before)):
        raise SwitchError(
            f"apiServer.extraArgs.{_FLAG} and apiServer.extraVolumes: written in a way that cannot be changed alone; "
            "allowed: written out without tags, merges and anchors, and the flag once"
        )
    return after


def _is_so(text: str, path: str, volumes: list[Any]) -> bool:
    try:
        found = cluster_configuration(text)
        return argument(found, _FLAG, "") == path and _volumes(found) == volumes
    except (SwitchError, RecursionError):
        return False


def _rest(text: str) -> tuple[list[Any], dict[str, Any]]:
    documents, server = others(text, _FLAG)
    return documents, {**server, "extraVolumes": None}
