"""Plots as SVG that the page's own style colours, in daylight and in the dark.

pygal draws: it is pure Python, is imported in a tenth of a second and names what it draws by
classes. What it brings along to be a file of its own (style, script, comments, marks for its
tooltips) is left out, and its numbers lose their hundredths, which nobody sees: a sparkline of 30
points is some 450 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pygal
from lxml import etree
from markupsafe import Markup

# Pixels; a sparkline keeps its size, the chart is made once for each of two widths of the window.
SPARK_WIDTH, SPARK_HEIGHT = 120, 24
CHART_HEIGHT = 200
WIDE, NARROW = 1040, 350
LEAST_POINTS = 2
# Places for runs; where there are fewer, those on the left stay empty.
LEAST_PLACES = 12
# Room for a label of the time axis, in pixels.
_LABEL_WIDTH = 70
_DECIMALS = re.compile(r"(\d+)\.(\d)\d*")
# Elements and groups that are of no use without pygal's own script and style.
_UNUSED = ("defs", "desc", "title")
_OVERLAYS = frozenset(("titles", "overlay", "text-overlay", "tooltip-overlay"))
_MEASURES = frozenset("d x y width height cx cy r transform".split())
_STYLED = frozenset("axis x y guides guide line major serie-0 serie-1".split())


@dataclass(frozen=True, slots=True)
class Bar:
    """What one run stands for in the chart; `label` on the axis, `told` when it is pointed at."""

    label: str
    told: str
    articles: int
    rejected: int


def sparkline(values: Sequence[float | None], most: float | None = None) -> Markup:
    """A line from left to right, from 0 to the largest value or `most`; None is a gap.

    Nothing for a single point.
    """
    known = [value for value in values if value is not None]
    if len(known) < LEAST_POINTS:
        return Markup()
    top = max([*known, most or 0]) or 1
    chart = pygal.Line(
        width=SPARK_WIDTH,
        height=SPARK_HEIGHT,
        show_dots=False,
        range=(0, top),
        **_BARE,
    )
    chart.add("", list(values))
    return _markup(chart, "spark")


def records_chart(bars: Sequence[Bar], width: int) -> Markup:
    """Articles and rejects of each run, one on the other, in the order given."""
    bars = [*[Bar("", "", 0, 0)] * (LEAST_PLACES - len(bars)), *bars]
    every = max(1, -(-len(bars) * _LABEL_WIDTH // width))
    from_the_end = zip(reversed(range(len(bars))), bars, strict=True)
    chart = pygal.StackedBar(
        width=width,
        height=CHART_HEIGHT,
        x_labels=[bar.label * (place % every == 0) for place, bar in from_the_end],
        y_labels_major_count=3,
        show_minor_y_labels=False,
        value_formatter="{:,.0f}".format,
        **_PLAIN,
    )
    chart.add("articles", [bar.articles for bar in bars])
    chart.add("rejected", [bar.rejected for bar in bars])
    return _markup(chart, "chart", told=[bar.told for bar in bars])


_PLAIN: dict[str, Any] = {
    "js": (),
    "css": (),
    "margin": 2,
    "spacing": 4,
    "show_legend": False,
    "explicit_size": True,
    "truncate_label": -1,
}
_BARE: dict[str, Any] = {
    **_PLAIN,
    "show_x_labels": False,
    "show_y_labels": False,
    "show_y_guides": False,
    "spacing": 0,
    "no_data_text": "",
}


def _markup(chart: Any, name: str, *, told: Sequence[str] = ()) -> Markup:
    """The chart as an element of a page; `told` are the titles of its bars."""
    tree = chart.render_tree()
    etree.strip_elements(tree, etree.Comment, *_UNUSED, with_tail=False)
    for group in [g for g in tree.iter("g") if not _OVERLAYS.isdisjoint(_classes(g))]:
        group.getparent().remove(group)
    for bars in [group for group in tree.iter("g") if "bars" in _classes(group)]:
        for bar, words in zip(bars, told, strict=False):
            etree.SubElement(bar, "title").text = words
    _simplify(tree)
    tree.attrib.pop("id", None)
    tree.set("class", name)
    tree.set("aria-hidden", "true")
    return Markup(etree.tostring(tree, encoding="unicode"))


def _simplify(tree: Any) -> None:
    """Take out what says nothing: background, corners of 0, names without a style, hundredths."""
    for element in list(tree.iter()):
        element.tag = etree.QName(element).localname
        if "background" in _classes(element):
            element.getparent().remove(element)
        for attribute in ("rx", "ry"):
            element.attrib.pop(attribute, None)
        for attribute in _MEASURES & set(element.attrib):
            element.set(attribute, _DECIMALS.sub(_tenths, element.get(attribute)))
        kept = " ".join(each for each in _classes(element) if each in _STYLED)
        element.attrib.pop("class", None)
        if kept:
            element.set("class", kept)
    etree.cleanup_namespaces(tree)


def _classes(element: Any) -> list[str]:
    return (element.get("class") or "").split()


def _tenths(found: re.Match[str]) -> str:
    """A number of an SVG path to the tenth of a pixel."""
    return found[1] if found[2] == "0" else f"{found[1]}.{found[2]}"
