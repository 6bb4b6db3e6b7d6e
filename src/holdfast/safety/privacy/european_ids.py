"""The check digits of European national numbers, each from the rule its issuer publishes.

Every function takes the number as written, letters in any case, with or without spaces, dots, dashes and slashes, and
returns whether its check digits hold. A number of another length does not hold.
"""

import re

from holdfast.safety.privacy.check_digits import ALPHABET, digits, dot, is_day, luhn, mod_11_10, unspaced

__all__ = [
    "at_svnr",
    "be_nrn",
    "ch_ahv",
    "cz_rc",
    "de_svnr",
    "de_tax_id",
    "dk_cpr",
    "es_dni",
    "fi_hetu",
    "fr_nir",
    "gb_nhs",
    "gr_amka",
    "hr_oib",
    "ie_pps",
    "it_cf",
    "nl_bsn",
    "no_fnr",
    "pl_pesel",
    "pt_nif",
    "ro_cnp",
    "se_pnr",
]


def gb_nhs(text: str) -> bool:
    """NHS number (NHS Data Dictionary): weights 10 to 2, modulo 11."""
    d = digits(text, 10)
    return d is not None and (11 - dot(d, range(10, 1, -1)) % 11) % 11 == d[9] and any(d)


def ie_pps(text: str) -> bool:
    """Irish PPS number: seven digits, a check letter, and since 2013 a second letter that counts nine times."""
    bare = unspaced(text)
    if not re.fullmatch(r"\d{7}[A-W][A-IW]?", bare):
        return False
    second = bare[8:].replace("W", "")
    total = dot([int(c) for c in bare[:7]], range(8, 1, -1)) + 9 * (ALPHABET.index(second) + 1 if second else 0)
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == bare[7]


def de_tax_id(text: str) -> bool:
    """German tax identification number: ISO 7064 MOD 11,10; one digit comes twice or three times, not all once."""
    d = digits(text, 11)
    if d is None or d[0] == 0 or len(set(d[:10])) not in (8, 9):
        return False
    return mod_11_10(d)


def hr_oib(text: str) -> bool:
    """Croatian OIB: ISO 7064 MOD 11,10."""
    d = digits(text, 11)
    return d is not None and mod_11_10(d)


def de_svnr(text: str) -> bool:
    """German pension insurance number: area, birth date, letter, serial, check digit (VKVV paragraph 2)."""
    bare = unspaced(text)
    if not re.fullmatch(r"\d{8}[A-Z]\d{3}", bare):
        return False
    spread = [int(c) for c in bare[:8] + f"{ALPHABET.index(bare[8]) + 1:02d}" + bare[9:11]]
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    return sum(sum(divmod(a * b, 10)) for a, b in zip(spread, weights, strict=True)) % 10 == int(bare[11])


def fr_nir(text: str) -> bool:
    """French NIR (INSEE): 97 less the number modulo 97; Corsica's 2A and 2B count as 19 and 18."""
    bare = unspaced(text)
    if not re.fullmatch(r"[1-478]\d{4}\d[\dAB]\d{6}\d{2}", bare):
        return False
    number = bare[:13].replace("2A", "19").replace("2B", "18")
    return number.isdigit() and 97 - int(number) % 97 == int(bare[13:])


def es_dni(text: str) -> bool:
    """Spanish DNI and NIE: the number modulo 23 gives the letter."""
    bare = unspaced(text)
    if not re.fullmatch(r"[\dXYZ]\d{7}[A-Z]", bare):
        return False
    number = int(bare[:8].translate(str.maketrans("XYZ", "012")))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == bare[8]


def pt_nif(text: str) -> bool:
    """Portuguese NIF: weights 9 to 2, modulo 11."""
    d = digits(text, 9)
    return d is not None and d[0] in (1, 2, 3, 4) and (11 - dot(d, range(9, 1, -1)) % 11) % 11 % 10 == d[8]


def it_cf(text: str) -> bool:
    """Italian codice fiscale (DM 12 March 1974): odd places through a table, the sum modulo 26 gives the letter."""
    bare = unspaced(text)
    if not re.fullmatch(r"[A-Z]{6}[\dLMNP-V]{2}[A-EHLMPRST][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z]", bare):
        return False
    odd = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True))
    letters = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    odd |= dict(zip(ALPHABET, letters, strict=True))
    even = {**{str(n): n for n in range(10)}, **{c: n for n, c in enumerate(ALPHABET)}}
    total = sum(odd[c] for c in bare[:15:2]) + sum(even[c] for c in bare[1:15:2])
    return ALPHABET[total % 26] == bare[15]


