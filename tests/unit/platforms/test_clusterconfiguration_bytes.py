"""Every byte of a configuration but the flag's own stays: line ends, byte order mark, indentation, comments."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pulumi_pod_security.platforms.clusterconfiguration import plugins, with_plugin, without_plugin
from pulumi_pod_security.platforms.configurations import ConfigurationFile
from pulumi_pod_security.platforms.kubeadm import FoundConfiguration, KubeadmSwitch
from pulumi_pod_security.platforms.switch import SwitchError
from tests.unit.support.kubeadm import node_in

MAPPING = "kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n"
LIST = "kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
FLAG = "enable-admission-plugins"
ALONE = (
    f"apiServer.extraArgs.{FLAG}: written in a way that cannot be changed alone; allowed: names joined by commas, "
    "written out without tags, merges and anchors"
)
LISTING = [
    f"apiVersion: {MAPPING}apiServer:\n    extraArgs:   # four\n        {FLAG}: A,B   # ours\n        v: '2'\n",
    f"apiVersion: {MAPPING}apiServer: {{extraArgs: {{ {FLAG}: 'A',v: '2' }} }}\n# end\n",
    f"apiVersion: {MAPPING}apiServer:\n  extraArgs:\n    v: '2'\n    {FLAG}: \"A\"\n\n\n",
    f"apiVersion: {MAPPING}apiServer:\n  extraArgs:\n    ? v\n    : '2'\n    ? {FLAG}\n    : A\n",
    f"apiVersion: {LIST}apiServer:\n  extraArgs:\n   -   name: {FLAG}\n       value: A\n   - {{name: v, value: '2'}}\n",
    f"apiVersion: {LIST}apiServer:\n  extraArgs:\n  - value: A\n    name: {FLAG}\n  - name: {FLAG}\n    value: B\n",
    f'{{"apiVersion": "kubeadm.k8s.io/v1beta3", "kind": "ClusterConfiguration",\n'
    f' "apiServer": {{"extraArgs": {{"{FLAG}": "A"}}}}}}\n',
    f"# first\nkind: InitConfiguration\n---\n---\napiVersion: {MAPPING}apiServer:\n  extraArgs:\n    {FLAG}: A\n---\n",
]
BARE = [
    f"apiVersion: {MAPPING}",
    f"apiVersion: {LIST}# end\n",
    f"apiVersion: {MAPPING}apiServer: {{}}\nscheduler: {{}}\n",
    f"apiVersion: {MAPPING}apiServer:\nscheduler: {{}}\n",
    f"apiVersion: {MAPPING}apiServer: ~ # none\n",
    f"apiVersion: {MAPPING}apiServer:\n    certSANs: [a]\n    timeoutForControlPlane: 4m0s\n",
    f"apiVersion: {MAPPING}apiServer:\n  extraArgs:\n  certSANs: [a]\n",
    f"apiVersion: {MAPPING}apiServer:\n  extraArgs: # ours\n      # two\n      v: '2'\n  certSANs: [a]\n",
    f"apiVersion: {LIST}apiServer:\n  extraArgs:\n    - name: v\n      value: '2'\n",
    f"apiVersion: {LIST}apiServer:\n  extraArgs: [ {{name: v, value: '2'}} ]\n",
    f"apiVersion: {LIST}apiServer:\n  extraArgs: []\n",
    '{"apiVersion": "kubeadm.k8s.io/v1beta3", "kind": "ClusterConfiguration"}\n',
]


def spelled(text: str, line_end: str, mark: str, ended: bool) -> str:  # noqa: FBT001
    """The text with these line ends, a byte order mark or none, and its last line ended or not."""
    return mark + (text if ended else text.rstrip("\n")).replace("\n", line_end)


def texts(*shapes: str) -> st.SearchStrategy[str]:
    """Every shape in every spelling."""
    return st.builds(
        spelled,
        st.sampled_from(shapes),
        st.sampled_from(["\n", "\r\n"]),
        st.sampled_from(["", "\ufeff"]),
        st.booleans(),
    )


def added(before: str, after: str) -> str:
    """What `after` has more than `before`, which must have nothing that `after` has not."""
    steps = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    assert {kind for kind, *_ in steps} <= {"equal", "insert"}
    return "".join(after[start:end] for kind, _, _, start, end in steps if kind == "insert")


@settings(deadline=None)
@given(texts(*LISTING))
def test_off_undoes_on_where_plugins_are_listed(text: str) -> None:
    """The flag's value grows by the plugin, shrinks by it again, and not a byte beside it moves."""
    on = with_plugin(text)
    assert added(text, on) == ",PodSecurityPolicy"
    assert without_plugin(on) == text


