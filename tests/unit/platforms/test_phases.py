"""The two phases of a configuration: one is as it was given, and they differ by the plugin alone."""

from __future__ import annotations

import pytest

from pulumi_pod_security.platforms.clusterconfiguration import plugins
from pulumi_pod_security.platforms.phases import Phases
from pulumi_pod_security.platforms.switch import SwitchError

FLAG = "enable-admission-plugins"


def configuration(version: str, rest: str) -> str:
    """A ClusterConfiguration of an API version, behind another document."""
    before = "# ours\nkind: InitConfiguration\n---\n"
    return f"{before}apiVersion: kubeadm.k8s.io/{version}\nkind: ClusterConfiguration\n{rest}"


MAPPED = configuration("v1beta2", f"apiServer:\n  extraArgs:\n    {FLAG}: A  # listed\n    v: '2'\n")
LISTED = configuration("v1beta4", f"apiServer:\n  extraArgs:\n  - name: {FLAG}\n    value: A\n")
BARE = configuration("v1beta3", "kubernetesVersion: v1.24.17\n")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(MAPPED, (8,), id="map"),
        pytest.param(LISTED, (9,), id="list"),
        pytest.param(BARE, (6, 7, 8), id="bare"),
    ],
)
def test_the_first_phase_is_what_was_given(text: str, lines: tuple[int, ...]) -> None:
    """And the second differs from it in the lines that are named."""
    phases = Phases.of(text)
    assert phases.first == text
    assert plugins(phases.second) == (*plugins(text), "PodSecurityPolicy")
    assert phases.lines == lines


@pytest.mark.parametrize("text", [MAPPED, LISTED, BARE], ids=["map", "list", "bare"])
def test_the_second_phase_may_be_what_was_given(text: str) -> None:
    """A configuration that names the plugin stays as it is, and the first loses the plugin alone."""
    given = Phases.of(text).second
    phases = Phases.of(given)
    assert phases.second == given
    assert plugins(phases.first) == plugins(text)


@pytest.mark.parametrize("version", ["v1.25.0", "1.31.2", "v1.25"])
def test_a_version_without_the_plugin_is_refused(version: str) -> None:
    """Its API server would not start."""
    with pytest.raises(SwitchError) as error:
        Phases.of(configuration("v1beta4", f"kubernetesVersion: {version}\n"))
    assert str(error.value) == (
        f"kubernetesVersion: '{version}'; allowed: up to 1.24, because later API servers do not start when "
        "PodSecurityPolicy is named; from 1.25 on use Pod Security Standards or CEL admission"
    )


@pytest.mark.parametrize("version", ["v1.24.17", "1.9.0", "stable-1", ""])
def test_other_versions_pass(version: str) -> None:
    """A label that kubeadm looks up says nothing."""
    text = configuration("v1beta3", f"kubernetesVersion: '{version}'\n")
    assert Phases.of(text).first == text


def test_a_version_that_is_no_text_is_refused() -> None:
    """By its path; 1.24 without quotes is a number."""
    with pytest.raises(SwitchError, match=r"kubernetesVersion: 1\.24; allowed: a version such as 'v1\.24\.17'"):
        Phases.of(configuration("v1beta3", "kubernetesVersion: 1.24\n"))
