"""What may be wrong in the key `policies`."""

from __future__ import annotations

from tests.unit.support.wrong_config import case

__all__ = ["MANIFEST", "POLICIES", "SPEC"]

MANIFEST = {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "metadata": {"name": "ours"}}
ANY = {"rule": "RunAsAny"}
SPEC = {"seLinux": ANY, "runAsUser": ANY, "supplementalGroups": ANY, "fsGroup": ANY}
_FIRST = "set --path 'pod-security:policies[0]' privileged"

POLICIES = (
    case(
        "policies-text", {"policies": "privileged"}, "policies", "'privileged'; allowed: a list of presets (p", _FIRST
    ),
    case("policies-number", {"policies": "3"}, "policies", "3; allowed: a list of presets", _FIRST),
    case(
        "policies-number-granted",
        {"policies": "3", "grants": [{"policy": "privileged", "to": ["authenticated"]}]},
        "policies",
        "3; allowed: a list of presets",
        _FIRST,
    ),
    case("policies-empty", {"policies": ""}, "policies", "missing; allowed: a list of presets (privileged", _FIRST),
    case(
        "policies-map",
        {"policies": {"a": "b"}},
        "policies",
        "a map; allowed: a list of presets",
        f"rm pod-security:policies && pulumi config {_FIRST}",
    ),
    case(
        "policy-number",
        {"policies": ["privileged", 3]},
        "policies[1]",
        "3; allowed: the name of a preset, a map with preset and name, or a policy manifest",
        "set --path 'pod-security:policies[1]' default",
    ),
    case(
        "preset-misspelt",
        {"policies": ["default", "privlged"]},
        "policies[1]",
        "'privlged'; allowed: one of 'privileged', 'default'",
        "set --path 'pod-security:policies[1]' privileged",
    ),
    case(
        "preset-unknown",
        {"policies": ["x"]},
        "policies[0]",
        "'x'; allowed: one of 'privileged', 'default'",
        "set --path 'pod-security:policies[0]' default",
    ),
    case(
        "renamed-preset-misspelt",
        {"policies": ["default", "privileged", {"preset": "unprivilegd", "name": "users"}]},
        "policies[2].preset",
        "'unprivilegd'; allowed: one of 'privileged', 'default'",
        "set --path 'pod-security:policies[2].preset' unprivileged",
    ),
    case(
        "renamed-preset-key-misspelt",
        {"policies": [{"presett": "unprivileged", "name": "users"}]},
        "policies[0].presett",
        "no such key; allowed: one of 'preset', 'name'; did you mean 'preset'?",
        "rm --path 'pod-security:policies[0].presett' && "
        "pulumi config set --path 'pod-security:policies[0].preset' unprivileged",
    ),
    case(
        "renamed-preset-without-name",
        {"policies": [{"preset": "unprivileged"}]},
        "policies[0].name",
        "missing; allowed: another name for the preset's policy",
        "set --path 'pod-security:policies[0].name' users",
    ),
    case(
        "renamed-preset-without-preset",
        {"policies": [{"name": "users"}]},
        "policies[0].preset",
        "missing; allowed: the name of a preset",
        "set --path 'pod-security:policies[0].preset' default",
    ),
    case(
        "renamed-preset-number",
        {"policies": [{"preset": 3, "name": "users"}]},
        "policies[0].preset",
        "3; allowed: the name of a preset",
        "set --path 'pod-security:policies[0].preset' default",
    ),
    case(
        "renamed-preset-with-a-wrong-name",
        {"policies": [{"preset": "unprivileged", "name": "Users"}]},
        "policies[0].name",
        "'Users'; allowed: ",
        "set --path 'pod-security:policies[0].name' users",
    ),
    case(
        "renamed-preset-twice",
        {"policies": ["default", {"preset": "unprivileged", "name": "default"}]},
        "policies[1].name",
        "'default'; allowed: a name of its own; policies[0].name has this one",
        "rm --path 'pod-security:policies[1]'",
    ),
    case(
        "manifest-with-a-name-at-the-top",
        {"policies": [{**MANIFEST, "name": "ours", "spec": SPEC}]},
        "policies[0].name",
        "'ours'; allowed: no such field; one of 'apiVersion'",
        "rm --path 'pod-security:policies[0].name'",
    ),
    case(
        "preset-twice",
        {"policies": ["default", "privileged", "default"]},
        "policies[2]",
        "'default'; allowed: a name of its own; policies[0].name has this one",
        "rm --path 'pod-security:policies[2]'",
    ),
    case(
        "manifest-field",
        {"policies": [{**MANIFEST, "spec": {**SPEC, "privilegd": True}}]},
        "policies[0].spec.privilegd",
        "True; allowed: no such field; one of 'privileged'",
        "rm --path 'pod-security:policies[0].spec.privilegd' && "
        "pulumi config set --path 'pod-security:policies[0].spec.privileged' true",
    ),
    case(
        "manifest-rule",
        {"policies": [{**MANIFEST, "spec": {**SPEC, "runAsUser": {"rule": "MustRunAsNonroot"}}}]},
        "policies[0].spec.runAsUser.rule",
        "'MustRunAsNonroot'; allowed: one of",
        "set --path 'pod-security:policies[0].spec.runAsUser.rule' MustRunAsNonRoot",
    ),
)
