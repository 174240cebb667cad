"""The kubeconfig of an EKS cluster, asked of the EKS API by the official SDK."""

from __future__ import annotations

import base64
import json
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    ParamValidationError,
    TokenRetrievalError,
)
from moto import mock_aws
from moto.eks.models import eks_backends

from pulumi_pod_security.cluster.connection import Connection, is_contents
from pulumi_pod_security.platforms.eks_kubeconfig import eks_kubeconfig
from pulumi_pod_security.platforms.switch import SwitchError

REGION = "eu-west-1"
ACCOUNT = "123456789012"
SECRET = "planted-secret-access-key"
TOKEN = "planted-7okEn/of+a=session"
PEM = "-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An account with the cluster `prod`."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        role = "arn:aws:iam::123456789012:role/eks"
        boto3.client("eks", region_name=REGION).create_cluster(name="prod", roleArn=role, resourcesVpcConfig={})
        found: Any = eks_backends[ACCOUNT][REGION].clusters["prod"]
        found.endpoint = "https://127.0.0.1:6443"
        found.certificateAuthority = {"data": base64.b64encode(PEM.encode()).decode()}
        yield


def test_it_leads_to_the_cluster_and_holds_no_secret() -> None:
    """Endpoint and authority are the API's; credentials are asked for whenever they are needed."""
    text = eks_kubeconfig("prod", region=REGION)
    made = json.loads(text)
    assert is_contents(text)
    assert made["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    assert base64.b64decode(made["clusters"][0]["cluster"]["certificate-authority-data"]).decode() == PEM
    assert " ".join(made["users"][0]["user"]["exec"]["args"]).startswith(
        "eks get-token --cluster-name prod --region eu-west-1"
    )
    assert SECRET not in text


def test_its_credentials_come_from_the_aws_cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the AWS CLI prints logs in."""
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "status": {"token": "k8s-aws-v1.abc"},
    }
    cli = tmp_path / "aws"
    cli.write_text(f"#!{sys.executable}\nimport sys\nassert sys.argv[1:3] == ['eks', 'get-token']\n"
                   f"print('''{json.dumps(credential)}''')\n", encoding="utf-8")  # fmt: skip
    cli.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    opened = Connection(kubeconfig=eks_kubeconfig("prod", region=REGION)).open()
    assert opened.where == "https://127.0.0.1:6443"


@pytest.mark.parametrize(
    ("cluster", "region", "words"),
    [
        pytest.param(
            "prd", REGION, "the EKS cluster 'prd' cannot be looked up: ResourceNotFoundException", id="no cluster"
        ),
        pytest.param("prod", None, "cannot be looked up: NoRegionError", id="no region"),
    ],
)
def test_what_cannot_be_looked_up_is_told(cluster: str, region: str | None, words: str) -> None:
    """By the API's code, or the SDK's, with a command that shows the rest."""
    with pytest.raises(SwitchError, match=words) as error:
        eks_kubeconfig(cluster, region=region)
    shown = f"aws eks describe-cluster --name {cluster}" + (f" --region {region}" if region else "")
    assert str(error.value).endswith(shown)


def answered(code: str) -> ClientError:
    """What AWS answers to a wrong signature: the request as it was to be signed."""
    message = f"The Canonical String for this request should have been 'x-amz-security-token:{TOKEN}'"
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeCluster")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(answered("InvalidSignatureException"), "InvalidSignatureException", id="signature"),
        pytest.param(answered(TOKEN), "an unknown error", id="code"),
        pytest.param(CredentialRetrievalError(provider="p", error_msg=TOKEN), "CredentialRetrievalError", id="process"),
        pytest.param(TokenRetrievalError(provider="p", error_msg=TOKEN), "TokenRetrievalError", id="sso"),
        pytest.param(HTTPClientError(error=TOKEN), "HTTPClientError", id="http"),
        pytest.param(
            EndpointConnectionError(endpoint_url=f"https://{TOKEN}/"), "EndpointConnectionError", id="address"
        ),
        pytest.param(ParamValidationError(report=TOKEN), "ParamValidationError", id="parameter"),
        pytest.param(FileNotFoundError(2, "No such file", TOKEN), "FileNotFoundError", id="no process"),
        pytest.param(json.JSONDecodeError(TOKEN, TOKEN, 0), "JSONDecodeError", id="no JSON"),
    ],
)
def test_no_error_shows_a_token(error: Exception, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever AWS, or what makes the credentials, puts into its words."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(BaseClient, "_make_api_call", fail)
    with pytest.raises(SwitchError) as told:
        eks_kubeconfig("prod", region=REGION)
    assert str(told.value).startswith(f"the EKS cluster 'prod' cannot be looked up: {code}; see ")
    assert TOKEN not in "".join(traceback.format_exception(told.value))


def test_what_a_credential_process_prints_is_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A failing one may have printed a token."""
    script = tmp_path / "process.py"
    script.write_text(f"import sys\nsys.exit({TOKEN!r})\n", encoding="utf-8")
    config = f"[profile broken]\ncredential_process = {sys.executable} {script}\n"
    (tmp_path / "config").write_text(config, encoding="utf-8")
    monkeypatch.setenv("AWS_PROFILE", "broken")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(SwitchError, match="cannot be looked up: CredentialRetrievalError; ") as told:
        eks_kubeconfig("prod", region=REGION)
    assert TOKEN not in str(told.value)


def test_a_cluster_in_the_making_has_no_endpoint() -> None:
    """It is told that it is being made."""
    found: Any = eks_backends[ACCOUNT][REGION].clusters["prod"]
    found.endpoint, found.status = None, "CREATING"
    with pytest.raises(SwitchError, match="'prod' is CREATING and has no endpoint yet"):
        eks_kubeconfig("prod", region=REGION)


@pytest.mark.parametrize("answer", [{}, {"cluster": {}}, {"cluster": {"endpoint": "https://x"}}], ids=repr)
def test_an_answer_without_the_cluster_is_no_cluster(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a proxy's may be."""
    monkeypatch.setattr(BaseClient, "_make_api_call", lambda *_: answer)
    with pytest.raises(SwitchError, match="'prod' is in no state that the API tells and has no endpoint yet"):
        eks_kubeconfig("prod", region=REGION)
