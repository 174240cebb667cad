"""Who may `use` which PodSecurityPolicy where, why, and what is wrong with the RBAC that says so."""

from pulumi_pod_security.admission.rbac.because import Because
from pulumi_pod_security.admission.rbac.objects import (
    ClusterRole,
    ClusterRoleBinding,
    Named,
    Objects,
    Role,
    RoleBinding,
)
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.rbac.reading import read
from pulumi_pod_security.admission.rbac.review import Pitfall, pitfalls

__all__ = [
    "Because",
    "ClusterRole",
    "ClusterRoleBinding",
    "Named",
    "Objects",
    "Pitfall",
    "Rbac",
    "Role",
    "RoleBinding",
    "pitfalls",
    "read",
]
