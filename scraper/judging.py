"""What becomes of a page that was read: exported, refused with a reason, or nothing new."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response

from pipelines.records import Article, Rejected
from scraper.addresses import same_page
from scraper.browser.hints import told_of_scripts
from scraper.browser.rendered import rendered_of
from scraper.directives import refusal_of
from scraper.failures import FetchFailure, refusal
from scraper.ledger import Judged
from scraper.page_work import PageWork
from scraper.site_crawl import SiteCrawl, patterns_of
from scraper.state.keys import address_number
from scraper.state.rows import Row
from scraper.tools import Tools

# Answers that say nothing of the page itself: it is asked for again soon, and what was exported of
# it before stands.
_NOT_THE_PAGE = frozenset(
    {"page-type-error", "page-type-robot-check", "page-type-consent", "page-type-login"}
    | {"error", "clean-timeout", "worker-died", "empty", "bad-gzip"}
)


class Judge:
    """Settles what becomes of each page, and what the state is to know of it."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def judge(
        self, crawl: SiteCrawl, response: Response, work: PageWork, new_links: int
    ) -> Article | Rejected | None:
        """The record of a page; None where it is an article that has not changed."""
        request = response.request
        assert request is not None
        outcome = self._allowed(crawl, request, work)
        if isinstance(outcome, Rejected):
            self._note_refused(crawl, response, outcome, new_links)
            return outcome
        judged = self._tools.ledger.judge(outcome, work.content or "", crawl.frontier.hosts)
        self._note(crawl, response, judged)
        if isinstance(judged.outcome, Article):
            self._pass_over_canonical(crawl, judged.outcome)
        return judged.outcome

    def _allowed(self, crawl: SiteCrawl, request: Request, work: PageWork) -> Article | Rejected:
        """The outcome of the cleaning, unless the page's directives or its headlines say no."""
        if isinstance(work.outcome, Rejected):
            return told_of_scripts(work.outcome, crawl.site, rendered_of(request))
        crawl.note_article(work.idle)
        told = refusal_of(work.directives, request.meta.get("tdm_file"), self._tools.obeyed)
        if told:
            return refusal(work.outcome, *told)
        return crawl.listed_instead(work.outcome, work) or work.outcome

    def _note_refused(
        self, crawl: SiteCrawl, response: Response, outcome: Rejected, new_links: int
    ) -> None:
        visits, request = self._tools.visits, response.request
        assert request is not None
        if outcome.reason in _NOT_THE_PAGE:
            failure = FetchFailure(outcome.reason, outcome.detail, response.status)
            visits.failed(request, failure)
            return
        row: Row = request.meta["row"]
        visits.read(
            response,
            changed=new_links > 0,
            page_type=outcome.page_type or outcome.reason,
            patterns=patterns_of(crawl, self._tools.crawls),
            article=row.article,
        )

    def _note(self, crawl: SiteCrawl, response: Response, judged: Judged) -> None:
        """Tell the state of an article; of one that has not changed, at once."""
        visits, request = self._tools.visits, response.request
        assert request is not None
        row: Row = request.meta["row"]
        key = judged.claim.key if judged.claim else judged.known or row.article
        visits.read(
            response,
            changed=judged.claim is not None,
            page_type="article",
            patterns=patterns_of(crawl, self._tools.crawls),
            article=key,
            claim=judged.claim,
        )
        if judged.outcome is None:
            visits.unchanged_pages[crawl.site.name] += 1
            visits.settle(request)

    def _pass_over_canonical(self, crawl: SiteCrawl, article: Article) -> None:
        """Do not fetch the page under its canonical address as well, where it is the same page."""
        canonical, url = article.canonical_url, article.url
        if canonical and url and crawl.frontier.in_scope(canonical) and same_page(canonical, url):
            self._tools.state.pages.pass_over(
                address_number(canonical), address_number(url), canonical
            )
