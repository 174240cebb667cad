"""Saving the state of a cluster and putting it back: etcd's data, kubeadm's configuration, the manifests.

Meanwhile etcd must not run.
"""

import shutil

from tools.controlplane.errors import ControlPlaneError
from tools.controlplane.layout import Layout

__all__ = ["restore", "save"]


def save(layout: Layout) -> None:
    """Remember the present state; an earlier one is forgotten."""
    shutil.rmtree(layout.checkpoint, ignore_errors=True)
    layout.checkpoint.mkdir()
    # What etcd has set aside for its next log segment is 64 MB of nothing.
    shutil.copytree(layout.etcd, layout.checkpoint / layout.etcd.name, ignore=shutil.ignore_patterns("*.tmp"))
    shutil.copytree(layout.manifests, layout.checkpoint / layout.manifests.name)
    shutil.copy2(layout.configuration, layout.checkpoint / layout.configuration.name)


def restore(layout: Layout) -> None:
    """Put the remembered state back, and begin the audit log and the events anew."""
    if not layout.checkpoint.exists():
        raise ControlPlaneError(f"{layout.folder}: no state has been saved; call checkpoint() before reset()")
    for folder in (layout.etcd, layout.manifests):
        shutil.rmtree(folder)
        shutil.copytree(layout.checkpoint / folder.name, folder)
    shutil.copy2(layout.checkpoint / layout.configuration.name, layout.configuration)
    for log in layout.audit_log.parent.iterdir():
        log.unlink()
    layout.events.unlink(missing_ok=True)
