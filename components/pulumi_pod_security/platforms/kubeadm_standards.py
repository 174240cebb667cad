"""Pod Security's defaults and exemptions on the only control-plane node of a kubeadm cluster: made, and taken back.

Beside the file is kept what was there before any of ours, written before anything else is: so a run that was killed is
finished or undone by the next one, and the way back needs no state of anybody's.
An API server enforces what its manifest says once it began after the manifest was written; a manifest that somebody
writes again without a change restarts nothing, and is waited for in vain.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pulumi_pod_security.admission.conversion import decoder
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.unlabelled import server_start
from pulumi_pod_security.platforms.admissionfile import (
    AdmissionFile,
    admission_files,
    with_admission_file,
    without_admission_file,
    without_admission_flag,
)
from pulumi_pod_security.platforms.files import read, replace
from pulumi_pod_security.platforms.manifest import MANIFEST, images, refuse_another_image, refuse_lost_flags
from pulumi_pod_security.platforms.rendering import rendered
from pulumi_pod_security.platforms.switch import SwitchError, Words

__all__ = ["ControlPlaneNode", "KubeadmStandardsSwitch"]

_BEFORE = "before.json"
# The kernel tells when a process began, and when the machine did, to a second each.
_COARSE_SECONDS = 2.0


class _Before(msgspec.Struct):
    """What was there before any file of ours.

    Attributes:
        config: text of the kubeadm configuration.
        manifest: text of the API server's static Pod manifest.
    """

    config: str
    manifest: str


@dataclass(frozen=True, kw_only=True)
class ControlPlaneNode:
    """Where a control-plane node keeps what the API server is made from.

    Attributes:
        config: path of the kubeadm configuration.
        manifests: the kubelet's folder of static Pod manifests.
        kubeadm: the kubeadm binary of the cluster's version.
    """

    config: Path
    manifests: Path
    kubeadm: str

    @property
    def manifest(self) -> Path:
        """The API server's."""
        return self.manifests / MANIFEST


