"""IAM: the client ids of an identity provider can be changed one at a time."""

from __future__ import annotations

from typing import Any

from moto.core.responses import EmptyResult
from moto.iam.responses import IamResponse


def install() -> None:
    """Add the operations to moto."""
    added: Any = IamResponse
    added.add_client_id_to_open_id_connect_provider = _add
    added.remove_client_id_from_open_id_connect_provider = _remove


def _add(self: IamResponse) -> EmptyResult:
    provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
    if self._get_param("ClientID") not in provider.client_id_list:
        provider.client_id_list.append(self._get_param("ClientID"))
    return EmptyResult()


def _remove(self: IamResponse) -> EmptyResult:
    provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
    if self._get_param("ClientID") in provider.client_id_list:
        provider.client_id_list.remove(self._get_param("ClientID"))
    return EmptyResult()
