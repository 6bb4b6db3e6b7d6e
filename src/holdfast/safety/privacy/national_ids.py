"""National numbers that presidio has no recogniser for, or none with a check: form, check digits and words."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from holdfast.safety.privacy import european_ids as eu
from holdfast.safety.privacy import other_ids as world

__all__ = ["NATIONAL_IDS", "NationalId", "is_said_to_be_an_id"]

_SAID = re.compile(
    r"(?:\b(?:ssn|social security|social insurance|itin|tax|nhs|national insurance|ni number|nino|"
    r"pps|ppsn|nhi|tfn|medicare|sin|aadhaar|aadhar|pan|nric|fin|"
    r"identity|id|identification|national|resident|registration number|personal number|dni|nie|nif|"
    r"rut|curp|rfc|cpf|rg|c[eé]dula|contribuinte|identidad|identidade|"
    r"s[eé]cu|s[eé]curit[eé] sociale|nir|steuer\w*|sozialversicherung\w*|rentenversicherung\w*|"
    r"versicherung\w*|ausweis\w*|codice fiscale|fiscale|bsn|burgerservicenummer|rijksregister\w*|"
    r"pesel|personnummer|cpr|f[oø]dselsnummer|hetu|henkil[oö]tunnus|ahv|avs|svnr|"
    r"rodn[eé] [cč][ií]slo|cnp|amka|oib|teudat|kimlik|hkid|nin)\b|身份证|身分證|주민등록)[^\d\n]{0,40}$",
    re.IGNORECASE,
)


def is_said_to_be_an_id(before: str) -> bool:
    """Whether the words just before a number say that it is one of a person's."""
    return _SAID.search(before[-64:]) is not None


@dataclass(frozen=True, kw_only=True)
class NationalId:
    """One country's number. With ``needs_word`` its check is too weak, or its form too plain, to count alone."""

    name: str
    pattern: str
    check: Callable[[str], bool]
    needs_word: bool = False


