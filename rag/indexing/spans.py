"""Cut an answer into the spans that are cited and restated: one to three consecutive sentences each.

A span is shown to a reader on its own, so a sentence that leans on the one before it ("Such moves…", "They
will…", "In this regard…") stays with it. The cut depends on the answer's text alone, so that a proposition
made from a span today fits the same span after a rebuild.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.corpus.sentences import split_sentences
from rag.indexing.fulltext import cjk_characters
from rag.types import AnswerSpan, Exchange, Transcript

RULES = 1
"""Raised when the rules below change where a span ends."""
MOST_SENTENCES = 3
MOST_WORDS = 65
"""A span that would grow beyond this is closed; a single longer sentence stays whole."""
SHORT_WORDS = 8
"""A sentence of at most this many words ("We have noted relevant reports.") says little alone."""
CJK_WORD = 1.6
"""Chinese characters that count as one word of length."""

_TIMES = r"(?!\ (?:morning|afternoon|evening|week|weekend|month|year|spring|summer|autumn|time)\b)"

_BACKWARD = re.compile(
    rf"""["“'‘(]?(?:
    (?:these|such|they|them|their|theirs|its|he|she|his|her|the\ (?:former|latter))\b
    | (?:this|that|it|those)\b {_TIMES} (?!\ (?:who|whose)\b)
    | 这(?!里) | 该 | 此(?![外前后间时]) | 其(?![他中]) | 他 | 她 | 它 | 对此 | 为此 | 上述
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Openings that name something only the sentence before names: kept with it even across a paragraph."""

_CONNECTED = re.compile(
    rf"""["“'‘(]?(?:
    (?:but|and|or|so|yet|however|therefore|thus|hence|otherwise|instead|rather|moreover|furthermore|besides|meanwhile
      |nevertheless|nonetheless|consequently|accordingly|similarly|likewise|then|also|unfortunately|conversely|indeed
      |in\ addition|in\ other\ words|in\ fact|in\ the\ meantime|at\ the\ same\ time|for\ example|for\ instance
      |on\ the\ contrary|on\ the\ other\ hand|that\ is|as\ a\ result|as\ such|since\ then|only\ in|during\ the\ visit
      |the\ two\ (?:sides|countries|leaders)|our\ two\ (?:sides|countries)|both|neither)\b
    | (?:\S+\ ){{1,4}}(?:this|these|those|such|it|them|they|their)\b {_TIMES} (?!\ who\b)
    | 但 | 而 | 因此 | 所以 | 同时 | 此外 | 另外 | 然而 | 当然 | 例如 | 比如 | 换句话说 | 反之 | 双方 | 两国
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Openings that go on with a thought: kept with the sentence before inside a paragraph."""

_ENDS_BACKWARD = re.compile(r"\b(?:this|that|these|those|it|them|so)[.?!\"”'’)]*$", re.IGNORECASE)
"""Ends that point back ("…will give us credit for that.")."""

_INTERJECTION = re.compile(r"[(（](?:the )?(?:journalists?|reporters?|记者)[^()（）]*[)）]", re.IGNORECASE)
"""The reporter's words, or an editor's remark about them, inside an answer: nobody's official position."""


class _Sentence(NamedTuple):
    start: int
    end: int
    paragraph: int
    words: float


def answer_spans(transcript: Transcript, exchange: Exchange) -> list[AnswerSpan]:
    """The spans of an exchange's answer, in order, without overlap.

    Together they hold every sentence of the answer except a reporter's interjection in brackets. Offsets are
    into `transcript.text`; `transcript.text[span.start:span.end] == span.text`.
    """
    text = transcript.text
    spans = []
    for group in _group(text, _sentences(text, exchange.answer.start, exchange.answer.end)):
        start, end = group[0].start, group[-1].end
        spans.append(
            AnswerSpan(start=start, end=end, transcript=transcript.id, exchange=exchange.id, text=text[start:end])
        )
    return spans


def answer_sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Offsets into `text` of the sentences of `text[start:end]`, paragraph by paragraph, interjections left out."""
    return [(sentence.start, sentence.end) for sentence in _sentences(text, start, end)]


def _sentences(text: str, start: int, end: int) -> list[_Sentence]:
    found = []
    number = 0
    for paragraph in re.finditer(r"[^\n]+", text[start:end]):
        edge = 0
        pieces = []
        for aside in _INTERJECTION.finditer(paragraph.group()):
            pieces.append((edge, aside.start()))
            edge = aside.end()
        pieces.append((edge, len(paragraph.group())))
        for first, last in pieces:
            piece = paragraph.group()[first:last]
            offset = start + paragraph.start() + first
            found += [
                _Sentence(offset + s.start, offset + s.end, number, _words(piece[s.start : s.end]))
                for s in split_sentences(piece)
            ]
            # An interjection parts the sentences on its sides as a paragraph does.
            number += 1
    return found


def _group(text: str, sentences: list[_Sentence]) -> list[list[_Sentence]]:
    groups: list[list[_Sentence]] = []
    for sentence in sentences:
        if groups and _belongs(text, groups[-1], sentence):
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    return groups


def _belongs(text: str, group: list[_Sentence], sentence: _Sentence) -> bool:
    """Whether the sentence stays with the group before it."""
    if len(group) == MOST_SENTENCES or sum(s.words for s in group) + sentence.words > MOST_WORDS:
        return False
    words = text[sentence.start : sentence.end]
    if text[group[-1].end - 1] in ":：" or _BACKWARD.match(words):
        return True
    if sentence.paragraph != group[-1].paragraph:
        return False
    short = sentence.words <= SHORT_WORDS or sum(s.words for s in group) <= SHORT_WORDS
    return short or bool(_CONNECTED.match(words) or _ENDS_BACKWARD.search(words))


def _words(text: str) -> float:
    characters = cjk_characters(text)
    # A run of Chinese stands in `split` as one word or as part of one.
    return len(text.split()) + characters / CJK_WORD if characters else len(text.split())
