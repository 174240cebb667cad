"""Typed stack configuration: every key is read and checked before anything is made of it."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
import pulumi
from pulumi.runtime.config import CONFIG

import pulumi_pod_security as ps
from pulumi_pod_security.errors import Fault, InvalidInput, one_of
from pulumi_pod_security.errors import shown as told
from pulumi_pod_security.policy.baseline import check
from pulumi_pod_security.policy.syntax import DNS_LABEL
from stacks.faults import Given, InvalidConfig, Wrong, faulty, mistyped, unknown
from stacks.mending import NAMESPACE, Path, at, removing, setting

__all__ = ["InvalidConfig", "KubeadmPlatform", "StackConfig", "read_config"]

ReadT = TypeVar("ReadT")
MadeT = TypeVar("MadeT")
Text = Annotated[str, msgspec.Meta(min_length=1)]

_KEYS = ("policies", "grants", "admins", "namespaces", "platform", "kubeconfig", "context")
_GRANT = re.compile(r"grants\[(\d+)\]")


class GrantConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One entry of `grants`; `namespaces` names groups of the key `namespaces`."""

    policy: str
    to: list[str]
    namespace: str | None = None
    namespaces: list[str] | None = None
    role: str | None = None
    binding: str | None = None


class KubeadmPlatform(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", tag_field="kind", tag="kubeadm"
):
    """The platform `kubeadm`.

    Attributes:
        config: path of the kubeadm configuration file.
        manifests: the kubelet's static Pod folder, when the program runs on the control-plane node.
        kubeadm: the kubeadm binary of the cluster's version.
        timeout_seconds: how long the API server may take to come back.
    """

    config: Text
    manifests: Text | None = None
    kubeadm: Text = "kubeadm"
    timeout_seconds: Annotated[int, msgspec.Meta(ge=1)] = 300


@dataclasses.dataclass(frozen=True, kw_only=True)
class StackConfig:
    """Everything a stack is built from."""

    policies: tuple[ps.PodSecurityPolicy, ...]
    grants: tuple[ps.Grant, ...]
    admins: tuple[ps.Subject, ...]
    platform: KubeadmPlatform | None
    kubeconfig: str | None
    context: str | None


def read_config(config: pulumi.Config) -> StackConfig:
    """Read and check every key.

    Raises:
        InvalidConfig: with the path of what is wrong, and the commands that mend it.
    """
    given = _given(config)
    policies = _policies(given)
    origins, grants = _grants(given, _groups(given))
    admins = _each(given, "admins", _typed(given, ("admins",), list[str]) or [], ps.parse_subject)
    _fit_together(given, origins, policies, grants, admins)
    return StackConfig(
        policies=policies,
        grants=grants,
        admins=admins,
        platform=_platform(given),
        kubeconfig=_text(config, "kubeconfig", "a path, or the contents of a kubeconfig"),
        context=_text(config, "context", "the name of a context in the kubeconfig"),
    )


def _given(config: pulumi.Config) -> Given:
    """What the keys hold; a key that we do not know is refused, because it was meant to be one that we do."""
    prefix = config.full_key("")
    keys = {
        key.removeprefix(prefix) for key in {*CONFIG.get(), *pulumi.runtime.get_config_env()} if key.startswith(prefix)
    }
    given = {key: _parsed(config.get(key)) for key in sorted(keys)}
    wrong = [unknown((key,), _KEYS, given) for key in given if key not in _KEYS]
    if wrong:
        raise InvalidConfig(wrong)
    return given


def _parsed(text: str | None) -> Any:
    """The structure in a value; the CLI hands over what is no list or map as plain text, and nothing as empty text."""
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


def _typed(given: Given, path: Path, kind: Any) -> Any:
    value = at(path, given)
    if value is None and len(path) == 1:
        return None
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise InvalidConfig([mistyped(path, error, _FIELDS.get(str(path[0]), ()), given)]) from None


_FIELDS = {
    "grants": tuple(field.encode_name for field in msgspec.structs.fields(GrantConfig)),
    "platform": ("kind", *(field.encode_name for field in msgspec.structs.fields(KubeadmPlatform))),
}


def _each(given: Given, key: str, entries: Iterable[ReadT], read: Callable[[ReadT], MadeT]) -> tuple[MadeT, ...]:
    """What is made of each entry; the faults of all of them are told at once."""
    made: list[MadeT] = []
    wrong: list[Wrong] = []
    for index, entry in enumerate(entries):
        try:
            made.append(read(entry))
        except InvalidInput as error:
            wrong.extend(faulty((key, index), error.faults, given))
    if wrong:
        raise InvalidConfig(wrong)
    return tuple(made)


def _policies(given: Given) -> tuple[ps.PodSecurityPolicy, ...]:
    entries = _typed(given, ("policies",), list[str | dict[str, Any]])
    if entries is None:
        fault = f"missing; allowed: a list of presets ({', '.join(ps.PRESETS)}) or policy manifests"
        raise InvalidConfig([Wrong(path=("policies",), fault=fault, mend=setting(("policies",), given))])
    return _each(given, "policies", entries, _policy)


