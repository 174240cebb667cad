"""Typed stack configuration: every key is read and checked before anything is made of it."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

import msgspec
import pulumi

import pulumi_pod_security as ps
from pulumi_pod_security.cluster.connection import is_contents
from pulumi_pod_security.errors import Fault, InvalidInput, closest, shown
from pulumi_pod_security.policy.baseline import check
from pulumi_pod_security.policy.config import names_preset, policy_from_config
from pulumi_pod_security.policy.enforcement import CEL_AND_PSA, PSA, PSP, WISHES
from pulumi_pod_security.targets.cel import Stage
from stacks.faults import Findings, InvalidConfig, Wrong, unknown
from stacks.given import read_given
from stacks.grants import Grants, read_grants, read_groups
from stacks.kinds import mistyped
from stacks.mending import encrypting, removing, setting
from stacks.places import KEYS, Path, allowed
from stacks.platforms import Platform
from stacks.standards import StandardsConfig

__all__ = ["InvalidConfig", "StackConfig", "read_config"]

MadeT = TypeVar("MadeT")
Read = Mapping[int, MadeT]
"""What was made of the entries of a list that are sound, by their index."""

_PLACE = re.compile(r"(policies|grants|admins)\[(\d+)\]")


class PresetConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of `policies` that is a preset under another name."""

    preset: str
    name: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class StackConfig:
    """Everything a stack is built from."""

    policies: tuple[ps.PodSecurityPolicy, ...]
    grants: tuple[ps.Grant, ...]
    admins: tuple[ps.Subject, ...]
    platform: Platform | None
    enforcement: str
    stage: str
    standards: StandardsConfig | None
    kubeconfig: str | None
    context: str | None


def read_config(config: pulumi.Config) -> StackConfig:
    """Read and check every key.

    Raises:
        InvalidConfig: with the path of everything that is wrong, and the commands that mend it.
    """
    found = Findings(given=read_given(config))
    # A key that we do not know was meant to be one that we do.
    found.add(unknown((key,), KEYS, found.given) for key in found.given.values if key not in KEYS)
    policies = _policies(found)
    grants = read_grants(found, read_groups(found))
    admins = _each(found, "admins", list[str], ps.parse_subject)
    _fit_together(found, policies, grants, admins)
    platform = _typed(found, "platform", Platform)
    standards = _typed(found, "standards", StandardsConfig)
    found.add(_choice_faults(found, "enforcement", WISHES))
    found.add(_choice_faults(found, "stage", get_args(Stage)))
    found.add(_standards_faults(found))
    found.add(_kubeadm_faults(found))
    found.add(_eks_faults(found))
    found.add(_kubeconfig_faults(found))
    found.add(_text_faults(found, "context"))
    found.refuse()
    return StackConfig(
        policies=tuple(policies.values()),
        grants=tuple(grant for _, grant in grants.sound),
        admins=tuple(admins.values()),
        platform=None if platform is None else msgspec.convert(platform, Platform),
        enforcement=config.get("enforcement") or PSP,
        stage=config.get("stage") or "audit",
        standards=None if standards is None else msgspec.convert(standards, StandardsConfig),
        kubeconfig=config.get("kubeconfig"),
        context=config.get("context"),
    )


def _typed(found: Findings, key: str, kind: Any) -> Any:
    """What a key holds; what is of another type is remembered as wrong."""
    value = found.given.values.get(key)
    if value is not None:
        found.add(mistyped((key,), kind, found.given))
    return value


def _each(found: Findings, key: str, kind: Any, read: Callable[[Any], MadeT]) -> Read[MadeT]:
    """What is made of each entry of a list."""
    entries = _typed(found, key, kind)
    made = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not found.broken((key, index)):
            try:
                made[index] = read(entry)
            except InvalidInput as error:
                found.refused((key, index), error.faults)
    return made


def _policies(found: Findings) -> Read[ps.PodSecurityPolicy]:
    path = ("policies",)
    if found.given.at(path) is None and not found.lost(path):
        found.add([Wrong(path=path, fault=f"missing; allowed: {allowed(path)}", mend=setting(path, found.given))])
    entries = found.given.at(path)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if names_preset(entry):
            found.add(mistyped((*path, index), PresetConfig, found.given))
    return _each(found, "policies", list[str | dict[str, Any]], policy_from_config)


def _fit_together(
    found: Findings, policies: Read[ps.PodSecurityPolicy], grants: Grants, admins: Read[ps.Subject]
) -> None:
    """Remember what the baseline would refuse, with the places in the configuration."""
    entries = [*grants.sound, *grants.partial]
    origins = {"policies": list(policies), "grants": [index for index, _ in entries], "admins": list(admins)}

    def written(text: str) -> str:
        return _PLACE.sub(lambda place: f"{place[1]}[{origins[place[1]][int(place[2])]}]", text)

    try:
        check(list(policies.values()), [grant for _, grant in entries], list(admins.values()))
    except ps.InvalidBaseline as error:
        known = [fault for fault in error.faults if _certain(fault, found, grants)]
        told = [dataclasses.replace(fault, path=written(fault.path), allowed=written(fault.allowed)) for fault in known]
        presets = [fault for fault in told if _is_preset(fault)]
        found.refused((), [fault for fault in told if not _is_preset(fault)])
        found.add(_missing_presets(presets, found))


