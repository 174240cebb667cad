"""Restored equals saved, over every field, for many random labels, annotations and subjects; only on a real server
does that say something, for it fills in and drops fields by itself.
"""

import secrets
from pathlib import Path

import pytest

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.platforms.defaults import DefaultsSwitch
from pulumi_pod_security.platforms.saved import SavedObjects
from pulumi_pod_security.platforms.switch import relax
from tests.integration.support.provider import EKS, apply, eks_objects, stored
from tests.integration.support.sight import Sight, wait
from tools.controlplane import ControlPlane

pytestmark = pytest.mark.integration

SEED = secrets.randbits(32)
TIMES = 20


@pytest.mark.parametrize("seed", range(SEED, SEED + TIMES), ids=lambda seed: f"{seed - SEED}")
def test_restored_equals_saved(control_plane: ControlPlane, tmp_path: Path, seed: int) -> None:
    """Removed for good, as the authorizer says too, and then there again to the last field."""
    sight = Sight(control_plane)
    apply(sight, tmp_path, eks_objects(seed))
    before = stored(sight, EKS)
    cluster = Cluster(Connection(kubeconfig=str(control_plane.kubeconfig())).open())
    saved = SavedObjects.read(cluster.api, EKS)
    assert saved.objects == before, seed
    switch = DefaultsSwitch(cluster, EKS, SavedObjects.from_text(saved.text).text)
    switch.turn_on()
    wait(lambda: not stored(sight, EKS) or None, "all of them gone")
    relax(switch, cluster, 30)
    assert stored(sight, EKS) == before, seed
