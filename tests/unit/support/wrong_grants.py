"""What may be wrong in the key `grants`."""

from __future__ import annotations

from typing import Any

from tests.unit.support.wrong_config import case

__all__ = ["GRANT", "GRANTS", "grant", "grants"]

GRANT = {"policy": "default", "to": ["nodes"]}


def grants(*entries: Any) -> dict[str, Any]:
    """A configuration with these grants."""
    return {"grants": list(entries)}


def grant(**changes: Any) -> dict[str, Any]:
    """A configuration with one grant, changed so."""
    return grants({**GRANT, **changes})


GRANTS = (
    case(
        "grants-text",
        {"grants": "default"},
        "grants",
        "'default'; allowed: a list of grants",
        "set --path 'pod-security:grants[0].policy' default && "
        "pulumi config set --path 'pod-security:grants[0].to[0]' user:NAME",
    ),
    case(
        "grant-text",
        grants("default", GRANT),
        "grants[0]",
        "'default'; allowed: a map with policy and to",
        "rm --path 'pod-security:grants[0]' && pulumi config set --path 'pod-security:grants[1].policy' default && "
        "pulumi config set --path 'pod-security:grants[1].to[0]' user:NAME",
    ),
    case(
        "grant-without-policy",
        grants(GRANT, {"to": ["authenticated"]}),
        "grants[1].policy",
        "missing",
        "set --path 'pod-security:grants[1].policy' default",
    ),
    case(
        "grant-without-subjects",
        grants({"policy": "default"}),
        "grants[0].to",
        "missing",
        "set --path 'pod-security:grants[0].to[0]' user:NAME",
    ),
    case(
        "grant-to-nobody",
        grant(to=[]),
        "grants[0].to",
        "(); allowed: one subject or more",
        "set --path 'pod-security:grants[0].to[0]' user:NAME",
    ),
    case(
        "grant-to-text",
        grant(to="nodes"),
        "grants[0].to",
        "'nodes'; allowed: a list of subjects, such as ['authenticated']",
        "rm --path 'pod-security:grants[0].to' && pulumi config set --path 'pod-security:grants[0].to[0]' nodes",
    ),
    case(
        "grant-to-number",
        grant(to=["nodes", 3]),
        "grants[0].to[1]",
        "3; allowed: a subject, such as 'authenticated'",
        "set --path 'pod-security:grants[0].to[1]' user:NAME",
    ),
    case(
        "subject-misspelt",
        grant(to=["node"]),
        "grants[0].to[0]",
        "'node'; allowed: 'user:node', 'group:node' or 'serviceaccount:node'",
        "set --path 'pod-security:grants[0].to[0]' nodes",
    ),
    case(
        "subject-with-its-group",
        grant(to=["system:nodes"]),
        "grants[0].to[0]",
        "'system:nodes'; allowed: 'nodes'",
        "set --path 'pod-security:grants[0].to[0]' nodes",
    ),
    case(
        "account-without-namespace",
        grant(to=["serviceaccount:cart"]),
        "grants[0].to[0]",
        "None; allowed: the account's namespace",
        "set --path 'pod-security:grants[0].to[0]' user:NAME",
    ),
    case(
        "grant-key-misspelt",
        grants({"polic": "privileged", "to": ["nodes"]}),
        "grants[0].polic",
        "no such key; allowed: one of 'policy', 'to', 'namespace', 'namespaces', 'role', 'binding'; did you mean",
        "rm --path 'pod-security:grants[0].polic' && "
        "pulumi config set --path 'pod-security:grants[0].policy' privileged",
    ),
    case(
        "grant-list-misspelt",
        grants({"policy": "default", "too": ["nodes"]}),
        "grants[0].too",
        "no such key; allowed: one of 'policy', 'to'",
        "pod-security:grants[0].too renamed to pod-security:grants[0].to in Pulumi.stack.yaml",
    ),
    case(
        "number-as-text",
        grant(namespce="5"),
        "grants[0].namespce",
        "no such key",
        "rm --path 'pod-security:grants[0].namespce' && "
        "pulumi config set --type string --path 'pod-security:grants[0].namespace' 5",
    ),
    case(
        "dash-at-the-beginning",
        grant(bindin="-a"),
        "grants[0].bindin",
        "no such key",
        "rm --path 'pod-security:grants[0].bindin' && pulumi config set --path 'pod-security:grants[0].binding' -- -a",
    ),
    case(
        "subject-twice",
        grant(to=["nodes", "user:a", "user:a"]),
        "grants[0].to[2]",
        "'a'; allowed: each subject once; to[1] is the same",
        "rm --path 'pod-security:grants[0].to[2]'",
    ),
    case(
        "grant-key-unknown",
        grant(reason="x"),
        "grants[0].reason",
        "no such key; allowed: one of 'policy'",
        "rm --path 'pod-security:grants[0].reason'",
    ),
    case(
        "grant-key-beside-the-right-one",
        grant(polic="x"),
        "grants[0].polic",
        "no such key; allowed: one of 'policy'",
        "rm --path 'pod-security:grants[0].polic'",
    ),
    case(
        "grant-of-a-misspelt-policy",
        grants(GRANT, {"policy": "defualt", "to": ["authenticated"]}),
        "grants[1].policy",
        "'defualt'; allowed: one of 'privileged', 'default'; did you mean 'default'?",
        "set --path 'pod-security:grants[1].policy' default",
    ),
    case(
        "grant-of-an-unknown-policy",
        grant(policy="x"),
        "grants[0].policy",
        "'x'; allowed: one of 'privileged', 'default'",
        "set --path 'pod-security:grants[0].policy' default",
    ),
    case(
        "grant-of-a-preset",
        grants(GRANT, {"policy": "restricted", "to": ["authenticated"]}),
        "grants[1].policy",
        "'restricted'; allowed: one of 'privileged', 'default'; or add this preset to the policies",
        "set --path 'pod-security:policies[2]' restricted",
    ),
    case(
        "grant-twice",
        grants(GRANT, GRANT),
        "grants[1]",
        "'default'; allowed: each grant once; grants[0] is the same",
        "rm --path 'pod-security:grants[1]'",
    ),
    case(
        "namespace-number",
        grant(namespace=7),
        "grants[0].namespace",
        "7; allowed: the name of a namespace",
        "set --path 'pod-security:grants[0].namespace' default",
    ),
    case(
        "namespace-name",
        grant(namespace="Shop"),
        "grants[0].namespace",
        "'Shop'; allowed: a namespace: at most 63 of a-z",
        "set --path 'pod-security:grants[0].namespace' default",
    ),
    case(
        "namespace-and-namespaces",
        {**grant(namespace="a", namespaces=["infra"]), "namespaces": {"infra": ["b"]}},
        "grants[0].namespace",
        "given beside namespaces; allowed: one of the two",
        "rm --path 'pod-security:grants[0].namespace'",
    ),
    case(
        "group-as-namespace",
        {**grant(namespace="infra"), "namespaces": {"infra": ["kube-system"]}},
        "grants[0].namespace",
        "'infra' is a group; write namespaces: [infra]",
        "rm --path 'pod-security:grants[0].namespace' && "
        "pulumi config set --path 'pod-security:grants[0].namespaces[0]' infra",
    ),
    case(
        "no-group",
        {**grant(namespaces=[]), "namespaces": {"GROUP": ["b"]}},
        "grants[0].namespaces",
        "[]; allowed: one group or more",
        "set --path 'pod-security:grants[0].namespaces[0]' GROUP",
    ),
    case(
        "group-misspelt",
        {**grant(namespaces=["infr"]), "namespaces": {"infra": ["b"]}},
        "grants[0].namespaces[0]",
        "'infr'; allowed: 'infra'; did you mean 'infra'?",
        "set --path 'pod-security:grants[0].namespaces[0]' infra",
    ),
    case(
        "group-unknown",
        grant(namespaces=["infra"]),
        "grants[0].namespaces[0]",
        "'infra'; allowed: a group of pod-security:namespaces, which has none",
        "set --path 'pod-security:namespaces.infra[0]' default",
    ),
    case(
        "index-of-a-grant-after-groups",
        {
            **grants({**GRANT, "namespaces": ["infra"]}, {"policy": "defualt", "to": ["authenticated"]}),
            "namespaces": {"infra": ["a", "b", "c"]},
        },
        "grants[1].policy",
        "'defualt'; allowed: one of",
        "set --path 'pod-security:grants[1].policy' default",
    ),
)
