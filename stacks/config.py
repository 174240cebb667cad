"""Typed stack configuration: every key is read once, and a fault names the key's path and the command that mends it."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import pulumi

import pulumi_pod_security as ps
from pulumi_pod_security.errors import InvalidInput, PodSecurityError

__all__ = ["InvalidConfig", "KubeadmPlatform", "StackConfig", "read_config"]

T = TypeVar("T")

_MEND = {
    "policies": "pulumi config set --path 'pod-security:policies[0]' privileged",
    "grants": "pulumi config set --path 'pod-security:grants[0].policy' default; "
    "pulumi config set --path 'pod-security:grants[0].to[0]' authenticated",
    "admins": "pulumi config set --path 'pod-security:admins[0]' user:NAME",
    "namespaces": "pulumi config set --path 'pod-security:namespaces.infrastructure[0]' kube-system",
    "platform": "pulumi config set --path pod-security:platform.kind kubeadm; "
    "pulumi config set --path pod-security:platform.config /etc/kubernetes/kubeadm.yaml",
    "kubeconfig": "pulumi config set pod-security:kubeconfig ~/.kube/config",
    "context": "pulumi config set pod-security:context NAME",
}


class InvalidConfig(PodSecurityError):
    """A configuration key holds something that is not allowed there."""

    def __init__(self, path: str, fault: str) -> None:
        key = path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
        super().__init__(f"pod-security:{path}: {fault}\n  set it with: {_MEND[key]}")


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

    config: str
    manifests: str | None = None
    kubeadm: str = "kubeadm"
    timeout_seconds: int = 300


@dataclass(frozen=True, kw_only=True)
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
        InvalidConfig: the first key that is wrong, with its path and the command that mends it.
    """
    groups = _value(config, "namespaces", dict[str, list[str]]) or {}
    policies = _value(config, "policies", list[str | dict[str, Any]])
    if policies is None:
        raise InvalidConfig(
            "policies", f"missing; allowed: a list of presets ({', '.join(ps.PRESETS)}) or policy manifests"
        )
    entries = _value(config, "grants", list[GrantConfig]) or []
    admins = _value(config, "admins", list[str]) or []
    return StackConfig(
        policies=tuple(_each("policies", policies, _policy)),
        grants=tuple(_grants(entries, groups)),
        admins=tuple(_each("admins", admins, lambda admin: ps.parse_subject(admin))),
        platform=_value(config, "platform", KubeadmPlatform),
        kubeconfig=config.get("kubeconfig"),
        context=config.get("context"),
    )


def _value(config: pulumi.Config, key: str, kind: Any) -> Any:
    text = config.get(key)
    if text is None:
        return None
    try:
        return msgspec.convert(json.loads(text), kind)
    except ValueError as error:
        fault, _, where = str(error).partition(" - at `$")
        given = "" if isinstance(error, msgspec.ValidationError) else f"{text!r} is not a structure: "
        raise InvalidConfig(key + where.rstrip("`"), given + fault) from None


def _each(key: str, entries: Iterable[T], read: Callable[[T], Any]) -> Iterable[Any]:
    for index, entry in enumerate(entries):
        try:
            yield read(entry)
        except InvalidInput as error:
            raise InvalidConfig(f"{key}[{index}]", str(error)) from None


def _policy(entry: str | dict[str, Any]) -> ps.PodSecurityPolicy:
    return ps.preset(entry) if isinstance(entry, str) else ps.PodSecurityPolicy.from_manifest(entry)


def _grants(entries: list[GrantConfig], groups: dict[str, list[str]]) -> Iterable[ps.Grant]:
    for index, entry in enumerate(entries):
        for namespace in _namespaces(index, entry, groups):
            yield from _each_of(index, entry, namespace)


def _each_of(index: int, entry: GrantConfig, namespace: str | None) -> Iterable[ps.Grant]:
    try:
        yield ps.grant_from_config(
            {
                "policy": entry.policy,
                "namespace": namespace,
                "to": entry.to,
                "role": entry.role,
                "binding": entry.binding,
            }
        )
    except InvalidInput as error:
        raise InvalidConfig(f"grants[{index}]", str(error)) from None


def _namespaces(index: int, entry: GrantConfig, groups: dict[str, list[str]]) -> list[str | None]:
    if entry.namespaces is None:
        return [entry.namespace]
    if entry.namespace is not None:
        raise InvalidConfig(f"grants[{index}]", "has both namespace and namespaces; keep one")
    unknown = [name for name in entry.namespaces if name not in groups]
    if unknown:
        known = ", ".join(groups) or "none"
        raise InvalidConfig(
            "namespaces", f"grants[{index}].namespaces names {unknown[0]!r}; groups that exist: {known}"
        )
    return [namespace for name in entry.namespaces for namespace in groups[name]]
