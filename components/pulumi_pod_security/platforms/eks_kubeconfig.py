"""How a cluster of Amazon EKS is reached: a kubeconfig made of what the EKS API says, with nothing secret in it.

Credentials are those of the AWS tools' own: environment, profile, instance role. A token lives a quarter of an hour, so
none is written down: each client that uses the kubeconfig asks `aws eks get-token` for one, as the kubeconfig of
`aws eks update-kubeconfig` does.
"""

from __future__ import annotations

import json
from typing import Any

from pulumi_pod_security.platforms.sdk import imported
from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["eks_kubeconfig"]

# The AWS CLI writes this version since 1.24 and 2.7.
_EXEC = "client.authentication.k8s.io/v1beta1"


def eks_kubeconfig(cluster: str, *, region: str | None = None) -> str:
    """The kubeconfig of a cluster.

    Args:
        cluster: its name.
        region: None for the AWS tools' own: `AWS_REGION`, or the profile's.

    Raises:
        SwitchError: the EKS API does not tell, or the cluster has no endpoint yet.
    """
    boto3 = imported("boto3", extra="eks")
    exceptions = imported("botocore.exceptions", extra="eks")
    try:
        session = boto3.session.Session(region_name=region)
        found = session.client("eks").describe_cluster(name=cluster)["cluster"]
    except (exceptions.BotoCoreError, exceptions.ClientError) as error:
        raise SwitchError(
            f"the EKS cluster {cluster!r} cannot be looked up: {error}; try: aws eks describe-cluster --name {cluster}"
        ) from None
    if not found.get("endpoint") or not found.get("certificateAuthority", {}).get("data"):
        raise SwitchError(
            f"the EKS cluster {cluster!r} is {found.get('status')} and has no endpoint yet; try again later"
        )
    return json.dumps(_kubeconfig(cluster, session.region_name, found))


def _kubeconfig(cluster: str, region: str, found: dict[str, Any]) -> dict[str, Any]:
    server = {"server": found["endpoint"], "certificate-authority-data": found["certificateAuthority"]["data"]}
    arguments = ["eks", "get-token", "--cluster-name", cluster, "--region", region, "--output", "json"]
    plugin = {"apiVersion": _EXEC, "command": "aws", "args": arguments, "interactiveMode": "Never"}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": cluster,
        "clusters": [{"name": cluster, "cluster": server}],
        "users": [{"name": cluster, "user": {"exec": plugin}}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": cluster}}],
    }
