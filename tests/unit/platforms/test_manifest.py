"""What the text of a static Pod manifest says, however it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_pod_security.platforms.manifest import (
    images,
    manifest_enables_plugin,
    refuse_lost_flags,
    without_plugin_flag,
)
from pulumi_pod_security.platforms.switch import SwitchError


@pytest.mark.parametrize(
    "line", ["    image: a:1", '    image: "a:1"', "  - image: 'a:1'", "    image: a:1 # by hand", "    image: a:1\r"]
)
def test_an_image_is_the_same_in_every_spelling(line: str) -> None:
    """Quotes, comments, line ends and the place in the container make no other image."""
    assert images(f"spec:\n  containers:\n{line}\n    name: a\n") == ["a:1"]


@pytest.mark.parametrize("line", ["- --profiling=false", '- "--profiling=false"', "-   '--profiling'\r"])
def test_a_flag_set_by_hand_is_seen_in_every_spelling(line: str) -> None:
    """A quoted flag would be lost as much as a plain one."""
    with pytest.raises(SwitchError, match="would lose: --profiling;"):
        refuse_lost_flags("    - --v=2\n", f"---\n    - --v=2\n    {line}\n", Path("kubeadm.yaml"))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", ["", "    - --v=2"])
def test_taking_the_plugin_out_keeps_every_other_byte(mark: str, line_end: str, last: str) -> None:
    """Line ends, byte order mark and a last line without an end stay."""
    text = f"{mark}    - '--enable-admission-plugins=A{{}}' # ours{line_end}{last}"
    assert without_plugin_flag(text.format(",PodSecurityPolicy")) == text.format("")


@pytest.mark.parametrize(
    ("line", "enabled"),
    [
        pytest.param("    - --enable-admission-plugins=NodeRestriction,PodSecurityPolicy", True, id="flag"),
        pytest.param("    - '--enable-admission-plugins=PodSecurityPolicy'", True, id="quoted"),
        pytest.param("    - --enable-admission-plugins=NodeRestriction # no PodSecurityPolicy", False, id="comment"),
        pytest.param("    # - --enable-admission-plugins=PodSecurityPolicy", False, id="commented-out"),
        pytest.param("    - --disable-admission-plugins=PodSecurityPolicy", False, id="disabled"),
        pytest.param("    - --enable-admission-plugins=PodSecurity", False, id="another-plugin"),
    ],
)
def test_only_the_flag_says_whether_the_plugin_is_on(line: str, enabled: bool) -> None:  # noqa: FBT001
    """Its name in a comment or in another flag turns nothing on, and taking it out of the flag leaves those alone."""
    text = f"spec:\n  containers:\n  - command:\n    - kube-apiserver\n{line}\n"
    assert manifest_enables_plugin(text) is enabled
    assert (without_plugin_flag(text) != text) is enabled
