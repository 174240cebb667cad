"""`CelEnablement`: the policies of a baseline as admission policies, for servers that have no PodSecurityPolicy.

Order: preflight, for stages that refuse or warn; then the half that writes into pods, so that none is refused for what
it was about to get; then the half that refuses. Destroy takes them away in reverse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import pulumi

from pulumi_pod_security.errors import Fault, InvalidInput, one_of
from pulumi_pod_security.policy.enforcement import CEL, CEL_AND_PSA
from pulumi_pod_security.resources.baseline import PodSecurityBaseline
from pulumi_pod_security.resources.preflight import Preflight, PreflightArgs
from pulumi_pod_security.targets.cel import Exemption, Stage, cel_manifests

__all__ = ["CelEnablement", "CelEnablementArgs"]

_AUDIT = "audit"


@dataclass(frozen=True, kw_only=True)
class CelEnablementArgs:
    """How enforcement is turned on.

    Attributes:
        baseline: the policies and grants to enforce; its enforcement is `cel` or `cel+psa`.
        mutates: whether the server has MutatingAdmissionPolicy in v1, as Kubernetes has it from 1.36 on: then defaults
            are written into pods, and where it has not, pods that rely on them are refused. `enforcement_of` tells.
        stage: `audit`, `warn` or `deny`: pods that no policy accepts are noted in the audit log, their senders are
            warned besides, or they are refused. From `warn` on preflight asks first.
        exemptions: pods that nobody judges: `kube-system`, `mirror-pods`. Each lets in what the policies would not.
        api_groups: where roles name policies; `extensions` besides for roles that name them there alone, which halves
            the number of policies that fit.
    """

    baseline: PodSecurityBaseline
    mutates: bool
    stage: str = _AUDIT
    exemptions: Sequence[str] = ()
    api_groups: Sequence[str] = ("policy",)

    def __post_init__(self) -> None:
        faults = [
            *_unless(self.baseline.args.enforcement in (CEL, CEL_AND_PSA), "baseline.enforcement", self._found, _BOTH),
            *_unless(self.stage in get_args(Stage), "stage", self.stage, one_of(get_args(Stage), given=self.stage)),
        ]
        for index, exemption in enumerate(self.exemptions):
            known = one_of(get_args(Exemption), given=exemption)
            faults += _unless(exemption in get_args(Exemption), f"exemptions[{index}]", exemption, known)
        if faults:
            raise InvalidInput(type(self).__name__, faults)

    @property
    def _found(self) -> str:
        return self.baseline.args.enforcement


class CelEnablement(pulumi.ComponentResource):
    """Preflight, then MutatingAdmissionPolicy, then ValidatingAdmissionPolicy, each with its binding.

    Attributes:
        ready: every resource of the enablement.
        stage: what becomes of a pod that no policy accepts.

    Raises:
        DoesNotFit: the policies are more than an API server has the budget to judge a pod by.
    """

    ready: list[pulumi.Resource]
    stage: str

    def __init__(self, name: str, args: CelEnablementArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        manifests = cel_manifests(
            args.baseline.args.policies,
            stage=args.stage,  # type: ignore[arg-type]
            mutates=args.mutates,
            exemptions=args.exemptions,  # type: ignore[arg-type]
            api_groups=args.api_groups,
        )
        super().__init__("pod-security:index:CelEnablement", name, None, opts)
        self._name = name
        self.stage = args.stage

        made: list[pulumi.Resource] = self._gate(args)
        for manifest in manifests:
            made.append(self._object(manifest, [*args.baseline.ready, *made]))

        self.ready = made
        self.register_outputs({"stage": self.stage})

    def _gate(self, args: CelEnablementArgs) -> list[pulumi.Resource]:
        """What only notes pods in the audit log strands nobody."""
        if args.stage == _AUDIT:
            return []
        asked = PreflightArgs(baseline=args.baseline, mutates=args.mutates)
        return [Preflight(f"{self._name}-preflight", asked, pulumi.ResourceOptions(parent=self))]

    def _object(self, manifest: Mapping[str, Any], earlier: Sequence[pulumi.Resource]) -> pulumi.Resource:
        from pulumi_kubernetes.apiextensions import CustomResource

        after = pulumi.ResourceOptions(parent=self, depends_on=list(earlier))
        content = {"metadata": manifest["metadata"], "spec": manifest["spec"]}
        return CustomResource(
            f"{self._name}-{manifest['kind']}", manifest["apiVersion"], manifest["kind"], **content, opts=after
        )


_BOTH = f"{CEL} or {CEL_AND_PSA}: PodSecurityBaselineArgs(enforcement=...)"


def _unless(holds: object, path: str, value: object, allowed: str) -> list[Fault]:
    return [] if holds else [Fault(path=path, value=value, allowed=allowed)]
