"""`pod-security render`: what a stack applies, as plain manifests, without a cluster."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, get_args

import typer

from pulumi_pod_security.cli.declared import EXAMPLE, Declared
from pulumi_pod_security.cli.declaring import GrantOption, PolicyOption, StackFileOption, declared_by
from pulumi_pod_security.cli.options import require_namespace, standard_of
from pulumi_pod_security.cli.outputs import outputs, write
from pulumi_pod_security.cli.refusing import ADMITTED, refusing
from pulumi_pod_security.errors import MISSING, Fault, InvalidInput, one_of
from pulumi_pod_security.policy.enforcement import CEL, PSA, PSP, Served, choose, fault_of, lacking
from pulumi_pod_security.policy.stored import as_sent
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.report.manifests import manifests_json, manifests_yaml
from pulumi_pod_security.targets.cel import Exemption, Stage, cel_manifests
from pulumi_pod_security.targets.psa import MODES, psa_manifest

__all__ = ["EXIT_CODES", "render"]

EXIT_CODES = (
    "Exit codes: 0 the manifests are written; 2 something could not be read or used, or the command was not understood."
)
Manifest = Mapping[str, Any]

_FORMATS = {"yaml": manifests_yaml, "json": manifests_json}
_FIRST_MINOR = 16
_VERSION = re.compile(r"v?1\.([1-9][0-9]{1,2})(?:[.+-][0-9A-Za-z.+-]{0,60})?")
_STAGES: tuple[Stage, ...] = get_args(Stage)
_EXEMPTIONS: tuple[Exemption, ...] = get_args(Exemption)
_LEVEL = "LEVEL[:VERSION]"

_TargetOption = Annotated[str, typer.Option(metavar="psp|psa|cel", help="What is to hold pods to the policies.")]
_VersionOption = Annotated[str, typer.Option(metavar="1.N", help="The version of the API server, such as 1.30.")]
_StageOption = Annotated[
    str | None,
    typer.Option(metavar="|".join(_STAGES), help="cel: what becomes of a pod that no policy accepts; default audit."),
]
_ExemptOption = Annotated[
    list[str] | None,
    typer.Option(metavar="|".join(_EXEMPTIONS), help="cel: pods that nobody judges. Repeatable."),
]
_NamespaceOption = Annotated[
    list[str] | None, typer.Option("--namespace", "-n", metavar="NAMESPACE", help="psa: to be labelled. Repeatable.")
]
_EnforceOption = Annotated[str | None, typer.Option(metavar=_LEVEL, help="psa: what pods must fit to be admitted.")]
_AuditOption = Annotated[str | None, typer.Option(metavar=_LEVEL, help="psa: what the audit log notes.")]
_WarnOption = Annotated[str | None, typer.Option(metavar=_LEVEL, help="psa: what senders are warned of.")]
_OutputOption = Annotated[
    list[str] | None,
    typer.Option(metavar="FORMAT[=FILE]", help="yaml, or json for one List. Repeatable."),
]


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What the options ask for, beside target and version."""

    policy: list[str] | None
    grant: list[str] | None
    stack_file: str | None
    stage: str | None
    exempt: list[str] | None
    namespace: list[str] | None
    enforce: str | None
    audit: str | None
    warn: str | None

    def declared(self) -> Declared:
        """The baseline; raises InvalidInput when there is none."""
        declared = declared_by(self.policy, self.grant, self.stack_file)
        if declared is None:
            allowed = f"this, or grants such as --grant '{EXAMPLE}'"
            raise InvalidInput("options", [Fault(path="--stack-file", value=MISSING, allowed=allowed)])
        return declared

    def levels(self) -> dict[str, str]:
        """The levels that are given, by mode."""
        return {mode: text for mode in MODES if (text := getattr(self, mode)) is not None}


class _Target(NamedTuple):
    """How one target is rendered, and by which options."""

    options: tuple[str, ...]
    manifests: Callable[[_Asked, Served], Iterator[Manifest]]


def render(
    *,
    target: _TargetOption,
    server_version: _VersionOption,
    policy: PolicyOption = None,
    grant: GrantOption = None,
    stack_file: StackFileOption = None,
    stage: _StageOption = None,
    exempt: _ExemptOption = None,
    namespace: _NamespaceOption = None,
    enforce: _EnforceOption = None,
    audit: _AuditOption = None,
    warn: _WarnOption = None,
    output: _OutputOption = None,
) -> None:
    """Print the manifests that a stack applies, for a server of that version; no cluster is asked.

    psp: policies, roles and bindings. cel: the same roles and bindings, and the policies as admission policies; with
    `--stage deny` and Kubernetes 1.36 or later also the one that writes the policies' defaults into pods. Documents
    come in the order in which they must exist. No running workload is held against them, as `pulumi up` does.

    psa: namespaces with labels, of the version of the server where a level names none. They hold nothing but the
    labels, so apply them with `kubectl apply --server-side`: that leaves all else of a namespace as it is, and makes
    one that is missing. What prunes or deletes them deletes the namespaces.
    """
    with refusing():
        asked = _Asked(
            policy=policy,
            grant=grant,
            stack_file=stack_file,
            stage=stage,
            exempt=exempt,
            namespace=namespace,
            enforce=enforce,
            audit=audit,
            warn=warn,
        )
        places = outputs(output or (), tuple(_FORMATS))
        served = _served(server_version)
        _require_target(target, served)
        _require_options(target, asked)
        manifests = list(_TARGETS[target].manifests(asked, served))
        # Files first, so that a pager that ends early takes none with it.
        for place in sorted(places, key=lambda one: one.file is None):
            write(place, _FORMATS[place.format](manifests))
    raise typer.Exit(ADMITTED)


