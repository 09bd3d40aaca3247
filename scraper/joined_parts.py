"""What becomes of an article whose pages have all come, or will not: one record, as a rule."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Iterator

from pipelines.join_parts import belonging, join_parts
from pipelines.records import Article, Rejected
from scraper.failures import FetchFailure
from scraper.judging import Judge
from scraper.page_work import PageWork, content_digest
from scraper.reading import Reader
from scraper.responses import unfetched
from scraper.state.keys import address_number
from scraper.tools import Tools
from scraper.whole import ALL, FIRST, Member, Whole, keys_of

logger = logging.getLogger(__name__)

Record = Article | Rejected


class Joiner:
    """Joins the pages of articles and has them judged.

    It remembers what it has joined in this run, for pages that come too late.
    """

    def __init__(self, tools: Tools, judge: Judge, reader: Reader) -> None:
        self._tools = tools
        self._judge = judge
        self._reader = reader
        self._joined: dict[str, tuple[int, frozenset[int]]] = {}

    def knows(self, stem: str) -> bool:
        """Whether an article was put together in this run."""
        return stem in self._joined

    def judged(self, whole: Whole) -> Iterator[Record]:
        """Every record that the pages give; what is known of each goes with its request."""
        if ALL in whole.members:
            yield from self._one(whole, ALL, whole.members[ALL].work, range(0))
            return
        if FIRST not in whole.members:
            yield self._without_first(whole)
            return
        first = whole.members[FIRST]
        if not isinstance(first.work.outcome, Article):
            yield from self._one(whole, FIRST, first.work, range(0))
            return
        articles = {n: a for n, m in whole.members.items() if (a := m.article) is not None}
        found = belonging(articles)
        if not found and len(articles) > 1:
            for member in whole.members.values():
                yield from self._alone(whole, member)
            return
        for number in articles.keys() - (found or {FIRST}):
            yield from self._alone(whole, whole.members.pop(number))
        yield from self._together(whole, {n: articles[n] for n in (found or {FIRST})})

    def _together(self, whole: Whole, parts: dict[int, Article]) -> Iterator[Record]:
        missing = whole.lacks()
        address = whole.members[FIRST].response.url
        for number in missing:
            why = whole.missing.get(number, "no page that was found is this one")
            logger.warning("%s: page %d of the article is missing: %s", address, number, why)
        joined = join_parts(parts, missing)
        work = whole.members[FIRST].work
        work = dataclasses.replace(work, outcome=joined, content=content_digest(joined))
        whole.members[FIRST].request.meta["whole"] = "lacking" if missing else "complete"
        yield from self._one(whole, FIRST, work, parts)

    def _one(
        self, whole: Whole, number: int, work: PageWork, numbers: Iterable[int]
    ) -> Iterator[Record]:
        """The record of all pages, given by the one of that number; the others go with it."""
        member = whole.members[number]
        self._joined[whole.stem] = member.key, frozenset(numbers)
        for request in whole.requests:
            if request is not member.request and "ended" not in request.meta:
                self._tools.visits.joined(request, member.key)
        self._pass_over(whole, member.key)
        record = self._judge.judge(whole.crawl, member.response, work, 0)
        if record is not None:
            yield self._reader.fetched(record, member.response, member.place)

    def _pass_over(self, whole: Whole, first: int) -> None:
        """Leave second addresses of parts alone: `/a?page=1` where `/a` is the first."""
        known = {key for request in whole.requests for key in keys_of(request)}
        for member in whole.members.values():
            for _, address in member.work.parts.addresses if member.work.parts else ():
                key = address_number(address)
                if key not in known and whole.crawl.frontier.refuses_part(address) is None:
                    self._tools.state.pages.pass_over(key, first, address)

    def _alone(self, whole: Whole, member: Member) -> Iterator[Record]:
        """The record of a page that turned out to be no part."""
        record = self._judge.judge(whole.crawl, member.response, member.work, 0)
        if record is not None:
            yield self._reader.fetched(record, member.response, member.place)

    def _without_first(self, whole: Whole) -> Rejected:
        """The refusal of an article whose beginning cannot be had."""
        pages = ", ".join(str(n) for n in sorted(whole.members) if n)
        why = whole.missing.get(FIRST, "no link leads to it")
        known = next(iter(whole.members.values())).response.url
        address = whole.addresses.get(FIRST, known)
        detail = f"page 1 of this article is missing ({why}); found of it: page {pages}, at {known}"
        key = whole.first_key
        for request in whole.requests:
            if "ended" in request.meta:
                continue
            if key is not None:
                self._tools.visits.joined(request, key)
            else:
                self._tools.visits.failed(request, FetchFailure("first-part-missing", detail))
        return whole.gone or unfetched(address, "first-part-missing", detail, None)

    def late(self, member: Member, number: int) -> list[Record]:
        """A page of an article that was put together without it in this run."""
        assert member.work.parts is not None
        first, numbers = self._joined[member.work.parts.whole]
        self._tools.visits.joined(member.request, first)
        if not numbers or number in numbers:
            self._tools.visits.settle(member.request)
            return []
        detail = f"page {number} of an article whose other pages do not lead to it"
        refused = Rejected(
            stage="validate", reason="stray-part", detail=detail, url=member.response.url
        )
        return [self._reader.fetched(refused, member.response, member.place)]
