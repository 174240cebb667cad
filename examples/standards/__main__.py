import pulumi

import pulumi_pod_security as ps

namespaces = pulumi.Config().require_object("namespaces")
args = ps.NamespaceStandardsArgs(
    namespaces=namespaces, enforce="baseline", audit="restricted", warn="restricted:latest"
)
pulumi.export("labels", ps.NamespaceStandards("levels", args).labels)