def _policy(entry: str | dict[str, Any]) -> ps.PodSecurityPolicy:
    return ps.preset(entry) if isinstance(entry, str) else ps.PodSecurityPolicy.from_manifest(entry)


def _groups(given: Given) -> dict[str, list[str]]:
    groups = _typed(given, ("namespaces",), dict[str, Any]) or {}
    read = {name: _typed(given, ("namespaces", name), list[str]) for name in groups}
    for name, namespaces in read.items():
        faults = [
            Fault(path=f"[{index}]", value=namespace, allowed=DNS_LABEL.allowed)
            for index, namespace in enumerate(namespaces)
            if not DNS_LABEL.admits(namespace)
        ]
        if faults:
            raise InvalidConfig(faulty(("namespaces", name), faults, given))
    return read


def _grants(given: Given, groups: dict[str, list[str]]) -> tuple[list[int], tuple[ps.Grant, ...]]:
    """The grants, and the entry that each was made from: an entry with groups makes one for each namespace."""
    entries = _typed(given, ("grants",), list[GrantConfig]) or []
    wrong = [fault for index, entry in enumerate(entries) for fault in _group_faults(given, index, entry, groups)]
    if wrong:
        raise InvalidConfig(wrong)
    made = _each(given, "grants", entries, lambda entry: [_grant(entry, name) for name in _namespaces(entry, groups)])
    origins = [index for index, grants in enumerate(made) for _ in grants]
    return origins, tuple(grant for grants in made for grant in grants)


def _group_faults(given: Given, index: int, entry: GrantConfig, groups: dict[str, list[str]]) -> Iterable[Wrong]:
    path: Path
    if entry.namespaces is not None and entry.namespace is not None:
        path = ("grants", index, "namespace")
        yield Wrong(path=path, fault="given beside namespaces; allowed: one of the two", mend=removing(path))
    if entry.namespaces == []:
        path = ("grants", index, "namespaces")
        yield Wrong(path=path, fault="[]; allowed: one group or more", mend=setting(path, given))
    for position, name in enumerate(entry.namespaces or ()):
        if name not in groups:
            allowed = one_of(groups, given=name) if groups else f"a group of {NAMESPACE}:namespaces, which has none"
            fault = Fault(path=f"namespaces[{position}]", value=name, allowed=allowed)
            missing = setting(("namespaces", name), given)
            (wrong,) = faulty(("grants", index), [fault], given)
            yield wrong if "did you mean" in allowed else dataclasses.replace(wrong, mend=missing)


def _namespaces(entry: GrantConfig, groups: dict[str, list[str]]) -> Sequence[str | None]:
    if entry.namespaces is None:
        return [entry.namespace]
    return [namespace for name in entry.namespaces for namespace in groups[name]]


def _grant(entry: GrantConfig, namespace: str | None) -> ps.Grant:
    written = {key: value for key, value in msgspec.structs.asdict(entry).items() if key != "namespaces"}
    return ps.grant_from_config({**written, "namespace": namespace})


def _fit_together(
    given: Given,
    origins: Sequence[int],
    policies: Sequence[ps.PodSecurityPolicy],
    grants: Sequence[ps.Grant],
    admins: Sequence[ps.Subject],
) -> None:
    """Refuse what the baseline would refuse, with the places in the configuration."""

    def written(text: str) -> str:
        return _GRANT.sub(lambda grant: f"grants[{origins[int(grant[1])]}]", text)

    try:
        check(policies, grants, admins)
    except ps.InvalidBaseline as error:
        faults = [
            dataclasses.replace(fault, path=written(fault.path), allowed=written(fault.allowed))
            for fault in error.faults
        ]
        raise InvalidConfig(faulty((), faults, given)) from None


def _platform(given: Given) -> KubeadmPlatform | None:
    value = given.get("platform")
    if isinstance(value, dict) and value.get("kind") != "kubeadm":
        allowed = "allowed: 'kubeadm'; without a platform only policies and grants are made"
        fault = f"{told(value['kind']) if 'kind' in value else 'missing'}; {allowed}"
        path = ("platform", "kind")
        raise InvalidConfig([Wrong(path=path, fault=fault, mend=setting(path, given))])
    platform: KubeadmPlatform | None = _typed(given, ("platform",), KubeadmPlatform)
    return platform


def _text(config: pulumi.Config, key: str, allowed: str) -> str | None:
    """A key that is plain text; never shown, because a kubeconfig may hold credentials."""
    text = config.get(key)
    structure = isinstance(_parsed(text), list) or (key == "context" and isinstance(_parsed(text), dict))
    if text is not None and (structure or not text.strip()):
        fault = f"{'a list or map' if structure else 'empty'}; allowed: {allowed}"
        raise InvalidConfig([Wrong(path=(key,), fault=fault, mend=setting((key,), {}))])
    return text
