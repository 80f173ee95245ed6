"""Spans that stand on their own: one that opens by pointing back begins with the sentence that it points to.

"They have been informed." or "This decision hurts Norway." is neither a quote nor a report that a reader can use
alone. Where the sentences before it in the same answer say what is meant, and no more than `MOST_SENTENCES` are cited,
the span is begun there. What opens an answer points at the reporter's words, which are never told: it stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.generation.fillers import FILLER
from rag.generation.openers import opened, sentence_declines, sentences
from rag.generation.references import OF_TIME, REACH, UNRESOLVED_START, dangling, unnamed
from rag.generation.restate import Context
from rag.generation.select import Statement
from rag.indexing.spans import MOST_SENTENCES, answer_sentences
from rag.types import AnswerSpan

MOST_WORDS = 110
"""Words beyond which a span is not begun earlier."""
_POINTS_AT_START = re.compile(
    r"^(?:(?:Despite|After|Before|With|In|On|For|By|Given|Because of|Compared with|Apart from) )?"
    r"(?:[Tt]hese|[Tt]hose(?! (?:who|in|on|at|with|from|that|whose|\w+ing)\b)|[Ss]uch|[Tt]his|[Tt]hat(?! said)|"
    r"[Tt]he (?:above|above-mentioned|aforementioned|said|same|former|latter))\b(?P<after> [\w-]+)?"
)
_BELIEVES = re.compile(r"^(?:I|We|China|The Chinese side) (?:\w+ )?(?:believe|think|find)s?(?: that)? (?=it\b)")
_POINTS_SOON = re.compile(
    r"\b(?:(?:this|these|such(?! as\b| an?\b)) (?P<noun>[a-z][\w-]+)|the (?:above-mentioned|aforementioned)|"
    r"(?<!and )the (?:latter|former)(?= (?:is|was|has|will)\b|[.,]))(?! (?:against|between|of|by|as)\b)"
)


def points_back(text: str) -> bool:
    """Whether the first sentence of `text` that says something is unclear without what stands before it."""
    found = [opened(s)[0] for s in sentences(text) if not FILLER.match(s)]
    said = next((s for s in found if not sentence_declines(s)), None)
    if not said:
        return False
    first = said[0].upper() + said[1:]
    clause = _BELIEVES.sub("", first)
    if UNRESOLVED_START.match(clause[0].upper() + clause[1:]):
        return True
    if opens := _POINTS_AT_START.match(first):
        return not (opens["after"] and OF_TIME.match(opens["after"]))
    soon = _POINTS_SOON.search(first[:REACH])
    if soon and not (soon["noun"] and OF_TIME.match(f" {soon['noun']}")):
        return True
    return bool(dangling(first)) or unnamed(text) is not None


def standing(span: AnswerSpan, answer: str, offset: int) -> AnswerSpan:
    """`span`, begun earlier where it points back and the sentences before it say at what.

    Args:
        span: one to three sentences of the answer.
        answer: the whole answer.
        offset: where the answer begins in the transcript's text.
    """
    if not points_back(span.text):
        return span
    edges = [(offset + start, offset + end) for start, end in answer_sentences(answer, 0, len(answer))]
    inside = [i for i, (start, end) in enumerate(edges) if span.start <= start and end <= span.end]
    if not inside:
        return span
    for first in range(inside[0] - 1, inside[-1] - MOST_SENTENCES, -1):
        if first < 0:
            break
        start, end = edges[first]
        text = answer[start - offset : span.end - offset]
        alone = answer[start - offset : end - offset]
        if len(text.split()) > MOST_WORDS or FILLER.match(alone) or sentence_declines(opened(alone)[0]):
            break
        if not points_back(text):
            return span.model_copy(update={"start": start, "text": text})
    return span


def stand_alone(
    statements: Sequence[Statement], contexts: Sequence[Context]
) -> tuple[tuple[Statement, ...], tuple[Context, ...]]:
    """Statements whose spans stand on their own, with their contexts. No words are told twice.

    A statement that points into the one before it is told together with it where both are short enough; else it stays
    as it is and follows what it points to.
    """
    kept: list[tuple[Statement, Context]] = []
    for statement, context in zip(statements, contexts, strict=True):
        evidence = statement.evidence
        span = standing(evidence.span, context.answer, evidence.exchange.answer.start)
        place = {"leads": statement.leads, "latest": statement.latest}
        last = kept[-1][0] if kept else None
        if last is not None and _overlap(span, last.evidence.span):
            if span.start <= last.evidence.span.start and not last.same and not statement.same:
                place = {"leads": last.leads, "latest": last.latest}
                kept.pop()
            else:
                span = evidence.span
        told = statement.model_copy(update={"evidence": evidence.model_copy(update={"span": span}), **place})
        kept.append((told, context))
    return tuple(statement for statement, _ in kept), tuple(context for _, context in kept)


def _overlap(one: AnswerSpan, other: AnswerSpan) -> bool:
    return one.transcript == other.transcript and one.start < other.end and other.start < one.end
