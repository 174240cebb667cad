"""Manifests as text that kubectl, and whatever reads a repository for GitOps, reads back as they are.

Long CEL stands in folded blocks, which break lines at spaces and mean one line; nothing is escaped in them. What a
reader of YAML 1.1 or 1.2 could take for a number or a switch is quoted, also where PyYAML's own reader would not: `1e3`
is a number to Go, and `y` is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from pulumi_pod_security.report.json_text import as_json

__all__ = ["manifests_json", "manifests_yaml"]

_WIDTH = 120
# Shorter texts fit on a line; PyYAML breaks a folded text that begins with a space where its meaning changes.
_LONG = re.compile(r"[!-~][ -~]{98,}[!-~]")
_MISREAD = re.compile(r"[-+.0-9].*|[yYnN]", re.DOTALL)


def manifests_yaml(manifests: Iterable[Mapping[str, Any]]) -> str:
    """A document for each manifest, in that order; the text is ASCII."""
    return yaml.dump_all(
        manifests, Dumper=_Dumper, sort_keys=False, explicit_start=True, default_flow_style=False, width=_WIDTH
    )


def manifests_json(manifests: Iterable[Mapping[str, Any]]) -> str:
    """The manifests as one List, in that order."""
    return as_json({"apiVersion": "v1", "kind": "List", "items": list(manifests)})


class _Dumper(yaml.SafeDumper):
    """Writes every value where it is, however often the same one is used."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the library's signature
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = ">" if _LONG.fullmatch(text) else "'" if _MISREAD.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
