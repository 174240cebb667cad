"""What has to be known to read a result: assumptions, and what was left aside."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.admission.findings import Report
from pulumi_pod_security.admission.workloads import controller
from pulumi_pod_security.cli.collecting import Collection
from pulumi_pod_security.cli.live import Live
from pulumi_pod_security.cli.looking import Looking
from pulumi_pod_security.errors import MISSING, Fault, InvalidInput
from pulumi_pod_security.report.wording import plural

__all__ = ["check_notes", "collection_notes", "require_policies"]


def require_policies(report: Report, live: Live | None) -> None:
    """Refuse to judge by nothing; a server that has PodSecurityPolicy and no policies refuses every pod, and that is
    a verdict.

    Raises:
        InvalidInput: with what could not be read, which may well have been the policies.
    """
    if report.policies or (live and not live.removed):
        return
    heading = f"nothing to judge by; {live.removed}" if live and live.removed else "nothing to judge by"
    allowed = "at least one PodSecurityPolicy: in a file, of a cluster (--cluster), or by --policy and --policies-from"
    raise InvalidInput(heading, [Fault(path="policies", value=MISSING, allowed=allowed), *report.faults])


def check_notes(report: Report, collection: Collection, looking: Looking, live: Live | None) -> Iterator[str]:
    """The notes of a `check`."""
    yield from collection_notes(collection)
    yield from _assumed(report, collection, looking)
    if report.workloads and not report.counts.rbac:
        yield (
            "no RBAC was given, so that nobody but system:masters may use a policy; "
            "to try policies as if everyone might, name them with --policies-from"
        )
    if live and live.removed:
        yield f"{live.removed}; the verdicts are those of a 1.24 server with the given policies"
    elif live:
        read = ", ".join(collection.gathering.templates)
        custom = f"of the cluster's custom resources only {read} are read" if read else "custom resources are not read"
        yield f"judged as if the PodSecurityPolicy plugin were on; {custom}"
    if not report.workloads:
        yield "nothing that was read creates pods"


def _assumed(report: Report, collection: Collection, looking: Looking) -> Iterator[str]:
    """What files do not say, and what was taken instead."""
    gathering = collection.gathering
    bare = 0 if gathering.author else _bare(report)
    if bare:
        which, who = (
            ("1 pod that no controller owns is", "it")
            if bare == 1
            else (f"{bare} pods that no controller owns are", "them")
        )
        yield f"assumed: {which} judged as if a ReplicaSet made {who}; name who creates {who} with --author"
    if looking.used:
        kinds = ", ".join(sorted(looking.used))
        yield f"assumed: the pods of {kinds} are judged as if a ReplicaSet made them; --author is not for them"
    if looking.nowhere:
        which = (
            "1 object names no namespace" if looking.nowhere == 1 else f"{looking.nowhere} objects name no namespace"
        )
        yield f"assumed: {which}: judged in {gathering.namespace}; another one by --namespace"
    for kind in sorted(set(looking.templates) - looking.used):
        yield f"--template {kind}={gathering.templates[kind]}: no object of this kind was read"


def _bare(report: Report) -> int:
    """How many pods nobody owns that are judged as if a ReplicaSet made them; kubelets make mirror pods."""
    made = controller("replicaset-controller")
    workloads = (judged.workload for judged in report.workloads)
    return sum(one.kind == "Pod" and not one.owned and one.creator == made for one in workloads)


def collection_notes(collection: Collection) -> Iterator[str]:
    """What is to be said of reading."""
    if collection.replaced:
        told = plural(collection.replaced, "object")
        yield f"{told} gave way to those of the same name in a file or an option"
