"""Where somebody lives: post codes and street addresses. Names of towns and countries stay."""

import re

from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.patterns import Patterns, Wanted

__all__ = ["PLACES"]

_CAPITAL = r"(?:(?:[A-ZÀ-Þ][\w'’.-]*|\d{1,3}(?:st|nd|rd|th))(?:\s+|-))"
_STREET = (
    r"(?:Street|Str\.?|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.?|Close|Court|Ct\.?|"
    r"Crescent|Cres\.?|Place|Pl\.?|Square|Sq\.?|"
    r"Terrace|Way|Boulevard|Blvd\.?|Gardens?|Grove|Hill|Park|Row|Mews|Walk|Parade|Highway|Hwy\.?|"
    r"Circle|Cir\.?|Trail|Parkway|Pkwy\.?|Quay|Green|View|Rise|Mount|Vale|Nagar|Marg|Layout|Colony)"
)
_STREET_SMALL = r"(?:street|road|avenue|ave|lane|drive|crescent|boulevard|blvd|terrace|close|court|gardens|square|rd)"
_UNIT = r"(?:(?:flat|apt\.?|apartment|unit|suite|room|house|no\.?|#)\s?\d{1,4}[a-z]?\s?,?\s*)"
_ROMANCE = (
    r"(?:calle|c/|avenida|avda?\.?|paseo|plaza|camino|carretera|ronda|traves[ií]a|rua|r\.|travessa|"
    r"pra[cç]a|alameda|estrada|largo|"
    r"rue|avenue|av\.|boulevard|bd|place|chemin|all[ée]e|impasse|quai|cours|via|viale|piazza|corso|vicolo|largo|strada)"
)
_SMALL = r"(?:(?:de|del|la|las|los|el|da|do|das|dos|des|du|le|les|di|della|dei|degli|l['’]|d['’]|san|santa|saint)\s?)"
_NUMBER = r"\d{1,5}\s?[A-Za-z]?(?:\s?(?:bis|ter))?"
_GERMAN = (
    r"(?:[A-ZÄÖÜ][a-zäöüß-]{2,}(?:stra(?:ß|ss)e|str\.|weg|allee|platz|gasse|damm|ring|ufer|straat|"
    r"laan|gracht|plein|gatan|gade|v[aä]gen)"
    r"|(?:[A-ZÄÖÜ][\w-]+[ -]){1,3}(?:Stra(?:ß|ss)e|Str\.|Weg|Allee|Platz|Gasse|Damm|Ring|Ufer))"
)
_CODE = (
    r"(?:post ?code|postal code|zip(?: ?code)?|eircode|c[oó]digo postal|c\.?p\.?|cep|code postal|plz|"
    r"postleitzahl|cap|pin ?code|postcode is)"
)
_JOINS = r"(?:\s|[:=#]|is|es|é|est|ist|è|my|mon){0,4}?\s*"

