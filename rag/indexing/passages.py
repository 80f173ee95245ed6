"""Cut an answer into sentence-aligned passages that fit the embedding model's window with their question's end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil

from rag.indexing.fulltext import cjk_characters
from rag.indexing.spans import answer_sentences
from rag.types import Exchange, Passage, Transcript

RULES = 1
"""Raised when the rules below change where a passage ends."""
QUESTION_TAIL = 500
"""Characters of the question's end that are embedded with each passage: reporters ask last."""
QUESTION_TAIL_CJK = 120
"""The same for Chinese, of which a character is a token: at most half of the window."""

CountTokens = Callable[[Sequence[str]], list[int]]


def question_tail(transcript: Transcript, exchange: Exchange) -> str:
    """The last words of the question, at most `QUESTION_TAIL` characters (120 in Chinese); empty without a question."""
    if exchange.question is None:
        return ""
    question = transcript.text[exchange.question.start : exchange.question.end]
    longest = QUESTION_TAIL_CJK if cjk_characters(question) > len(question) / 4 else QUESTION_TAIL
    if len(question) <= longest:
        return question
    tail = question[-longest:]
    # The first word is likely cut in two.
    return tail.partition(" ")[2] or tail


def with_question(question: str, answer: str) -> str:
    """What is embedded of a passage: the question's end before the answer's words."""
    return f"{question}\n{answer}" if question else answer


def answer_passages(
    transcript: Transcript, exchange: Exchange, count_tokens: CountTokens, window: int
) -> list[Passage]:
    """The passages of an exchange's answer, in order; together they hold every sentence that a span can hold.

    Each fits into `window` tokens together with the question's end, and passages of one answer are about equally
    long. A sentence that alone is too long is cut between words.

    Args:
        transcript: the conference.
        exchange: one of its exchanges.
        count_tokens: tokens of each text with both special tokens.
        window: most tokens of one embedded text.
    """
    text = transcript.text
    question = with_question(question_tail(transcript, exchange), " ")
    room = max(window - count_tokens([question])[0], window // 2)
    sentences = answer_sentences(text, exchange.answer.start, exchange.answer.end)
    pieces = [piece for start, end in sentences for piece in _fitting(text, start, end, count_tokens, room)]
    lengths = [count - 2 for count in count_tokens([text[start:end] for start, end in pieces])]
    passages = []
    for group in _balanced(lengths, room):
        start, end = pieces[group[0]][0], pieces[group[-1]][1]
        passages.append(
            Passage(
                id=f"{exchange.id}.{start}-{end}",
                exchange=exchange.id,
                transcript=transcript.id,
                start=start,
                end=end,
                text=text[start:end],
            )
        )
    return passages


def _balanced(lengths: Sequence[int], room: int) -> list[list[int]]:
    """Consecutive indices in as few even groups as keep the sum of lengths in each within `room`."""
    total = sum(lengths)
    for count in range(max(1, ceil(total / room)), len(lengths) + 1):
        groups: dict[int, list[int]] = {}
        before = 0
        for i, length in enumerate(lengths):
            # A piece belongs to the share of the whole in which its middle lies.
            groups.setdefault(int((before + length / 2) * count / max(total, 1)), []).append(i)
            before += length
        if all(sum(lengths[i] for i in group) <= room for group in groups.values()):
            return list(groups.values())
    return [[i] for i in range(len(lengths))]


def _fitting(text: str, start: int, end: int, count_tokens: CountTokens, room: int) -> Iterator[tuple[int, int]]:
    """`[start, end)` halved at a space near its middle until each piece has at most `room` tokens."""
    if end - start <= 1 or count_tokens([text[start:end]])[0] - 2 <= room:
        yield start, end
        return
    middle = (start + end) // 2
    space = text.rfind(" ", start + 1, middle)
    cut = space if space > start + (end - start) // 4 else middle
    following = cut + 1 if text[cut] == " " else cut
    yield from _fitting(text, start, cut, count_tokens, room)
    if following < end:
        yield from _fitting(text, following, end, count_tokens, room)
