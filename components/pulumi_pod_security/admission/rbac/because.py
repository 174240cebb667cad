"""Why somebody may use a policy: the binding, the role and the rule that say so."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.admission.rbac.objects import Named, Rule, Subject, plain
from pulumi_pod_security.errors import shown

__all__ = ["MASTERS", "Because"]

MASTERS = "system:masters"
"""The group that an API server lets do everything before it asks RBAC."""


@dataclass(frozen=True, kw_only=True)
class Because:
    """One reason why a subject may use a policy.

    Attributes:
        policy: None means every policy, those to come included.
        namespace: for pods of this namespace; None means of any.
        binding: None when no binding is needed, as for `system:masters`; then there is no role and no rule.
        origin: the role that the rule comes from; another than `role` where that one aggregates.
        index: the rule's place in `origin`.
    """

    subject: Subject
    policy: str | None
    namespace: str | None = None
    binding: Named | None = None
    role: Named | None = None
    origin: Named | None = None
    rule: Rule | None = None
    index: int = 0

    def __str__(self) -> str:
        policy = "every policy" if self.policy is None else f"policy {plain(self.policy)}"
        where = "" if self.namespace is None else f" in namespace {self.namespace}"
        return f"{self.subject} may use {policy}{where}: {self.reason}"

    @property
    def reason(self) -> str:
        """The binding, the role and the rule in words."""
        if self.binding is None:
            return "the API server lets this group do everything, without asking RBAC"
        through = "" if self.origin == self.role else f", which aggregates {self.origin}"
        return f"{self.binding} gives {self.role}{through}, by rules[{self.index}] ({self._rule})"

    @property
    def _rule(self) -> str:
        if self.rule is None:
            return ""
        fields = (self.rule.verbs, self.rule.resources, self.rule.api_groups)
        verbs, resources, groups = (plain(", ".join(values or ())) for values in fields)
        names = f" named {shown(list(self.rule.resource_names))}" if self.rule.resource_names else ""
        return f"{verbs} on {resources} of {groups}{names}"
