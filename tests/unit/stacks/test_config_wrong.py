"""Every wrong key, type and value: where it is, in which words, and that the commands in the message mend it."""

from __future__ import annotations

import json

import pulumi
import pytest
from pulumi.runtime import set_all_config

from stacks.config import read_config
from tests.unit.support.refusals import mend, refusal
from tests.unit.support.stackfile import Configure
from tests.unit.support.wrong_configs import UNMENDED, WRONG, WrongConfig


def _by_name(case: WrongConfig) -> str:
    return case.name


@pytest.mark.parametrize("case", [*WRONG, *UNMENDED], ids=_by_name)
def test_names_the_place_and_the_commands(case: WrongConfig, configure: Configure) -> None:
    """The message is the path, what is wrong there, and the commands that change exactly that; and no more."""
    configure(**case.values)
    line, mend = refusal().splitlines()
    assert line.startswith(f"pod-security:{case.path}: {case.words}")
    assert mend == f"  mend it with: {case.mended}"


@pytest.mark.parametrize("case", WRONG, ids=_by_name)
def test_the_commands_mend_it(case: WrongConfig, configure: Configure) -> None:
    """Run as they stand, one message's commands make a configuration that is accepted."""
    assert mend(configure(**case.values)) == 1


def test_a_list_is_kept_under_its_right_name(configure: Configure) -> None:
    """Nothing below a misspelt key is replaced by an example, and nothing that is only its consequence is told."""
    file = configure(polices=["default"], grants=[{"policy": "default", "to": ["nodes"]}])
    assert mend(file) == 1
    assert file.values["policies"] == ["default"]


def test_a_value_is_kept_under_its_right_name(configure: Configure) -> None:
    """A misspelt key loses nothing that was written below it."""
    file = configure(policies=["default"], grants=[{"polic": "default", "to": ["nodes"]}])
    mend(file)
    assert file.values["grants"] == [{"to": ["nodes"], "policy": "default"}]


@pytest.mark.parametrize("key", ["kubeconfg", "xyz"])
def test_what_an_unknown_key_holds_is_not_shown(configure: Configure, key: str) -> None:
    """It may have been meant for a secret."""
    configure(policies=["default"], **{key: "hunter2\nhunter2"})
    assert "hunter2" not in refusal()


@pytest.mark.parametrize("value", [["hunter2"], ""])
def test_what_the_kubeconfig_holds_is_not_shown(configure: Configure, value: object) -> None:
    """Whatever is wrong with it."""
    configure(policies=["default"], kubeconfig=value)
    assert "hunter2" not in refusal()


def test_keys_of_other_namespaces_are_not_ours(configure: Configure) -> None:
    """A stack holds configuration of providers too."""
    configure(policies=["default"])
    set_all_config({"pod-security:policies": '["default"]', "kubernetes:context": "a", "pod-security-more:x": "y"})
    read_config(pulumi.Config("pod-security"))


def test_keys_that_only_the_environment_holds_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, configure: Configure
) -> None:
    """The language host may hand the configuration over there."""
    configure()
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"pod-security:policies": '["default"]', "pod-security:polcy": "x"}))
    assert refusal().startswith("pod-security:polcy: no such key")


def test_the_cases_are_named_once() -> None:
    """No case hides behind the name of another."""
    names = [case.name for case in (*WRONG, *UNMENDED)]
    assert len(names) == len(set(names))
