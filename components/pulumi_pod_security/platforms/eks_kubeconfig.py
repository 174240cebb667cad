"""How a cluster of Amazon EKS is reached: a kubeconfig made of what the EKS API says, with nothing secret in it.

Credentials are those of the AWS tools' own: environment, profile, instance role. A token lives a quarter of an hour, so
none is written down: each client that uses the kubeconfig asks `aws eks get-token` for one, as the kubeconfig of
`aws eks update-kubeconfig` does.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from pulumi_pod_security.platforms.sdk import imported
from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["eks_kubeconfig"]

# The AWS CLI writes this version since 1.24 and 2.7.
_EXEC = "client.authentication.k8s.io/v1beta1"
_CODE = re.compile(r"[A-Z][A-Za-z.]{1,63}")


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
        found = session.client("eks").describe_cluster(name=cluster).get("cluster") or {}
    except exceptions.ClientError as error:
        raise SwitchError(_unseen(cluster, region, str(error.response.get("Error", {}).get("Code")))) from None
    except (exceptions.BotoCoreError, OSError, ValueError) as error:
        raise SwitchError(_unseen(cluster, region, type(error).__name__)) from None
    if not found.get("endpoint") or not found.get("certificateAuthority", {}).get("data"):
        status = found.get("status") or "in no state that the API tells"
        raise SwitchError(f"the EKS cluster {cluster!r} is {status} and has no endpoint yet; try again later")
    return json.dumps(_kubeconfig(cluster, session.region_name, found))


def _unseen(cluster: str, region: str | None, code: str) -> str:
    """What is wrong, without a word of the API or of a credential process: either may quote a token."""
    told = code if _CODE.fullmatch(code) else "an unknown error"
    at = "" if region is None else f" --region {shlex.quote(region)}"
    return (
        f"the EKS cluster {cluster!r} cannot be looked up: {told}; see what the AWS tools say to it with: "
        f"aws eks describe-cluster --name {shlex.quote(cluster)}{at}"
    )


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