PLACES = Patterns(
    (
        Wanted(
            rule="number and street",
            kind=Kind.ADDRESS,
            pattern=re.compile(
                rf"\b(?:(?:[Ff]lat|[Aa]pt\.?|[Aa]partment|"
                rf"[Uu]nit)\s?\d{{1,4}}[A-Za-z]?\s?,\s*)?\b\d{{1,5}}[A-Za-z]?,?\s+{_CAPITAL}{{1,4}}{_STREET}(?!\w)(?:,?\s+(?:[Aa]pt\.?|"
                rf""
                rf"[Ff]lat|[Uu]nit|#)\s?\w{{1,5}})?"
            ),
        ),
        Wanted(
            rule="number and street, written small",
            kind=Kind.ADDRESS,
            pattern=re.compile(rf"\b\d{{1,5}}[a-z]?\s+(?:[a-z']+\s+){{1,2}}{_STREET_SMALL}\b"),
        ),
        Wanted(
            rule="flat or unit",
            kind=Kind.ADDRESS,
            pattern=re.compile(
                rf"\b{_UNIT}{_CAPITAL}{{1,3}}(?:House|Court|Building|Tower|Towers|Lodge|Heights|Apartments|"
                rf"{_STREET})(?!\w)",
                re.IGNORECASE,
            ),
            check=lambda found: any(c.isupper() for c in found),
        ),
        Wanted(
            rule="box",
            kind=Kind.ADDRESS,
            pattern=re.compile(
                r"\b(?:p\.?\s?o\.?\s?box|apartado(?: de correos)?|caixa postal|bo[iî]te postale|postfach|"
                r"casella postale)\s?\d{1,6}\b",
                re.IGNORECASE,
            ),
        ),
        Wanted(
            rule="street and number",
            kind=Kind.ADDRESS,
            pattern=re.compile(
                rf"(?<!\w){_ROMANCE}\s+(?:{_SMALL}){{0,3}}(?:[A-ZÀ-Þ\d][\w'’.-]*)(?:\s+(?:{_SMALL}){{0,2}}[A-ZÀ-Þ][\w'’.-]*){{0,3}}\s*,?\s*(?:n[º°.o]?\s?)?{_NUMBER}(?!\w)",
                re.IGNORECASE,
            ),
            check=lambda found: any(c.isupper() for c in found.split(None, 1)[-1]),
        ),
        Wanted(
            rule="number and rue",
            kind=Kind.ADDRESS,
            pattern=re.compile(
                rf"\b{_NUMBER}\s*,?\s+(?:rue|avenue|av\.|boulevard|bd|place|chemin|all[ée]e|impasse|quai|"
                rf"cours)\s+(?:{_SMALL}){{0,3}}[A-ZÀ-Þ][\w'’.-]*(?:[\s-]+(?:{_SMALL}){{0,2}}[A-ZÀ-Þ][\w'’.-]*){{0,3}}",
            ),
        ),
        Wanted(
            rule="strasse and number", kind=Kind.ADDRESS, pattern=re.compile(rf"\b{_GERMAN}\s+\d{{1,4}}\s?[a-z]?\b")
        ),
        Wanted(
            rule="british post code",
            kind=Kind.POSTCODE,
            pattern=re.compile(
                r"(?<![A-Za-z\d])(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d(?:\d|[ABEHMNPRV-Y])?|"
                r"\d[A-HJKPSTUW])\s?\d[ABD-HJLNP-UW-Z]{2})(?![A-Za-z\d])",
            ),
        ),
        Wanted(
            rule="british post code, written small",
            kind=Kind.POSTCODE,
            pattern=re.compile(
                r"(?<![A-Za-z\d])[a-pr-uwyz](?:\d{1,2}|[a-hk-y]\d(?:\d|[abehmnprv-y])?|"
                r"\d[a-hjkpstuw])\s\d[abd-hjlnp-uw-z]{2}(?![A-Za-z\d])",
            ),
        ),
        Wanted(
            rule="irish post code",
            kind=Kind.POSTCODE,
            pattern=re.compile(r"\b(?:[AC-FHKNPRTV-Y]\d{2}|D6W)\s?[0-9AC-FHKNPRTV-Y]{4}\b"),
            check=lambda found: any(c.isdigit() for c in found[3:]),
        ),
        Wanted(
            rule="canadian post code",
            kind=Kind.POSTCODE,
            pattern=re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d\b", re.IGNORECASE),
        ),
        Wanted(
            rule="state and zip code",
            kind=Kind.POSTCODE,
            pattern=re.compile(
                r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|"
                r"T[NX]|UT|V[AT]|W[AIVY]),?\s+(?P<it>\d{5}(?:-\d{4})?)\b"
            ),
        ),
        Wanted(rule="zip code and four", kind=Kind.POSTCODE, pattern=re.compile(r"(?<![\d-])\d{5}-\d{4}(?![\d-])")),
        Wanted(
            rule="dutch post code",
            kind=Kind.POSTCODE,
            pattern=re.compile(r"\b[1-9]\d{3}\s?(?!SA|SD|SS|AM|PM)[A-Z]{2}\b(?=\s+[A-Z][a-z]|[,.;]|$)"),
        ),
        Wanted(
            rule="portuguese post code", kind=Kind.POSTCODE, pattern=re.compile(r"(?<![\d-])[1-9]\d{3}-\d{3}(?![\d-])")
        ),
        Wanted(rule="brazilian post code", kind=Kind.POSTCODE, pattern=re.compile(r"(?<![\d-])\d{5}-\d{3}(?![\d-])")),
        Wanted(
            rule="polish post code",
            kind=Kind.POSTCODE,
            pattern=re.compile(r"(?<![\d-])\d{2}-\d{3}(?=\s+[A-ZŁŚŻŹĆ][a-zł])"),
        ),
        Wanted(
            rule="post code word",
            kind=Kind.POSTCODE,
            pattern=re.compile(
                rf"\b{_CODE}\b{_JOINS}(?P<it>[A-Z]?\d[A-Z\d]{{1,3}}[\s-]?[A-Z\d]{{2,4}}|\d{{4,6}})\b", re.IGNORECASE
            ),
        ),
        Wanted(
            rule="five figures and a town",
            kind=Kind.POSTCODE,
            pattern=re.compile(
                r"(?<![\d.,€$£-])(?P<it>\d{5})(?=\s+[A-ZÀ-Þ][a-zà-ÿ]{2,}(?:\s*(?:[.,;)]|$|\()|\s+[A-ZÀ-Þ(]))(?<!\d{6})"
            ),
            is_sure=False,
        ),
    )
)
