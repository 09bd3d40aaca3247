"""Registration numbers of professions: they stand for credentials."""

from __future__ import annotations

import re

# Registration numbers that stand for credentials: of boards that are known ("CRM-SP 12345 RQE 67",
# "CRN-3 12345", "Cédula Profesional 123", "Nº colegiado 28/123"), or capitals and a number that is
# no year ("OPP 20417").
_BOARD = (
    r"(?:crm|crn|crp|cro|crf|crefito|crefono|crbm|cref|coren|rqe|gmc|bsn|hpcsa|hcpc|m\.? ?[np]\.?"
    r"|c[eé]d(?:ula|\.)?(?: (?:profesional|de especialidad|prof\.))?|matr[ií]cula"
    r"|(?:n(?:[uú]mero)?\.? ?[º°]?\.? ?(?:de )?)?col(?:egiad[oa]|\.)?(?: n\.?[º°])?)"
)
_NUMBER = r"[\s.:/-]*(?:[a-z]{2}[\s.:/-]*|\d{1,2}\s)?\d[\d./-]*(?<=\d)(?:[/-][a-z]{2}\b)?"
_ABBREVIATED = r"(?-i:\b[A-Z]{2,6}) (?!(?:19|20)\d\d\b)\d{4,11}\b"
_ONE = rf"(?:\b{_BOARD}{_NUMBER}|{_ABBREVIATED})"
REGISTER = re.compile(rf"{_ONE}(?:\s{_ONE})*", re.IGNORECASE)
_BEFORE = re.compile(rf"(?:[.;]|\s[-–—])?\s+({REGISTER.pattern})", re.IGNORECASE)


def with_registers_apart(text: str) -> str:
    """The text with a comma before each registration number: "Ana Lima, CRM-SP 12345"."""
    return _BEFORE.sub(r", \1", text) if any(map(str.isdigit, text)) else text
