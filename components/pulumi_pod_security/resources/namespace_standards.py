"""`NamespaceStandards`: levels of the Pod Security Standards for any number of namespaces, in one resource.

Pulumi finds the providers of a stack by this module's path, which therefore never changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, Resource, UpdateResult

from pulumi_pod_security.admission.standards import LATEST
from pulumi_pod_security.cluster.levels import NamespaceLevels
from pulumi_pod_security.cluster.preflight import require_rights
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.errors import MISSING, InvalidStandard
from pulumi_pod_security.resources.arguments import (
    kept_secret,
    require_connection,
    require_names,
    require_namespaces,
)
from pulumi_pod_security.resources.dynamic import Provider, cluster_of, connection_of, differ, is_known
from pulumi_pod_security.targets.psa import MODES, standard_from_text

__all__ = ["NamespaceStandards", "NamespaceStandardsArgs"]

# FieldManagerMaxLength in pkg/apis/meta/v1/validation/validation.go, k8s.io/apimachinery v0.24.17.
_LONGEST_MANAGER = 128
_RIGHTS = (Right(verb="get", resource="namespaces"), Right(verb="patch", resource="namespaces"))


@dataclass(frozen=True, kw_only=True)
class NamespaceStandardsArgs:
    """Which levels hold in which namespaces.

    Attributes:
        namespaces: their names; they must be there already.
        enforce: the level that pods must fit, such as `restricted`, which is pinned to the server's version;
            `restricted:v1.30` names a version, `restricted:latest` follows the server. None for no label.
        audit, warn: the levels at which the audit log notes, and the sender of a pod or of a template is warned.
        take_over: the field managers whose labels may be replaced, such as `kubectl-label`; they get them back.
        kubeconfig: path or content; by default what kubectl would use.
        context: of the kubeconfig; by default its current one.
    """

    namespaces: Sequence[pulumi.Input[str]]
    enforce: str | None = None
    audit: str | None = None
    warn: str | None = None
    take_over: Sequence[str] = ()
    kubeconfig: pulumi.Input[str] | None = None
    context: str | None = None

    def __post_init__(self) -> None:
        require_connection(self, self.kubeconfig, self.context)
        require_namespaces(self, MISSING if self.namespaces is None else self.namespaces)
        require_names(self, "take_over", self.take_over)
        for mode in MODES:
            if (text := getattr(self, mode)) is not None:
                _require_standard(self, mode, text)


class NamespaceStandardsProvider(Provider):
    """Labels namespaces; killed at any point, the next run goes on."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """A stack or a resource that got another name stays the manager that it was: its labels are found by that."""
        return super().check(_olds, {**news, "manager": _olds.get("manager") or news["manager"]})

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse what would be a conflict, and levels that something running does not fit."""
        if is_known(news.get("kubeconfig")):
            cluster = Cluster(connection_of(news).open())
            require_rights(cluster, _RIGHTS)
            named = {name for name in news["namespaces"] if is_known(name)}
            NamespaceLevels.of(cluster, news).rehearse(named, set(_olds.get("namespaces") or ()) - named)

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """Labels that somebody changed, or that another version of the server is to have, are a change too."""
        if differ(olds, news, ("kubeconfig", "context", "namespaces", "take_over", *MODES)):
            return True
        return not NamespaceLevels.of(Cluster(connection_of(news).open()), news).are_so(news["namespaces"])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Label them all, or none."""
        levels = NamespaceLevels.of(cluster_of(props), props)
        levels.make(props["namespaces"])
        return CreateResult(props["manager"], {**props, "labels": levels.labels})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Label those that are named, and give back those that are no more."""
        levels = NamespaceLevels.of(cluster_of(_news), _news)
        levels.make(_news["namespaces"], since=_olds["namespaces"])
        levels.give_back(set(_olds["namespaces"]) - set(_news["namespaces"]))
        return UpdateResult({**_news, "labels": levels.labels})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Give back what was there before."""
        NamespaceLevels.of(cluster_of(_props), _props).give_back(_props["namespaces"])


class NamespaceStandards(Resource, module="pod-security", name="NamespaceStandards"):
    """Levels of the Pod Security Standards in namespaces that exist; earlier labels come back when it is destroyed.

    Attributes:
        labels: what each namespace has.
    """

    labels: pulumi.Output[dict[str, str]]

    def __init__(self, name: str, args: NamespaceStandardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        props = {
            "kubeconfig": kept_secret(args.kubeconfig),
            "context": args.context,
            "namespaces": list(args.namespaces),
            **{mode: getattr(args, mode) for mode in MODES},
            "take_over": sorted(args.take_over),
            "manager": _manager(name),
            "labels": None,
        }
        super().__init__(NamespaceStandardsProvider(), name, props, opts)


def _require_standard(args: NamespaceStandardsArgs, mode: str, text: str) -> None:
    try:
        standard_from_text(text, LATEST)
    except InvalidStandard as error:
        raise InvalidStandard(f"{type(args).__name__}.{mode}", error.faults) from None


def _manager(name: str) -> str:
    """Of one resource and no other; the server takes no longer one."""
    whole = f"pulumi-pod-security:{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
    if len(whole.encode()) <= _LONGEST_MANAGER:
        return whole
    return f"{whole.encode()[: _LONGEST_MANAGER - 9].decode(errors='ignore')}-{sha256(whole.encode()).hexdigest()[:8]}"
