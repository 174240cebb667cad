"""What a cluster has today, said as this package says it: policies, grants, and the nearest Pod Security levels."""

from pulumi_pod_security.admission.migration.effects import Idle, InNamespace, idle, in_namespaces
from pulumi_pod_security.admission.migration.levels import Comparison, Nearest, nearest
from pulumi_pod_security.admission.migration.survey import Survey, Surveyed
from pulumi_pod_security.admission.migration.taking import Left, Taken, take_over

__all__ = [
    "Comparison",
    "Idle",
    "InNamespace",
    "Left",
    "Nearest",
    "Survey",
    "Surveyed",
    "Taken",
    "idle",
    "in_namespaces",
    "nearest",
    "take_over",
]
