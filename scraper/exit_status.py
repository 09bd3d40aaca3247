"""What a crawl's process ends with; `docs/cron.md` tells what to do at each."""

from __future__ import annotations

import os

DONE = 0  # articles were exported
FAILED = 1  # none were, or the crawl failed
USAGE = 2  # the command cannot be carried out as given
NOTHING_NEW = 3  # every page looked at is as it was
ALARMED = 4  # as 0 or 3, and a site has changed; only where ALARM_STATUS asks for it
LOCKED = os.EX_TEMPFAIL  # 75: another run is using the output folder
