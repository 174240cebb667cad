"""Whether a rule allows the verb `use` on PodSecurityPolicies, as the RBAC authorizer of Kubernetes 1.24 reads it.

Case counts. `*` stands alone for all verbs, API groups or resources, and for nothing among resource names. Only a
request for a subresource is met by `*/subresource`, and `use` is never that; `podsecuritypolicies/*` is no wildcard.
URLs (`nonResourceURLs`) have no say. The admission plugin asks in both API groups, and either answer is enough.
"""

from __future__ import annotations

from pulumi_pod_security.admission.rbac.objects import Rule

__all__ = ["ALL", "API_GROUPS", "RESOURCE", "VERB", "allows_use", "api_groups", "reaches", "wildcards"]

ALL = "*"
API_GROUPS = ("policy", "extensions")
RESOURCE = "podsecuritypolicies"
VERB = "use"


def allows_use(rule: Rule) -> bool:
    """Whether the rule allows `use` of some policy or other."""
    return (
        any(verb in (VERB, ALL) for verb in rule.verbs or ())
        and any(resource in (RESOURCE, ALL) for resource in rule.resources or ())
        and bool(api_groups(rule))
    )


def api_groups(rule: Rule) -> tuple[str, ...]:
    """Those of the plugin's API groups that the rule names, `*` being both."""
    named = rule.api_groups or ()
    return API_GROUPS if ALL in named else tuple(group for group in API_GROUPS if group in named)


def reaches(rule: Rule, policy: str) -> bool:
    """Whether a rule that allows `use` allows it for this policy."""
    return not rule.resource_names or policy in rule.resource_names


def wildcards(rule: Rule) -> tuple[str, ...]:
    """The fields in which the rule says `*`."""
    fields = (("verbs", rule.verbs), ("apiGroups", rule.api_groups), ("resources", rule.resources))
    return tuple(name for name, values in fields if ALL in (values or ()))
