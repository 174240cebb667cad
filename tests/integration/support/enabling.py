"""The providers of a platform's resources, run in this process against a stand-in and the real cluster behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.policy.config import grant_from_config, grant_to_config
from pulumi_pod_security.policy.presets import preset
from pulumi_pod_security.targets.psp import psp_manifests
from tests.integration.support.managed import flip
from tests.integration.support.project import GRANTS, POLICIES
from tests.integration.support.sight import Sight
from tests.standins.faults import Fault, Plan
from tests.unit.support.enabling import providers_of
from tests.unit.support.providers import Served

__all__ = ["Enabled", "enabled"]

# Who creates a pod where, and whether it is privileged: one for each subject of the baseline.
_CREATORS = (
    (("robot", "system:nodes"), "kube-system", True),
    (("kubelet",), "kube-system", True),
    (("system:serviceaccount:kube-system:any", "system:serviceaccounts:kube-system"), "kube-system", True),
    (("jane",), "shop", False),
)
_DECLARED = [preset(name) for name in POLICIES]
_GRANTED = [grant_from_config(grant) for grant in GRANTS]


@dataclass(kw_only=True)
class Enabled:
    """One platform."""

    served: Served
    sight: Sight
    folder: Path
    met: list[str]

    def up(self, plan: Plan) -> bool:
        """Whether the update, from the check of its preview on, goes through under these faults."""
        found, switch = providers_of(self.served.provider.kind)
        self._begin(plan)
        try:
            if failures := found.check({}, self._inputs()).failures:
                raise PodSecurityError(failures[0].reason)
            found.create(self._inputs())
            switch.create({**self._inputs(), "was_on": False})
        except PodSecurityError as error:
            return self._failed(error)
        assert self.sight.plugin_on()
        return True

    def destroy(self, plan: Plan) -> bool:
        """Whether the end goes through; then nothing is on, nor about to be."""
        found, switch = providers_of(self.served.provider.kind)
        self._begin(plan)
        props = {**self._inputs(), "was_on": False}
        try:
            switch.delete("enforcement", props)
            found.delete("found", props)
        except PodSecurityError as error:
            return self._failed(error)
        assert self.served.managed.running is None
        assert not self.served.managed.enabled
        assert not self.sight.plugin_on()
        return True

    def can_create_pods(self) -> None:
        """Fail unless every subject that has a grant can create a pod that its policy admits."""
        self.served.standin.script.restart()
        self.served.managed.settle()
        for (user, *groups), namespace, privileged in _CREATORS:
            file = self.folder / "pod.yaml"
            file.write_text(yaml.safe_dump(_pod(namespace, privileged)), encoding="utf-8")
            who = [f"--as={user}", *(f"--as-group={group}" for group in (*groups, "system:authenticated"))]
            self.sight.kubectl.run("create", "--dry-run=server", f"--filename={file}", *who)

    def _begin(self, plan: Plan) -> None:
        self.met.clear()

        def noted(number: int, name: str) -> Fault | None:
            fault = plan(number, name)
            self.met.extend([name] if fault else [])
            return fault

        self.served.standin.script.restart(noted)

    def _failed(self, error: PodSecurityError) -> bool:
        assert self.met, error
        return False

    def _inputs(self) -> dict[str, Any]:
        return {
            "kubeconfig": str(self.sight.cluster.kubeconfig()),
            "policies": [json.dumps(policy.to_manifest()) for policy in _DECLARED],
            "grants": [grant_to_config(grant) for grant in _GRANTED],
            "refused": [],
            "timeout_seconds": 120.0,
            **self.served.place,
        }


def enabled(served: Served, sight: Sight, folder: Path) -> Enabled:
    """That platform, with the baseline on its cluster."""
    made = psp_manifests(_DECLARED, _GRANTED)
    file = folder / "baseline.yaml"
    manifests: list[Mapping[str, Any]] = [*made.policies, *made.roles, *made.bindings]
    file.write_text(yaml.safe_dump_all([dict(manifest) for manifest in manifests]), encoding="utf-8")
    sight.kubectl.run("apply", f"--filename={file}")
    # Everybody may create pods, which says nothing of policies.
    sight.kubectl.run("create", "clusterrolebinding", "everybody", "--clusterrole=edit", "--group=system:authenticated")
    served.managed.flip = partial(flip, sight.cluster)
    return Enabled(served=served, sight=sight, folder=folder, met=[])


def _pod(namespace: str, privileged: bool) -> dict[str, Any]:  # noqa: FBT001 - what is wanted
    context = {"privileged": True} if privileged else {}
    container = {"name": "app", "image": "app", "securityContext": context}
    metadata = {"name": "tried", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}
