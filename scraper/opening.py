"""The state of a run is opened, and what killed runs have left is brought into order."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from scrapy.settings import BaseSettings

from scraper.alarms import alarm
from scraper.archive import check_writable
from scraper.outputs import require_writable
from scraper.recovery import left_behind, recover, recover_archive
from scraper.reporting import Reports
from scraper.state import State
from scraper.state.contract import CrawlState

# Seconds by which clocks of machines that share a folder may differ; more is worth a word.
_CLOCK_SLACK = 300.0
# A request that has not come back after so many times DOWNLOAD_TIMEOUT, and so many seconds more,
# is lost with its process: it may have waited in a queue before it was sent.
_LOST_TIMES, _LOST_MORE = 2.0, 60.0


def frontier_of(settings: BaseSettings) -> str | None:
    """By what runs that share a frontier know it, for messages too; None for a frontier alone."""
    if not settings["FRONTIER"]:
        return None
    from scraper.shared.server import shown_address  # Redis is loaded only where asked for

    return f"{shown_address(settings['FRONTIER'])} ({settings['FRONTIER_NAME']})"


def open_state(settings: BaseSettings, output: Path, run_id: str) -> CrawlState:
    """Open the state, and publish what killed runs have left in `output`, whose lock is held.

    Raises StateError, OutputError, OSError.
    """
    require_writable(output / "runs")
    replayed = bool(settings.get("REPLAY"))
    if settings.getbool("ARCHIVE", True) and not replayed:
        check_writable(output / "archive")
    frontier = frontier_of(settings)
    if frontier:
        state: CrawlState = _shared(settings, output, run_id, frontier)
        _recover_alone(settings, output)
    else:
        state = _alone(settings, output, kept=settings.getbool("STATE", True) and not replayed)
    for folder, other in left_behind(output / "runs"):
        if other not in {frontier, None}:
            alarm(
                f"Run {folder.name[1:].removesuffix('.tmp')} was killed; it belongs to the "
                f"frontier {other}, and the next run that shares it publishes what it had found."
            )
    state.pages.reclaim()
    return state


def state_to_read(settings: BaseSettings, output: Path) -> CrawlState:
    """What is known by now, left as it is, also while runs go on. Raises StateError."""
    if settings["FRONTIER"]:
        from scraper.shared.crawl_state import SharedState
        from scraper.shared.server import Server

        server = Server(settings["FRONTIER"], settings["FRONTIER_NAME"], settings)
        return SharedState.for_reading(server)
    database = output / "state.db"
    return State.for_reading(database) if database.exists() else State()


def _alone(settings: BaseSettings, output: Path, *, kept: bool) -> State:
    """The state of one run at a time; where it is not kept, it is as short-lived as the run."""
    state = State(output / "state.db") if kept else State()
    if state.behind > _CLOCK_SLACK:
        alarm(
            f"The clock of this machine stands {state.behind / 3600:.1f} hours before the "
            "last run: set it right. Until then, times go on from that run."
        )
    if kept:
        _bring_into_order(settings, output, state)
    else:
        _recover_alone(settings, output)
    return state


def _shared(settings: BaseSettings, output: Path, run_id: str, frontier: str) -> CrawlState:
    """The state on a server; what this folder's killed runs had in flight is free at once."""
    from scraper.shared.crawl_state import SharedState
    from scraper.shared.gate import Gate
    from scraper.shared.server import Server

    server = Server(settings["FRONTIER"], settings["FRONTIER_NAME"], settings)
    most = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
    lost = _LOST_TIMES * settings.getfloat("DOWNLOAD_TIMEOUT") + _LOST_MORE
    gate = Gate(server, run_id, most, lost)
    state = SharedState.join(server, run_id, settings.getfloat("FRONTIER_LEASE"), gate)
    for folder, other in left_behind(output / "runs"):
        if other == frontier:
            state.bury(folder.name[1:].removesuffix(".tmp"))
    _bring_into_order(settings, output, state, frontier)
    return state


def _recover_alone(settings: BaseSettings, output: Path) -> None:
    """Bring into order what was left by runs that went by `state.db`, though this one does not."""
    if not any(other is None for _, other in left_behind(output / "runs")):
        return
    database = output / "state.db"
    with closing(State(database) if database.exists() else State()) as known:
        _bring_into_order(settings, output, known)


def _bring_into_order(
    settings: BaseSettings, output: Path, state: CrawlState, frontier: str | None = None
) -> None:
    """Publish and complete what killed runs have left, as far as the state knew it to be safe."""
    report = Reports(settings, output, _tell_unreported).add
    told = (*recover(output / "runs", state, report, frontier), *recover_archive(output, state))
    for sentence in told:
        alarm(sentence)


def _tell_unreported(file: str, why: str) -> None:
    alarm(f"Cannot write {file}: {why}; make room, then scrapy report makes it.")
