"""The few things that are asked of the API server itself: is it ready, make these objects, give me a token."""

import contextlib
import http.client
import json
import ssl
from pathlib import Path
from typing import Any

import urllib3

from tools.controlplane.errors import ControlPlaneError, NotStartedError

__all__ = ["Api", "healthy"]

COLLECTIONS = {
    "Node": "/api/v1/nodes",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
}
TIMEOUT = 10


class Api:
    """An API server as one identity sees it."""

    def __init__(self, kubeconfig: Path) -> None:
        # Takes half a second to import, which the processes of the node do not need to spend.
        from kubernetes import client, config

        configuration = client.Configuration()
        # The servers are on this machine, whatever proxy the environment names.
        configuration.proxy = None
        configuration.retries = False
        load: Any = config.new_client_from_config
        self._client = load(str(kubeconfig), client_configuration=configuration, persist_config=False)

    def ready(self) -> bool:
        """Whether the API server says that it is."""
        try:
            return self.exists("/readyz")
        except NotStartedError:
            return False

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The API server's answer to a request; a refusal is raised, in its words."""
        response = self._request(method, path, body)
        answer = json.loads(response.data)
        if response.status >= 400:
            raise ControlPlaneError(f"{method} {path}: {answer.get('message', answer)} ({response.status})")
        return answer

    def exists(self, path: str) -> bool:
        """Whether there is something at the path."""
        return bool(self._request("GET", path).status == 200)

    def create(self, manifest: dict[str, Any]) -> None:
        """Create an object; one that is there is left as it is."""
        response = self._request("POST", COLLECTIONS[manifest["kind"]], manifest)
        if response.status not in {201, 409}:
            raise ControlPlaneError(f"{manifest['kind']} {manifest['metadata']['name']}: {response.data.decode()}")

    def token(self, namespace: str, service_account: str) -> str:
        """A bearer token of a service account, for a day."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}/token"
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 86_400},
        }
        return str(self.call("POST", path, request)["status"]["token"])

    def _request(self, method: str, path: str, body: Any = None) -> Any:
        tokens = self._client.configuration.auth_settings().values()
        headers = {"Content-Type": "application/json", **{token["key"]: token["value"] for token in tokens}}
        url = self._client.configuration.host + path
        try:
            # What the client itself offers above its pool differs between its releases.
            pool = self._client.rest_client.pool_manager
            return pool.request(method, url, headers=headers, body=body and json.dumps(body), timeout=TIMEOUT)
        except urllib3.exceptions.HTTPError as error:
            raise NotStartedError(f"{url} does not answer: {error}") from error


def healthy(port: int) -> bool:
    """Whether a component says so on its loopback port; like a kubelet's probe, this accepts any certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with contextlib.closing(
            http.client.HTTPSConnection("127.0.0.1", port, timeout=2, context=context)
        ) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
