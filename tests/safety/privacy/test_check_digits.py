"""Claims about check digits: examples that issuers and standards publish hold, and no single wrong digit does."""

from collections.abc import Callable

import pytest

from holdfast.safety.privacy import check_digits, european_ids, other_ids
from holdfast.safety.privacy.national_ids import NATIONAL_IDS

PUBLISHED = [
    (check_digits.luhn, "4111 1111 1111 1111"),
    (european_ids.at_svnr, "1237 010180"),
    (european_ids.be_nrn, "93.05.18-223.61"),
    (european_ids.be_nrn, "85.07.30-033.28"),
    (european_ids.ch_ahv, "756.9217.0769.85"),
    (european_ids.cz_rc, "710319/2745"),
    (european_ids.de_svnr, "65 170839 J 003"),
    (european_ids.de_svnr, "15 070649 C 103"),
    (european_ids.de_tax_id, "86095742719"),
    (european_ids.de_tax_id, "65929970489"),
    (european_ids.dk_cpr, "070761-4285"),
    (european_ids.es_dni, "12345678Z"),
    (european_ids.es_dni, "X1234567L"),
    (european_ids.fi_hetu, "131052-308T"),
    (european_ids.fr_nir, "2 55 08 14 168 025 38"),
    (european_ids.gb_nhs, "943 476 5919"),
    (european_ids.gb_nhs, "401 023 2137"),
    (european_ids.gr_amka, "01013099997"),
    (european_ids.hr_oib, "33392005961"),
    (european_ids.ie_pps, "1234567T"),
    (european_ids.ie_pps, "6433435F"),
    (european_ids.ie_pps, "6433435OA"),
    (european_ids.it_cf, "RSSMRA85T10A562S"),
    (european_ids.it_cf, "MRTMTT91D08F205J"),
    (european_ids.nl_bsn, "111222333"),
    (european_ids.nl_bsn, "123456782"),
    (european_ids.no_fnr, "15108695088"),
    (european_ids.no_fnr, "01010750160"),
    (european_ids.pl_pesel, "44051401359"),
    (european_ids.pt_nif, "123456789"),
    (european_ids.ro_cnp, "1800101221144"),
    (european_ids.se_pnr, "811218-9876"),
    (european_ids.se_pnr, "19811218-9876"),
    (other_ids.au_medicare, "2123 45670 1"),
    (other_ids.au_tfn, "123 456 782"),
    (other_ids.br_cpf, "529.982.247-25"),
    (other_ids.br_cpf, "111.444.777-35"),
    (other_ids.ca_sin, "046 454 286"),
    (other_ids.ca_sin, "130 692 544"),
    (other_ids.cl_rut, "12.345.678-5"),
    (other_ids.cn_id, "11010519491231002X"),
    (other_ids.hk_id, "A123456(3)"),
    (other_ids.hk_id, "G123456(A)"),
    (other_ids.il_id, "123456782"),
    (other_ids.in_aadhaar, "2341 2341 2346"),
    (other_ids.in_aadhaar, "9999 4105 7058"),
    (other_ids.jp_my_number, "123456789018"),
    (other_ids.kr_rrn, "971013-9019902"),
    (other_ids.mx_curp, "HEGG560427MVZRRL04"),
    (other_ids.nz_nhi, "ZZZ0016"),
    (other_ids.nz_nhi, "ZZZ0024"),
    (other_ids.nz_nhi, "ZBN77VL"),
    (other_ids.sg_nric, "S1234567D"),
    (other_ids.sg_nric, "F1234567N"),
    (other_ids.sg_nric, "T1234567J"),
    (other_ids.th_id, "1-1017-00230-70-8"),
    (other_ids.tr_id, "10000000146"),
    (other_ids.tw_id, "A123456789"),
    (other_ids.za_id, "8001015009087"),
]
"""Specimens from registries' own documents and standards, or in wide use as examples."""


@pytest.mark.parametrize(("check", "number"), PUBLISHED, ids=[f"{c.__name__}-{n}" for c, n in PUBLISHED])
def test_published_examples_hold_with_and_without_their_separators(check: Callable[[str], bool], number: str) -> None:
    assert check(number)
    if check is not european_ids.fi_hetu:
        assert check("".join(c for c in number if c.isalnum()))


@pytest.mark.parametrize(("check", "number"), PUBLISHED, ids=[f"{c.__name__}-{n}" for c, n in PUBLISHED])
def test_few_single_wrong_digits_hold(check: Callable[[str], bool], number: str) -> None:
    """Some rules let a few pass: a remainder of 10 written as 0, even weights modulo 10, a century nobody checks."""
    wrong = [
        number[:place] + other + number[place + 1 :]
        for place, digit in enumerate(number)
        if digit.isdigit()
        for other in "0123456789"
        if other != digit
    ]
    passing = sum(check(altered) for altered in wrong)
    assert passing <= 0.17 * len(wrong)


@pytest.mark.parametrize("check", sorted({c for c, _ in PUBLISHED}, key=lambda c: c.__name__), ids=lambda c: c.__name__)
@pytest.mark.parametrize("text", ["", "0", "abc", "12", "9" * 40, "١٢٣٤٥٦٧٨٩٠١", "0" * 11])
def test_what_is_no_number_of_the_kind_never_holds(check: Callable[[str], bool], text: str) -> None:
    if (check, text) != (check_digits.luhn, "9" * 40):
        assert not check(text) or set(text) == {"0"}


def test_every_country_has_its_published_example_among_those_searched_for() -> None:
    shown = {check for check, _ in PUBLISHED}
    named = {number.name for number in NATIONAL_IDS if number.check not in shown}
    assert named == {"IN_PAN", "UK_NI_NUMBER"}  # they have no check digit
