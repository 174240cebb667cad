"""The exceptions that rules make, and the words of a refusal."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.check import Judge, Refusal, except_in_user_namespaces, except_on_windows
from pulumi_pod_security.controls.pod import Pod
from tests.unit.support.controls import a_pod


def _refuse_named(pod: Pod) -> Refusal | None:
    name = pod.metadata.name if pod.metadata else None
    return Refusal(reason=name, detail="") if name else None


CASES = [
    pytest.param(except_on_windows, {"os": {"name": "windows"}}, False, id="for Windows"),
    pytest.param(except_on_windows, {"os": {"name": "linux"}}, True, id="for Linux"),
    pytest.param(except_on_windows, {"os": {}}, True, id="for no system"),
    pytest.param(except_on_windows, {}, True, id="silent of its system"),
    pytest.param(except_in_user_namespaces, {"hostUsers": False}, False, id="users of its own"),
    pytest.param(except_in_user_namespaces, {"hostUsers": True}, True, id="the node's users"),
    pytest.param(except_in_user_namespaces, {}, True, id="silent of its users"),
]


@pytest.mark.parametrize(("exception", "spec", "judged"), CASES)
def test_exceptions(exception: Any, spec: dict[str, Any], *, judged: bool) -> None:
    """An excepted pod is refused by nothing, and every other one as before."""
    judge: Judge = exception(_refuse_named)
    assert judge(a_pod(**spec)) == (Refusal(reason="tried", detail="") if judged else None)
    assert judge(Pod()) is None


def test_words() -> None:
    """A detail stands in brackets behind its reason, if there is one."""
    assert str(Refusal(reason="a", detail="b")) == "a (b)"
    assert str(Refusal(reason="a", detail="")) == "a"
