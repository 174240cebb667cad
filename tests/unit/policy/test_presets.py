"""The presets against the policies as they were published."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.errors import UnknownPreset
from pulumi_pod_security.policy import presets
from tests.fixtures.baselines import published

_PUBLISHED = [*published("baseline")[:2], *published("policies")]


@pytest.mark.parametrize("manifest", _PUBLISHED, ids=lambda manifest: str(manifest["metadata"]["name"]))
def test_a_preset_is_what_was_published(manifest: dict[str, Any]) -> None:
    """A preset has the name and every value of the policy it is known as, and not one value more."""
    assert presets.preset(manifest["metadata"]["name"]).to_manifest() == manifest


def test_every_preset_was_published() -> None:
    """There is no preset but those, in this order, each found by its policy's name."""
    assert list(presets.PRESETS) == [manifest["metadata"]["name"] for manifest in _PUBLISHED]
    assert [make().name for make in presets.PRESETS.values()] == list(presets.PRESETS)


def test_the_privileged_policy_for_nodes_that_set_sysctls() -> None:
    """privileged_with_unsafe_sysctls is privileged and allows every sysctl."""
    manifest = presets.privileged_with_unsafe_sysctls().to_manifest()
    assert manifest["spec"].pop("allowedUnsafeSysctls") == ["*"]
    assert manifest == presets.privileged().to_manifest()


def test_a_preset_we_do_not_have() -> None:
    """An unknown name is answered with the names there are, and the one it is most like."""
    with pytest.raises(UnknownPreset) as refusal:
        presets.preset("restrict")
    assert str(refusal.value) == (
        "preset: 1 fault\n  preset: 'restrict'; allowed: one of 'privileged', 'default', 'unprivileged', "
        "'norootcontainers', 'seccomppolicy', 'example', 'restricted'; did you mean 'restricted'?"
    )
