"""Who may talk to the cluster: each identity gets a kubeconfig of its own."""

import dataclasses
import urllib.parse

__all__ = ["Identity", "ServiceAccount", "User"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class User:
    """A person, program or node, known by a client certificate."""

    name: str
    groups: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """The kubeconfig's name, different for every user with every set of groups."""
        return _file_name("user", self.name, *self.groups)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServiceAccount:
    """A service account, known by a token."""

    namespace: str
    name: str

    @property
    def file_name(self) -> str:
        """The kubeconfig's name."""
        return _file_name("serviceaccount", self.namespace, self.name)

    @property
    def username(self) -> str:
        """What the API server calls it."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"


Identity = User | ServiceAccount


def _file_name(*parts: str) -> str:
    return "+".join(urllib.parse.quote(part, safe="") for part in parts) + ".conf"
