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
from pulumi_pod_security.targets.psp import API_GROUPS

__all__ = ["CelEnablement", "CelEnablementArgs"]

_AUDIT = "audit"
_KUBERNETES = "kubernetes:index:Provider"


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
        enforcement, granted = self.baseline.args.enforcement, tuple(self.baseline.args.api_groups)
        groups = self.api_groups
        faults = [
            *_unless(enforcement in (CEL, CEL_AND_PSA), "baseline.enforcement", enforcement, _BOTH),
            *_unless(groups and set(groups) <= set(API_GROUPS), "api_groups", groups, f"some of {API_GROUPS}"),
            *_unless(set(groups) & set(granted), "api_groups", groups, f"one of the baseline's api_groups: {granted}"),
            *_unless(self.stage in get_args(Stage), "stage", self.stage, one_of(get_args(Stage), given=self.stage)),
        ]
        for index, exemption in enumerate(self.exemptions):
            known = one_of(get_args(Exemption), given=exemption)
            faults += _unless(exemption in get_args(Exemption), f"exemptions[{index}]", exemption, known)
        if faults:
            raise InvalidInput(type(self).__name__, faults)


class CelEnablement(pulumi.ComponentResource):
    """Preflight, then MutatingAdmissionPolicy, then ValidatingAdmissionPolicy, each with its binding.

    One for a cluster: all have the same names. Rename it with `aliases` only, else the end of the old one takes away
    what the new one found. Until an update of what a policy writes has reached both halves, a pod may be refused that
    was given the new value; whoever made it tries again.

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
        # On the cluster of the baseline, unless this is told another provider.
        provider = self.get_provider(_KUBERNETES) or args.baseline.get_provider(_KUBERNETES)
        for manifest in manifests:
            after = pulumi.ResourceOptions(parent=self, depends_on=[*args.baseline.ready, *made], provider=provider)
            made.append(self._object(manifest, after))

        self.ready = made
        self.register_outputs({"stage": self.stage})

    def _gate(self, args: CelEnablementArgs) -> list[pulumi.Resource]:
        """What only notes pods in the audit log strands nobody."""
        if args.stage == _AUDIT:
            return []
        asked = PreflightArgs(
            baseline=args.baseline, mutates=args.mutates, exemptions=args.exemptions, api_groups=args.api_groups
        )
        return [Preflight(f"{self._name}-preflight", asked, pulumi.ResourceOptions(parent=self))]

    def _object(self, manifest: Mapping[str, Any], opts: pulumi.ResourceOptions) -> pulumi.Resource:
        from pulumi_kubernetes.apiextensions import CustomResource

        content = {"metadata": manifest["metadata"], "spec": manifest["spec"]}
        return CustomResource(
            f"{self._name}-{manifest['kind']}", manifest["apiVersion"], manifest["kind"], **content, opts=opts
        )


_BOTH = f"{CEL} or {CEL_AND_PSA}: PodSecurityBaselineArgs(enforcement=...)"


def _unless(holds: object, path: str, value: object, allowed: str) -> list[Fault]:
    return [] if holds else [Fault(path=path, value=value, allowed=allowed)]
