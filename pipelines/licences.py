"""Licences as addresses, in one spelling."""

from __future__ import annotations

import re

# The licence, its version and the country that it was written for, in an address.
ADDRESS = re.compile(
    r"^(?:https?:)?//(?:www\.)?creativecommons\.org/(licenses|publicdomain)/([a-z+-]{2,20})"
    r"(?:/(\d\.\d)(?:/([a-z]{2})(?=/|$))?)?",
    re.I,
)
# "CC BY-NC-SA 4.0", "CC0 1.0", "CC-BY 3.0 DE".
SHORT = re.compile(
    r"\bCC[\s-]{0,2}(BY(?:[\s-]{0,2}(?:NC|SA|ND)){0,2}|0)(?:[\s,-]{0,3}(\d\.\d))(?![\d.]\d)", re.I
)
# The same at length, as Creative Commons itself writes it in English.
LONG = re.compile(
    r"\bCreative\s+Commons\s+Attribution((?:\s?[-–‑]\s?|\s+)NonCommercial)?"
    r"(?:(?:\s?[-–‑]\s?|\s+)(ShareAlike|NoDerivatives|NoDerivs|Share\s+Alike))?\s+(\d\.\d)",
    re.I,
)


def licence_address(address: str) -> str | None:
    """The address of a Creative Commons licence in one spelling; None for any other address.

    >>> licence_address("http://creativecommons.org/licenses/by-sa/3.0/de/deed.en")
    'https://creativecommons.org/licenses/by-sa/3.0/de/'
    """
    match = ADDRESS.match(address.strip())
    if match is None:
        return None
    steps = [part.lower() for part in match.groups() if part]
    return f"https://creativecommons.org/{'/'.join(steps)}/"


def licences_named(text: str) -> tuple[str, ...]:
    """The addresses of the Creative Commons licences that a text names with their version.

    >>> licences_named("Texts are CC BY-NC 4.0, © 2024")
    ('https://creativecommons.org/licenses/by-nc/4.0/',)
    >>> licences_named("Creative Commons Attribution-ShareAlike 3.0 Unported")
    ('https://creativecommons.org/licenses/by-sa/3.0/',)
    >>> licences_named("CC 2024, by the clinic")
    ()
    """
    found = [_address(match.group(1), match.group(2)) for match in SHORT.finditer(text)]
    for match in LONG.finditer(text):
        changes = (match.group(2) or "").lower().replace(" ", "")
        end = "-sa" if changes == "sharealike" else "-nd" if changes else ""
        found.append(_address(f"by{'-nc' if match.group(1) else ''}{end}", match.group(3)))
    return tuple(dict.fromkeys(found))


def _address(name: str, version: str) -> str:
    if name == "0":
        return f"https://creativecommons.org/publicdomain/zero/{version}/"
    parts = re.findall(r"by|nc|nd|sa", name.lower())
    return f"https://creativecommons.org/licenses/{'-'.join(parts)}/{version}/"
