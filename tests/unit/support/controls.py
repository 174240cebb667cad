"""One control, one policy, one pod: what the control writes, and what it says."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

import msgspec

from pulumi_pod_security import controls
from pulumi_pod_security.admission.changes import changes
from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.reason import Kind, Reason
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["a_container", "a_pod", "a_policy", "judged", "modules", "reason", "written"]

_ANY = {name: {"rule": "RunAsAny"} for name in ("seLinux", "runAsUser", "supplementalGroups", "fsGroup")}


def a_policy(name: str = "tried", annotations: Mapping[str, str] | None = None, **spec: Any) -> PodSecurityPolicy:
    """A policy that says this and nothing else."""
    return PodSecurityPolicy.from_manifest(
        {
            "apiVersion": "policy/v1beta1",
            "kind": "PodSecurityPolicy",
            "metadata": {"name": name, "annotations": dict(annotations or {})},
            "spec": {**_ANY, **spec},
        }
    )


def a_pod(annotations: Mapping[str, str] | None = None, **spec: Any) -> Pod:
    """A pod with this in its spec, and a container when none is given."""
    manifest = {"metadata": {"name": "tried", "annotations": dict(annotations or {})}}
    return msgspec.convert({**manifest, "spec": {"containers": [{"name": "main"}], **spec}}, Pod)


def a_container(name: str = "main", /, **context: Any) -> dict[str, Any]:
    """A container with this security context."""
    return {"name": name, "securityContext": context}


def judged(control: Control[Any], policy: PodSecurityPolicy, pod: Pod) -> list[Reason]:
    """What the control has against the pod as it is."""
    settings = control.settings(policy)
    return [] if settings is None else list(control.judge(settings, pod))


def written(control: Control[Any], policy: PodSecurityPolicy, pod: Pod) -> dict[str, Any]:
    """The values the control writes into the pod, by place. What it wrote it does not write again."""
    settings = control.settings(policy)
    after = pod if settings is None else control.default(settings, pod)
    assert settings is None or control.default(settings, after) is after
    found = {".".join(map(str, change.path)): change.value for change in changes(pod, after)}
    assert (after is pod) == (not found)
    return found


def reason(path: str, kind: Kind, value: str | None = None, detail: str = "") -> Reason:
    """A reason, its parts in the order in which it is read."""
    return Reason(path=path, kind=kind, value=value, detail=detail)


def modules() -> dict[str, Any]:
    """The modules of the controls, by name."""
    names = [module.name for module in pkgutil.iter_modules(controls.__path__)]
    return {name: importlib.import_module(f"{controls.__name__}.{name}") for name in names}
