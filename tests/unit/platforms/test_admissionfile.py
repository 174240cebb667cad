"""The file of Pod Security's defaults, and a kubeadm configuration that gives it to the API server."""

from __future__ import annotations

import dataclasses

import pytest
import yaml

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.platforms.admissionfile import AdmissionFile, with_admission_file, without_admission_file
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.targets.admissionconfiguration import (
    PodSecurityConfiguration,
    PodSecurityDefaults,
    PodSecurityExemptions,
)

BASELINE = PodSecurityConfiguration(defaults=PodSecurityDefaults(enforce=Standard(level="baseline")))
FILE = AdmissionFile(configuration=BASELINE, minor=24)
OTHER = dataclasses.replace(FILE, minor=36)
FLAG = "admission-control-config-file"
MAPPING = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n"
LIST = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
NODE = "kind: InitConfiguration\nbootstrapTokens: [{token: abcdef.0123456789abcdef}]\n---\n"
VOLUME = {
    "name": "pod-security",
    "hostPath": "/etc/kubernetes/pod-security",
    "mountPath": "/etc/kubernetes/pod-security",
    "readOnly": True,
    "pathType": "Directory",
}
SHAPES = [
    pytest.param(MAPPING, id="bare"),
    pytest.param(LIST, id="bare-list"),
    pytest.param(f"{MAPPING}apiServer: {{}}\nscheduler: {{}}\n", id="empty"),
    pytest.param(f"{MAPPING}apiServer: ~ # none\n", id="null"),
    pytest.param(f"{MAPPING}apiServer:\n    certSANs: [a] # b\n    extraArgs:\n        v: '2' # c\n", id="mapping"),
    pytest.param(f"{LIST}apiServer:\n  extraArgs:\n  - name: v\n    value: '2'\n", id="list"),
    pytest.param(f"{MAPPING}apiServer:\n  extraArgs:\n    {FLAG}: ''\n", id="no-file"),
    pytest.param(f"{MAPPING}apiServer: {{extraArgs: {{v: '2'}}, extraVolumes: [{{name: a}}]}}\n", id="flow"),
    pytest.param(f"{MAPPING}apiServer:\n  extraVolumes:\n  - name: audit\n    hostPath: /v # d\nx: y\n", id="volumes"),
]


def server(text: str) -> tuple[dict[str, str], list[dict[str, object]]]:
    """The flags and the volumes of the API server, whatever the shape of the flags."""
    found = next(each for each in yaml.safe_load_all(text) if each["kind"] == "ClusterConfiguration")["apiServer"]
    flags = found.get("extraArgs") or {}
    if isinstance(flags, list):
        flags = {flag["name"]: flag["value"] for flag in flags}
    return flags, found.get("extraVolumes") or []


def test_the_file_is_what_the_server_reads() -> None:
    """YAML in which nothing but text stands, whichever reader looks at it."""
    exemptions = PodSecurityExemptions(usernames=("é:\n", "yes"), namespaces=("1e3", "0x1f", "no", "012"))
    file = dataclasses.replace(FILE, configuration=PodSecurityConfiguration(exemptions=exemptions))
    assert yaml.safe_load(file.text) == file.configuration.admission_configuration(24)
    assert '- "1e3"\n' in file.text


def test_the_name_follows_the_content() -> None:
    """So that a kubelet sees another manifest, and the server starts anew."""
    assert (
        FILE.name == dataclasses.replace(FILE, configuration=PodSecurityConfiguration(defaults=BASELINE.defaults)).name
    )
    assert FILE.name != OTHER.name
    assert FILE.path == f"/etc/kubernetes/pod-security/{FILE.name}"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("text", SHAPES)
