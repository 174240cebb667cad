"""Mirantis Kubernetes Engine: the plugin is always on, and one binding lets everyone use the policy `privileged`.

The policies `privileged` and `unprivileged` and their roles are the engine's own and stay; a baseline has policies of
its own, under other names.
"""

from __future__ import annotations

from pulumi_pod_security.platforms.platform import Platform

__all__ = ["PLATFORM"]

PLATFORM = Platform(
    kind="mke",
    name="Mirantis Kubernetes Engine",
    versions="3.2 and later, with Kubernetes up to 1.24",
    by_default="the plugin is on, and everyone may use the policy privileged",
    defaults=("ClusterRoleBinding/ucp:all:privileged-psp-role",),
    own=(
        "PodSecurityPolicy/privileged",
        "PodSecurityPolicy/unprivileged",
        "ClusterRole/privileged-psp-role",
        "ClusterRole/unprivileged-psp-role",
    ),
    enforcement="saves the binding ucp:all:privileged-psp-role, and removes it",
    instead="on Mirantis Kubernetes Engine from Kubernetes 1.25 on use Pod Security Standards or CEL admission",
    mark="-mirantis-",
    closed="the engine runs the API server in a container of its own, into which its configuration brings no file",
)
