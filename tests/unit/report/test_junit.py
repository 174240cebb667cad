"""JUnit's XML."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from pulumi_pod_security.admission.check import check
from pulumi_pod_security.report.junit import junit
from pulumi_pod_security.report.review import Review
from tests.unit.support.terminal import HOSTILE, TREE, deployment


def suite(*objects: object) -> ElementTree.Element:
    """The suite of a check of these objects."""
    return ElementTree.fromstring(junit(Review(report=check(objects), notes=("a note",))))[0]  # type: ignore[arg-type]


def test_a_case_for_each_workload() -> None:
    """A refusal is a failure, with the server's sentence and the reasons."""
    cart, web = suite(*TREE).findall("testcase")
    assert (cart.attrib["classname"], cart.attrib["name"]) == ("shop.Deployment", "shop/Deployment/cart")
    failure = cart.find("failure")
    assert failure is not None
    assert failure.attrib["message"].startswith('pods "cart-" is forbidden: PodSecurityPolicy: unable to admit pod: ')
    assert (failure.text or "").startswith("default: spec.containers[0].securityContext.privileged: ")
    assert web.find("failure") is None
    assert (web.findtext("system-out") or "").startswith("admitted by policy default\nwrites ")


def test_what_was_not_judged_is_in_it(tmp_path: Path) -> None:
    """A fault is an error, and so are custom resources that embed pods; others are skipped, and the numbers agree."""
    rollout = {**deployment("canary"), "apiVersion": "argoproj.io/v1", "kind": "Rollout"}
    issuer = {"apiVersion": "cert-manager.io/v1", "kind": "Issuer"}
    found = suite(*TREE, rollout, issuer, str(tmp_path / "none.yaml"))
    sizes = {key: found.attrib[key] for key in ("tests", "failures", "errors", "skipped")}
    assert sizes == {"tests": "5", "failures": "1", "errors": "2", "skipped": "1"}
    assert len(found.findall("testcase")) == 5
    assert (len(found.findall("testcase/error")), len(found.findall("testcase/skipped"))) == (2, 1)
    assert (found.findtext("system-out") or "").startswith("a note\n2 workloads: ")


def test_hostile_names_are_well_formed() -> None:
    """XML has no way to write most control characters."""
    names = [case.attrib["name"] for case in suite(*TREE[:4], deployment(HOSTILE + "\x00\ufffe")).findall("testcase")]
    assert names[0].startswith("shop/Deployment/[red]\\x1b[31m\\u202e")
