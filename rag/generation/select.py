"""From evidence to the sentences of an answer. The order is settled before the first sentence is written.

    statements = arrange(evidence, limit=settings.sentences)
    for statement in statements:
        made = proposition(statement.evidence.span, context, llm, store, cancelled)   # None without a model
        part = compose(statement, made, first=len(citations) + 1)

Each `compose` only appends, so nothing shown is retracted or renumbered.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Literal

from rag.corpus.sentences import split_sentences
from rag.generation import chinese, openers
from rag.generation.verify import content
from rag.retrieval.bearing import fitted
from rag.retrieval.chinese import is_chinese
from rag.types import AnswerSpan, Citation, Evidence, Exchange, Proposition, Record, Sentence, Source

Kind = Literal["substance", "rhetoric", "declined", "boilerplate"]
"""rhetoric: only questions; declined: no information, no comment, another office; boilerplate: says nothing."""

SAME = 0.7
"""Share of content words in common (of the shorter statement) from which on two statements say the same."""
SAME_LEAST = 5
"""Statements shorter than this many content words are the same only when all their words are."""
LEAST = 2
"""Statements told even when they are less likely to bear on the question than others are asked to be, …"""
NEARLY = 0.7
"""… from this share of that probability on; the best one always, since the record was found to answer."""
MOST_CITATIONS = 4
"""Citations of one merged sentence."""


_LEARNED = re.compile(r" (?:also |just )?(?:saw|heard|read|learned|learnt|watched|found|met)\b")


class Statement(Record):
    """One thing to be said: the evidence it is restated from, and what says the same."""

    evidence: Evidence
    same: tuple[Evidence, ...] = ()
    """Near-identical statements of other exchanges, cited beside it, oldest first."""
    kind: Kind = "substance"
    latest: bool = False
    """Whether it is the newest of several dates: its sentence begins with "Most recently"."""
    leads: bool = True
    """Whether it opens its day: the sentence begins with the date."""


class Composed(Record):
    """The sentences of one statement and the citations they introduce."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]


def kind_of(text: str) -> Kind:
    """What a statement is worth to a reader who asked about its subject."""
    told = chinese if is_chinese(text) else openers
    if told.declines(text):
        return "declined"
    if told.empty(text):
        return "boilerplate"
    return "rhetoric" if told.only_asks(text) else "substance"


Place = Callable[[AnswerSpan], tuple[Exchange, Source]]
"""Where a span stands: looked up for the spans that retrieval folded into another (`Evidence.also_said`)."""


def arrange(
    evidence: Sequence[Evidence], limit: int, place: Place | None = None, least: float | None = None
) -> tuple[Statement, ...]:
    """Choose and order what will be said: evidence best first in, statements in order of time out.

    Near-identical statements become one (its newest wording, all citations). Where there is substance, questions
    thrown back and boilerplate are left out, and so is a refusal to comment in an exchange that says more; so is what
    hardly bears on the question, but for the best `LEAST`: what has less than the probability `least`, that of
    `rag.retrieval.bearing` when None. At most `limit` statements. With `place`, what retrieval folded into a piece of
    evidence is cited beside it.
    """
    groups: list[list[Evidence]] = []
    for item in _unfolded(evidence, place):
        group = next((g for g in groups if _same(g[0], item)), None)
        if group is None:
            groups.append([item])
        elif all(item.span.exchange != other.span.exchange for other in group):
            group.append(item)
    kinds = [kind_of(group[0].span.text) for group in groups]
    threshold = fitted().threshold if least is None else least
    kept = _bearing(_worth_saying(groups, kinds), threshold)[:limit]
    statements = [_statement(group, kind) for group, kind in kept]
    statements.sort(key=lambda s: _place(s.evidence))
    likely = [item.source.date for item in evidence if item.score >= NEARLY * threshold]
    return _dated(statements, max((day for day in likely if day), default=None))


def _unfolded(evidence: Sequence[Evidence], place: Place | None) -> list[Evidence]:
    items = list(evidence)
    for item in evidence:
        if place is None:
            continue
        for span in item.also_said:
            exchange, source = place(span)
            items.append(Evidence(span=span, exchange=exchange, source=source, score=item.score))
    return items


def _worth_saying(groups: list[list[Evidence]], kinds: list[Kind]) -> list[tuple[list[Evidence], Kind]]:
    pairs = list(zip(groups, kinds, strict=True))
    telling = {item.span.exchange for group, kind in pairs if kind == "substance" for item in group}
    if not telling:
        first: Kind = next((k for k in ("declined", "rhetoric", "boilerplate") if k in kinds), "boilerplate")
        return [(group, kind) for group, kind in pairs if kind == first]
    return [
        (group, kind)
        for group, kind in pairs
        if kind == "substance" or (kind == "declined" and not telling & {item.span.exchange for item in group})
    ]


