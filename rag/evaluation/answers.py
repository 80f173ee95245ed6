"""Whole answers measured on labelled questions: what is shown, what it covers, where its words come from.

A labelled question is a line of `dev_topics.jsonl` (`qid`, `type`, `query`, `answer_points`, `history`). Points are
counted by a rule, not by reading: see `covers`. Readers go through `answers.html`.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.generation.lexicon import REPORTING
from rag.generation.verify import content, stem, words
from rag.types import Answer, Filters, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder

QuestionOf = Callable[[str], str]
"""Exchange id to the reporter's words ("" when there was no question)."""

NEAR = 0.6
"""Cosine of a point and a shown sentence (or its quote) from which on the point counts as covered."""
WORDS = 0.6
"""Share of a point's content words in one shown sentence with its quote from which on it counts as covered."""


class Topic(Record):
    """A labelled question."""

    qid: str
    type: str
    query: str
    answer_points: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    filters: Filters = Filters()
    """Set by the reader, beside what the question names."""

    @property
    def answerable(self) -> bool:
        """Whether the record answers it."""
        return self.type != "unanswerable"


AnswerFn = Callable[[Topic], Answer]
"""A question, under its filters and after its history, to the whole answer."""


class Judged(Record):
    """What the rules say of one answer."""

    qid: str
    type: str
    answerable: bool
    refused: bool
    sentences: int
    supported: int
    citations: int
    points: int
    covered: tuple[int, ...]
    """Places of the covered points in the topic's list."""
    foreign_words: tuple[str, ...]
    """Content words of restated sentences that stand in the reporter's or the reader's question but not in what "
    "is cited."""
    verbatim: bool
    """Whether each sentence shown as a quote is its citation's words."""
    seconds: float


class AnswersResult(Record):
    """Judgements and where the files are."""

    judged: tuple[Judged, ...]
    answers: Path
    page: Path


def read_topics(path: Path) -> list[Topic]:
    """Labelled questions of a JSON-lines file; keys that are not measured here are passed over."""
    # Not `splitlines`: a JSON string may hold other separators of lines as they are.
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return [Topic(**{key: row[key] for key in Topic.model_fields if row.get(key)}) for row in rows]


