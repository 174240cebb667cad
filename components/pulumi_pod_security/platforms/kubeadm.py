"""kubeadm: the plugin is named in the ClusterConfiguration, and kubeadm renders the API server's static Pod from it.

On a control-plane node the whole switch is made here: configuration, manifest, restart by the kubelet. For nodes that
cannot be reached from where the program runs, only the configuration is written and the command for the nodes is
stated. Not done: several control-plane nodes at once; the `kubeadm-config` ConfigMap.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pulumi_pod_security.platforms.clusterconfiguration import PLUGIN, plugins, with_plugin, without_plugin
from pulumi_pod_security.platforms.switch import SwitchError

__all__ = [
    "MANIFEST",
    "FoundConfiguration",
    "KubeadmConfigurationSwitch",
    "KubeadmNodeSwitch",
    "enables_plugin",
    "read_configuration",
    "read_manifest",
    "upgrade_command",
    "without_plugin_flag",
]

MANIFEST = "kube-apiserver.yaml"
_RENDER_TIMEOUT_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class FoundConfiguration:
    """What was there before enforcement was first turned on.

    Attributes:
        config: text of the kubeadm configuration file.
        manifest: text of the API server's static Pod manifest; None where the node is out of reach.
    """

    config: str
    manifest: str | None


def read_configuration(config: Path) -> str:
    """The text of a kubeadm configuration that can be switched.

    Raises:
        SwitchError: the file cannot be read, or holds no ClusterConfiguration that can take the plugin.
    """
    text = _read(config)
    try:
        with_plugin(text)
    except SwitchError as error:
        raise SwitchError(f"{config}: {error}") from None
    return text


def read_manifest(manifest: Path) -> str:
    """The text of a static Pod manifest; raises SwitchError when it cannot be read."""
    return _read(manifest)


def enables_plugin(configuration: str) -> bool:
    """Whether a kubeadm configuration has the plugin among the enabled ones; raises SwitchError."""
    return PLUGIN in plugins(configuration)


def upgrade_command(config: Path, version: str) -> str:
    """What to run on the control-plane nodes after the configuration was changed."""
    return f"sudo kubeadm upgrade apply {version} --config {config} --yes"


class KubeadmConfigurationSwitch:
    """Changes the configuration file only; the nodes follow when someone runs `kubeadm upgrade`.

    Args:
        config: path of the kubeadm configuration.
        found: what was there before.
        version: the API server's version, such as `v1.24.17`, for the command that makes the nodes follow.
    """

    def __init__(self, *, config: Path, found: FoundConfiguration, version: str) -> None:
        self._config = config.resolve()
        self._found = found
        self._version = version

    @property
    def was_on(self) -> bool:
        """Whether the configuration had the plugin before us."""
        return enables_plugin(self._found.config)

    @property
    def way_back(self) -> str | None:
        """The command that makes the nodes follow the configuration, in either direction."""
        return upgrade_command(self._config, self._version)

    def turn_on(self) -> None:
        """Add the plugin to the configuration; raises SwitchError."""
        _replace(self._config, with_plugin(read_configuration(self._config)))

    def turn_off(self) -> None:
        """Put the configuration back: to the byte if nobody else changed it, else without the plugin we added."""
        _replace(self._config, self._restored(_read(self._config)))

    def _restored(self, text: str) -> str:
        if text == with_plugin(self._found.config):
            return self._found.config
        return text if self.was_on else without_plugin(text)


class KubeadmNodeSwitch(KubeadmConfigurationSwitch):
    """Changes the configuration and lets the node's kubeadm and kubelet make it so.

    Args:
        config: path of the kubeadm configuration.
        manifests: the kubelet's folder of static Pod manifests, such as /etc/kubernetes/manifests.
        kubeadm: the kubeadm binary of the cluster's version.
        found, version: as for the configuration alone.
    """

    def __init__(self, *, config: Path, found: FoundConfiguration, version: str, manifests: Path, kubeadm: str) -> None:
        super().__init__(config=config, found=found, version=version)
        self._manifest = manifests / MANIFEST
        self._kubeadm = kubeadm

    @property
    def way_back(self) -> str | None:
        """None: the kubelet restarts the API server whenever its manifest changes."""
        return None

    @property
    def was_on(self) -> bool:
        """Whether the configuration or the running API server had the plugin before us."""
        manifest = self._found.manifest or ""
        return super().was_on or without_plugin_flag(manifest) != manifest

    def turn_on(self) -> None:
        """Add the plugin, render the manifest with kubeadm and hand it to the kubelet; raises SwitchError."""
        rendered = self._rendered(with_plugin(read_configuration(self._config)))
        current = _read(self._manifest)
        _refuse_another_image(rendered, current, self._kubeadm)
        _refuse_lost_flags(rendered, current, self._config)
        super().turn_on()
        _replace(self._manifest, rendered)

    def turn_off(self) -> None:
        """Put configuration and manifest back; a manifest others changed since only loses the plugin we added."""
        current = _read(self._manifest)
        restored = self._found.manifest if self._is_ours(current) else None
        super().turn_off()
        _replace(self._manifest, restored or (current if self.was_on else without_plugin_flag(current)))

    def _is_ours(self, manifest: str) -> bool:
        """Whether the manifest is what `turn_on` made of the configuration found; kubeadm is not needed to go back."""
        try:
            ours = manifest == self._rendered(with_plugin(self._found.config))
        except SwitchError:
            return False
        # What was found before an upgrade of the cluster would take the upgrade back.
        return ours and _images(manifest) == _images(self._found.manifest or "")

    def _rendered(self, configuration: str) -> str:
        """The API server's manifest as kubeadm makes it from a configuration, rendered in a folder of its own.

        A dry run writes below KUBEADM_INIT_DRYRUN_DIR and needs no root (cmd/init.go, kubeadm v1.24.17).
        """
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "kubeadm.yaml"
            _replace(config, configuration)
            command = [self._kubeadm, "init", "phase", "control-plane", "apiserver", "--dry-run", f"--config={config}"]
            self._run(command, {**os.environ, "KUBEADM_INIT_DRYRUN_DIR": folder})
            made = sorted(Path(folder).rglob(MANIFEST))
            if not made:
                raise SwitchError(
                    f"{self._kubeadm} rendered no {MANIFEST}; is it 1.22 or later? ask: {self._kubeadm} version"
                )
            return _read(made[0])

    def _run(self, command: list[str], environment: dict[str, str]) -> None:
        try:
            subprocess.run(
                command,
                env=environment,
                check=True,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_RENDER_TIMEOUT_SECONDS,
            )
        except FileNotFoundError:
            raise SwitchError(
                f"kubeadm: {self._kubeadm!r} is not there; give the path of the node's kubeadm binary"
            ) from None
        except subprocess.CalledProcessError as error:
            raise SwitchError(f"kubeadm refused {self._config}: {_masked(_last_line(error.stderr))}") from None
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SwitchError(f"kubeadm could not render {MANIFEST}: {error}") from None


def _refuse_another_image(rendered: str, current: str, kubeadm: str) -> None:
    """A kubeadm of another version, or an image that was set by hand, would make the switch an upgrade."""
    if _images(rendered) != _images(current):
        raise SwitchError(
            f"{kubeadm} renders the API server with image {', '.join(_images(rendered))}, and the node runs "
            f"{', '.join(_images(current))}; give the kubeadm binary of the cluster's version, or set "
            "kubernetesVersion and imageRepository in the configuration"
        )


def _refuse_lost_flags(rendered: str, current: str, config: Path) -> None:
    """What was set on the node by hand and not in the configuration would be gone, encryption of Secrets included."""
    kept = frozenset(_flags(rendered))
    lost = [f"--{name}" for name in _flags(current) if name not in kept]
    lost += [f"admission plugin {name}" for name in _enabled(current) if name not in _enabled(rendered)]
    if lost:
        raise SwitchError(
            f"the API server's manifest on this node has what {config} has not, and rendering it anew would lose: "
            f"{', '.join(lost)}; put it under apiServer.extraArgs there"
        )


_ARGUMENT = re.compile(r"^\s*- --([\w-]+)", re.MULTILINE)


def _flags(manifest: str) -> list[str]:
    return _ARGUMENT.findall(manifest)


def _enabled(manifest: str) -> list[str]:
    return [name for flag in _FLAG.finditer(manifest) for name in flag[2].split(",")]


_IMAGE = re.compile(r"^\s*image: *(\S+)", re.MULTILINE)


def _images(manifest: str) -> list[str]:
    return _IMAGE.findall(manifest)


_FLAG = re.compile(r"(--enable-admission-plugins=)([\w,]+)")


def without_plugin_flag(manifest: str) -> str:
    """The manifest with the plugin taken out of the API server's flag, and nothing else changed."""

    def kept(flag: re.Match[str]) -> str:
        return flag[1] + ",".join(name for name in flag[2].split(",") if name != PLUGIN)

    return _FLAG.sub(kept, manifest)


def _masked(words: str) -> str:
    """kubeadm quotes a malformed bootstrap token; `[a-z0-9]{6}.` starts one (bootstrap-token-authentication, v1.24)."""
    return re.sub(r"\b[a-z0-9]{6}\.\w+", "TOKEN", words)


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line and not line.startswith("To see the stack trace")]
    return lines[-1] if lines else "no reason given"


def _read(path: Path) -> str:
    # As bytes, because reading text would turn every line end into a newline.
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SwitchError(f"{path} cannot be read: {error}") from None


def _replace(path: Path, text: str) -> None:
    """Write `text` in one step, so that neither a kubelet nor a killed run sees half of it; an equal file stays."""
    if path.exists() and _read(path) == text:
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as temporary:
                temporary.write(text.encode())
                temporary.flush()
                os.fsync(temporary.fileno())
            _dress(name, path)
            os.replace(name, path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise SwitchError(f"{path} cannot be written: {error}") from None


def _dress(name: str, like: Path) -> None:
    """Give a file the mode of the one it replaces, and its owner where we may."""
    if not like.exists():
        return
    present = like.stat()
    os.chmod(name, present.st_mode & 0o777)
    with contextlib.suppress(PermissionError):
        os.chown(name, present.st_uid, present.st_gid)
