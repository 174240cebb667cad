"""What Kubernetes 1.24 refuses in a PodSecurityPolicy, all of it at once, before anything is sent.

The verdict is the API server's own, `ValidatePodSecurityPolicy` in pkg/apis/policy/validation/validation.go of
kubernetes v1.24.17, and compared with a running one in the tests.
We refuse some things more, because the server would let them in and quietly keep something else: unknown fields, all
metadata but names, labels and annotations, a null inside a list or a map, a range without both its ends, a proc mount
type nobody knows, text that is no Unicode, letters outside ASCII that are ASCII in lower case (the Kelvin sign), and a
manifest without `apiVersion` or `kind`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from pulumi_pod_security.errors import Fault
from pulumi_pod_security.policy.profiles import profile_faults
from pulumi_pod_security.policy.reading import at, read
from pulumi_pod_security.policy.spec import Metadata, PodSecurityPolicyManifest
from pulumi_pod_security.policy.spec_rules import spec_faults
from pulumi_pod_security.policy.syntax import DNS_SUBDOMAIN, LABEL_VALUE, is_qualified_name

__all__ = ["examine"]

_CUT = re.compile(r"[.\[]")
_ANNOTATIONS_LIMIT = 256 * 1024
_QUALIFIED_NAME = (
    "at most 63 of letters, digits, '-', '_' and '.', beginning and ending with a letter or digit, "
    "by choice after a DNS subdomain and '/', such as 'example.com/team'"
)


def examine(data: object) -> tuple[PodSecurityPolicyManifest, tuple[Fault, ...]]:
    """The manifest, typed, and every fault in it. With faults, the manifest holds zeroes where the types were wrong."""
    mistyped: list[Fault] = []
    manifest = read(PodSecurityPolicyManifest, data, "", mistyped)
    if not isinstance(data, Mapping):
        return manifest, tuple(mistyped)
    ruled = (*_metadata_faults(manifest.metadata), *spec_faults(manifest.spec))
    return manifest, (*mistyped, *_independent(ruled, mistyped))


def _independent(ruled: Iterable[Fault], mistyped: Iterable[Fault]) -> Iterator[Fault]:
    """The rules' faults that are not about a value read as zero because its type was wrong."""
    places = {fault.path for fault in mistyped}
    above = {path for place in places for path in _upwards(place)}
    return (fault for fault in ruled if fault.path not in above and places.isdisjoint(_upwards(fault.path)))


def _upwards(path: str) -> Iterator[str]:
    yield path
    yield from (path[: cut.start()] for cut in _CUT.finditer(path))


def _metadata_faults(metadata: Metadata) -> Iterator[Fault]:
    """`ValidateObjectMeta` in pkg/api/validation/objectmeta.go, k8s.io/apimachinery v0.24.17, for what people write."""
    if not DNS_SUBDOMAIN.admits(metadata.name):
        yield Fault(path="metadata.name", value=metadata.name, allowed=DNS_SUBDOMAIN.allowed)
    yield from _label_faults(metadata.labels or {})
    yield from _annotation_faults(metadata.annotations or {}, "metadata.annotations")


def _label_faults(labels: Mapping[str, str]) -> Iterator[Fault]:
    """`ValidateLabels` in pkg/apis/meta/v1/validation/validation.go, k8s.io/apimachinery v0.24.17."""
    for key, value in labels.items():
        path = at("metadata.labels", key)
        if not is_qualified_name(key):
            yield Fault(path=path, value=key, allowed="a label's key: " + _QUALIFIED_NAME)
        if not LABEL_VALUE.admits(value):
            yield Fault(path=path, value=value, allowed=LABEL_VALUE.allowed)


def _annotation_faults(annotations: Mapping[str, str], path: str) -> Iterator[Fault]:
    """`ValidateAnnotations` in pkg/api/validation/objectmeta.go, k8s.io/apimachinery v0.24.17; then the profiles."""
    for key in annotations:
        if not (key.isascii() and is_qualified_name(key.lower())):
            yield Fault(path=at(path, key), value=key, allowed="an annotation's key: " + _QUALIFIED_NAME)
    size = sum(len((key + value).encode()) for key, value in annotations.items())
    if size > _ANNOTATIONS_LIMIT:
        yield Fault(path=path, value=f"{size} bytes", allowed=f"{_ANNOTATIONS_LIMIT} bytes, keys and values together")
    yield from profile_faults(annotations, path)