def _bearing(pairs: list[tuple[list[Evidence], Kind]], threshold: float) -> list[tuple[list[Evidence], Kind]]:
    """Those likely enough to bear on the question, best first; of the others only what makes a least answer."""
    likely = [pair for pair in pairs if pair[0][0].score >= threshold]
    if len(likely) >= LEAST:
        return likely
    return [pair for i, pair in enumerate(pairs[:LEAST]) if i == 0 or pair[0][0].score >= NEARLY * threshold]


def _statement(group: list[Evidence], kind: Kind) -> Statement:
    ordered = sorted(group[:MOST_CITATIONS], key=_place)
    return Statement(evidence=ordered[-1], same=tuple(ordered[:-1]), kind=kind)


def _dated(statements: list[Statement], newest: dt.date | None) -> tuple[Statement, ...]:
    """The statements with the first of each day marked, and that of the newest day on which the matter was spoken of,
    told or not: "most recently" would be wrong of any other.
    """
    days = [s.evidence.source.date for s in statements]
    several = len({day for day in days if day}) > 1
    marked = []
    for i, statement in enumerate(statements):
        opens = i == 0 or days[i] != days[i - 1]
        marked.append(statement.model_copy(update={"leads": opens, "latest": several and opens and days[i] == newest}))
    return tuple(marked)


def _place(item: Evidence) -> tuple[dt.date, str, int]:
    return (item.source.date or dt.date.min, item.span.transcript, item.span.start)


def _same(one: Evidence, other: Evidence) -> bool:
    if one.span == other.span:
        return True
    a, b = set(content(one.span.text)), set(content(other.span.text))
    if not a or not b:
        return a == b
    shorter, longer = sorted((a, b), key=len)
    if len(shorter) < SAME_LEAST:
        return shorter == longer
    if len(longer) > 2 * len(shorter):
        return False
    numbers = [set(re.findall(r"\d+", e.span.text)) for e in (one, other)]
    return len(a & b) >= SAME * len(shorter) and numbers[0] == numbers[1]


def compose(statement: Statement, made: Proposition | None, first: int) -> Composed:
    """The sentences of `statement`, citing from number `first` on. Without a proposition it is a quote.

    A quote's text is the span's own words and nothing else: who said it and when stands in its citation. A restated
    sentence cites the part of the span that it stands on, and the same words where they were said again.
    """
    if made is None or not made.sentences:
        citation = _citation(first, statement.evidence, statement.evidence.span)
        quote = Sentence(text=citation.quote, label="quote", citations=(first,))
        return Composed(sentences=(quote,), citations=(citation,))
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    for text, (start, end) in zip(made.sentences, made.parts, strict=True):
        part = statement.evidence.span.part(start, end)
        cited = [(statement.evidence, part), *_said_again(part, statement.same)]
        numbers = range(first + len(citations), first + len(citations) + len(cited))
        citations += [_citation(n, item, span) for n, (item, span) in zip(numbers, cited, strict=True)]
        led = _led(statement, text) if not sentences else text
        sentences.append(Sentence(text=led, label="supported", citations=tuple(numbers)))
    return Composed(sentences=tuple(sentences), citations=tuple(citations))


def _said_again(part: AnswerSpan, same: Sequence[Evidence]) -> list[tuple[Evidence, AnswerSpan]]:
    """The sentences of near-identical statements that say what `part` says; statements without any are left out."""
    wanted = set(content(part.text))
    found = []
    for item in same:
        text = item.span.text
        saying = [s for s in split_sentences(text) if _share_of(set(content(text[s.start : s.end])), wanted) >= SAME]
        span = item.span.part(saying[0].start, saying[-1].end) if saying else None
        if span is not None and _share_of(wanted, set(content(span.text))) >= SAME:
            found.append((item, span))
    return found


def _share_of(part: set[str], whole: set[str]) -> float:
    """Share of `part` that stands in `whole`, 0 to 1."""
    return len(part & whole) / len(part) if part else 0.0


def _citation(n: int, item: Evidence, span: AnswerSpan) -> Citation:
    return Citation.of(n, span, item.exchange, item.source)


def _led(statement: Statement, sentence: str) -> str:
    """The sentence with its day in front, where it opens one."""
    day = statement.evidence.source.date
    if day is None or not statement.leads:
        return sentence
    when = f"{day.day} {day:%B %Y}"
    if statement.kind == "declined":
        return f"Asked on {when}, {sentence}"
    lead = "Most recently, on" if statement.latest else "On"
    small = re.sub(r"^The (?=spokesperson\b|Chinese\b|ministry\b)", "the ", sentence)
    speaker = statement.evidence.exchange.speaker or statement.evidence.source.speaker or "the spokesperson"
    if small.startswith(speaker) and _LEARNED.match(small[len(speaker) :]):
        small = f"the spokesperson{small[len(speaker) :]}"  # that day it was told, not seen
    said = "" if small.startswith(speaker) else f"{speaker} said that "
    return f"{lead} {when}, {said}{small}"
