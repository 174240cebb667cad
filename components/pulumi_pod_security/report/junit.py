"""A `check` as JUnit's XML, as CI systems read it: a test case for each workload, an error for each fault
and for custom resources that seem to embed pods and were not judged."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pulumi_pod_security.admission.findings import Judged
from pulumi_pod_security.errors import Fault
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.report.review import Review
from pulumi_pod_security.report.wording import remarks, summary, told

__all__ = ["junit"]


def junit(review: Review) -> str:
    """The XML, with a line feed at its end. Names are harmless; XML has no way to write most control characters."""
    report = review.report
    suites = Element("testsuites", name="pod-security")
    embedding = [unread for unread in report.unread if unread.templates]
    sizes = {
        "tests": str(len(report.workloads) + len(report.faults) + len(report.unread)),
        "failures": str(len(report.refused)),
        "errors": str(len(report.faults) + len(embedding)),
        "skipped": str(len(report.unread) - len(embedding)),
    }
    suite = SubElement(suites, "testsuite", {"name": "pod-security check", **sizes})
    for judged in report.workloads:
        _case(suite, judged)
    for fault in report.faults:
        _error(suite, fault)
    for unread in report.unread:
        case = SubElement(suite, "testcase", classname="not judged", name=harmless(unread.kind))
        SubElement(case, "error" if unread.templates else "skipped", message=harmless(unread))
    SubElement(suite, "system-out").text = _remarks(review)
    indent(suites)
    return tostring(suites, encoding="unicode", xml_declaration=False) + "\n"


def _case(suite: Element, judged: Judged) -> None:
    workload = judged.workload
    classname = harmless(f"{workload.namespace}.{workload.kind}")
    case = SubElement(suite, "testcase", classname=classname, name=harmless(workload), file=harmless(judged.where))
    lines = "\n".join(harmless(line) for line in told(judged))
    if judged.admitted:
        SubElement(case, "system-out").text = "\n".join(
            filter(None, [harmless(f"admitted by policy {judged.policy}"), lines])
        )
    else:
        message = harmless(judged.verdict.message or "refused")
        SubElement(case, "failure", type="refused", message=message).text = lines


def _error(suite: Element, fault: Fault) -> None:
    case = SubElement(suite, "testcase", classname="could not be read or used", name=harmless(fault.path))
    SubElement(case, "error", type="fault", message=harmless(fault))


def _remarks(review: Review) -> str:
    notes = [line for heading, entries in remarks(review) if heading == "notes" for line in entries]
    return "\n".join(harmless(line) for line in (*notes, summary(review)))
