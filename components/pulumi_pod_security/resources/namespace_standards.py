"""`NamespaceStandards`: levels of the Pod Security Standards for any number of namespaces, in one resource.

Pulumi finds the providers of a stack by this module's path, which therefore never changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, Resource, UpdateResult

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.cluster.labelling import Labelled, Labelling
from pulumi_pod_security.cluster.preflight import require_rights
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.cluster.refusal import PreflightRefused, listed
from pulumi_pod_security.cluster.standards import require_admitted, require_standards
from pulumi_pod_security.errors import MISSING
from pulumi_pod_security.resources.arguments import require_connection, require_namespaces
from pulumi_pod_security.resources.dynamic import Provider, cluster_of, connection_of, differ, is_known
from pulumi_pod_security.targets.psa import ENFORCE, MODES, enforced, psa_labels, standard_from_text

__all__ = ["NamespaceStandards", "NamespaceStandardsArgs"]

_ANY = "latest"
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
        for mode in MODES:
            if (text := getattr(self, mode)) is not None:
                standard_from_text(text, _ANY)


class NamespaceStandardsProvider(Provider):
    """Labels namespaces; killed at any point, the next run goes on."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """A stack or a resource that got another name stays the manager that it was: its labels are found by that."""
        return super().check(_olds, {**news, "manager": _olds.get("manager") or news["manager"]})

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse what would be a conflict, and levels that something running does not fit."""
        if is_known(news.get("kubeconfig")):
            named = [name for name in news["namespaces"] if is_known(name)]
            _rehearsed(Cluster(connection_of(news).open()), {**news, "namespaces": named})

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """Labels that somebody changed, or that another version of the server is to have, are a change too."""
        if differ(olds, news, ("kubeconfig", "context", "namespaces", "take_over", *MODES)):
            return True
        cluster = Cluster(connection_of(news).open())
        labels, labelling = _labels(cluster, news), _labelling(cluster, news)
        return not all(found and labelling.is_so(found, labels) for found in _found(cluster, labelling, news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Label them all."""
        return CreateResult(props["manager"], _labelled(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Label those that are named, and give back those that are no more."""
        done = _labelled(_news)
        _give_back(_olds, set(_olds["namespaces"]) - set(_news["namespaces"]))
        return UpdateResult(done)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Give back what was there before."""
        _give_back(_props, _props["namespaces"])


class NamespaceStandards(Resource, module="pod-security", name="NamespaceStandards"):
    """Levels of the Pod Security Standards in namespaces that exist; earlier labels come back when it is destroyed.

    Attributes:
        labels: what each namespace has.
    """

    labels: pulumi.Output[dict[str, str]]

    def __init__(self, name: str, args: NamespaceStandardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        props = {
            "kubeconfig": args.kubeconfig,
            "context": args.context,
            "namespaces": list(args.namespaces),
            **{mode: getattr(args, mode) for mode in MODES},
            "take_over": sorted(args.take_over),
            "manager": f"pulumi-pod-security:{pulumi.get_project()}/{pulumi.get_stack()}/{name}",
            "labels": None,
        }
        super().__init__(NamespaceStandardsProvider(), name, props, opts)


def _labelling(cluster: Cluster, props: Mapping[str, Any]) -> Labelling:
    return Labelling(api=cluster.api, manager=props["manager"], take_over=frozenset(props["take_over"]))


def _standards(cluster: Cluster, props: Mapping[str, Any]) -> dict[str, Standard]:
    pinned = f"v1.{cluster.version.minor}"
    return {mode: standard_from_text(props[mode], pinned) for mode in MODES if props.get(mode) is not None}


def _labels(cluster: Cluster, props: Mapping[str, Any]) -> dict[str, str]:
    return psa_labels(_standards(cluster, props))


def _found(cluster: Cluster, labelling: Labelling, props: Mapping[str, Any]) -> list[Labelled | None]:
    return list(cluster.ask(labelling.found, sorted(set(props["namespaces"]))))


def _rehearsed(cluster: Cluster, props: Mapping[str, Any]) -> tuple[Labelled, ...]:
    """The namespaces that are there, none of which would be a conflict or refuse what runs in it.

    Raises:
        PreflightRefused: with every conflict, or every workload.
    """
    require_standards(cluster)
    require_rights(cluster, _RIGHTS)
    labelling, standards = _labelling(cluster, props), _standards(cluster, props)
    labels = psa_labels(standards)
    found = tuple(filter(None, _found(cluster, labelling, props)))
    conflicts = [f"{each.name}: {taken}" for each in found for taken in labelling.conflicts(each, labels)]
    if conflicts:
        heading = (
            "others wrote these labels of Pod Security; no label was changed. Leave them to those others, or name the "
            "managers in take_over, and they get them back in the end"
        )
        raise PreflightRefused(listed(heading, conflicts))
    after = standards.get(ENFORCE, Standard(level="privileged"))
    require_admitted(cluster, {each.name: (enforced(each.labels), after) for each in found})
    return found


def _labelled(props: Mapping[str, Any]) -> dict[str, Any]:
    cluster = cluster_of(props)
    there = {each.name for each in _rehearsed(cluster, props)}
    missing = sorted(set(props["namespaces"]) - there)
    if missing:
        heading = f"these namespaces are not at {cluster.api.where}; no label was changed, and none is created here"
        raise PreflightRefused(listed(heading, missing))
    labels, labelling = _labels(cluster, props), _labelling(cluster, props)
    list(cluster.ask(lambda name: labelling.apply(name, labels), sorted(there)))
    return {**props, "labels": labels}


def _give_back(props: Mapping[str, Any], names: Sequence[str] | set[str]) -> None:
    if names:
        cluster = cluster_of(props)
        labelling = _labelling(cluster, props)
        list(cluster.ask(lambda name: labelling.apply(name, {}), sorted(names)))