class KubeadmStandardsSwitch:
    """Puts the file there and lets the node's kubeadm and kubelet give it to the API server.

    Args:
        node: the control-plane node.
        file: what the API server is to read.
        earlier: what it read before, to which `turn_off` goes back; None to go back to before any of ours.
    """

    words = Words(
        coming="the API server coming back with the defaults of Pod Security",
        going="the API server coming back with what it had before",
        undone="the API server runs with what it had before again",
        kept="",
        undoing="putting back what the API server had before",
    )
    was_on = False
    way_back = None
    """The kubelet restarts the API server whenever its manifest changes."""

    def __init__(self, *, node: ControlPlaneNode, file: AdmissionFile, earlier: AdmissionFile | None = None) -> None:
        self._node = node
        self._file = file
        self._earlier = earlier
        self._folder = Path(file.folder)

    @property
    def is_set(self) -> bool:
        """Whether the file is there as it should be, and both configuration and manifest name it; raises SwitchError.

        A configuration that somebody changed otherwise stays that way.
        """
        config, manifest = self._texts()
        path = Path(self._file.path)
        there = path.exists() and read(path) == self._file.text
        return there and self._file.named_in(config) and self._file.named_in(manifest)

    def is_on(self, cluster: Cluster) -> bool:
        """Whether the API server began with a manifest that names the file; raises PodSecurityError."""
        return self._file.named_in(read(self._node.manifest)) and self._began_after(cluster)

    def is_off(self, cluster: Cluster) -> bool:
        """Whether it began with one that does not; raises PodSecurityError."""
        return not self._file.named_in(read(self._node.manifest)) and self._began_after(cluster)

    def rehearse(self) -> None:
        """Refuse what kubeadm does not render, or what would change more than is meant; raises PodSecurityError."""
        self._made()

    def turn_on(self) -> None:
        """Keep what is there, write the file, then what names it; raises PodSecurityError."""
        config, made = self._made()
        self._make_folder()
        self._keep()
        self._write()
        replace(self._node.config, config)
        replace(self._node.manifest, made)

    def turn_off(self) -> None:
        """Put back what was there, to the byte if nobody else changed it; else what names the file goes; or raises."""
        config, manifest = self._texts()
        if self._earlier is not None:
            replace(self._node.config, self._earlier.instead(config))
            replace(self._node.manifest, self._earlier.instead(manifest))
            return
        before = self._before()
        replace(self._node.config, self._config_before(config, before))
        replace(self._node.manifest, self._manifest_before(manifest, before))

    def tidy(self) -> None:
        """Remove the files that nothing names, and in the end the folder; raises SwitchError."""
        texts = self._texts()
        unnamed = [path for path in admission_files(self._folder) if not any(str(path) in text for text in texts)]
        try:
            for path in unnamed:
                path.unlink(missing_ok=True)
            if not admission_files(self._folder):
                (self._folder / _BEFORE).unlink(missing_ok=True)
        except OSError as error:
            raise SwitchError(f"{self._folder}: what is there of ours cannot be removed: {error}") from None
        if not any(str(self._folder) in text for text in texts):
            # What others put there stays, and the folder with it.
            with suppress(OSError):
                self._folder.rmdir()

    def _texts(self) -> tuple[str, str]:
        return read(self._node.config), read(self._node.manifest)

    def _made(self) -> tuple[str, str]:
        """The configuration and the manifest with the file; raises PodSecurityError."""
        text, current = self._texts()
        try:
            config = with_admission_file(text, self._file)
        except SwitchError as error:
            raise SwitchError(f"{self._node.config}: {error}") from None
        made = self._rendered(config)
        refuse_another_image(made, current, self._node.kubeadm)
        refuse_lost_flags(made, current, self._node.config)
        return config, made

    def _rendered(self, config: str) -> str:
        return rendered(self._node.kubeadm, config, self._node.config)

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError as error:
            raise SwitchError(f"{self._folder} cannot be made: {error.strerror or error}") from None

    def _write(self) -> None:
        path = Path(self._file.path)
        replace(path, self._file.text)
        try:
            # An API server that does not run as root must read it.
            path.chmod(0o644)
        except OSError as error:
            raise SwitchError(f"{path}: its mode cannot be changed: {error.strerror or error}") from None

    def _keep(self) -> None:
        """Keep what is there, unless it is of a run of ours before this one: then what that kept stays."""
        config, manifest = self._texts()
        if without_admission_file(config) == config and without_admission_flag(manifest) == manifest:
            replace(self._folder / _BEFORE, msgspec.json.encode(_Before(config=config, manifest=manifest)).decode())

    def _before(self) -> _Before | None:
        """What was kept; None where it is gone."""
        path = self._folder / _BEFORE
        if not path.exists():
            return None
        try:
            kept: _Before = decoder(_Before).decode(read(path))
        except msgspec.MsgspecError as error:
            raise SwitchError(f"{path} cannot be read: {error}; remove it, and then only what is ours goes") from None
        return kept

    def _config_before(self, config: str, before: _Before | None) -> str:
        if before and self._file.instead(config) == with_admission_file(before.config, self._file):
            return before.config
        return without_admission_file(config)

    def _manifest_before(self, manifest: str, before: _Before | None) -> str:
        if before and self._is_ours(manifest, before):
            return before.manifest
        return without_admission_flag(manifest)

    def _is_ours(self, manifest: str, before: _Before) -> bool:
        """Whether the manifest is what `turn_on` made of what was kept; kubeadm is not needed to go back."""
        try:
            ours = self._file.instead(manifest) == self._rendered(with_admission_file(before.config, self._file))
        except SwitchError:
            return False
        # What was kept before an upgrade of the cluster would take the upgrade back.
        return ours and images(manifest) == images(before.manifest)

    def _began_after(self, cluster: Cluster) -> bool:
        written = self._node.manifest.stat().st_mtime
        # What is not ready yet refuses to say so, and would refuse what is asked next.
        return cluster.api.text("/readyz") == "ok" and server_start(cluster) > written - _COARSE_SECONDS
