"""Questions near a topic that the record answers: reporters' own, cleaned of what only the room understood."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from rag.corpus.sentences import split_sentences
from rag.errors import QueryError
from rag.retrieval.lexical import terms
from rag.retrieval.search import search
from rag.retrieval.timeline import Topic
from rag.retrieval.understand import understand
from rag.types import Filters, Query

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder
    from rag.indexing.store import Index

MOST = 4
TRIED = 12
"""Most questions that are searched for to see whether they are answered."""
SHORTEST, LONGEST = 25, 130
"""Characters of a question that is offered."""
NEAR = 0.36
"""Cosine with the topic, moved to where its answers lie, from which a question as asked is near it: a reporter may ask
of several things in one turn. Moving took .045 off the nearest."""
SAME_WORDS = 0.5
"""Jaccard index of content words from which on two questions ask the same."""

_PREAMBLE = re.compile(
    r"^(?:(?:and|so|but|also|then|well|or|again|first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|just now|just|besides|"
    r"in addition|additionally|meanwhile|the (?:first|second|third|other|last) (?:question|one) is|"
    r"my (?:\w+ )?question is|(?:my|the) (?:first|second|third|other|last|next) question(?: is)?|"
    r"a (?:quick )?follow[- ]up(?: question)?(?: on that)?|to follow up(?: on that)?|one more question|"
    r"another question|on another (?:topic|subject|note))\b[\s,:;–-]*(?:whether |if |about )?|"
    r"(?:(?:can|could|would|will) you (?:please |kindly |also )?"
    r"(?:tell us|explain(?: to us)?|say|clarify|elaborate on)|do you know|i (?:was|am) wondering|i wonder|"
    r"i(?:'d| would) like to (?:ask|know)|please tell us)\s*,?\s*(?=wh|how))",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:what|why|how|when|where|who|which|will|would|is|are|was|were|has|have|had|does|do|did|can|could|should)\b",
    re.IGNORECASE,
)
_OF_THE_ROOM = re.compile(
    r"\b(?:you|your|yours|i|we|(?-i:us)|our|my|me|this|that|these|those|it|its|they|them|their|he|him|his|she|her|such|"
    r"there|here|the (?:report|meeting|visit|statement|remarks?|two sides|two countries|issue|incident|former|latter|"
    r"case|plan|deal|talks|document|latest|same|above)|today|yesterday|tomorrow|tonight|now|recent(?:ly)?|just|"
    r"mentioned|(?:last|this|next) (?:week|month|year|night)|\w+day|comments?|respon(?:se|d)|reaction|details?|"
    r"confirm)\b",
    re.IGNORECASE,
)
"""What points at something said in the room, or asks for nothing in particular."""
_NAME = re.compile(r"(?<=\s)(?!China\b|Chinese\b|Beijing\b)[A-Z][\w-]+")


def related(
    query: Query, topic: Topic, shown: Collection[str], index: Index, encoder: Encoder, limit: int = MOST
) -> tuple[str, ...]:
    """Questions beside the one asked, the nearest first, each of which a search under the same filters answers.

    Args:
        query: what was asked.
        topic: its topic and all that addresses it.
        shown: ids of the exchanges that the answer is made of.
        index: what is searched.
        encoder: the model the index was built with.
        limit: most questions.
    """
    others = [item.exchange for item in topic.addressed if item.exchange not in shown]
    candidates = {question: exchange for exchange in others for question in _questions(index.question(exchange) or "")}
    if not candidates:
        return ()
    nearness = encoder.encode_questions(list(candidates)) @ topic.vector
    near = sorted(zip(nearness.tolist(), candidates.items(), strict=True), key=lambda item: -item[0])
    asked = [_words(query.question), _words(query.topic)]
    found: list[str] = []
    tried = 0
    for near_by, (question, exchange) in near:
        if near_by < NEAR or tried == TRIED or len(found) == limit:
            break
        words = _words(question)
        if any(_same(words, other) for other in asked):
            continue
        tried += 1
        if _answered(question, exchange, query.filters, index, encoder):
            asked.append(words)
            found.append(question)
    return tuple(found)


def _questions(text: str) -> Iterator[str]:
    """The sentences of a reporter's turn that can be asked by themselves."""
    for sentence in split_sentences(text):
        words = " ".join(text[sentence.start : sentence.end].split())
        while (match := _PREAMBLE.match(words)) and match.end():
            words = words[match.end() :]
        words = words[:1].upper() + words[1:]
        if (
            SHORTEST <= len(words) <= LONGEST
            and words.endswith("?")
            and _ASKS.match(words)
            and not _OF_THE_ROOM.search(words)
            and _NAME.search(words)
        ):
            yield words


def _answered(question: str, exchange: str, filters: Filters, index: Index, encoder: Encoder) -> bool:
    """Whether a search under these filters finds the exchange that the question is from, sure enough of it."""
    try:
        query = understand(question, (), filters, index)
    except QueryError:
        return False
    return any(evidence.span.exchange == exchange for evidence in search(query, index, encoder).evidence)


def _words(question: str) -> frozenset[str]:
    return frozenset(word[:6] for word in terms(question))


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME_WORDS * len(one | other)