def _certain(fault: Fault, found: Findings, grants: Grants) -> bool:
    """Whether a fault remains when everything else is mended."""
    place = _PLACE.match(fault.path)
    if place is None or place[1] != "grants":
        return True
    if fault.path.endswith(".policy"):
        return not found.broken(("policies",))
    return int(place[2]) < len(grants.sound)


def _is_preset(fault: Fault) -> bool:
    return fault.path.endswith(".policy") and fault.value in ps.PRESETS


def _missing_presets(faults: list[Fault], found: Findings) -> Iterator[Wrong]:
    """A grant of a preset that is not among the policies asks for it."""
    names = list(dict.fromkeys(str(fault.value) for fault in faults))
    policies = found.given.values.get("policies")
    behind = len(policies) if isinstance(policies, list) else 0
    for fault in faults:
        place = _PLACE.match(fault.path)
        path: Path = ("grants", int(place[2]) if place else 0, "policy")
        known, _, _ = fault.allowed.partition("; ")
        told = f"{fault.value!r}; allowed: {known}; or add this preset to the policies"
        added = ("policies", behind + names.index(str(fault.value)))
        yield Wrong(path=path, fault=told, mend=setting(added, found.given, str(fault.value)))


def _kubeadm_faults(found: Findings) -> Iterator[Wrong]:
    """The node's manifest is rendered from a configuration file; the live ConfigMap serves nodes out of reach."""
    path = ("platform", "config")
    if found.given.at(("platform", "manifests")) is not None and found.given.at(path) is None and not found.lost(path):
        yield Wrong(path=path, fault=f"missing; allowed: {allowed(path)}", mend=setting(path, found.given))


def _eks_faults(found: Findings) -> Iterator[Wrong]:
    """A cluster is reached by the kubeconfig that is given, or by one that is made of what the EKS API says of it."""
    places = [("platform", key) for key in ("cluster", "region") if found.given.at(("platform", key)) is not None]
    cluster = ("platform", "cluster")
    if found.given.at(("platform", "kind")) != "eks" or not places:
        return
    if "kubeconfig" in found.given.texts:
        fault = "given beside kubeconfig; allowed: one of the two"
        yield Wrong(path=places[0], fault=fault, mend=" && ".join(map(removing, places)))
    elif cluster not in places and not found.lost(cluster):
        yield Wrong(path=cluster, fault=f"missing; allowed: {allowed(cluster)}", mend=setting(cluster, found.given))


def _kubeconfig_faults(found: Findings) -> Iterator[Wrong]:
    """What a kubeconfig holds is never shown, because it may be credentials."""
    path = ("kubeconfig",)
    text = found.given.texts.get("kubeconfig", "")
    if isinstance(found.given.at(path), list) or not text.strip():
        yield from _text_faults(found, "kubeconfig")
    elif is_contents(text) and not found.given.secret(path):
        fault = "contents in clear, for everyone who reads the stack's file or state"
        yield Wrong(path=path, fault=f"{fault}; allowed: {allowed(path)}", mend=encrypting(path, "~/.kube/config"))


def _choice_faults(found: Findings, key: str, known: Sequence[str]) -> Iterator[Wrong]:
    """What is none of the words that a key may hold."""
    text = found.given.texts.get(key)
    if text is not None and text not in known:
        told = "a secret" if found.given.secret((key,)) else shown(text)
        mend = setting((key,), found.given, closest(text, known) or known[0])
        yield Wrong(path=(key,), fault=f"{told}; allowed: {allowed((key,))}", mend=mend)


def _standards_faults(found: Findings) -> Iterator[Wrong]:
    """Levels are what is enforced where the policies are not."""
    path = ("standards",)
    if found.given.texts.get("enforcement") in (PSA, CEL_AND_PSA) and found.given.at(path) is None:
        yield Wrong(path=path, fault=f"missing; allowed: {allowed(path)}", mend=setting(path, found.given))


def _text_faults(found: Findings, key: str) -> Iterator[Wrong]:
    """What is wrong with a key that holds one text."""
    text = found.given.texts.get(key)
    value = found.given.at((key,))
    if text is not None and (isinstance(value, list | dict) or not text.strip()):
        told = "empty" if not text.strip() else "a list" if isinstance(value, list) else "a map"
        yield Wrong(path=(key,), fault=f"{told}; allowed: {allowed((key,))}", mend=setting((key,), found.given))
