"""What a run of the CLI came to, as its output tells people."""

import re
from collections import defaultdict

from tools.stack import Finished

__all__ = ["changes", "refused", "succeeded"]

_DONE = re.compile(r"^ [-+~]+ +(?P<type>\S+) (?P<name>\S+) (?P<verb>created|updated|replaced|deleted)\b", re.MULTILINE)
_COMPONENTS = ("pulumi:", "pod-security:index:")


def succeeded(finished: Finished) -> Finished:
    """The run, which must have gone through."""
    assert finished.code == 0, finished.output
    return finished


def refused(finished: Finished, *words: str) -> str:
    """The output of a run that must have failed, saying all these words."""
    assert finished.code != 0, finished.output
    unsaid = [text for text in words if text not in finished.output]
    assert not unsaid, f"not said: {unsaid}\n{finished.output}"
    return finished.output


def changes(finished: Finished) -> dict[str, set[str]]:
    """The names of custom resources by what was done to them."""
    done: dict[str, set[str]] = defaultdict(set)
    for match in _DONE.finditer(finished.output):
        if not match["type"].startswith(_COMPONENTS):
            done[match["verb"]].add(match["name"])
    return dict(done)
