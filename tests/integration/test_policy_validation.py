"""Our verdict on policies beside that of the API server, which is asked for each of them in a dry run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pulumi_pod_security.cluster.api import Api, Refused
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.errors import InvalidPolicy
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import as_stored, from_server
from tests.fixtures.accepted_policies import ACCEPTED, OURS_ALONE
from tests.fixtures.policy_cases import Case
from tests.fixtures.policy_manifests import manifests
from tests.fixtures.policy_mutations import mutations
from tests.fixtures.refused_policies import REFUSED
from tools.controlplane import ControlPlane

pytestmark = pytest.mark.integration

_MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def api(control_plane: ControlPlane) -> Api:
    """The API server, as its administrator sees it."""
    return Connection(kubeconfig=str(control_plane.kubeconfig())).open()


def _sent(api: Api, manifest: dict[str, Any]) -> dict[str, Any] | Refused:
    """The object the server would keep, or its refusal."""
    try:
        return api.post("/apis/policy/v1beta1/podsecuritypolicies", manifest, dict[str, Any], dryRun="All")
    except Refused as refusal:
        if refusal.code in (400, 422):
            return refusal
        raise


def _kept(manifest: dict[str, Any]) -> PodSecurityPolicy:
    return as_stored(PodSecurityPolicy.from_manifest(manifest))


def _by_name(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", REFUSED, ids=_by_name)
def test_refused(api: Api, case: Case) -> None:
    """The server refuses what the table of refusals says it does."""
    assert isinstance(_sent(api, case.manifest()), Refused)


@pytest.mark.parametrize("case", ACCEPTED, ids=_by_name)
def test_accepted(api: Api, case: Case) -> None:
    """The server takes what the table says it does, and keeps what we say it keeps."""
    found = _sent(api, case.manifest())
    assert not isinstance(found, Refused), found
    assert from_server(found) == _kept(case.manifest())


@pytest.mark.parametrize("case", OURS_ALONE, ids=_by_name)
def test_ours_alone(api: Api, case: Case) -> None:
    """The server takes what we alone refuse, and keeps something else than was written."""
    found = _sent(api, case.manifest())
    assert not isinstance(found, Refused), found
    written = case.manifest()
    kept = {**written, **found, "metadata": {key: found["metadata"].get(key) for key in written["metadata"]}}
    assert kept != written or case.name in _KEPT_WHOLE


_KEPT_WHOLE = {
    "metadata the server writes",
    "a finalizer",
    "a name for the server to finish",
    "an annotation key that is ASCII in lower case",
    "a CSI driver that is ASCII in lower case",
}
"""What is refused because the model has no place for it, or because nobody could mean it."""


@_MANY
@given(manifest=manifests())
def test_random_policies(api: Api, manifest: dict[str, Any]) -> None:
    """The server takes every policy that is valid to us, and keeps what we say it keeps."""
    found = _sent(api, manifest)
    assert not isinstance(found, Refused), found
    assert from_server(found) == _kept(manifest)


@settings(_MANY, max_examples=300)
@given(manifest=mutations())
def test_random_mutations(api: Api, manifest: dict[str, Any]) -> None:
    """We refuse what the server refuses and nothing else, whatever values were exchanged."""
    try:
        PodSecurityPolicy.from_manifest(manifest)
    except InvalidPolicy as refusal:
        ours = str(refusal)
    else:
        ours = ""
    found = _sent(api, manifest)
    assert bool(ours) == isinstance(found, Refused), (ours, found)
