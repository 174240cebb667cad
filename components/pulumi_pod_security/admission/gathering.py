"""What is kept of everything that is read, until policies and RBAC are complete and can be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from pulumi_pod_security.admission import rbac
from pulumi_pod_security.admission.defaulting import ServiceAccount
from pulumi_pod_security.admission.documents import Document, Read
from pulumi_pod_security.admission.evaluate import Evaluator, Question
from pulumi_pod_security.admission.findings import Counts, Judged, Report, Unread, natural
from pulumi_pod_security.admission.kinds import Sort, group_kind, sort_of
from pulumi_pod_security.admission.manifests import JudgedCronJob, JudgedOwner, JudgedPod, Meta
from pulumi_pod_security.admission.replicas import replica
from pulumi_pod_security.admission.rows import Row, Rows
from pulumi_pod_security.admission.templates import embedded, pointed_at
from pulumi_pod_security.admission.wellknown import MIRROR
from pulumi_pod_security.admission.workloads import Workload, of_cron_job, of_owner, of_pod
from pulumi_pod_security.controls import app_armor, seccomp
from pulumi_pod_security.errors import Fault, InvalidInput
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import from_server

__all__ = ["Gathering"]

T = TypeVar("T", JudgedPod, JudgedOwner, JudgedCronJob)


@dataclass(kw_only=True)
class Gathering:
    """Everything read so far.

    Args:
        namespace: where an object goes that names none.
        author: who creates the pods that no controller owns; without one, as if a ReplicaSet did.
        templates: by group and kind, where custom resources embed pod templates.
        watch: told of every workload that is looked into, with its place and its question.
    """

    namespace: str
    author: Identity | None
    templates: Mapping[str, str]
    watch: Callable[[str, Workload, Question], None] | None = None
    _rows: Rows = field(default_factory=Rows)
    _likenesses: dict[Hashable, Row] = field(default_factory=dict)
    _policies: dict[str, tuple[str, PodSecurityPolicy]] = field(default_factory=dict)
    _rbac: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    _access: rbac.Rbac | None = None
    _accounts: dict[tuple[str, str], ServiceAccount] = field(default_factory=dict)
    _unread: dict[tuple[str, tuple[str, ...]], list[str]] = field(default_factory=dict)
    _faults: list[Fault] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _others: Counter[str] = field(default_factory=Counter)

    def add(self, read: Read) -> None:
        """Keep what matters of an object, or the fault in its place."""
        if isinstance(read, Fault):
            self._refuse([read])
            return
        try:
            sort = sort_of(read.version, read.kind, read.where, self.templates)
            self._counts[_ADDED[sort](self, read)] += 1
        except InvalidInput as refusal:
            self._refuse(_below(read.where, refusal.faults))
        except RecursionError:
            allowed = "lists and mappings of some hundred levels"
            self._refuse([Fault(path=read.where, value="too many levels", allowed=allowed)])

    @property
    def policies(self) -> tuple[PodSecurityPolicy, ...]:
        """The policies by name."""
        return tuple(policy for _, (_, policy) in sorted(self._policies.items()))

    @property
    def rbac(self) -> rbac.Rbac:
        """The RBAC objects, to be asked."""
        if self._access is None:
            self._access = rbac.Rbac(rbac.read(self._rbac, namespace=self.namespace))
        return self._access

    def evaluator(self) -> Evaluator:
        """What judges by the policies, RBAC and service accounts that were read so far."""
        return Evaluator(self.policies, self.rbac, accounts=self._accounts)

    def report(self) -> Report:
        """All of it, judged."""
        evaluator = self.evaluator()
        listed = self._rows.listed()
        return Report(
            workloads=tuple(
                Judged(
                    where=row.where,
                    workload=row.entry,
                    generate_name=row.generate_name,
                    answer=evaluator.answer(row.question),
                )
                for row in listed
            ),
            faults=tuple(sorted((*self._faults, *self.rbac.faults), key=lambda fault: natural(str(fault)))),
            unread=self._unread_kinds(),
            policies=tuple(sorted(self._policies)),
            counts=self._counted(repeated=self._rows.repeated(len(listed))),
        )

    def _refuse(self, faults: Iterable[Fault]) -> None:
        self._counts["faulty"] += 1
        self._faults.extend(faults)

    def _workload(self, read: Document) -> str:
        seen = replica(read.text) if read.text is not None and read.kind == "Pod" else None
        if seen is not None and seen.likeness in self._likenesses:
            self._rows.repeat(read.where, seen.name, seen.generate_name, self._likenesses[seen.likeness])
            return "workloads"
        found = _workload_of(read, self.namespace, self.author)
        if found is None:
            return "over"
        row = self._keep(read.where, f"{read.where}{_PATHS.get(read.kind, '.spec.template')}", found)
        if seen is not None:
            self._remember(seen.likeness, row)
        return "workloads"

    def _remember(self, likeness: Hashable, row: Row) -> None:
        if len(self._likenesses) >= _REMEMBERED:
            self._likenesses.clear()
        self._likenesses[likeness] = row

    def _template(self, read: Document) -> str:
        path = self.templates[group_kind(read.version, read.kind)]
        for place, workload in list(pointed_at(read.data, read.where, path, self.namespace)):
            self._keep(read.where, place, workload)
        return "workloads"

    def _keep(self, where: str, place: str, workload: Workload) -> Row:
        metadata = workload.pod["metadata"]
        # Others differ from pod to pod of one owner: networks and controllers write addresses and numbers there.
        kept = {key: text for key, text in metadata["annotations"].items() if key.startswith(_READ)}
        metadata["annotations"] = kept
        question = Question.of(workload, place)
        if self.watch:
            self.watch(where, workload, question)
        return self._rows.add(where, workload, question)

    def _policy(self, read: Document) -> str:
        policy = from_server(read.data)
        earlier = self._policies.get(policy.name)
        if earlier and earlier[1] != policy:
            allowed = f"each policy once; {read.where} is another of this name, and as the later of the two it counts"
            self._faults.append(Fault(path=earlier[0], value=policy.name, allowed=allowed))
        self._policies[policy.name] = (read.where, policy)
        return "policies"

    def _role(self, read: Document) -> str:
        self._rbac.append((read.where, read.data))
        self._access = None
        return "rbac"

    def _account(self, read: Document) -> str:
        metadata, account = read.typed(_Named).metadata, read.typed(ServiceAccount)
        self._accounts[metadata.namespace or self.namespace, metadata.name or ""] = account
        return "accounts"

    def _other(self, read: Document) -> str:
        self._others[group_kind(read.version, read.kind)] += 1
        return "others"

    def _custom(self, read: Document) -> str:
        kind = group_kind(read.version, read.kind)
        self._unread.setdefault((kind, embedded(read.data)), []).append(read.where)
        return "unread"

    def _unread_kinds(self) -> tuple[Unread, ...]:
        found = (
            Unread(kind=kind, where=min(places, key=natural), count=len(places), templates=paths)
            for (kind, paths), places in self._unread.items()
        )
        return tuple(sorted(found, key=lambda unread: (unread.kind, natural(unread.where))))

    def _counted(self, *, repeated: int) -> Counts:
        named = ("workloads", "over", "policies", "rbac", "accounts", "unread", "faulty")
        others = dict(sorted(self._others.items()))
        return Counts(**{name: self._counts[name] for name in named}, others=others, repeated=repeated)


_ADDED: Mapping[Sort, Callable[[Gathering, Document], str]] = {
    "workload": Gathering._workload,
    "template": Gathering._template,
    "policy": Gathering._policy,
    "rbac": Gathering._role,
    "account": Gathering._account,
    "other": Gathering._other,
    "unknown": Gathering._custom,
}
_PATHS = {"Pod": "", "CronJob": ".spec.jobTemplate.spec.template"}
# A server lists pods by name, so that those of one owner follow each other.
_REMEMBERED = 100
# What policies, and the server on its way to them, look at.
_READ = (seccomp.POD_KEY, seccomp.CONTAINER_PREFIX, app_armor.CONTAINER_PREFIX, MIRROR)


class _Named(msgspec.Struct):
    metadata: Meta


def _workload_of(read: Document, namespace: str, author: Identity | None) -> Workload | None:
    if read.kind == "Pod":
        return of_pod(_in_namespace(read.typed(JudgedPod), namespace), author=author)
    if read.kind == "CronJob":
        return of_cron_job(_in_namespace(read.typed(JudgedCronJob), namespace))
    return of_owner(read.kind, _in_namespace(read.typed(JudgedOwner), namespace))


def _in_namespace(found: T, namespace: str) -> T:
    found.metadata.namespace = found.metadata.namespace or namespace
    return found


def _below(where: str, faults: Iterable[Fault]) -> Iterator[Fault]:
    """The faults with the place they are at; a policy's own say only where they are in the policy."""
    for fault in faults:
        path = fault.path if fault.path.startswith(where) else f"{where}: {fault.path}"
        yield Fault(path=path, value=fault.value, allowed=fault.allowed)