def nl_bsn(text: str) -> bool:
    """Dutch BSN: weights 9 to 2 and -1, divisible by 11."""
    d = digits(text, 9)
    return d is not None and any(d) and dot(d, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def be_nrn(text: str) -> bool:
    """Belgian national register number: 97 less the number modulo 97; births since 2000 count with a 2 before."""
    d = digits(text, 11)
    if d is None:
        return False
    number, check = int("".join(map(str, d[:9]))), d[9] * 10 + d[10]
    return check in (97 - number % 97, 97 - (2_000_000_000 + number) % 97)


def at_svnr(text: str) -> bool:
    """Austrian social insurance number: weights 3 7 9 and 5 8 4 2 1 6, modulo 11; the last six are a birth date."""
    d = digits(text, 10)
    if d is None or d[0] == 0 or not is_day(d[6] * 10 + d[7], d[4] * 10 + d[5]):
        return False
    return (dot(d[:3], (3, 7, 9)) + dot(d[4:], (5, 8, 4, 2, 1, 6))) % 11 == d[3]


def ch_ahv(text: str) -> bool:
    """Swiss AHV number: EAN-13 that begins with 756."""
    d = digits(text, 13)
    return d is not None and d[:3] == [7, 5, 6] and (10 - dot(d, (1, 3) * 6) % 10) % 10 == d[12]


def pl_pesel(text: str) -> bool:
    """Polish PESEL: weights 1 3 7 9, modulo 10; the month carries the century."""
    d = digits(text, 11)
    if d is None or not is_day((d[2] * 10 + d[3]) % 20, d[4] * 10 + d[5]):
        return False
    return (10 - dot(d, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == d[10]


def cz_rc(text: str) -> bool:
    """Czech and Slovak birth number: ten digits divisible by 11; women's months have 50 added."""
    d = digits(text, 10)
    if d is None or not is_day((d[2] * 10 + d[3]) % 50 % 20, d[4] * 10 + d[5]):
        return False
    return int("".join(map(str, d))) % 11 == 0


def ro_cnp(text: str) -> bool:
    """Romanian CNP: weights 2 7 9 1 4 6 3 5 8 2 7 9, modulo 11, where 10 is written 1."""
    d = digits(text, 13)
    if d is None or d[0] == 0 or not is_day(d[3] * 10 + d[4], d[5] * 10 + d[6]):
        return False
    return dot(d, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11 % 10 == d[12] or (
        dot(d, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11 == 10 and d[12] == 1
    )


def gr_amka(text: str) -> bool:
    """Greek AMKA: a birth date first, Luhn over all."""
    d = digits(text, 11)
    return d is not None and is_day(d[2] * 10 + d[3], d[0] * 10 + d[1]) and luhn(text)


def se_pnr(text: str) -> bool:
    """Swedish personnummer and samordningsnummer: Luhn over the last ten; a coordination number adds 60 to the day."""
    bare = unspaced(text).replace("+", "")
    bare = bare[2:] if len(bare) == 12 else bare
    if not re.fullmatch(r"\d{10}", bare, re.ASCII) or not is_day(int(bare[2:4]), int(bare[4:6]) % 60):
        return False
    return luhn(bare)


def no_fnr(text: str) -> bool:
    """Norwegian fodselsnummer: two check digits modulo 11; a D-number adds 40 to the day."""
    d = digits(text, 11)
    if d is None or not is_day(d[2] * 10 + d[3], (d[0] * 10 + d[1]) % 40):
        return False
    return dot(d, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0 and dot(d, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def dk_cpr(text: str) -> bool:
    """Danish CPR number: a birth date first and, on those issued before 2007, weights modulo 11."""
    d = digits(text, 10)
    if d is None or not is_day(d[2] * 10 + d[3], d[0] * 10 + d[1]):
        return False
    return dot(d, (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def fi_hetu(text: str) -> bool:
    """Finnish personal identity code: the nine digits modulo 31 give the last character."""
    found = re.fullmatch(r"(\d{2})(\d{2})(\d{2})[-+A-FU-Y](\d{3})([0-9A-Y])", text.strip().upper(), re.ASCII)
    if found is None or not is_day(int(found[2]), int(found[1])):
        return False
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(found[1] + found[2] + found[3] + found[4]) % 31] == found[5]
