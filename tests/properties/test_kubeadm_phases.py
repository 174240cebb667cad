"""Laws of the two phases, on random configurations in random spellings: nothing but the plugin ever changes."""

from __future__ import annotations

import copy
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from pulumi_pod_security.platforms.clusterconfiguration import plugins
from pulumi_pod_security.platforms.phases import Phases
from pulumi_pod_security.policy.plugin import PLUGIN

FLAG = "enable-admission-plugins"
LISTED = "kubeadm.k8s.io/v1beta4"
VERSIONS = ("kubeadm.k8s.io/v1beta2", "kubeadm.k8s.io/v1beta3", LISTED)
OTHERS = ("NodeRestriction", "AlwaysPullImages", "EventRateLimit")

words = st.text(alphabet="abcXYZ019-._/:=, #'\"é\u2028", max_size=12)
names = st.text(alphabet="abcdefgh-", min_size=1, max_size=8).map(lambda name: f"x{name}")
values = st.recursive(
    words | st.booleans() | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
listed = st.lists(st.sampled_from([*OTHERS, PLUGIN]), max_size=4, unique=True)
flags = st.dictionaries(names, words, max_size=3)


@st.composite
def arguments(draw: st.DrawFn, version: str) -> Any:
    """extraArgs in the shape of the version, or what may stand there instead of any."""
    given = list(draw(flags).items())
    if draw(st.booleans()):
        given.insert(draw(st.integers(0, len(given))), (FLAG, ",".join(draw(listed))))
    if not given and draw(st.booleans()):
        return None
    return [{"name": name, "value": value} for name, value in given] if version == LISTED else dict(given)


@st.composite
def clusters(draw: st.DrawFn) -> dict[str, Any]:
    """A ClusterConfiguration with anything beside what matters."""
    version = draw(st.sampled_from(VERSIONS))
    made = {"apiVersion": version, "kind": "ClusterConfiguration", **draw(st.dictionaries(names, values, max_size=3))}
    if draw(st.booleans()):
        server = draw(st.none() | st.dictionaries(names, values, max_size=2))
        made["apiServer"] = server
        if server is not None and draw(st.booleans()):
            server["extraArgs"] = draw(arguments(version))
    return dict(draw(st.permutations(list(made.items()))))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A configuration among other documents, as people and programs write it."""
    others = draw(st.lists(st.dictionaries(names, values, min_size=1, max_size=2), max_size=2))
    documents = draw(st.permutations([*others, draw(clusters())]))
    style: dict[str, Any] = {
        "default_flow_style": draw(st.sampled_from([False, None, True])),
        "indent": draw(st.sampled_from([2, 4, 6])),
        "width": draw(st.sampled_from([20, 80, 1000])),
        "default_style": draw(st.sampled_from([None, "'", '"'])),
        "allow_unicode": draw(st.booleans()),
    }
    text: str = yaml.dump_all(documents, Dumper=_Plain, sort_keys=False, **style)
    ended = text if draw(st.booleans()) else text.rstrip("\n")
    return draw(st.sampled_from(["", "\ufeff"])) + ended.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


class _Plain(yaml.SafeDumper):
    """Without anchors, which kubeadm's own files have none of."""

    def ignore_aliases(self, _: Any) -> bool:
        """Write everything out."""
        return True


def without_flag(text: str) -> list[Any]:
    """What a text says, but for the enabled plugins and for what is empty without them."""
    documents = copy.deepcopy(list(yaml.safe_load_all(text.removeprefix("\ufeff"))))
    for document in documents:
        if isinstance(document, dict) and document.get("kind") == "ClusterConfiguration":
            server = document.pop("apiServer", None) or {}
            given = server.pop("extraArgs", None) or {}
            pairs = given.items() if isinstance(given, dict) else [(flag["name"], flag["value"]) for flag in given]
            document["apiServer"] = {**server, "extraArgs": [pair for pair in pairs if pair[0] != FLAG]}
    return documents


@given(texts())
def test_only_the_plugin_differs(text: str) -> None:
    """One phase is what was given; read again, both say the same of everything else, and the plugin is in one."""
    phases = Phases.of(text)
    assert text in phases.texts
    first, second = map(plugins, phases.texts)
    assert PLUGIN not in first
    assert tuple(name for name in second if name != PLUGIN) == first
    assert PLUGIN in second
    assert without_flag(phases.first) == without_flag(phases.second) == without_flag(text)


@given(texts())
def test_lines_that_are_not_named_are_the_same(text: str) -> None:
    """Taking the named lines out of the second phase leaves lines of the first, in their order."""
    phases = Phases.of(text)
    first, second = (iter(phase.replace("\r\n", "\n").split("\n")) for phase in phases.texts)
    assert all(line in first for number, line in enumerate(second, 1) if number not in phases.lines)


@given(texts())
def test_the_phases_of_a_phase_are_the_same_phases(text: str) -> None:
    """What was written may be given again: the second phase has the first for its own, unless that named nothing."""
    phases = Phases.of(text)
    assert Phases.of(phases.first).first == phases.first
    assert Phases.of(phases.second).second == phases.second
    assert plugins(Phases.of(phases.second).first) == plugins(phases.first)
