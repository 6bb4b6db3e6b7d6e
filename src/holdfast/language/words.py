"""Words of a text, the same way everywhere: normalised, lower case, with the ones that carry no subject set aside."""

import re
import unicodedata

from holdfast.language.stem import stem

__all__ = ["STOP_WORDS", "content_stems", "content_words", "words"]

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_POSSESSIVE = re.compile(r"'s?$")
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})

STOP_WORDS = frozenset(
    """
    a able about actually after again all also always am an and any anybody anyone anything are aren't around as ask
    at away back be because been before being best between both bit but by came can can't cannot come could couldn't
    did didn't different do does doesn't doing don't done down each either else even ever every everything explain
    find for from general get gets getting give go goes going good got had happen happening happens has hasn't have
    haven't having he he's hello help her here hers hey hi him his how how's i i'd i'll i'm i've if im in into is
    isn't it it's its itself just keep kind know let let's like lot lots made main make makes making many may maybe me
    mean means might mine more most much must my myself need needs no nobody nor not nothing now of off often ok okay
    on once one ones only or other others our ours out over own people person please possible put quite rather really
    regarding right said same say says see seem seems she she's should shouldn't so some something
    sometimes sort still such take takes tell than thank thanks that that's the their theirs them themselves then
    there there's these they they're thing things think this those though through to too try trying two under until up
    us use used using usually very want wanted wants was wasn't way ways we we're well went were weren't what what's
    when where which while who who's whom whose why will with within without won't wonder wondering would wouldn't
    yes yet you you'd you'll you're you've your yours yourself
    anyways arent btw cant couldnt didnt doesnt dont etc gonna gotta hadnt hasnt havent hes idk isnt itll ive kinda lol
    noone ok pls plz ppl shes shouldnt thats theres theyre tmrw u ur wanna wasnt werent whats wheres whos wont wouldnt
    youre youve
    """.split()  # noqa: SIM905 - a block of words reads better than three hundred literals
)


def words(text: str, *, limit: int | None = None) -> list[str]:
    """Return the words of ``text`` in order, in lower case, accents and possessive endings removed.

    Control characters, punctuation and emoji separate words and are dropped; an apostrophe inside a word stays.
    Empty text has no words.

    Args:
        text: Any text, of any length and script.
        limit: Read at most this many characters, so that the time taken is bounded.
    """
    plain = unicodedata.normalize("NFKD", text[:limit].translate(_QUOTES)).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return [_POSSESSIVE.sub("", word) or word for word in _WORD.findall(plain)]


def content_words(text: str, *, limit: int | None = None) -> list[str]:
    """Return the words of ``text`` that are not stop words, in order, repeats kept."""
    return [word for word in words(text, limit=limit) if word not in STOP_WORDS]


def content_stems(text: str, *, limit: int | None = None) -> list[str]:
    """Return the stems of the content words of ``text``, in order, repeats kept."""
    return [stem(word) for word in content_words(text, limit=limit)]
