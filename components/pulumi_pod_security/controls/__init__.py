"""Controls: everything a PodSecurityPolicy or a Pod Security Standard can say, one module per concern."""

from __future__ import annotations

from typing import Any

from pulumi_pod_security.controls import (
    app_armor,
    capabilities,
    csi_drivers,
    flex_volumes,
    fs_group,
    host_namespaces,
    host_paths,
    host_ports,
    privilege_escalation,
    privileged,
    proc_mount,
    read_only_root_filesystem,
    run_as_group,
    run_as_user,
    runtime_class,
    se_linux,
    seccomp,
    supplemental_groups,
    sysctls,
    volumes,
)
from pulumi_pod_security.controls.control import Control

__all__ = ["CONTROLS"]

CONTROLS: tuple[Control[Any], ...] = (
    fs_group.CONTROL,
    supplemental_groups.CONTROL,
    seccomp.CONTROL,
    se_linux.CONTROL,
    host_namespaces.CONTROL,
    sysctls.CONTROL,
    volumes.CONTROL,
    host_paths.CONTROL,
    flex_volumes.CONTROL,
    csi_drivers.CONTROL,
    runtime_class.CONTROL,
    run_as_user.CONTROL,
    run_as_group.CONTROL,
    app_armor.CONTROL,
    privileged.CONTROL,
    proc_mount.CONTROL,
    capabilities.CONTROL,
    host_ports.CONTROL,
    read_only_root_filesystem.CONTROL,
    privilege_escalation.CONTROL,
)
"""In the order in which the plugin judges: the pod, its volumes, its containers."""
