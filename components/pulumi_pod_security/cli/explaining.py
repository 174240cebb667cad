"""Which workloads `--explain` means."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_pod_security.admission.findings import Judged, Report
from pulumi_pod_security.admission.rbac import Rbac
from pulumi_pod_security.errors import Fault, InvalidInput, one_of
from pulumi_pod_security.report.explanation import Explanation, explained

__all__ = ["explanations"]


def explanations(asked: Iterable[str], report: Report, rbac: Rbac) -> tuple[Explanation, ...]:
    """The explanations, in the order in which workloads were asked for; a name may mean several.

    Raises:
        InvalidInput: there is no such workload.
    """
    return tuple(explained(judged, report.policies, rbac) for text in asked for judged in _meant(text, report))


def _meant(text: str, report: Report) -> list[Judged]:
    wanted = text.casefold().split("/")
    found = [judged for judged in report.workloads if _parts(judged)[-len(wanted) :] == wanted]
    if not found:
        names = [str(judged.workload) for judged in report.workloads]
        allowed = f"a workload as NAMESPACE/KIND/NAME, KIND/NAME or NAME; {one_of(names, given=text)}"
        raise InvalidInput("options", [Fault(path="--explain", value=text, allowed=allowed)])
    return found


def _parts(judged: Judged) -> list[str]:
    return str(judged.workload).casefold().split("/")
