"""The list of admission plugins in ClusterConfigurations of both shapes."""

from __future__ import annotations

import pytest

from pulumi_pod_security.platforms.clusterconfiguration import plugins, with_plugin, without_plugin
from pulumi_pod_security.platforms.switch import SwitchError

MAPPING = """\
# ours
apiVersion: kubeadm.k8s.io/v1beta3
kind: InitConfiguration
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    # agreed with ops
    enable-admission-plugins: NodeRestriction,AlwaysPullImages
    "profiling": "false"
"""
LIST = """\
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
  - name: profiling
    value: "false"
  - name: enable-admission-plugins
    value: NodeRestriction,AlwaysPullImages
"""
BARE = "apiVersion: kubeadm.k8s.io/{version}\nkind: ClusterConfiguration\n"


@pytest.mark.parametrize("text", [MAPPING, LIST], ids=["v1beta3", "v1beta4"])
def test_adds_the_plugin_and_keeps_what_is_listed(text: str) -> None:
    """Plugins listed before stay, in their order, and ours comes last."""
    assert plugins(with_plugin(text)) == ("NodeRestriction", "AlwaysPullImages", "PodSecurityPolicy")


@pytest.mark.parametrize("text", [MAPPING, LIST], ids=["v1beta3", "v1beta4"])
def test_taking_the_plugin_out_again_restores_the_text(text: str) -> None:
    """Comments, quotes, order and other documents survive both edits to the byte."""
    assert without_plugin(with_plugin(text)) == text


@pytest.mark.parametrize("version", ["v1beta2", "v1beta3", "v1beta4"])
def test_keeps_the_default_plugin_where_none_is_listed(version: str) -> None:
    """A flag of our own replaces kubeadm's default, so the default is written out."""
    assert plugins(with_plugin(BARE.format(version=version))) == ("NodeRestriction", "PodSecurityPolicy")


def test_writes_a_list_for_v1beta4_and_a_mapping_before() -> None:
    """A configuration without extraArgs gets the shape of its version."""
    assert "- name: enable-admission-plugins" in with_plugin(BARE.format(version="v1beta4"))
    assert "    enable-admission-plugins: NodeRestriction,PodSecurityPolicy" in with_plugin(
        BARE.format(version="v1beta3")
    )


def test_leaves_a_text_that_has_the_plugin_untouched() -> None:
    """Adding twice is adding once."""
    once = with_plugin(MAPPING)
    assert with_plugin(once) is once


def test_leaves_out_empty_documents() -> None:
    """A separator with nothing after it is no document; kubeadm refuses one that says null."""
    assert "null" not in with_plugin(MAPPING + "---\n")


def test_never_shows_what_the_parser_quotes() -> None:
    """A duplicate key may hold a bootstrap token, and the parser's message would quote both."""
    with pytest.raises(SwitchError) as refusal:
        with_plugin("token: abcdef.SECRET1\ntoken: abcdef.SECRET2\n")
    assert "SECRET" not in str(refusal.value)
    assert "line 2" in str(refusal.value)


def test_refuses_arguments_shared_by_an_anchor() -> None:
    """The scheduler would get the API server's flag, and would not start."""
    text = BARE.format(version="v1beta3") + "apiServer:\n  extraArgs: &a {v: '2'}\nscheduler:\n  extraArgs: *a\n"
    with pytest.raises(SwitchError, match="shared by an anchor"):
        with_plugin(text)


def test_repeated_flags_of_v1beta4_stay() -> None:
    """Repeated flags add up in kube-apiserver, so the plugin joins the last of them, and leaves whichever has it."""
    text = LIST + "  - name: enable-admission-plugins\n    value: EventRateLimit\n"
    on = with_plugin(text)
    assert on == text.replace("EventRateLimit", "EventRateLimit,PodSecurityPolicy")
    assert plugins(on) == ("NodeRestriction", "AlwaysPullImages", "EventRateLimit", "PodSecurityPolicy")
    twice = on.replace("AlwaysPullImages", "PodSecurityPolicy,AlwaysPullImages")
    assert without_plugin(twice) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a: [", "not YAML: line 1", id="not-yaml"),
        pytest.param("", "holds no ClusterConfiguration (found: nothing)", id="empty"),
        pytest.param("kind: InitConfiguration", "found: InitConfiguration", id="other-kind"),
        pytest.param("kind: ClusterConfiguration\napiVersion: v1", "apiVersion: v1 of", id="other-group"),
        pytest.param(BARE.format(version="v1beta10"), "apiVersion: kubeadm.k8s.io/v1beta10 of", id="unknown-version"),
        pytest.param(
            BARE.format(version="v1beta3") + "apiServer: 3", "apiServer: int; allowed: a mapping", id="server"
        ),
        pytest.param(
            BARE.format(version="v1beta3") + "apiServer: {extraArgs: x}", "apiServer.extraArgs: 'x'", id="extra-args"
        ),
        pytest.param(
            BARE.format(version="v1beta4") + "apiServer: {extraArgs: [x]}",
            "apiServer.extraArgs[0]: str; allowed: a mapping with name and value",
            id="entry",
        ),
        pytest.param(
            BARE.format(version="v1beta3") + "apiServer: {extraArgs: {disable-admission-plugins: PodSecurityPolicy}}",
            "take PodSecurityPolicy out of disable-admission-plugins",
            id="disabled",
        ),
    ],
)
def test_refuses_what_it_cannot_change(text: str, words: str) -> None:
    """A configuration of another kind or shape is named with what is allowed there."""
    with pytest.raises(SwitchError) as refusal:
        with_plugin(text)
    assert words in str(refusal.value)