def _psp(asked: _Asked, _served: Served) -> Iterator[Manifest]:
    declared = asked.declared()
    manifests = declared.manifests()
    yield from (as_sent(policy).to_manifest() for policy in declared.policies)
    yield from manifests.roles
    yield from manifests.bindings


def _cel(asked: _Asked, served: Served) -> Iterator[Manifest]:
    stage, exemptions = _stage(asked), _exemptions(asked)
    declared = asked.declared()
    manifests = declared.manifests()
    mutates = choose(CEL, served).mutates
    admission = cel_manifests(declared.policies, stage=stage, mutates=mutates, exemptions=exemptions)
    if not mutates:
        _note(
            f"Kubernetes {served.version} has no MutatingAdmissionPolicy in v1, so that no defaults of policies are "
            "written: with --stage deny, pods that rely on them are refused"
        )
    yield from manifests.roles
    yield from manifests.bindings
    yield from admission


def _psa(asked: _Asked, served: Served) -> Iterator[Manifest]:
    levels, namespaces = asked.levels(), asked.namespace or []
    for given, option, example in (
        (namespaces, "--namespace", "one namespace or more, such as --namespace shop"),
        (levels, "--enforce", "this, --audit or --warn, such as --enforce restricted"),
    ):
        if not given:
            raise InvalidInput("options", [Fault(path=option, value=MISSING, allowed=example)])
    for name in namespaces:
        require_namespace(name)
    standards = {mode: standard_of(mode, text, served.numbers[1]) for mode, text in levels.items()}
    yield from (psa_manifest(name, standards) for name in dict.fromkeys(namespaces))


_BASELINE = ("policy", "grant", "stack_file")
_TARGETS = {
    PSP: _Target(_BASELINE, _psp),
    PSA: _Target(("namespace", *MODES), _psa),
    CEL: _Target((*_BASELINE, "stage", "exempt"), _cel),
}


def _served(text: str) -> Served:
    found = _VERSION.fullmatch(text)
    if found is None or int(found[1]) < _FIRST_MINOR:
        allowed = f"a version such as 1.30, from 1.{_FIRST_MINOR} on"
        raise InvalidInput("options", [Fault(path="--server-version", value=text, allowed=allowed)])
    return Served.by_default(int(found[1]))


def _require_target(target: str, served: Served) -> None:
    """Refuse what a server of this version cannot do, in the words that a stack has for it."""
    if target not in _TARGETS:
        allowed = one_of(_TARGETS, given=target)
    elif fault_of(target, served):
        possible = [each for each in served.possible if each in _TARGETS]
        allowed = (
            f"{one_of(possible)} {lacking(target, served)}; mend it with: "
            f"pod-security render --target {possible[0]} --server-version {served.version}"
        )
    else:
        return
    raise InvalidInput("options", [Fault(path="--target", value=target, allowed=allowed)])


def _require_options(target: str, asked: _Asked) -> None:
    """Refuse options that would say nothing."""
    own = _TARGETS[target].options
    faults = [
        Fault(path=f"--{name.replace('_', '-')}", value=value, allowed=f"nothing for {target}; {_where(name)}")
        for name, value in vars(asked).items()
        if name not in own and value not in (None, [])
    ]
    if faults:
        raise InvalidInput("options", faults)


def _where(option: str) -> str:
    return f"it is for --target {' or '.join(name for name, each in _TARGETS.items() if option in each.options)}"


def _stage(asked: _Asked) -> Stage:
    for stage in _STAGES:
        if asked.stage in (None, stage):
            return stage
    allowed = one_of(_STAGES, given=asked.stage)
    raise InvalidInput("options", [Fault(path="--stage", value=asked.stage, allowed=allowed)])


def _exemptions(asked: _Asked) -> Sequence[Exemption]:
    given = asked.exempt or []
    faults = [
        Fault(path="--exempt", value=text, allowed=one_of(_EXEMPTIONS, given=text))
        for text in given
        if text not in _EXEMPTIONS
    ]
    if faults:
        raise InvalidInput("options", faults)
    return [exemption for text in dict.fromkeys(given) for exemption in _EXEMPTIONS if exemption == text]


def _note(words: str) -> None:
    """On the standard error: the standard output is the manifests."""
    typer.echo(harmless(f"note: {words}"), err=True)
