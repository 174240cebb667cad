"""A pod-security baseline for Kubernetes: policies, the RBAC that grants them, and enforcement without a lock-out."""

from pulumi_pod_security.admission.check import check
from pulumi_pod_security.admission.evaluate import Evaluator
from pulumi_pod_security.admission.findings import Report
from pulumi_pod_security.admission.rbac import Rbac
from pulumi_pod_security.admission.request import Verdict
from pulumi_pod_security.admission.standards import Standard, StandardVerdict, against_standard
from pulumi_pod_security.admission.workloads import Workload
from pulumi_pod_security.errors import (
    DoesNotFit,
    Fault,
    InvalidBaseline,
    InvalidExemption,
    InvalidGrant,
    InvalidInput,
    InvalidPolicy,
    InvalidStandard,
    PodSecurityError,
    UnknownPreset,
)
from pulumi_pod_security.platforms.eks_kubeconfig import eks_kubeconfig
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.config import grant_from_config, grant_to_config
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import (
    AllowedCSIDriver,
    AllowedFlexVolume,
    AllowedHostPath,
    FSGroupStrategy,
    HostPortRange,
    IDRange,
    PodSecurityPolicy,
    PodSecurityPolicySpec,
    ProfilePolicy,
    RunAsGroupStrategy,
    RunAsUserStrategy,
    RuntimeClassStrategy,
    SELinuxOptions,
    SELinuxStrategy,
    SupplementalGroupsStrategy,
)
from pulumi_pod_security.policy.presets import PRESETS, preset
from pulumi_pod_security.policy.spelling import parse_subject
from pulumi_pod_security.policy.subjects import (
    Subject,
    authenticated,
    group,
    nodes,
    service_account,
    service_accounts,
    user,
)
from pulumi_pod_security.resources.aks import AksEnablement, AksEnablementArgs
from pulumi_pod_security.resources.baseline import PodSecurityBaseline, PodSecurityBaselineArgs
from pulumi_pod_security.resources.cel import CelEnablement, CelEnablementArgs
from pulumi_pod_security.resources.eks import EksEnablement, EksEnablementArgs
from pulumi_pod_security.resources.enforcement import enforcement_of
from pulumi_pod_security.resources.gke import GkeEnablement, GkeEnablementArgs
from pulumi_pod_security.resources.kapsule import KapsuleEnablement, KapsuleEnablementArgs
from pulumi_pod_security.resources.kubeadm import KubeadmEnablement, KubeadmEnablementArgs, KubeadmNode
from pulumi_pod_security.resources.kubeadm_standards import KubeadmStandards, KubeadmStandardsArgs
from pulumi_pod_security.resources.mke import MkeEnablement, MkeEnablementArgs
from pulumi_pod_security.resources.namespace_standards import NamespaceStandards, NamespaceStandardsArgs
from pulumi_pod_security.resources.own_cluster import plugin_left_to_enablement
from pulumi_pod_security.resources.preflight import Preflight, PreflightArgs
from pulumi_pod_security.resources.recycled import Recycled, RecycledArgs
from pulumi_pod_security.targets.admissionconfiguration import (
    PodSecurityConfiguration,
    PodSecurityDefaults,
    PodSecurityExemptions,
)
from pulumi_pod_security.targets.psp import PspManifests, psp_manifests

__all__ = [
    "PRESETS",
    "AksEnablement",
    "AksEnablementArgs",
    "AllowedCSIDriver",
    "AllowedFlexVolume",
    "AllowedHostPath",
    "CelEnablement",
    "CelEnablementArgs",
    "DoesNotFit",
    "EksEnablement",
    "EksEnablementArgs",
    "Evaluator",
    "FSGroupStrategy",
    "Fault",
    "GkeEnablement",
    "GkeEnablementArgs",
    "Grant",
    "HostPortRange",
    "IDRange",
    "Identity",
    "InvalidBaseline",
    "InvalidExemption",
    "InvalidGrant",
    "InvalidInput",
    "InvalidPolicy",
    "InvalidStandard",
    "KapsuleEnablement",
    "KapsuleEnablementArgs",
    "KubeadmEnablement",
    "KubeadmEnablementArgs",
    "KubeadmNode",
    "KubeadmStandards",
    "KubeadmStandardsArgs",
    "MkeEnablement",
    "MkeEnablementArgs",
    "NamespaceStandards",
    "NamespaceStandardsArgs",
    "PodSecurityBaseline",
    "PodSecurityBaselineArgs",
    "PodSecurityConfiguration",
    "PodSecurityDefaults",
    "PodSecurityError",
    "PodSecurityExemptions",
    "PodSecurityPolicy",
    "PodSecurityPolicySpec",
    "Preflight",
    "PreflightArgs",
    "ProfilePolicy",
    "PspManifests",
    "Rbac",
    "Recycled",
    "RecycledArgs",
    "Report",
    "RunAsGroupStrategy",
    "RunAsUserStrategy",
    "RuntimeClassStrategy",
    "SELinuxOptions",
    "SELinuxStrategy",
    "Standard",
    "StandardVerdict",
    "Subject",
    "SupplementalGroupsStrategy",
    "UnknownPreset",
    "Verdict",
    "Workload",
    "against_standard",
    "authenticated",
    "check",
    "eks_kubeconfig",
    "enforcement_of",
    "grant_from_config",
    "grant_to_config",
    "group",
    "nodes",
    "parse_subject",
    "plugin_left_to_enablement",
    "preset",
    "presets",
    "psp_manifests",
    "service_account",
    "service_accounts",
    "user",
]
