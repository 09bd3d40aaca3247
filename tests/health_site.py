"""Pages of a plain health site, made on the spot for crawls."""

from __future__ import annotations


def article(topic: str, *links: str, head: str = "") -> str:
    """An article page about a topic, as a plain site would show it."""
    linked = "".join(f'<p><a href="{link}">{link}</a></p>' for link in links)
    paragraphs = "".join(
        f"<p>{sentence}</p>"
        for sentence in (
            f"People who hear about {topic} for the first time often expect the worst, and most of "
            "them are relieved when a doctor explains what the word means for everyday life.",
            f"The usual treatment of {topic} begins with rest and with looking at what made it "
            "appear in the first place, because medicine alone rarely changes the long run.",
            "A second visit after two weeks shows whether the plan works; if it does not, blood "
            f"tests and a closer look by a specialist for {topic} are the next step to take.",
            f"Families can help: someone who lives with {topic} should not have to carry the "
            "shopping, explain every pause, or apologise for leaving a party before ten o'clock.",
            f"What helps against {topic} differs from one person to the next. A diary of four "
            "weeks, with sleep, meals and medicines in it, tells a doctor more than any single "
            "test, and it costs nothing but a minute in the evening.",
            "Medicines have a place where the pain wakes people at night. They are taken for as "
            "short a time as possible, with a glass of water and never on an empty stomach.",
            f"Nobody should drive to work with {topic} at its worst. A day at home is better than "
            "three weeks in which every task takes twice as long and goes wrong in the end.",
            "Call an ambulance when breathing becomes hard, when an arm or a leg goes numb, or "
            "when the fever stays above thirty-nine degrees for more than two days.",
        )
    )
    return (
        f"<!doctype html><html lang=en><head><title>Living with {topic}</title>{head}</head>"
        f"<body><nav><a href='/'>Home</a></nav><main><article><h1>Living with {topic}</h1>"
        f"<p>By Ada Lind, MD, <time datetime=2024-03-05>5 March 2024</time></p>"
        f"{paragraphs}</article></main><footer>{linked}</footer></body></html>"
    )


def hub(*links: str, head: str = "") -> str:
    """A page that only leads to others."""
    items = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    return (
        f"<!doctype html><html lang=en><head><title>Health topics</title>{head}</head>"
        f"<body><h1>Health topics</h1><ul>{items}</ul></body></html>"
    )


def urlset(*paths: str) -> str:
    """A sitemap of pages."""
    entries = "".join(f"<url><loc>{{base}}{path}</loc></url>" for path in paths)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
