"""Users: the ends of the policy's ranges and what is beside them, root, and what a pod says of not being root.

The restricted level looks at the pod and its containers together and a policy at one container after the other; still
a pod of one container is enough. What the policy alone admits: every policy admits the pod that says nothing, which the
level refuses. What the level alone admits runs, outside of users of its own, as nobody but the users that it names.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.controls import run_as_user
from pulumi_pod_security.controls.comparison.changing import Change, container_security, pod_spec, security_of_pod
from pulumi_pod_security.controls.comparison.concern import Concern, Use
from pulumi_pod_security.controls.comparison.numbers import LAST_ID, beside
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERN"]


def uses(policy: PodSecurityPolicy) -> Iterator[Use]:
    """Users by number with and without `runAsNonRoot`, and none."""
    yield Use(what="containers that say nothing of their user", change=_as_user(None))
    yield Use(what="runAsNonRoot: false", change=_as_user(None, non_root=False))
    yield Use(what="runAsNonRoot: true and no user", change=_as_user(None, non_root=True))
    own = "users of pods with users of their own (hostUsers: false)"
    for user in beside(policy.spec.run_as_user.ranges or (), least=0, usual=1000, most=LAST_ID):
        number, sort = str(user), "the user root" if user == 0 else "users"
        yield Use(what=f"{sort} without runAsNonRoot", example=number, change=_as_user(user))
        yield Use(what=f"{sort} with runAsNonRoot: true", example=number, change=_as_user(user, non_root=True))
        yield Use(what=own, example=number, change=_with_own_users(user))


def _as_user(user: int | None, *, non_root: bool | None = None) -> Change:
    """Every container runs so, and the pod says nothing of it."""
    for_containers = container_security(run_as_user=user, run_as_non_root=non_root)
    for_pod = security_of_pod(run_as_user=None, run_as_non_root=None)
    return lambda pod: for_pod(for_containers(pod))


def _with_own_users(user: int) -> Change:
    return lambda pod: pod_spec(host_users=False)(_as_user(user)(pod))


CONCERN = Concern(id="run_as_user", controls=(run_as_user.CONTROL,), checks=run_as_user.CHECKS, uses=uses)
