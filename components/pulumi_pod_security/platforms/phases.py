"""The two phases of a kubeadm cluster: without the plugin until policies and grants are there, and then with it."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from pulumi_pod_security.errors import shown
from pulumi_pod_security.platforms.clusterconfiguration import (
    enables_plugin,
    kubernetes_version,
    with_plugin,
    without_plugin,
)
from pulumi_pod_security.platforms.kubeadm import PLATFORM
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.policy.plugin import LAST_VERSION

__all__ = ["Phases", "changed_lines"]

_BREAK = re.compile(r"\r\n|\n|\r")
_MINOR = re.compile(r"v?1\.([0-9]{1,4})\b")


@dataclass(frozen=True, kw_only=True)
class Phases:
    """A kubeadm configuration twice, the same to the byte but for the plugin.

    Attributes:
        first: without the plugin.
        second: with it.
    """

    first: str
    second: str

    @classmethod
    def of(cls, text: str) -> Phases:
        """The phases of a configuration; one of them is the configuration as it is.

        Raises:
            SwitchError: it holds no ClusterConfiguration in which the plugin alone can be changed, or is for a version
                of Kubernetes whose API server does not start when the plugin is named.
        """
        _require_old_enough(kubernetes_version(text))
        if enables_plugin(text):
            return cls(first=without_plugin(text), second=text)
        return cls(first=text, second=with_plugin(text))

    @property
    def texts(self) -> tuple[str, str]:
        """Both, in their order."""
        return self.first, self.second

    @property
    def lines(self) -> tuple[int, ...]:
        """The numbers of the lines of the second phase that the first has not, or has otherwise.

        Never the lines themselves: a configuration on one line holds its tokens there too.
        """
        return changed_lines(*self.texts)


def changed_lines(before: str, after: str) -> tuple[int, ...]:
    """The numbers of the lines of `after` that `before` has not, or has otherwise."""
    first, second = (_BREAK.split(text) for text in (before, after))
    steps = difflib.SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    return tuple(number + 1 for kind, _, _, start, end in steps if kind != "equal" for number in range(start, end))


def _require_old_enough(version: str | None) -> None:
    minor = _MINOR.match(version or "")
    if minor and int(minor[1]) > LAST_VERSION[1]:
        raise SwitchError(
            f"kubernetesVersion: {shown(version)}; allowed: {PLATFORM.versions}, because later API servers do not "
            f"start when PodSecurityPolicy is named; {PLATFORM.instead}"
        )
