"""Addresses on the net: e-mail, spelled out too, web pages, accounts and machines."""

import re

from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.patterns import Patterns, Wanted

__all__ = ["ONLINE"]

_TLD = (
    r"(?:com|org|net|edu|gov|info|io|me|co|app|dev|uk|ie|us|ca|au|nz|za|in|de|fr|es|pt|it|nl|be|at|"
    r"ch|br|mx|ar|cl|pl|se|no|dk|fi|eu|jp|kr|cn|ru|tv|gg|ly|link|page|site|online|blog|health|social|"
    r"ai)"
)
_SITES = (
    r"instagram|insta|ig|snapchat|snap|tiktok|twitter|x|discord|telegram|reddit|facebook|fb|skype|"
    r"twitch|whatsapp|tumblr|"
    r"gamertag|psn|xbox|steam|wechat|kik|threads|mastodon|bluesky|user ?name|usuario|usu[aá]rio|"
    r"pseudo|benutzername|nutzername|nome utente"
)
_ACCOUNT = r"[A-Za-z0-9](?=[\w.-]*[_.\d-])[\w.-]{2,29}(?:#\d{4})?(?<![.-])"

_AT = r"(?:\s?[(\[{]\s?(?:at|arroba|arobase)\s?[)\]}]\s?|\s(?:at|arroba|arobase|chiocciola)\s)"
_DOT = r"(?:\s?[(\[{]\s?(?:dot|punto|ponto|point|punkt)\s?[)\]}]\s?|\s(?:dot|punto|ponto|point|punkt)\s|\.)"

ONLINE = Patterns(
    (
        Wanted(
            rule="e-mail",
            kind=Kind.EMAIL,
            pattern=re.compile(
                r"(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", re.UNICODE
            ),
        ),
        Wanted(
            rule="e-mail spelled out",
            kind=Kind.EMAIL,
            pattern=re.compile(
                rf"\b[\w.+-]{{2,64}}{_AT}[\w-]{{2,40}}(?:{_DOT}[\w-]{{2,20}}){{0,2}}{_DOT}{_TLD}\b", re.IGNORECASE
            ),
        ),
        Wanted(
            rule="web address",
            kind=Kind.URL,
            pattern=re.compile(r"(?:https?://|www\.)[^\s<>\"'“”]{3,400}[^\s<>\"'“”.,;:!?)\]}]", re.IGNORECASE),
        ),
        Wanted(
            rule="bare web address",
            kind=Kind.URL,
            pattern=re.compile(
                rf"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,4}}{_TLD}(?:/[^\s<>\"'“”]*[^\s<>\"'“”.,;:!?)])?(?![\w@-]|"
                rf"\.\w)",
                re.IGNORECASE,
            ),
            is_sure=False,
        ),
        Wanted(
            rule="page on a site",
            kind=Kind.URL,
            pattern=re.compile(
                r"(?<![\w@./-])(?:[a-z0-9-]{1,62}\.){1,4}[a-z]{2,12}/[^\s<>\"'“”]*[^\s<>\"'“”.,;:!?)]", re.IGNORECASE
            ),
        ),
        Wanted(
            rule="internet address",
            kind=Kind.IP,
            pattern=re.compile(
                r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|"
                r"1?\d?\d)(?:/\d{1,2})?(?![\w.]\d)(?!\w)"
            ),
        ),
        Wanted(
            rule="internet address, version 6",
            kind=Kind.IP,
            pattern=re.compile(
                r"(?<![\w:])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}|"
                r"(?:[0-9a-f]{1,4}:){2,7}:)(?![\w:])",
                re.IGNORECASE,
            ),
        ),
        Wanted(
            rule="machine address",
            kind=Kind.IP,
            pattern=re.compile(r"(?<![\w:-])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![\w:-])", re.IGNORECASE),
        ),
        Wanted(rule="at-handle", kind=Kind.HANDLE, pattern=re.compile(r"(?<![\w@.\[])@[A-Za-z_][\w.]{1,29}(?<!\.)")),
        Wanted(rule="forum handle", kind=Kind.HANDLE, pattern=re.compile(r"(?<![\w/])/?u/[A-Za-z0-9_-]{3,20}\b")),
        Wanted(rule="tag", kind=Kind.HANDLE, pattern=re.compile(r"\b[\w.]{2,32}#\d{4}\b")),
        Wanted(
            rule="account on a site",
            kind=Kind.HANDLE,
            pattern=re.compile(
                rf"\b(?:{_SITES})\b(?:\s+(?:is|name|handle|account|id|as|est|es|é|e|ist|è|under|"
                rf"called))*\s*[:=]?\s*(?:@|\")?(?P<it>{_ACCOUNT})",
                re.IGNORECASE,
            ),
            check=lambda found: _is_account(found),
        ),
        Wanted(
            rule="account before a site",
            kind=Kind.HANDLE,
            pattern=re.compile(
                rf"(?<![\w.@])(?P<it>{_ACCOUNT})\s+(?:on|at|en|no|na|sur|auf|su)\s+(?:{_SITES})\b", re.IGNORECASE
            ),
            check=lambda found: _is_account(found),
        ),
    )
)


def _is_account(found: str) -> bool:
    """Whether a word is written as accounts are: with a figure, an underscore or a full stop inside."""
    return any(map(str.isalpha, found)) and re.search(r"[_\d]|\w\.\w|\w-\w", found) is not None
