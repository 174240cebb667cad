"""Which enforcement a server can do, asked before anything is registered: what exists follows from it."""

import pulumi

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.serving import served
from pulumi_pod_security.policy.enforcement import AUTO, Choice, choose

__all__ = ["enforcement_of"]


def enforcement_of(kubeconfig: str | None = None, wish: str = AUTO, *, context: str | None = None) -> Choice:
    """What is to hold pods to the policies on a server that is there already; the run says which, and why.

    Args:
        kubeconfig: path or contents; None means `$KUBECONFIG`, else `~/.kube/config`.
        wish: `psp`, `cel`, `psa` or `cel+psa`; `auto` takes the first of psp, cel and psa that the server can do.
        context: a context in the kubeconfig; None means its current one.

    Raises:
        InvalidInput: nobody knows this wish, or the server cannot do it.
        ClusterError: no server answers.
    """
    choice = choose(wish, served(Cluster(Connection(kubeconfig=kubeconfig, context=context).open())))
    pulumi.log.info(choice.why)
    return choice
