"""What an address leads to, by its looks: a button that shares, a list, a page about the site."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from pipelines.addresses import parts_of
from pipelines.licences import licence_address
from pipelines.page_words import page_words

# Where buttons lead that share a page.
SHARE = re.compile(
    r"facebook\.com/(?:sharer|share|dialog)|(?:twitter|x)\.com/(?:intent|share)|"
    r"linkedin\.com/(?:sharearticle|sharing|cws)|pinterest\.[a-z.]+/pin/create|wa\.me/|"
    r"api\.whatsapp\.com|whatsapp://|t\.me/share|telegram\.me/share|reddit\.com/submit|"
    r"tumblr\.com/(?:share|widgets)|service\.weibo\.com|v\.t\.sina\.com|share\.v\.t\.qq|"
    r"sns\.qzone|vk\.com/share|vkontakte\.ru/share|connect\.ok\.ru|connect\.mail\.ru|"
    r"line\.me/r/|line\.naver\.jp|b\.hatena\.ne\.jp|getpocket\.com/(?:save|edit)|share\.flipboard|"
    r"news\.ycombinator\.com/submit|digg\.com/submit|addtoany\.com|addthis\.com|sharethis\.com|"
    r"xing\.com/(?:spi|app|social)|story\.kakao\.com/share|band\.us/plugin/share|mix\.com/add",
    re.I,
)
# Where sites have pages of their own; videos on them may be related.
SOCIAL = re.compile(
    r"^https?://(?:[\w-]+\.)?(?:facebook|twitter|x|instagram|linkedin|tiktok|pinterest|threads|weibo|"
    r"vk|youtube|bsky|telegram|t)\.(?:com|net|me|app|org)/(?!watch)",
    re.I,
)
# A section's name is a word or three, and its address one folder.
SECTION_WORDS = 3
# Folders of lists, of people and of what readers do; no article stands right in one.
LISTS = frozenset(
    "tag tags category categories kategorie kategorien categorie categoria categorias topics "
    "author authors autor autoren autores auteur autore login log-in signin sign-in register "
    "signup sign-up logout account my-account user users profile search suche share print "
    "comment comments reply subscribe newsletter newsletters feed rss cart checkout "
    "wp-login.php wp-admin staff contributor contributors journalist journalists topic".split()
)
# Parts of an address that number the pages of one article: "/2", "/page/2", "-2.html", "?page=2".
PAGE_NUMBER = re.compile(r"(?:/page)?[/_-]\d{1,2}/?$|/page/\d{1,3}/?$", re.I)
ENDING = re.compile(r"\.(?:s?html?|php|aspx?|jsp)$", re.I)
PAGE_KEYS = frozenset(("page", "p", "pg", "paged", "seite", "pagina", "start", "pn", "cpage"))


def is_share(url: str) -> bool:
    """Whether an address is a button's that shares the page it stands on.

    >>> is_share("https://www.facebook.com/sharer/sharer.php?u=x"), is_share("https://e.org/share-it")
    (True, False)
    """
    return SHARE.search(url[:200]) is not None


def is_list(url: str) -> bool:
    """Whether an address is of a list, a person, a form or a page about the site.

    >>> is_list("https://e.org/tag/ankle/"), is_list("https://e.org/blog/ankle"), is_list("https://e.org/")
    (True, False, True)
    """
    parts = parts_of(url)
    path = [unquote(part).lower() for part in parts.path.split("/") if part]
    if SOCIAL.match(url[:100]) or licence_address(url):
        return True
    if not path:
        return not parts.query
    last = ENDING.sub("", path[-1])
    return bool(LISTS & set(path)) or last in _site_pages()


@lru_cache(maxsize=1)
def _site_pages() -> frozenset[str]:
    """Last parts of the addresses of pages about a site, in all languages."""
    return page_words().address


def is_section(url: str, title: str) -> bool:
    """Whether a link leads to a section of the site by its looks, not to an article.

    >>> is_section("https://e.org/health/", "Health"), is_section("https://e.org/a-b", "Ankle care")
    (True, False)
    """
    path = [part for part in parts_of(url).path.split("/") if part]
    name = path[-1] if path else ""
    plain = name.isascii() and name.replace("_", "").isalpha() and not parts_of(url).query
    return len(path) == 1 and plain and len(title.split()) <= SECTION_WORDS and title.isascii()


def bare_address(url: str | None) -> str:
    """An address as two spellings of it are compared: without scheme, `www.`, query and fragment.

    >>> bare_address("https://www.e.org/a/?x=1#top")
    'e.org/a'
    """
    parts = parts_of(url)
    return parts.netloc.lower().removeprefix("www.") + parts.path.rstrip("/")


def is_same_article(url: str, other: str | None) -> bool:
    """Whether two addresses are of one article: the same page, or another page of it.

    >>> is_same_article("https://e.org/a?page=2", "https://e.org/a")
    True
    >>> is_same_article("https://e.org/ankle-2.html", "https://e.org/ankle.html")
    True
    >>> is_same_article("https://e.org/12", "https://e.org/11")
    False
    """
    here, stem = _article(other)
    there = bare_address(url)
    if not here or not there.startswith(stem):
        return False
    if here == there:
        mine, its = _identity(other), _identity(url)
        return mine == its or not (mine and its)
    here, there = ENDING.sub("", here), ENDING.sub("", there)
    page = PAGE_NUMBER.search(there)
    if page is None:
        return PAGE_NUMBER.sub("", here) == there and bool(ENDING.sub("", there).count("/"))
    stem = there[: page.start()]
    return bool(stem.count("/")) and stem in (here, PAGE_NUMBER.sub("", here))


# Every link of a page is compared with it.
@lru_cache(maxsize=16)
def _article(url: str | None) -> tuple[str, str]:
    """An address as it is compared, and the part that all pages of its article begin with."""
    here = bare_address(url)
    return here, PAGE_NUMBER.sub("", ENDING.sub("", here))


def _identity(url: str | None) -> frozenset[tuple[str, str]]:
    """The parameters that may name an article: `?id=5`, but not `?page=2` or `?utm_source=x`."""
    pairs = parse_qsl(parts_of(url).query)
    return frozenset(
        (k, v) for k, v in pairs if k.lower() not in PAGE_KEYS and not k.startswith("utm")
    )
