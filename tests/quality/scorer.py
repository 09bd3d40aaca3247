"""How well records agree with labelled pages: passages, words, bodies, people, days, titles."""

from __future__ import annotations

import gzip
import json
import re
import statistics
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines import Article, Rejected, clean, clean_text

# A word, or one character of Chinese or Japanese.
WORD = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff]+|[\u3040-\u30ff\u3400-\u9fff]")
QUOTES = str.maketrans("‘’“”", "''\"\"")

Labels = dict[str, Any]


@dataclass
class Scores:
    """Means by measure, F1 over sets by measure, and a sentence for each miss."""

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sets: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    misses: list[str] = field(default_factory=list)

    def add(self, measure: str, value: float) -> None:
        self.values[measure].append(value)

    def add_set(self, measure: str, found: Iterable[str], true: Iterable[str]) -> None:
        """Count what was found, what is true, and what is both, over all pages."""
        ours, theirs = Counter(found), Counter(true)
        hits = (ours & theirs).total()
        self.sets[measure].update(hits=hits, found=ours.total(), true=theirs.total())

    def means(self) -> dict[str, float]:
        means = {measure: statistics.mean(values) for measure, values in self.values.items()}
        for measure, count in self.sets.items():
            if measure.endswith("_precision"):
                means[measure] = count["hits"] / max(1, count["found"])
            else:
                means[measure] = 2 * count["hits"] / max(1, count["found"] + count["true"])
        return means


def folded(text: str | None) -> str:
    """Text as it is compared: one case, one kind of quote, one space for any white space."""
    plain = unicodedata.normalize("NFKC", text or "").casefold().translate(QUOTES)
    return " ".join(plain.split())


def tight(text: str | None) -> str:
    """The same without any white space."""
    return folded(text).replace(" ", "")


def word_f1(found: str, true: str) -> float:
    """Harmonic mean of precision and recall over the words, as often as each occurs."""
    ours, theirs = Counter(WORD.findall(found.lower())), Counter(WORD.findall(true.lower()))
    if not ours or not theirs:
        return float(not ours and not theirs)
    common = sum((ours & theirs).values())
    return 2 * common / (ours.total() + theirs.total())


def body_of(outcome: Article | Rejected) -> str:
    return outcome.body or ""


def score_passages(scores: Scores, where: str, body: str, labels: Labels) -> None:
    """Shares of the passages to keep that are in the body, and of those to drop that are not."""
    seen = folded(body)
    lost = [passage for passage in labels["keep"] if folded(passage) not in seen]
    left = [passage for passage in labels["drop"] if folded(passage["text"]) in seen]
    scores.add("keep", 1 - len(lost) / max(1, len(labels["keep"])))
    scores.add("drop", 1 - len(left) / max(1, len(labels["drop"])))
    scores.add("clean_pages", float(not lost and not left))
    scores.misses += [f"{where}: lost: {passage}" for passage in lost]
    scores.misses += [f"{where}: left [{p['class']}]: {p['text']}" for p in left]


def score_headings(scores: Scores, outcome: Article | Rejected, true: Iterable[str]) -> None:
    """The section headings, in whatever order."""
    sections = outcome.sections if isinstance(outcome, Article) else ()
    found = (folded(section.heading) for section in sections if section.heading)
    scores.add_set("headings_f1", found, map(folded, true))


def score_people(scores: Scores, outcome: Article | Rejected, labels: Labels) -> None:
    """Names of authors and reviewers, how many of those given are right, and what is told of the
    people who are labelled with it."""
    for role in ("authors", "reviewers"):
        people = {folded(person.name): person for person in getattr(outcome, role, ())}
        true = [folded(person["name"]) for person in labels[role]]
        scores.add_set(f"{role}_f1", list(people), true)
        scores.add_set("people_precision", list(people), true)
        for labelled in labels[role]:
            person = people.get(folded(labelled["name"]))
            for part in ("credentials", "role", "affiliation"):
                if labelled.get(part):
                    told = folded(getattr(person, part, None))
                    scores.add("people_parts", float(told == folded(labelled[part])))


def score_title(scores: Scores, outcome: Article | Rejected, true: str | None) -> None:
    if true:
        scores.add("title", float(folded(outcome.title) == folded(true)))


def score_days(scores: Scores, outcome: Article | Rejected, days: Mapping[str, str | None]) -> None:
    """The labelled days by kind: `YYYY-MM-DD`, or `YYYY-MM` where the page gives a month."""
    for kind, true in days.items():
        if true:
            found = str(getattr(outcome, f"date_{kind}", None) or "")
            scores.add("days", float(found[: len(true)] == true))


def score_gold(scores: Scores, outcome: Article | Rejected, labels: Labels) -> None:
    """Everything but the passages and the body."""
    score_headings(scores, outcome, headings_of(labels))
    score_people(scores, outcome, labels)
    score_title(scores, outcome, labels["title"])
    kinds = ("published", "modified", "reviewed")
    score_days(scores, outcome, {kind: labels.get(kind) for kind in kinds})
    if isinstance(outcome, Article):
        scores.add("language", float((outcome.language or "")[:2] == labels["language"][:2]))


def headings_of(labels: Labels) -> list[str]:
    return [heading["text"] for heading in labels["headings"]]


