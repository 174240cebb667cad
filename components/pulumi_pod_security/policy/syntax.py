"""How Kubernetes spells names: DNS labels and subdomains, label keys and values, RBAC names, sysctls.

Each syntax says in words what it admits, because the words are what a person sees.
Names, labels and their lengths are those of pkg/util/validation/validation.go, k8s.io/apimachinery v0.24.17.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "DNS_LABEL",
    "DNS_SUBDOMAIN",
    "LABEL_VALUE",
    "RBAC_NAME",
    "SYSCTL_PATTERN",
    "Syntax",
    "is_qualified_name",
]

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_NAME = r"(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_SYSCTL_SEGMENT = r"[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?"


@dataclass(frozen=True, kw_only=True)
class Syntax:
    """A spelling: a pattern, a greatest length in characters, and both in words."""

    pattern: re.Pattern[str]
    longest: int
    allowed: str

    def admits(self, text: str) -> bool:
        """Whether the text is spelled so. The length is looked at first, which keeps long nonsense cheap."""
        return len(text) <= self.longest and self.pattern.fullmatch(text) is not None


DNS_LABEL = Syntax(
    pattern=re.compile(_LABEL),
    longest=63,
    allowed="at most 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit",
)
"""`IsDNS1123Label`."""
DNS_SUBDOMAIN = Syntax(
    pattern=re.compile(_SUBDOMAIN),
    longest=253,
    allowed="at most 253 of a-z, 0-9, '-' and '.', each part between dots beginning and ending with a letter or digit",
)
"""`IsDNS1123Subdomain`."""
LABEL_VALUE = Syntax(
    pattern=re.compile(rf"(?:{_NAME})?"),
    longest=63,
    allowed="at most 63 of letters, digits, '-', '_' and '.', beginning and ending with a letter or digit, or empty",
)
"""`IsValidLabelValue`."""
# Kubernetes gives RBAC names no length; the longest one made here has under 700 characters.
RBAC_NAME = Syntax(
    pattern=re.compile(r"(?!\.{1,2}\Z)[^/%]+", re.DOTALL),
    longest=1024,
    allowed="1 to 1024 characters without '/' and '%', and not '.' or '..'",
)
"""`ValidateRBACName` (pkg/apis/rbac/validation/validation.go, kubernetes v1.24.17), which is `IsValidPathSegmentName`
(pkg/api/validation/path/name.go, k8s.io/apimachinery v0.24.17)."""
SYSCTL_PATTERN = Syntax(
    pattern=re.compile(rf"(?:{_SYSCTL_SEGMENT}\.)*(?:[a-z0-9][-_a-z0-9]*)?[a-z0-9*]"),
    longest=253,
    allowed="a sysctl such as 'net.core.somaxconn' or 'net.*', with dots and not slashes, of at most 253 characters",
)
"""`IsValidSysctlPattern` without slashes (pkg/apis/policy/validation/validation.go, kubernetes v1.24.17)."""

_QUALIFIED_NAME = re.compile(_NAME)


def is_qualified_name(text: str) -> bool:
    """Whether the text is a name of at most 63 characters, by choice below a DNS subdomain: `example.com/team`.

    `IsQualifiedName`.
    """
    prefix, slash, name = text.rpartition("/")
    if slash and not DNS_SUBDOMAIN.admits(prefix):
        return False
    return len(name) <= 63 and _QUALIFIED_NAME.fullmatch(name) is not None
