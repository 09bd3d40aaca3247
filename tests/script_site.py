"""A site whose pages hold nothing until their scripts have run, and pages to be survived.

Each shell is the same small page; its script asks `/api/…` for what it shows.
"""

from __future__ import annotations

import json
import re

from tests.health_site import article
from tests.servers import Reply

# Puts the article of the page's own address where it belongs, as single-page applications do.
LOAD = """
const root = document.getElementById('root');
const show = html => { root.innerHTML = html; };
const load = () => fetch('/api' + location.pathname, {headers: {'X-Wanted-By': 'script'}})
  .then(answer => answer.json()).then(data => { document.title = data.title; show(data.html); });
"""
# The same, but for a stamp that is another one every time.
NOISE = "load().then(() => { root.dataset.nonce = Math.random() + Date.now(); });"
# Adds paragraphs for as long as somebody scrolls.
SCROLL = """
let number = 0, busy = false;
const add = () => { if (busy) return; busy = true;
  fetch('/api/part/' + (++number % 3)).then(a => a.json()).then(data => {
    root.querySelector('article').insertAdjacentHTML('beforeend',
      '<p>Screen ' + number + ': ' + data.html + '</p><div style="height:2500px"></div>');
    busy = false; }); };
load().then(() => addEventListener('scroll', add));
"""
# Half an article, a button that unfolds the rest, and a link of the same words that leads away.
MORE = """
load().then(() => {
  const all = [...root.querySelectorAll('article p')], rest = all.slice(4);
  rest.forEach(paragraph => paragraph.remove());
  const button = document.createElement('button');
  button.textContent = 'Read more …';
  button.onclick = () => { root.querySelector('article').append(...rest); button.remove(); };
  root.querySelector('article').append(button);
  root.insertAdjacentHTML('beforeend', '<a href="/elsewhere">Read more</a>'
    + '<button onclick="location.href=\\'/elsewhere\\'">Show more</button>');
});
"""
ALERTS = """
alert('Welcome!'); confirm('Newsletter?'); prompt('Name?'); window.open('/popup');
navigator.sendBeacon('/beacon', 'x'); new WebSocket('ws://' + location.host + '/socket');
navigator.serviceWorker && navigator.serviceWorker.register('/worker.js');
document.cookie = 'seen=1'; onbeforeunload = () => 'Stay!'; print();
root.insertAdjacentHTML('afterend', '<img src="/picture.png"><iframe src="/frame"></iframe>');
load();
"""
# Comes late by itself, and hides its second half behind a button of its own words.
CHOSEN = """
setTimeout(() => load().then(() => {
  const rest = [...root.querySelectorAll('article p')].slice(4);
  rest.forEach(paragraph => paragraph.remove());
  root.insertAdjacentHTML('beforeend', '<button class=unfold>Up to the bitter end</button>');
  root.querySelector('button').onclick = () => root.querySelector('article').append(...rest);
}), 1200);
"""
# Never comes to rest: an answer that does not come, and a clock.
RESTLESS = """
load().then(() => { fetch('/never');
  setInterval(() => root.append(document.createElement('i')), 50); });
"""


def shell(script: str = "load();", head: str = "") -> str:
    """A page as the server sends it."""
    return (
        f"<!doctype html><html lang=en><head><title>Health</title>{head}</head><body>"
        f"<div id=root></div><script src='/load.js'></script><script>{script}</script>"
        "</body></html>"
    )


def data(topic: str) -> Reply:
    """What a script gets for an article."""
    page = article(topic)
    main = re.search(r"<main>.*</main>", page, re.S)
    assert main
    text = json.dumps({"title": f"Living with {topic}", "html": main.group()})
    return Reply(text, type="application/json")


def part(number: int) -> Reply:
    """One more paragraph."""
    told = (
        "rest is what most people need, and nobody can tell beforehand for how long",
        "a walk before breakfast does more for the joints than a day on the sofa",
        "what the neighbours say about herbs is kindly meant, and seldom tested",
    )
    return Reply(json.dumps({"html": f"{told[number]}."}), type="application/json")


def scripts(**topics: str) -> dict[str, Reply | str]:
    """The script that all pages share, and the data for the articles at these paths."""
    return {
        "/load.js": Reply(LOAD, type="text/javascript"),
        **{f"/api/part/{number}": part(number) for number in range(3)},
        **{f"/api/{path}": data(topic) for path, topic in topics.items()},
    }
