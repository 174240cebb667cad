import pulumi

import pulumi_pod_security as ps

config = pulumi.Config()
grants = [
    ps.Grant(policy="privileged", namespace="kube-system", subjects=[ps.nodes(), ps.service_accounts()]),
    ps.Grant(policy="default", subjects=[ps.authenticated()]),
]
policies = [ps.presets.privileged(), ps.presets.default()]
baseline = ps.PodSecurityBaseline("baseline", ps.PodSecurityBaselineArgs(policies=policies, grants=grants))
node = ps.KubeadmNode(manifests=config.require("manifests"))
ps.KubeadmEnablement("on", ps.KubeadmEnablementArgs(baseline=baseline, config=config.require("kubeadm"), node=node))
