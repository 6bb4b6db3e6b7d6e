"""The check digits of national numbers outside Europe, each from the rule its issuer publishes.

Every function takes the number as written, letters in any case, with or without spaces, dots, dashes and slashes, and
returns whether its check digits hold. A number of another length does not hold.
"""

import re

from holdfast.safety.privacy.check_digits import ALPHABET, digits, dot, is_date, is_day, luhn, unspaced, verhoeff

__all__ = [
    "au_medicare",
    "au_tfn",
    "br_cpf",
    "ca_sin",
    "cl_rut",
    "cn_id",
    "hk_id",
    "il_id",
    "in_aadhaar",
    "jp_my_number",
    "kr_rrn",
    "mx_curp",
    "ng_nin",
    "nz_nhi",
    "sg_nric",
    "th_id",
    "tr_id",
    "tw_id",
    "za_id",
]


def br_cpf(text: str) -> bool:
    """Brazilian CPF: two check digits modulo 11; the same digit eleven times is none."""
    d = digits(text, 11)
    if d is None or len(set(d)) == 1:
        return False
    first = dot(d, range(10, 1, -1)) * 10 % 11 % 10
    return first == d[9] and dot(d, range(11, 1, -1)) * 10 % 11 % 10 == d[10]


def mx_curp(text: str) -> bool:
    """Mexican CURP (RENAPO): characters as numbers, weights 18 to 2, modulo 10."""
    bare = unspaced(text)
    if not re.fullmatch(r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d", bare):
        return False
    order = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    total = sum(order.index(c) * weight for c, weight in zip(bare[:17], range(18, 1, -1), strict=True))
    return (10 - total % 10) % 10 == int(bare[17])


def cl_rut(text: str) -> bool:
    """Chilean RUT: weights 2 to 7 from the right, modulo 11, where 10 is K."""
    bare = unspaced(text)
    if not re.fullmatch(r"\d{7,8}[\dK]", bare):
        return False
    total = sum(int(c) * (2 + place % 6) for place, c in enumerate(reversed(bare[:-1])))
    return "0K987654321"[total % 11] == bare[-1]


def ca_sin(text: str) -> bool:
    """Canadian SIN: nine digits, Luhn; none begins with 8; those with 0 are for fiction."""
    d = digits(text, 9)
    return d is not None and d[0] != 8 and luhn(text)


def au_tfn(text: str) -> bool:
    """Australian tax file number: weights 1 4 3 7 5 8 6 9 10, divisible by 11."""
    d = digits(text, 9)
    return d is not None and any(d) and dot(d, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def au_medicare(text: str) -> bool:
    """Australian Medicare number: first digit 2 to 6, weights 1 3 7 9, modulo 10."""
    d = digits(text, 10) or digits(text, 11)
    return d is not None and 2 <= d[0] <= 6 and dot(d, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == d[8]


def nz_nhi(text: str) -> bool:
    """New Zealand NHI (HISO 10046): letters without I and O, weights 7 to 2, modulo 11 or, since 2019, 23."""
    bare, letters = unspaced(text), "ABCDEFGHJKLMNPQRSTUVWXYZ"
    if not re.fullmatch(r"[A-HJ-NP-Z]{3}\d{2}(?:\d{2}|[A-HJ-NP-Z]{2})", bare):
        return False
    values = [letters.index(c) + 1 if c in letters else int(c) for c in bare[:6]]
    total = dot(values, range(7, 1, -1))
    if bare[6].isdigit():
        return total % 11 != 0 and (11 - total % 11) % 10 == int(bare[6])
    return letters[23 - total % 23 - 1] == bare[6]


def za_id(text: str) -> bool:
    """South African identity number: a birth date first, Luhn over all."""
    d = digits(text, 13)
    return d is not None and is_day(d[2] * 10 + d[3], d[4] * 10 + d[5]) and d[10] in (0, 1, 2) and luhn(text)


def sg_nric(text: str) -> bool:
    """Singaporean NRIC and FIN: weights 2 7 6 5 4 3 2, modulo 11, a letter from the series' own table."""
    bare = unspaced(text)
    if not re.fullmatch(r"[STFGM]\d{7}[A-Z]", bare):
        return False
    series = bare[0]
    total = dot([int(c) for c in bare[1:8]], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(series, 0)
    if series == "M":
        return "KLJNPQRTUWX"[10 - total % 11] == bare[8]
    return ("JZIHGFEDCBA" if series in "ST" else "XWUTRQPNMLK")[total % 11] == bare[8]


def hk_id(text: str) -> bool:
    """Hong Kong identity card: one or two letters, weights 9 to 1, divisible by 11; A is 10, a missing letter 36."""
    bare = unspaced(text)
    if not re.fullmatch(r"[A-Z]{1,2}\d{6}[\dA]", bare):
        return False
    order = "0123456789" + ALPHABET + " "
    padded = bare.rjust(9)
    return sum(order.index(c) * weight for c, weight in zip(padded, range(9, 0, -1), strict=True)) % 11 == 0


def tw_id(text: str) -> bool:
    """Taiwanese identity number: the letter as two digits, weights 1 9 8 to 1 and 1, divisible by 10."""
    bare = unspaced(text)
    if not re.fullmatch(r"[A-Z][1289]\d{8}", bare):
        return False
    letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(bare[0]) + 10
    spread = [letter // 10, letter % 10, *map(int, bare[1:])]
    return dot(spread, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)) % 10 == 0


def kr_rrn(text: str) -> bool:
    """Korean resident registration number, as issued before October 2020: weights 2 to 9 and 2 to 5, modulo 11."""
    d = digits(text, 13)
    if d is None or not is_day(d[2] * 10 + d[3], d[4] * 10 + d[5]):
        return False
    return (11 - dot(d, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == d[12]


def cn_id(text: str) -> bool:
    """Chinese resident identity number (GB 11643): ISO 7064 MOD 11-2, where 10 is X."""
    bare = unspaced(text)
    if not re.fullmatch(r"\d{17}[\dX]", bare) or not is_date(int(bare[6:10]), int(bare[10:12]), int(bare[12:14])):
        return False
    weights = [2**power % 11 for power in range(17, 0, -1)]
    return "10X98765432"[dot([int(c) for c in bare[:17]], weights) % 11] == bare[17]


def jp_my_number(text: str) -> bool:
    """Japanese individual number: weights 6 5 4 3 2 7 6 5 4 3 2, modulo 11."""
    d = digits(text, 12)
    if d is None:
        return False
    rest = dot(d, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == d[11]


def th_id(text: str) -> bool:
    """Thai identity number: weights 13 to 2, modulo 11."""
    d = digits(text, 13)
    return d is not None and d[0] != 0 and (11 - dot(d, range(13, 1, -1)) % 11) % 10 == d[12]


def tr_id(text: str) -> bool:
    """Turkish identity number: odd places times 7 less even places, then the sum, both modulo 10."""
    d = digits(text, 11)
    if d is None or d[0] == 0:
        return False
    return (7 * sum(d[0:9:2]) - sum(d[1:8:2])) % 10 == d[9] and sum(d[:10]) % 10 == d[10]


def il_id(text: str) -> bool:
    """Israeli identity number: nine digits, Luhn."""
    d = digits(text, 9)
    return d is not None and any(d) and luhn(text)


def in_aadhaar(text: str) -> bool:
    """Indian Aadhaar (UIDAI): twelve digits, the first 2 to 9, Verhoeff's check."""
    d = digits(text, 12)
    return d is not None and d[0] >= 2 and verhoeff(d)


def ng_nin(text: str) -> bool:
    """Nigerian NIN: eleven digits, Verhoeff's check."""
    d = digits(text, 11)
    return d is not None and verhoeff(d)
