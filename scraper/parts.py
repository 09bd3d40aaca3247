"""Articles of several pages in a crawl: their pages gathered, joined, and judged as one.

The first page of such an article that comes opens a `Whole`. The pages that it links to are taken
from the frontier and fetched before all others; each that comes may name more. Nobody waits: a page
that comes while others are missing ends without a record, its row stays in flight, and the one that
comes last gives the record of all. So a crawl that ends in between has done none of them.
"""

from __future__ import annotations

from random import Random

from scrapy import Request

from pipelines.records import Article, Rejected
from scraper.directives import refusal_of
from scraper.failures import FetchFailure, Moved, Postponed, explain
from scraper.joined_parts import Joiner, Record
from scraper.judging import Judge
from scraper.page_requests import Intake
from scraper.reading import Reader
from scraper.site_crawl import SiteCrawl
from scraper.state.keys import address_number
from scraper.state.rows import Row
from scraper.tools import Tools
from scraper.whole import ALL, FIRST, Member, Whole, keys_of

# Seconds after which an article is tried again of which two runs have pages: longer than from one
# checkpoint to the next, and never the same for both.
_ANOTHER_HAS_IT = (2.0, 8.0)


class Wholes:
    """The articles of several pages of a crawl."""

    def __init__(self, tools: Tools, intake: Intake, judge: Judge, reader: Reader) -> None:
        self._tools = tools
        self._intake = intake
        self._reader = reader
        self._joiner = Joiner(tools, judge, reader)
        self._open: dict[str, Whole] = {}
        self._awaiting: dict[int, Whole] = {}
        self._flying: set[int] = set()
        self._random = Random()

    def sent(self, key: int) -> None:
        """A row is on its way."""
        self._flying.add(key)

    def landed(self, request: Request) -> None:
        """What was on its way has come to its end."""
        self._flying.difference_update(keys_of(request))

    def awaits(self, key: int) -> bool:
        """Whether the page of a row is awaited as a part; all of it, changed or not."""
        return key in self._awaiting

    def awaits_answer(self, request: Request) -> bool:
        """The same of what a request leads to."""
        return any(key in self._awaiting for key in keys_of(request))

    def ask_again(self, request: Request) -> None:
        """A part was asked for only if it has changed, before it was known to be one."""
        row: Row = request.meta["row"]
        crawl = self._awaiting[next(key for key in keys_of(request) if self.awaits(key))].crawl
        self.landed(request)
        self._tools.leases.ahead(crawl, row)

    def arrived(self, crawl: SiteCrawl, member: Member) -> list[Record] | None:
        """A page came: the records that can be given by now; None where it is no part of anything,
        and to be judged by itself."""
        self.landed(member.request)
        parts = member.work.parts
        whole, number = self._taken(member.request)
        if whole is None:
            if parts is None or not self._opens(crawl, member):
                return None
            if self._joiner.knows(parts.whole):
                return self._joiner.late(member, parts.number)
            whole, number = self._whole(crawl, parts.whole), parts.number
        elif parts is not None and parts.whole == whole.stem and parts.sure and not whole.sure:
            if parts.number == number + 1:
                whole.shift()
            number = parts.number
        whole.requests.append(member.request)
        self._add(whole, number, member)
        return self._ended(whole, member.request)

    def failed(self, request: Request, error: BaseException) -> list[Record]:
        """An awaited page could not be fetched: the records that can be given by now."""
        self.landed(request)
        whole, number = self._taken(request)
        assert whole is not None
        visits, told = self._tools.visits, explain(error)
        if isinstance(error, Postponed):
            visits.postpone(request, error.seconds)
            whole.seconds = max(error.seconds, whole.seconds or 0.0)
            return self._ended(whole, request)
        whole.missing[number] = told.detail
        if told.reason == "over-limit":
            visits.release(request)
            return self._ended(whole, request)
        whole.requests.append(request)
        if not isinstance(error, Moved):
            self._tools.keeper.keep(request)
        if number == FIRST:
            self._first_failed(whole, request, told)
        return self._ended(whole, request)

    def _first_failed(self, whole: Whole, request: Request, told: FetchFailure) -> None:
        if self._tools.visits.failed(request, told):
            whole.gone = self._reader.gone(request, request.meta["row"], told)

    def _opens(self, crawl: SiteCrawl, member: Member) -> bool:
        """Whether a page is the first to come of an article of several pages."""
        outcome, parts = member.work.outcome, member.work.parts
        if not isinstance(outcome, Article) or parts is None:
            return False
        # The headlines of a list lead elsewhere; those of a later page lead to the first.
        return parts.number != FIRST or crawl.listed_instead(outcome, member.work) is None

    def _whole(self, crawl: SiteCrawl, stem: str) -> Whole:
        return self._open.setdefault(stem, Whole(stem, crawl))

    def _taken(self, request: Request) -> tuple[Whole | None, int]:
        """The article that awaits a request, no longer, and the number of the part."""
        for key in keys_of(request):
            whole = self._awaiting.pop(key, None)
            if whole is not None:
                whole.crawl.awaited.discard(key)
                return whole, whole.awaited.pop(key)
        return None, FIRST

    def _add(self, whole: Whole, number: int, member: Member) -> None:
        """Take a page in, and send for those that it names."""
        why = self._unusable(member)
        if why is not None:
            whole.missing[number] = why
            if number == FIRST:
                whole.members[FIRST] = member
            return
        if number in whole.members:
            return
        whole.members[number] = member
        parts = member.work.parts
        if parts is None or parts.whole != whole.stem:
            return
        whole.sure = whole.sure or parts.sure
        moved = number - parts.number  # how far this page's own count is off
        whole.total = max(whole.total, (parts.total or -moved) + moved)
        whole.view_all = whole.view_all or parts.view_all
        for other, address in parts.addresses:
            whole.addresses.setdefault(other + moved, address)
        if whole.view_all is not None and ALL not in whole.missing:
            self._want(whole, ALL, whole.view_all)
        else:
            self._want_parts(whole)

    def _want_parts(self, whole: Whole) -> None:
        for number, address in sorted(whole.addresses.items()):
            self._want(whole, number, address)

    def _unusable(self, member: Member) -> str | None:
        """Why a page that came gives no text to its article."""
        if member.article is None:
            assert isinstance(member.work.outcome, Rejected)
            return member.work.outcome.detail or member.work.outcome.reason
        file = member.request.meta.get("tdm_file")
        told = refusal_of(member.work.directives, file, self._tools.obeyed)
        return told[1] if told else None

    def _want(self, whole: Whole, number: int, address: str) -> None:
        """Have a part fetched, unless it is here, on its way, or not to be had."""
        if {number} & {*whole.members, *whole.missing, *whole.awaited.values()}:
            return
        frontier = whole.crawl.frontier
        refused = frontier.refuses_part(address)
        if refused is not None:
            whole.missing[number] = f"the site's description does not have it fetched ({refused})"
            return
        row = frontier.row(address)
        origin: Row = next(iter(whole.members.values())).request.meta["row"]
        key = address_number(address)
        if key not in self._flying:
            try:
                row = self._intake.claim(address, origin, row, self._tools.run_id)
            except Moved:  # another run that shares the frontier has this page
                whole.seconds = self._random.uniform(*_ANOTHER_HAS_IT)
                return
            self._tools.leases.ahead(whole.crawl, row)
        whole.awaited[key] = number
        whole.crawl.awaited.add(key)
        self._awaiting[key] = whole

    def _ended(self, whole: Whole, last: Request) -> list[Record]:
        """The records of an article whose pages are all here; none while some are awaited."""
        if whole.awaited:
            return []
        if whole.seconds is None and whole.view_all and not self._has_all(whole):
            whole.missing[ALL] = "it does not hold the article"
            whole.members.pop(ALL, None)
            whole.view_all = None
            self._want_parts(whole)
            if whole.awaited:
                return []
        self._open.pop(whole.stem, None)
        if whole.seconds is not None:
            for request in whole.requests:
                self._tools.visits.postpone(request, whole.seconds)
            return []
        records = list(self._joiner.judged(whole))
        others = [request for request in whole.requests if request is not last]
        self._tools.visits.together(last, others, len(records))
        return records

    def _has_all(self, whole: Whole) -> bool:
        """Whether the page that is to have all parts has the text of those that are here."""
        every = whole.members.get(ALL)
        if every is None or not isinstance(every.work.outcome, Article):
            return False
        size = every.work.outcome.word_count
        others = (m.article for n, m in whole.members.items() if n != ALL)
        return all(part is not None and size >= part.word_count for part in others)
