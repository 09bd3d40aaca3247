"""Authors and reviewers that linked data, microdata and meta tags declare."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pipelines.linked_data import DEPTH_LIMIT, Declared, Node, texts, types
from pipelines.names import kinds
from pipelines.people import parse
from pipelines.phrases import squash
from pipelines.records import Person
from pipelines.told import Told
from pipelines.vocabulary import Vocabulary

ARTICLE_TYPES = frozenset(
    (
        "Article NewsArticle BlogPosting MedicalWebPage MedicalScholarlyArticle ScholarlyArticle "
        "ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BackgroundNewsArticle "
        "ReviewNewsArticle AskPublicNewsArticle TechArticle HowTo SocialMediaPosting Report "
        "LiveBlogPosting HealthTopicContent AdvertiserContentArticle SatiricalArticle"
    ).split()
)
PAGE_TYPES = frozenset(
    [
        "WebPage",
        "ItemPage",
        "FAQPage",
        "QAPage",
        "AboutPage",
        "ProfilePage",
        "CreativeWork",
        "Recipe",
    ]
)

REVIEWER_KEYS = ("reviewedBy", "medicallyReviewedBy", "factCheckedBy")
AUTHOR_METAS = (
    "citation_author",
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
    "article:author_name",
    "twitter:data1",
)
# More declared authors than this are a masthead.
MOST_AUTHORS = 20
# So many names with their degrees fill fewer characters than this.
MOST_CHARS = 4_000


def article_nodes(declared: Declared, url: str | None) -> list[Node]:
    """The nodes that describe this page: articles first, then pages, then microdata."""
    articles = [n for n in declared.nodes if ARTICLE_TYPES.intersection(types(n))]
    pages = [n for n in declared.nodes if PAGE_TYPES.intersection(types(n))]
    items = [n for n in declared.items if (ARTICLE_TYPES | PAGE_TYPES).intersection(types(n))]
    if len(articles) > 1:
        articles = _of_this_page(articles, url)
    if len(items) > 2 and not articles:
        items = []  # cards of a list
    return [*articles, *items, *pages]


def _of_this_page(nodes: list[Node], url: str | None) -> list[Node]:
    """Of several articles those whose address is the page's; else the first and its like."""
    path = _path(url)
    own = [n for n in nodes if path and any(_path(v) == path for v in _addresses(n))]
    if own:
        return own
    titled = [n for n in nodes if n.get("headline") or n.get("name")]
    first = titled[0] if titled else nodes[0]
    same = squash(str(first.get("headline") or first.get("name") or ""))
    return [n for n in nodes if n is first or squash(str(n.get("headline") or "")) in ("", same)]


def _addresses(node: Node) -> Iterator[str]:
    for key in ("url", "@id", "mainEntityOfPage"):
        value = node.get(key)
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str):
            yield value


def _path(url: str | None) -> str:
    """The address without scheme, host's www, query and fragment, to tell pages apart by."""
    if not url:
        return ""
    return re.sub(r"^\w+://(?:www\.)?|[?#].*$", "", url).rstrip("/").lower()


def people_of(
    nodes: Sequence[Node],
    keys: Iterable[str],
    declared: Declared,
    words: Vocabulary,
    sites: set[str],
) -> Told[tuple[Person, ...]]:
    """The people under the first of `keys` that names any, over the nodes in their order."""
    for key in keys:
        for node in nodes:
            found = list(_people(node.get(key), declared, words, sites))
            if found:
                return Told(_unique(found), f"{declared.place_of(node)} {key}")
    return Told(())


def _unique(people: Iterable[Person]) -> tuple[Person, ...]:
    return tuple({squash(p.name): p for p in reversed(list(people))}.values())[::-1][:MOST_AUTHORS]


def _opened(value: list[Any]) -> list[Any]:
    """The items of a list, lists in it opened to the depth that anybody nests them."""
    for _ in range(DEPTH_LIMIT):
        if not any(isinstance(item, list) for item in value):
            break
        value = [
            part
            for item in value[:MOST_AUTHORS]
            for part in (item if isinstance(item, list) else [item])
        ]
    return [item for item in value[:MOST_AUTHORS] if not isinstance(item, list)]


def _people(value: Any, declared: Declared, words: Vocabulary, sites: set[str]) -> Iterator[Person]:
    value = declared.resolve(value)
    if isinstance(value, list):
        for item in _opened(value):
            yield from _people(item, declared, words, sites)
    elif isinstance(value, str):
        yield from named(value, words, sites)
    elif isinstance(value, dict):
        name = next(texts(value.get("name")), None) or " ".join(
            part for key in ("givenName", "familyName") for part in texts(value.get(key))
        )
        organisation = "Organization" in " ".join(types(value))
        for person in named(name, words, sites, organisation=organisation):
            yield _completed(person, value, declared, sites)


def named(
    text: str, words: Vocabulary, sites: set[str], *, organisation: bool = False
) -> tuple[Person, ...]:
    """People in a declared name; the site's own name, logins and addresses are none."""
    if len(text) > MOST_CHARS:
        return ()
    text = " ".join(entities.unescape(text).split())
    text = re.sub(
        r"^(?:by|von|par|por|di|da|van|door)\s+(?=[A-ZÀ-Þ])", "", text, flags=re.IGNORECASE
    )
    if not text or _key(text) in sites or kinds(words).is_nobody(text):
        return ()
    if any(_key(text) in site for site in sites if len(_key(text)) > 5):
        return ()
    if organisation:
        return (Person(text),) if len(text) <= 100 and not re.search(r"[<>{}]", text) else ()
    parsed = parse(text, words)
    return tuple(p for p in parsed.people if _key(p.name) not in sites) if parsed.complete else ()


def _completed(person: Person, node: Node, declared: Declared, sites: set[str]) -> Person:
    """The person with the degrees, title, institution and address that the node declares."""

    def first(*keys: str) -> str | None:
        for key in keys:
            value = declared.resolve(node.get(key))
            found = [entities.unescape(t) for t in texts(value)]
            if found:
                return ", ".join(dict.fromkeys(found))[:200]
        return None

    url = node.get("url") if isinstance(node.get("url"), str) else None
    affiliation = person.affiliation or first("affiliation", "worksFor")
    if affiliation and _key(affiliation) in sites:
        affiliation = None
    return Person(
        name=person.name,
        credentials=person.credentials or first("honorificSuffix", "hasCredential"),
        role=person.role or first("jobTitle"),
        affiliation=affiliation,
        url=url if url and url.startswith("http") else None,
    )


def people_of_metas(
    declared: Declared, words: Vocabulary, sites: set[str]
) -> Told[tuple[Person, ...]]:
    """Authors of meta tags; "Doe, Jane" of citation tags turned round."""
    for name in AUTHOR_METAS:
        contents = [content for key, content in declared.metas if key == name]
        if (
            name == "twitter:data1"
            and "written" not in declared.meta.get("twitter:label1", "").lower()
        ):
            continue
        if name == "citation_author":
            contents = [re.sub(r"^([^,]+), ([^,]+)$", r"\2 \1", c) for c in contents]
        found = [p for content in contents for p in named(content, words, sites)]
        if found:
            return Told(_unique(found), f"meta {name}")
    return Told(())


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", squash(name))


def site_keys(names: Iterable[str]) -> set[str]:
    """Names of the site in the form in which people's names are compared with them."""
    return {key for name in names if (key := _key(name))}
