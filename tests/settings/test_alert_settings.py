"""Claims about the settings of the fallback: whole and protected, or refused at once."""

import pytest

from holdfast.errors import SettingsError
from holdfast.settings import load_settings

WEBHOOK = {"alert_webhook_url": "https://page.example/hook", "alert_webhook_secret": "s" * 32}
MAIL = {
    "alert_email_to": "ann@help.example, bob@help.example",
    "alert_email_from": "h@help.example",
    "smtp_host": "mail.example",
}


def test_by_default_nothing_leaves_and_there_are_no_secrets() -> None:
    settings = load_settings(config=None, environ={}, overrides={})
    assert settings.alert_webhook_url == ""
    assert settings.alert_webhook_secret is None
    assert settings.alert_email_to == ()
    assert settings.smtp_password is None
    assert settings.alert_ack_minutes == 5


def test_a_whole_fallback_is_taken_and_its_secrets_are_not_shown() -> None:
    values = {**WEBHOOK, **MAIL, "smtp_user": "u", "smtp_password": "hidden-word"}
    settings = load_settings(config=None, environ={}, overrides=values)
    assert settings.alert_email_to == ("ann@help.example", "bob@help.example")
    for word in ("hidden-word", "ssss", "page.example", "ann@help"):
        assert word not in repr(settings)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"alert_webhook_url": "https://page.example/"}, "alert_webhook_secret: must be set with alert_webhook_url"),
        ({**WEBHOOK, "alert_webhook_secret": "short"}, "must be at least 32 random characters"),
        (
            {**WEBHOOK, "alert_webhook_url": "http://page.example/"},
            "must start with https://, or with http:// for this",
        ),
        ({**WEBHOOK, "alert_webhook_url": "ftp://page.example/"}, "must start with https://"),
        ({**MAIL, "smtp_host": ""}, "alert_email_to: must be set together with alert_email_from and smtp_host"),
        ({**MAIL, "alert_email_from": ""}, "alert_email_to: must be set together"),
        ({"alert_email_second_to": "a@b.example"}, "alert_email_to: must be set together"),
        ({**MAIL, "alert_email_to": "nobody"}, "must be e-mail addresses, separated by commas"),
        ({**MAIL, "alert_email_to": "a@b.example\nBcc: c@d.example"}, "must be e-mail addresses"),
        ({**MAIL, "alert_email_from": "a@b.example\r\nX: y"}, "must be one e-mail address"),
        ({**MAIL, "smtp_user": "u"}, "smtp_password: must be set together with smtp_user"),
        ({**MAIL, "smtp_security": "none"}, "smtp_security: must be starttls or tls"),
        ({**MAIL, "smtp_security": "hope"}, "smtp_security"),
        ({"alert_ack_minutes": 0}, "alert_ack_minutes"),
        ({"public_url": "help.example"}, "public_url"),
    ],
)
def test_half_a_fallback_is_refused_with_what_is_missing(values: dict[str, object], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        load_settings(config=None, environ={}, overrides=values)


def test_on_this_machine_a_plain_connection_will_do() -> None:
    values = {
        **WEBHOOK,
        **MAIL,
        "alert_webhook_url": "http://127.0.0.1:1/",
        "smtp_host": "localhost",
        "smtp_security": "none",
    }
    assert load_settings(config=None, environ={}, overrides=values).smtp_security == "none"
