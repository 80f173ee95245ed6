"""Who answers on a page: named by its title, by a statement's first words, or by the labels of the answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from rag.corpus.labels import known_speakers
from rag.corpus.language import language_of
from rag.corpus.paragraphs import ASKS, Paragraph

_NAMED = [
    re.compile(
        r"(?i:spokesperson|spokesman|spokeswoman)\s+(?!Regular|Press|Remarks|Statement)"
        r"((?:[A-Z][\w-]+ ){0,2}[A-Z][\w-]+?)"
        r"(?:['’]s?\b|\s+(?i:holds|hosts|on|comments|remarks|answers|responds|speaks|takes|gives|makes|announces)|\s*$)"
    ),
    re.compile(
        r"发言人(?![就答在表谈办])([\u4e00-\u9fff]{2,4}?)"
        r"(?=主持|就|答|发表|宣布|回答|举行|召开|谈|介绍|表示|在|于|\d|[\s，,（(]|$)"
    ),
    re.compile(r"^([\u4e00-\u9fff]{2,3})[：:]"),
]
_ANSWERS = re.compile(r"([A-Z][\w’'-]+(?: [A-Z][\w’'-]+){1,2}|[\u4e00-\u9fff]{2,3}?)(?:回?答|说)?\s?[:：]\s*(?=\S)")
"""A person's name as a label."""
_OFTEN = 2
"""Labels by which somebody is known to answer beside the spokesperson."""
_ALIKE = 0.75
"""Likeness of a label and a spokesperson's name from which on it is the name, misspelt ("Gou Jiakun")."""


def titled(title: str) -> str | None:
    """The spokesperson whom a page's title names."""
    for pattern in _NAMED:
        match = pattern.search(title)
        if match:
            return match[1].strip()
    return None


def introduced_in(statement: str) -> str | None:
    """The known spokesperson whom a statement introduces, as in "外交部发言人华春莹表示"."""
    return next((name for name in known_speakers() if re.search(rf"(?:发言人|pokesperson ){name}", statement)), None)


def answering(paragraphs: Sequence[Paragraph], speaker: str | None) -> list[str]:
    """The spokesperson and who else answers on the page, by the names that label what follows a question.

    Without a `speaker` it is the name that follows nearly every question.
    """
    names: Counter[str] = Counter()
    in_plain: Counter[str] = Counter()
    for question, answer, name in _labels(paragraphs):
        if answer.boldness(len(name)) < question.boldness() + 0.5:
            names[name] += 1
        # Where questions are bold and answers are not, the type tells a second speaker from an outlet.
        if question.boldness() >= 0.5 > answer.boldness(len(name) + 1) and not ASKS.search(answer.text):
            in_plain[name] += 1
    if speaker is None:
        most = names.most_common(1)
        # In Chinese one label alone may be any word ("首先：").
        fewest = 2 if paragraphs and language_of(paragraphs[0].text) == "zh" else 1
        if most and most[0][1] >= max(fewest, 0.8 * names.total()):
            return [most[0][0]]
    known = (speaker or "").casefold()
    others = [name for name, count in in_plain.items() if count >= _OFTEN and name.casefold() != known]
    return [speaker, *others] if speaker else others


def misspelt(paragraphs: Sequence[Paragraph], named: Iterable[str]) -> frozenset[tuple[str, str]]:
    """(label, name) of those that follow a question and are a slip of the pen away from who answers on the page."""
    known = [name for name in named if name.isascii()]  # Chinese names are too short to tell a slip from another
    return frozenset(
        (label, name)
        for _, _, label in _labels(paragraphs)
        for name in known
        if label not in known and SequenceMatcher(None, label.casefold(), name.casefold()).ratio() >= _ALIKE
    )


def _labels(paragraphs: Sequence[Paragraph]) -> Iterator[tuple[Paragraph, Paragraph, str]]:
    """(question, what follows it, the name that labels it)."""
    for question, answer in pairwise(paragraphs):
        label = _ANSWERS.match(answer.text)
        if label and ASKS.search(question.text):
            yield question, answer, label[1]
