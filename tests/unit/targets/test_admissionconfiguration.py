"""Defaults and exemptions of Pod Security as the file that an API server is given."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.errors import InvalidExemption, InvalidInput
from pulumi_pod_security.targets.admissionconfiguration import (
    PodSecurityConfiguration,
    PodSecurityDefaults,
    PodSecurityExemptions,
)

BASELINE = PodSecurityConfiguration(
    defaults=PodSecurityDefaults(
        enforce=Standard(level="baseline", version="v1.30"), warn=Standard(level="restricted")
    ),
    exemptions=PodSecurityExemptions(
        usernames=("system:admin",), namespaces=("kube-system", "shop"), runtime_classes=("kata.example",)
    ),
)


def test_the_file() -> None:
    """Six defaults and three lists, in the words that the server reads."""
    assert BASELINE.admission_configuration(36) == {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AdmissionConfiguration",
        "plugins": [
            {
                "name": "PodSecurity",
                "configuration": {
                    "apiVersion": "pod-security.admission.config.k8s.io/v1",
                    "kind": "PodSecurityConfiguration",
                    "defaults": {
                        "enforce": "baseline",
                        "enforce-version": "v1.30",
                        "audit": "privileged",
                        "audit-version": "latest",
                        "warn": "restricted",
                        "warn-version": "latest",
                    },
                    "exemptions": {
                        "usernames": ["system:admin"],
                        "runtimeClasses": ["kata.example"],
                        "namespaces": ["kube-system", "shop"],
                    },
                },
            }
        ],
    }


def test_by_default_nothing_is_refused_and_nobody_exempt() -> None:
    """What an API server without the file does."""
    (plugin,) = PodSecurityConfiguration().admission_configuration(25)["plugins"]
    assert set(plugin["configuration"]["defaults"].values()) == {"privileged", "latest"}
    assert list(plugin["configuration"]["exemptions"].values()) == [[], [], []]


@pytest.mark.parametrize(
    ("minor", "version"), [(22, "v1alpha1"), (23, "v1beta1"), (24, "v1beta1"), (25, "v1"), (36, "v1")]
)
def test_the_version_is_one_that_the_server_reads(minor: int, version: str) -> None:
    """The newest of them."""
    plugin = BASELINE.plugin(minor)
    assert plugin["configuration"]["apiVersion"] == f"pod-security.admission.config.k8s.io/{version}"


def test_an_older_server_is_refused() -> None:
    """It would ignore the entry, or not start."""
    with pytest.raises(InvalidInput, match=r"version: '1\.21'; allowed: 1\.22 or later: .* use PodSecurityBaseline"):
        BASELINE.admission_configuration(21)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        pytest.param({"usernames": [""]}, "exemptions.usernames[0]: ''; allowed: a user name", id="no-user"),
        pytest.param({"usernames": ["a\ud800"]}, "exemptions.usernames[0]: ", id="half-a-character"),
        pytest.param(
            {"usernames": ["a", "b", "a"]}, "exemptions.usernames[2]: 'a'; allowed: each name once", id="twice"
        ),
        pytest.param({"usernames": "ci"}, "exemptions.usernames: 'ci'; allowed: a list of names", id="text"),
        pytest.param({"usernames": None}, "exemptions.usernames: None; allowed: a list of names", id="none"),
        pytest.param({"namespaces": ["a.b"]}, "exemptions.namespaces[0]: 'a.b'; allowed: at most 63", id="namespace"),
        pytest.param({"namespaces": ["a", 1]}, "exemptions.namespaces[1]: 1; allowed: at most 63", id="number"),
        pytest.param({"namespaces": ["a", "a"]}, "exemptions.namespaces[1]: 'a'; allowed: each name once", id="again"),
        pytest.param({"namespaces": ["x" * 64]}, "exemptions.namespaces[0]: ", id="long-namespace"),
        pytest.param({"runtime_classes": ["A"]}, "exemptions.runtimeClasses[0]: 'A'; allowed: at most 253", id="class"),
        pytest.param({"runtime_classes": ["a", "a"]}, "exemptions.runtimeClasses[1]: 'a'; allowed: each", id="classes"),
    ],
)
def test_what_no_server_starts_with_is_refused(given: dict[str, Any], fault: str) -> None:
    """By the path that the server would name."""
    with pytest.raises(InvalidExemption) as refused:
        PodSecurityExemptions(**given)
    assert fault in str(refused.value)


def test_every_fault_is_told() -> None:
    """All of them at once."""
    with pytest.raises(InvalidExemption) as refused:
        PodSecurityExemptions(usernames=("",), namespaces=("A", "b", "b"), runtime_classes=("a.b", "_"))
    assert [fault.path for fault in refused.value.faults] == [
        "exemptions.usernames[0]",
        "exemptions.namespaces[0]",
        "exemptions.namespaces[2]",
        "exemptions.runtimeClasses[1]",
    ]


def test_it_is_a_value() -> None:
    """Lists become tuples; equal ones are one."""
    assert {PodSecurityExemptions(namespaces=["a"]), PodSecurityExemptions(namespaces=("a",))} == {  # type: ignore[arg-type]
        PodSecurityExemptions(namespaces=("a",))
    }
