"""What a user can do about a page that shows nothing before its scripts run."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from scraper.browser.rendered import Rendered

if TYPE_CHECKING:
    from pipelines.records import Rejected
    from scraper.sites import Site

_SCRIPT_ONLY = "page-type-script-only"
_SWITCH = "read this site in a browser: javascript = true in its description, or -a javascript=true"
_STILL = (
    "it is as empty when its scripts have run in the browser: name what to wait for, or what to "
    "click on, in the table [javascript] of the site's description"
)


def told_of_scripts(refused: Rejected, site: Site, rendered: Rendered | None) -> Rejected:
    """The refusal of a page that its scripts have to fill, with what there is to do about it."""
    if refused.reason != _SCRIPT_ONLY:
        return refused
    hint = _STILL if site.javascript else _SWITCH
    if rendered and rendered.refused:
        counts = ", ".join(f"{why} ({times})" for why, times in sorted(rendered.refused.items()))
        hint += f"; what its scripts asked for and did not get: {counts}"
    return dataclasses.replace(refused, detail=f"{refused.detail.rstrip('.')}; {hint}")