NATIONAL_IDS = (
    NationalId(name="AT_SVNR", pattern=r"(?<!\d)\d{4}[ -]?\d{6}(?!\d)", check=eu.at_svnr, needs_word=True),
    NationalId(
        name="BE_NRN",
        pattern=r"(?<!\d)\d{2}[. -]?\d{2}[. -]?\d{2}[ -]?\d{3}[. -]?\d{2}(?!\d)",
        check=eu.be_nrn,
    ),
    NationalId(name="BR_CPF", pattern=r"(?<!\d)\d{3}\.?\d{3}\.?\d{3}[- ]?\d{2}(?!\d)", check=world.br_cpf),
    NationalId(name="CH_AHV", pattern=r"(?<!\d)756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}(?!\d)", check=eu.ch_ahv),
    NationalId(name="CL_RUT", pattern=r"(?<!\d)\d{1,2}\.?\d{3}\.?\d{3}-[\dkK](?!\w)", check=world.cl_rut),
    NationalId(name="CN_ID", pattern=r"(?<!\d)\d{17}[\dXx](?!\w)", check=world.cn_id),
    NationalId(name="CZ_RC", pattern=r"(?<!\d)\d{6}/?\d{4}(?!\d)", check=eu.cz_rc, needs_word=True),
    NationalId(name="DK_CPR", pattern=r"(?<!\d)\d{6}[ -]?\d{4}(?!\d)", check=eu.dk_cpr, needs_word=True),
    NationalId(
        name="ES_DNI",
        pattern=r"(?<!\w)(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZxyz][ -]?\d{7})[ -]?[A-Za-z](?!\w)",
        check=eu.es_dni,
    ),
    NationalId(name="FI_HETU", pattern=r"(?<!\w)\d{6}[-+A-FU-Ya-fu-y]\d{3}[0-9A-Ya-y](?!\w)", check=eu.fi_hetu),
    NationalId(
        name="FR_NIR",
        pattern=r"(?<!\d)[1-478] ?\d{2} ?\d{2} ?\d[\dABab] ?\d{3} ?\d{3} ?\d{2}(?!\d)",
        check=eu.fr_nir,
    ),
    NationalId(name="GR_AMKA", pattern=r"(?<!\d)\d{11}(?!\d)", check=eu.gr_amka, needs_word=True),
    NationalId(name="HK_ID", pattern=r"(?<!\w)[A-Za-z]{1,2}\d{6} ?\(?[\dAa]\)?(?!\w)", check=world.hk_id),
    NationalId(name="HR_OIB", pattern=r"(?<!\d)\d{11}(?!\d)", check=eu.hr_oib, needs_word=True),
    NationalId(name="IE_PPS", pattern=r"(?<!\w)\d{7} ?[A-Wa-w][A-IWa-iw]?(?!\w)", check=eu.ie_pps),
    NationalId(name="IL_ID", pattern=r"(?<!\d)\d{8}-?\d(?!\d)", check=world.il_id, needs_word=True),
    NationalId(name="IN_PAN", pattern=r"(?<!\w)[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z](?!\w)", check=str.isupper),
    NationalId(
        name="JP_MY_NUMBER",
        pattern=r"(?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)",
        check=world.jp_my_number,
        needs_word=True,
    ),
    NationalId(name="KR_RRN", pattern=r"(?<!\d)\d{6}-?\d{7}(?!\d)", check=world.kr_rrn),
    NationalId(
        name="MX_CURP", pattern=r"(?<!\w)[A-Za-z]{4}\d{6}[HMXhmx][A-Za-z]{5}[A-Za-z\d]\d(?!\w)", check=world.mx_curp
    ),
    NationalId(
        name="NL_BSN",
        pattern=r"(?<!\d)\d{4}[. ]?\d{2}[. ]?\d{3}(?!\d)|(?<!\d)\d{3} \d{3} \d{3}(?!\d)",
        check=eu.nl_bsn,
        needs_word=True,
    ),
    NationalId(name="NO_FNR", pattern=r"(?<!\d)\d{6} ?\d{5}(?!\d)", check=eu.no_fnr),
    NationalId(
        name="NZ_NHI",
        pattern=r"(?<!\w)[A-HJ-NP-Z]{3}\d{2}(?:\d{2}|[A-HJ-NP-Z]{2})(?!\w)",
        check=world.nz_nhi,
    ),
    NationalId(name="PT_NIF", pattern=r"(?<!\d)\d{3} ?\d{3} ?\d{3}(?!\d)", check=eu.pt_nif, needs_word=True),
    NationalId(name="RO_CNP", pattern=r"(?<!\d)[1-9]\d{12}(?!\d)", check=eu.ro_cnp),
    NationalId(name="SE_PNR", pattern=r"(?<!\d)(?:19|20)?\d{6}[-+]?\d{4}(?!\d)", check=eu.se_pnr, needs_word=True),
    NationalId(name="SG_NRIC", pattern=r"(?<!\w)[STFGMstfgm]\d{7}[A-Za-z](?!\w)", check=world.sg_nric),
    NationalId(name="TH_ID", pattern=r"(?<!\d)[1-8][ -]?\d{4}[ -]?\d{5}[ -]?\d{2}[ -]?\d(?!\d)", check=world.th_id),
    NationalId(name="TW_ID", pattern=r"(?<!\w)[A-Za-z][1289]\d{8}(?!\w)", check=world.tw_id),
    NationalId(name="UK_NI_NUMBER", pattern=r"(?<!\w)[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d](?!\w)", check=bool),
    NationalId(name="ZA_ID", pattern=r"(?<!\d)\d{6} ?\d{4} ?[012]\d{2}(?!\d)", check=world.za_id),
)
"""Numbers with their check digits. Presidio's own recognisers add the others: see ``presidio_search``."""