@settings(deadline=None)
@given(texts(*(shape for shape in BARE if "~" not in shape)))
def test_a_flag_that_was_not_there_is_added_and_nothing_else(text: str) -> None:
    """Every byte of before is there after, in its order; lines that come in end as the others do."""
    on = with_plugin(text)
    assert plugins(on) == ("NodeRestriction", "PodSecurityPolicy")
    assert FLAG in added(text, on)
    if "\r\n" in text:
        assert "\n" not in on.replace("\r\n", "")


@settings(deadline=None)
@given(texts(*LISTING, *BARE))
@example("\ufeff" + BARE[0])
def test_the_switch_restores_every_spelling_to_the_byte(text: str) -> None:
    """off(on(x)) is x, for every way to write a configuration."""
    found = FoundConfiguration(config=text, manifest=None)
    switch = KubeadmSwitch(configuration=ConfigurationFile(Path("unused")), found=found)
    on = with_plugin(text)
    assert "PodSecurityPolicy" in plugins(on)
    assert switch._restored(on) == text


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no-bom", "bom"])
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "open"])
def test_both_files_of_a_node_come_back_to_the_byte(tmp_path: Path, line_end: str, mark: str, ended: bool) -> None:  # noqa: FBT001
    """Configuration and manifest are put back as they were found, through the files themselves."""
    node = node_in(tmp_path)
    for path in (node.config, node.manifest):
        path.write_bytes(spelled(path.read_text(), line_end, mark, ended).encode())
    before, switch = node.contents(), node.switch()
    switch.turn_on()
    on = node.contents()
    assert all(on[name] != before[name] for name in before)
    assert on["kubeadm.yaml"].replace(b",PodSecurityPolicy", b"") == before["kubeadm.yaml"]
    switch.turn_off()
    assert node.contents() == before


def test_a_plugin_that_was_alone_leaves_an_empty_value() -> None:
    """Nothing enabled is something else than the flag not given, and a value of nothing would be null."""
    text = f"apiVersion: {MAPPING}apiServer:\n  extraArgs:\n    {FLAG}: PodSecurityPolicy\n"
    assert without_plugin(text).endswith(f'{FLAG}: ""\n')


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        pytest.param(
            f"apiServer: {{extraArgs: {{{FLAG}: &x A}}}}\nscheduler: {{extraArgs: {{x: *x}}}}\n",
            f"{FLAG}: its value is shared by the anchor 'x', and what refers to it would change too; write it out",
            id="anchor",
        ),
        pytest.param(
            "networking: &x {a: b}\napiServer: &x ~\nscheduler: *x\n",
            ALONE,
            id="anchor-of-nothing",
        ),
        pytest.param("apiServer: {extraArgs: !!map {v: '2'}}\n", ALONE, id="tag"),
    ],
)
def test_what_cannot_be_changed_alone_is_refused(rest: str, words: str) -> None:
    """An edit that would say anything else than the plugin is refused with what to write instead."""
    with pytest.raises(SwitchError) as error:
        with_plugin(f"apiVersion: {MAPPING}{rest}")
    assert str(error.value) == words


def test_a_flag_that_is_merged_in_is_not_taken_out() -> None:
    """Where it stands it may serve others too; an API server that keeps the plugin must not pass for one without."""
    text = f"apiVersion: {MAPPING}apiServer:\n  extraArgs:\n    <<: {{{FLAG}: PodSecurityPolicy}}\n    v: '2'\n"
    with pytest.raises(SwitchError) as error:
        without_plugin(text)
    assert str(error.value) == ALONE


def test_a_kind_from_elsewhere_is_refused() -> None:
    """Where the ClusterConfiguration begins cannot be told from a kind that is merged in."""
    text = "<<: {kind: ClusterConfiguration}\napiVersion: kubeadm.k8s.io/v1beta3\n"
    with pytest.raises(SwitchError, match="kind: merged into the ClusterConfiguration"):
        with_plugin(text)