def test_flag_and_volume_are_added_and_nothing_else(text: str, line_end: str) -> None:
    """What is there stays, in its place; a second time changes nothing."""
    given = (NODE + text).replace("\n", line_end)
    after = with_admission_file(given, FILE)
    flags, volumes = server(after)
    before_flags, before_volumes = server(given) if "apiServer" in text and "~" not in text else ({}, [])
    assert flags == {**before_flags, FLAG: FILE.path}
    assert volumes == [VOLUME, *before_volumes]
    assert after.startswith(NODE.replace("\n", line_end))
    assert after.count(" # ") == given.count(" # ")
    assert after.count("\r\n") == (after.count("\n") if line_end == "\r\n" else 0)
    assert with_admission_file(after, FILE) == after


def test_another_content_is_another_flag_and_the_same_volume() -> None:
    """One line differs."""
    first = with_admission_file(MAPPING, FILE)
    assert with_admission_file(first, OTHER) == first.replace(FILE.name, OTHER.name)


@pytest.mark.parametrize("text", SHAPES)
def test_the_file_can_be_taken_out_again(text: str) -> None:
    """The flag names none then, and the volume stays."""
    after = without_admission_file(with_admission_file(text, FILE))
    assert server(after)[0][FLAG] == ""
    assert VOLUME in server(after)[1]
    assert without_admission_file(text) == text


def test_a_file_of_somebody_else_stays() -> None:
    """What to add to it is said, to the letter."""
    text = f"{MAPPING}apiServer:\n  extraArgs:\n    {FLAG}: /etc/ours.yaml\n"
    with pytest.raises(SwitchError) as refused:
        with_admission_file(text, FILE)
    told, _, entry = str(refused.value).partition(":\n")
    assert told == (
        f"apiServer.extraArgs.{FLAG}: '/etc/ours.yaml' is a file of somebody else, which stays; add to its `plugins`, "
        "on every control-plane node, and then restart the API servers"
    )
    assert yaml.safe_load(entry) == [BASELINE.plugin(24)]
    assert without_admission_file(text) == text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("extraArgs: {disable-admission-plugins: 'A,PodSecurity'}", "disable-admission-plugins: 'A,PodSecurity' turns"),
        ("extraArgs: {feature-gates: 'A=true,PodSecurity=false'}", "take PodSecurity=false out of it"),
        ("extraVolumes: [{name: pod-security}]", r"extraVolumes\[0\].name: 'pod-security' is what this package names"),
        (
            "extraVolumes: [{name: a}, {name: b, mountPath: /etc/kubernetes/pod-security}]",
            r"extraVolumes\[1\].mountPath: '/etc/kubernetes/pod-security' is what",
        ),
        ("extraVolumes: [a]", r"extraVolumes\[0\]: str; allowed: a mapping"),
        ("extraVolumes: {}", "extraVolumes: CommentedMap; allowed: a list"),
        ("extraArgs: {admission-control-config-file: 1}", f"extraArgs.{FLAG}: 1; allowed: the path of a file"),
    ],
)
def test_what_cannot_be_is_refused(given: str, words: str) -> None:
    """With the field."""
    with pytest.raises(SwitchError, match=words):
        with_admission_file(f"{MAPPING}apiServer: {{{given}}}\n", FILE)


def test_the_first_version_has_it_behind_a_gate() -> None:
    """1.22 reads the file only when told that the plugin is there."""
    old = dataclasses.replace(FILE, minor=22)
    with pytest.raises(SwitchError, match=r"feature-gates: ''; allowed: with PodSecurity=true, .* Kubernetes 1\.22"):
        with_admission_file(MAPPING, old)
    gated = f"{MAPPING}apiServer: {{extraArgs: {{feature-gates: 'PodSecurity=true'}}}}\n"
    assert old.path in with_admission_file(gated, old)


def test_what_would_change_more_is_refused() -> None:
    """A list that stands elsewhere too."""
    text = f"{MAPPING}apiServer:\n  extraVolumes: &shared []\nscheduler:\n  extraVolumes: *shared\n"
    with pytest.raises(SwitchError, match="written in a way that cannot be changed alone"):
        with_admission_file(text, FILE)
