"""Every secret of a configuration is found, wherever it stands."""

from config.schema import Settings
from socialcare.logs import Masking
from socialcare.secrets import secret_values


def test_all_secrets_and_nothing_else(settings: Settings) -> None:
    found = secret_values(settings)
    assert {
        "4200:a-token-of-telegram",
        "the-webhooks-secret",
        "slack-bots-token",
        "slack-signing-secret",
        "whatsapps-token",
        "whatsapps-app-secret",
        "whatsapps-verify-token",
        "metas-app-secret",
        "metas-verify-token",
        "metas-page-token",
    } <= found
    assert any("the-shops-token" in value for value in found)
    assert not any("northwind" in value.lower() for value in found)
    assert "" not in found


def test_a_bearer_token_is_masked_by_itself_too(settings: Settings) -> None:
    masking = Masking(secret_values(settings))
    assert "the-shops-token" not in masking.mask("refused: the-shops-token")
