"""What a cluster has today, said as this package says it: policies, grants, and the nearest Pod Security levels."""

from pulumi_pod_security.admission.migration.taking import Left, Taken, take_over

__all__ = ["Left", "Taken", "take_over"]