def evaluate_answers(
    topics: Sequence[Topic],
    out: Path,
    answer_fn: AnswerFn,
    encoder: Encoder,
    question_of: QuestionOf,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> AnswersResult:
    """Answer every topic, judge the answers and write `answers.jsonl` and `answers.html` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    answers: list[Answer] = []
    judged: list[Judged] = []
    lines = out / "answers.jsonl"
    with lines.open("w", encoding="utf-8") as file:
        for done, topic in enumerate(topics, start=1):
            answer = answer_fn(topic)
            file.write(answer.model_dump_json(by_alias=True) + "\n")
            file.flush()
            answers.append(answer)
            judged.append(judge(topic, answer, encoder, question_of))
            progress(done, len(topics))
    page = out / "answers.html"
    page.write_text(answers_page(topics, answers, judged), encoding="utf-8")
    return AnswersResult(judged=tuple(judged), answers=lines, page=page)


def judge(topic: Topic, answer: Answer, encoder: Encoder, question_of: QuestionOf) -> Judged:
    """Apply the rules to one answer."""
    quotes = {citation.n: citation for citation in answer.citations}
    foreign: list[str] = []
    verbatim = True
    for sentence in answer.sentences:
        cited = [quotes[n] for n in sentence.citations]
        if sentence.label == "quote":
            verbatim &= any(sentence.text == citation.quote for citation in cited)
            continue
        known = {
            stem(w) for c in cited for w in words(f"{c.quote} {c.speaker or ''} {c.date:%B %Y}" if c.date else c.quote)
        }
        known |= {stem(w) for w in REPORTING} | {
            stem(w) for w in ("Most", "Asked", "recently", "previous", "following", "day")
        }
        known |= {str(c.date.day) for c in cited if c.date}
        asked = set(content(" ".join([topic.query, *(question_of(c.exchange) for c in cited)])))
        foreign += [w for w in words(sentence.text) if content(w) and stem(w) in asked and stem(w) not in known]
    return Judged(
        qid=topic.qid,
        type=topic.type,
        answerable=topic.answerable,
        refused=answer.refused,
        sentences=len(answer.sentences),
        supported=sum(sentence.label == "supported" for sentence in answer.sentences),
        citations=len(answer.citations),
        points=len(topic.answer_points),
        covered=covers(topic.answer_points, answer, encoder),
        foreign_words=tuple(foreign),
        verbatim=verbatim,
        seconds=answer.timings.get("total", 0.0),
    )


def covers(points: Sequence[str], answer: Answer, encoder: Encoder) -> tuple[int, ...]:
    """Places of the points that the shown sentences cover.

    The rule: a point is covered when one shown sentence, or the quote it cites first, has a cosine of at least `NEAR`
    with it in the index's embedding, or when the two together hold at least `WORDS` of its content words. It errs both
    ways; a reader's count is what the bar means.
    """
    if not points or not answer.sentences:
        return ()
    quotes = {citation.n: citation.quote for citation in answer.citations}
    shown = [(sentence.text, quotes[sentence.citations[0]]) for sentence in answer.sentences]
    texts = [text for pair in shown for text in pair]
    near = (encoder.encode(list(points)) @ encoder.encode(texts).T).max(axis=1)
    held = [set(content(" ".join(pair))) for pair in shown]
    covered = []
    for place, point in enumerate(points):
        wanted = set(content(point))
        best = max((len(wanted & words_) / len(wanted) for words_ in held), default=0.0) if wanted else 0.0
        if near[place] >= NEAR or best >= WORDS:
            covered.append(place)
    return tuple(covered)


def answers_table(result: AnswersResult) -> str:
    """The figures, one line per type of question and one for all."""
    kinds = sorted({judged.type for judged in result.judged})
    rows = [("type", "questions", "refused", "sentences", "supported", "points covered", "foreign words", "seconds")]
    for kind in [*kinds, "all"]:
        some = [j for j in result.judged if kind in (j.type, "all")]
        shown, supported = sum(j.sentences for j in some), sum(j.supported for j in some)
        points, covered = sum(j.points for j in some), sum(len(j.covered) for j in some)
        rows.append(
            (
                kind,
                str(len(some)),
                str(sum(j.refused for j in some)),
                str(shown),
                _share(supported, shown),
                f"{_share(covered, points)} of {points}",
                str(sum(len(j.foreign_words) for j in some)),
                f"{sum(j.seconds for j in some) / len(some):.2f}",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    yes = [j for j in result.judged if j.answerable]
    no = [j for j in result.judged if not j.answerable]
    lines.append(
        f"refused rightly {sum(j.refused for j in no)} of {len(no)}, wrongly {sum(j.refused for j in yes)} of "
        f"{len(yes)}; "
        f"quotes verbatim: {'all' if all(j.verbatim for j in result.judged) else 'NOT ALL'}"
    )
    lines.append(f"answers: {result.answers}; to read: {result.page}")
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
body{color:#1b1b1b;background:#fff}
h2{font-size:1.1rem;margin:2.5rem 0 .5rem}li{margin:.6rem 0}
blockquote{margin:.2rem 0 .6rem 1rem;color:#444;font-size:.9rem}
small{color:#555}.missing{color:#9a2a00}"""


def answers_page(topics: Sequence[Topic], answers: Sequence[Answer], judged: Sequence[Judged]) -> str:
    """Every question, its sentences with their quotes beside them, and which points the rule found."""
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Answers to read</title><style>{_STYLE}</style>"
        f"<h1>Answers to read</h1><p>{len(topics)} questions. Under each sentence stand the words it cites.</p>"
    ]
    for topic, answer, verdict in zip(topics, answers, judged, strict=True):
        parts.append(f"<h2>{html.escape(topic.qid)} ({html.escape(topic.type)}): {html.escape(topic.query)}</h2>")
        if answer.refused:
            parts.append(f"<p><em>Refused: {html.escape(answer.reason or '')}</em></p>")
        quotes = {citation.n: citation for citation in answer.citations}
        parts.append("<ol>")
        for sentence in answer.sentences:
            parts.append(f"<li>{html.escape(sentence.text)} <small>[{sentence.label}]</small>")
            for n in sentence.citations:
                cited = quotes[n]
                by = ", ".join(str(x) for x in (cited.date, cited.speaker, cited.title) if x)
                parts.append(
                    f"<blockquote>[{n}] {html.escape(cited.quote)}<br><small>{html.escape(by)}</small></blockquote>"
                )
            parts.append("</li>")
        parts.append("</ol><ul>")
        for place, point in enumerate(topic.answer_points):
            found = place in verdict.covered
            parts.append(
                f"<li class='{'found' if found else 'miss'}'>{'found' if found else 'missing'}: "
                f"{html.escape(point)}</li>"
            )
        parts.append("</ul>")
    return "".join(parts)
