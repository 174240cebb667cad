"""What is taken to enforce policies with, on servers of every kind."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pulumi_pod_security.errors import InvalidInput
from pulumi_pod_security.policy.enforcement import AUTO, CEL, CEL_AND_PSA, PSA, PSP, WISHES, Served, choose, fault_of


def server(minor: int, **more: Any) -> Served:
    """One that has what this version has by default, and these differences."""
    return dataclasses.replace(Served.by_default(minor), version=f"v1.{minor}.0", **more)


@pytest.mark.parametrize(
    ("minor", "has"),
    [
        (24, ["policies"]),
        (25, []),
        (29, []),
        (30, ["validating"]),
        (35, ["validating"]),
        (36, ["validating", "mutating"]),
    ],
)
def test_what_a_version_has_by_default(minor: int, has: list[str]) -> None:
    """Each API from the version on in which it is v1, PodSecurityPolicy until it was removed."""
    served = Served.by_default(minor)
    assert [each for each in ("policies", "validating", "mutating") if getattr(served, each)] == has
    assert (served.version, served.numbers) == (f"v1.{minor}", (1, minor))


@pytest.mark.parametrize(
    ("served", "taken", "mutates"),
    [
        (server(16), PSP, True),
        (server(22), PSP, True),
        (server(24), PSP, True),
        (server(24, policies=False), PSA, False),
        (server(25), PSA, False),
        (server(29), PSA, False),
        (server(30), CEL, False),
        (server(35), CEL, False),
        (server(36), CEL, True),
        (server(36, mutating=False), CEL, False),
        (server(36, validating=False, mutating=False), PSA, False),
    ],
    ids=lambda value: f"{value.version}" if isinstance(value, Served) else str(value),
)
def test_auto_takes_the_first_that_the_server_can_do(served: Served, taken: str, mutates: bool) -> None:  # noqa: FBT001
    """PodSecurityPolicy before CEL, CEL before levels; an API that is turned off is not there."""
    choice = choose(AUTO, served)
    assert (choice.enforcement, choice.mutates) == (taken, mutates)


@pytest.mark.parametrize(
    ("minor", "possible"),
    [(22, {PSP}), (23, {PSP, PSA}), (24, {PSP, PSA}), (25, {PSA}), (30, {CEL, PSA, CEL_AND_PSA})],
)
def test_a_wish_is_granted_where_the_server_can(minor: int, possible: set[str]) -> None:
    """Nothing else is taken in its place."""
    served = server(minor)
    granted = {wish for wish in WISHES if fault_of(wish, served) is None}
    assert granted == {AUTO, *possible}
    assert {choose(wish, served).enforcement for wish in possible} == possible


def test_a_wish_that_the_server_cannot_grant_is_refused() -> None:
    """By field and value, with what is allowed there and the command that mends it."""
    with pytest.raises(InvalidInput) as refused:
        choose(PSP, server(36))
    assert str(refused.value) == (
        "baseline: 1 fault\n"
        "  enforcement: 'psp'; allowed: one of 'auto', 'cel', 'psa', 'cel+psa' on Kubernetes v1.36.0, which has no "
        "PodSecurityPolicy; mend it with: pulumi config set pod-security:enforcement cel"
    )


@pytest.mark.parametrize(
    ("wish", "served", "missing", "mend"),
    [
        (CEL, server(24), "ValidatingAdmissionPolicy in v1", PSP),
        (CEL_AND_PSA, server(29), "ValidatingAdmissionPolicy in v1 and Pod Security Admission", PSA),
        (PSA, server(22), "Pod Security Admission", PSP),
    ],
)
def test_what_is_missing_is_named(wish: str, served: Served, missing: str, mend: str) -> None:
    """And the best that is there is the way out."""
    told = str(fault_of(wish, served))
    assert told.startswith(f"enforcement: {wish!r}; allowed: one of 'auto', '{mend}'")
    assert told.endswith(f"which has no {missing}; mend it with: pulumi config set pod-security:enforcement {mend}")


@pytest.mark.parametrize("wish", ["sel", "", None, 5, ["cel"]])
def test_a_wish_that_nobody_knows_is_refused(wish: Any) -> None:
    """Whatever the server can do."""
    told = str(fault_of(wish, server(36)))
    assert told.startswith(f"enforcement: {wish!r}; allowed: one of 'auto', 'psp', 'cel', 'psa', 'cel+psa'")
    assert ("did you mean 'cel'?" in told) is (wish == "sel")


@pytest.mark.parametrize("wish", [AUTO, PSP])
def test_a_server_that_can_do_nothing_is_refused(wish: str) -> None:
    """Before 1.23, with the API of policies turned off: no command of ours mends that."""
    told = str(fault_of(wish, server(22, policies=False)))
    assert told.startswith(f"enforcement: {wish!r}; allowed: a server that has one of PodSecurityPolicy, Validating")
    assert told.endswith("Kubernetes v1.22.0 has none")


@pytest.mark.parametrize(
    ("wish", "served", "why"),
    [
        (
            AUTO,
            server(24),
            "enforcement psp, the best that the server can do: Kubernetes v1.24.0 has PodSecurityPolicy",
        ),
        (
            AUTO,
            server(36),
            "enforcement cel, the best that the server can do: Kubernetes v1.36.0 has ValidatingAdmissionPolicy in v1, "
            "and MutatingAdmissionPolicy in v1 writes the defaults of policies",
        ),
        (
            CEL,
            server(30),
            "enforcement cel, asked for: Kubernetes v1.30.0 has ValidatingAdmissionPolicy in v1; it has no "
            "MutatingAdmissionPolicy in v1, so that no defaults of policies are written",
        ),
        (
            PSA,
            server(25),
            "enforcement psa, asked for: Kubernetes v1.25.0 has Pod Security Admission, whose levels come near to the "
            "policies and are not the same",
        ),
    ],
)
def test_why_is_a_sentence(wish: str, served: Served, why: str) -> None:
    """With what is given up."""
    assert choose(wish, served).why == why