def score_body(scores: Scores, where: str, body: str, true: str) -> None:
    """Agreement with the exact text."""
    f1 = word_f1(body, true)
    scores.add("word_f1", f1)
    scores.add("exact", float(folded(body) == folded(true)))
    if f1 < 0.9:
        scores.misses.append(f"{where}: word F1 {f1:.2f}")


def labels_of(path: Path) -> Iterator[Labels]:
    for line in path.read_bytes().split(b"\n"):
        if line.strip():
            yield json.loads(line)


def health(data: Path, scores: Scores) -> None:
    """Labelled passages of health articles."""
    for labels in labels_of(data / "health" / "gold.jsonl"):
        split, name = labels["source"].split("/", 1)
        html = gzip.decompress(
            (data / split.split("-")[0] / "html" / f"{name}.html.gz").read_bytes()
        )
        outcome = clean(html, labels["url"])
        score_passages(scores, name, body_of(outcome), labels)
        score_gold(scores, outcome, labels)


def seedlike(data: Path, scores: Scores) -> None:
    """Pages with labelled passages and exact bodies."""
    for labels in labels_of(data / "seedlike" / "gold.jsonl"):
        if labels["source"].endswith(".html"):
            html = (data / "seedlike" / labels["source"]).read_bytes()
            outcome = clean(html, labels["url"] or None)
            score_passages(scores, labels["source"], body_of(outcome), labels)
            score_gold(scores, outcome, labels)
            score_body(scores, labels["source"], body_of(outcome), labels["body"])


def seedtext(data: Path, scores: Scores) -> None:
    """Plain texts with labelled passages and exact bodies."""
    for labels in labels_of(data / "seedlike" / "gold.jsonl"):
        if labels["source"].endswith(".txt"):
            given = (data / "seedlike" / labels["source"]).read_text("utf-8")
            outcome = clean_text(given, labels["url"] or None)
            score_passages(scores, labels["source"], body_of(outcome), labels)
            score_gold(scores, outcome, labels)
            score_body(scores, labels["source"], body_of(outcome), labels["body"])


def sites(data: Path, scores: Scores) -> None:
    """Every article page of whole sites."""
    for truth in sorted((data / "sites").glob("*/truth.jsonl")):
        site = truth.parent
        for labels in labels_of(truth):
            html = (site / labels["path"]).read_bytes()
            where = f"{site.name}/{labels['path']}"
            outcome = clean(html, f"https://{site.name}.example{labels['url_path']}")
            body = body_of(outcome)
            score_body(scores, where, body, labels["body"])
            score_headings(scores, outcome, headings_of(labels))
            score_title(scores, outcome, labels["title"])
            score_days(scores, outcome, {"published": labels["date"]})
            inline = [
                {"class": kind, "text": text}
                for kind, texts in labels["inline_drop"].items()
                for text in texts
            ]
            seen = tight(body)
            for name, given in (("drop", labels["drop"]), ("inline_drop", inline)):
                left = [p for p in given if tight(p["text"]) in seen]
                scores.add(name, 1 - len(left) / max(1, len(given)))
                scores.misses += [f"{where}: left [{p['class']}]: {p['text']}" for p in left]


def fundus(data: Path, scores: Scores) -> None:
    """News articles of many countries: words and headings."""
    for labels in labels_of(data / "fundus" / "truth.jsonl"):
        html = gzip.decompress((data / "fundus" / "html" / f"{labels['id']}.html.gz").read_bytes())
        outcome = clean(html, labels["url"])
        true = labels["summary"] + [
            text for s in labels["sections"] for text in (s["heading"], *s["paragraphs"]) if text
        ]
        scores.add("word_f1", word_f1(body_of(outcome), "\n".join(true)))
        headings = (s["heading"] for s in labels["sections"] if s["heading"])
        score_headings(scores, outcome, headings)
        score_title(scores, outcome, labels["title"])
        score_days(scores, outcome, {"published": labels["published"]})
        authors = (folded(person.name) for person in getattr(outcome, "authors", ()))
        scores.add_set("authors_f1", authors, map(folded, labels["authors"]))


def wcxb(data: Path, scores: Scores) -> None:
    """Web pages of many kinds: words of the articles, and which pages are articles at all."""
    hits = said = true = 0
    for labels in labels_of(data / "wcxb" / "truth.jsonl"):
        html = gzip.decompress((data / "wcxb" / "html" / f"{labels['id']}.html.gz").read_bytes())
        outcome = clean(html, labels["url"])
        is_article = labels["page_type"] == "article"
        hits += is_article and isinstance(outcome, Article)
        said += isinstance(outcome, Article)
        true += is_article
        if is_article:
            score_title(scores, outcome, labels["title"])
            score_days(scores, outcome, {"published": (labels["published"] or "")[:10]})
            scores.add("word_f1", word_f1(body_of(outcome), labels["body"]))
    scores.add("page_type_f1", 2 * hits / max(1, said + true))


SETS: dict[str, Callable[[Path, Scores], None]] = {
    "health": health,
    "fundus": fundus,
    "seedlike": seedlike,
    "seedtext": seedtext,
    "sites": sites,
    "wcxb": wcxb,
}
