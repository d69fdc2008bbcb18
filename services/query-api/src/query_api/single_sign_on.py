"""Single sign-on as it is set up here, or not."""

from collections.abc import Mapping
from dataclasses import dataclass

from query_api.clients.oidc import Provider, Registration, Requests
from query_api.oidc_access import GroupRule
from query_api.settings import QueryApiSettings

CALLBACK = "/sign-in/oidc/callback"


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """`rules`: what the provider's groups give."""

    provider: Provider
    rules: Mapping[str, GroupRule]


def single_sign_on(settings: QueryApiSettings, client: Requests) -> SingleSignOn | None:
    """None: OIDC_ISSUER is not set."""
    if not settings.oidc_issuer:
        return None
    registration = Registration(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        secret=settings.oidc_client_secret.get_secret_value(),
        scopes=settings.oidc_scopes,
        groups_claim=settings.oidc_groups_claim,
        redirect_uri=settings.console_url + CALLBACK,
    )
    return SingleSignOn(Provider(registration, client), settings.oidc_groups)
