"""A "he" or a "this visit" put by name, where the exchange makes certain who is meant.

The name comes from the sentences of the answer before the span, or, where these name nobody, from the reporter's
question; of either only the name is taken. Certain means: nobody else is named there who could be meant. In doubt
nothing is put in, and the reference stays as it was said.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.corpus.sentences import split_sentences
from rag.generation.lexicon import COUNTRIES
from rag.generation.references import NO_PERSON, unnamed

_TITLE = (
    r"(?:(?:Vice |Deputy |Prime |Foreign |Crown |Former |State |Special )?(?:President|Minister|Premier|Chancellor|"
    r"Prince|Chairman|Chairwoman|Chairperson|Secretary(?: of State| General|-General)?|Director(?:-General| General)?|"
    r"Ambassador|Senator|General|King|Queen|Governor|Commissioner|Speaker|Envoy|Representative|Councilor|"
    r"Professor|Congressman|[Aa]dvis[eo]r)|(?:Mr|Ms|Mrs|Dr)\.?)"
)
_WORD = r"(?!(?:The|Of|And|China|US|In|On|At|Mr|Ms|Mrs|Dr|President|Minister|Prime|Foreign|Vice)\b)[A-Z][\w-]+"
_TITLED = re.compile(
    rf"\b(?P<title>{_TITLE}) (?P<name>{_WORD}(?: (?:(?:al|bin|de|van|von|da|del|la) )?{_WORD}){{0,3}})"
)
_UNTITLED = re.compile(rf"\b(?!{NO_PERSON})[A-Z][\w'’-]+ (?!{NO_PERSON})[A-Z][\w'’-]+\b")
_MAN = re.compile(r"\b(?:he|him|his)\b", re.IGNORECASE)
_NO_MAN, _NO_WOMAN = ("Ms", "Mrs", "Queen", "Chairwoman"), ("Mr", "King", "Prince", "Chairman", "Congressman")
_ANYBODY = re.compile(
    r"(?<!as )\b(?:president|minister|premier|chancellor|secretary|ambassador|senator|lawmaker|politician|journalist|"
    r"reporter|spokesperson|official|citizen|man|woman|student|doctor|someone|leader|father|mother|wife|husband|son|daughter)\b"
)
"""Somebody without a name who may be meant as well."""
_NEAR = 3
"""Sentences of the answer before a span in which a "he" of it is looked for."""
_VISIT = re.compile(
    r"(?<!paid )(?<!pay )(?<!made )\b(?:[Tt]his|[Tt]he) (?:upcoming |forthcoming )?(?P<noun>visit|trip)\b"
    r"(?! (?:to|of|by|paid|in)\b)"
)
_VISITS = (
    r"(?:,[^,.?!]{3,60},)? (?:will|is|has|arrived|visited|visits|paid|pays|plans|just)\b[^,.?!]{0,60}?"
    r"\b(?:visit(?:s|ed|ing)?|trip)\b"
)
_HIS_VISIT = r"(?:'s|’s) (?:[\w-]+ ){0,2}(?:visit|trip)\b"
_A_VISIT = re.compile(r"\b(?:visit(?:s|ed|ing|ors?)?|trips?|tour|travel(?:s|ed|led|ling)?|delegation)\b")
_THE_VISIT = re.compile(r"\b(?:this|the|his|her) (?:[\w-]+ )?(?:visit|trip)\b(?! (?:of|by|paid|to)\b)", re.IGNORECASE)


class Person(NamedTuple):
    """Somebody named with a title: "Prime Minister", "Jacinda Ardern"."""

    title: str
    name: str

    @property
    def full(self) -> str:
        """Title and name."""
        return f"{self.title} {self.name}"


class Put(NamedTuple):
    """A text in which characters `[start, end)` were replaced by names of `length` characters, in order."""

    text: str
    changes: tuple[tuple[int, int, int], ...] = ()

    def back(self, position: int) -> int:
        """Where a position of `text` outside the names stands in the text as it was."""
        for start, end, length in self.changes:
            if position > start:
                position -= length - (end - start)
        return position


def people(text: str) -> tuple[Person, ...]:
    """Everybody named with a title, each once, in order; "President Xi" and "President Xi Jinping" are one."""
    found: list[Person] = []
    for match in _TITLED.finditer(" ".join(text.split())):
        person = Person(match["title"], re.sub(r"['’]s$", "", match["name"]))
        if not any(_same(person, other) for other in found):
            found.append(person)
    return tuple(found)


def only_person(text: str) -> Person | None:
    """The one titled person whom `text` names, if nobody else is named or spoken of in it."""
    found = people(text)
    flat = " ".join(text.split())
    if len(found) != 1 or unnamed(flat):
        return None
    known = set(re.findall(r"\w+", found[0].full))
    others = [match[0] for match in _UNTITLED.finditer(flat) if not set(re.split(r"[ '’]", match[0])) & known]
    return None if others or _others(flat, found[0]) or _ANYBODY.search(flat) else found[0]


def put_by_name(text: str, before: str, question: str) -> Put:
    """`text` with its first unexplained "he" or "this visit" as a name, where it is certain; else as it was.

    Args:
        text: the span.
        before: what the same answer says before it.
        question: the reporter's question; only a name is taken from it.
    """
    pronoun = unnamed(text)
    if pronoun:
        name = _meant(text, pronoun, before, question)
        return _put(text, pronoun, name) if name else Put(text)
    visit = _VISIT.search(text)
    if visit and not re.search(r"\b(?:visit|trip|tour)", text[: visit.start()]):
        visitor = _visitor(before) if re.search(r"\bvisit|\btrip", before) else _visitor(question)
        if visitor:
            return _put(text, visit, f"{visitor.full}'s {visit['noun']}")
    return Put(text)


def named_again(put: Put) -> Put:
    """`put` with the "he" of a later sentence by the name that the sentences before it give.

    "Mr. Olsen came. He left." is plain, but told apart as "Li Ming said that he left" it would be Li Ming who left.
    """
    text, changes = put
    at = 0
    for sentence in split_sentences(text)[1:]:
        start, end = sentence.start + at, sentence.end + at
        pronoun = unnamed(text[start:end])
        name = _meant(text[start:end], pronoun, text[:start], "") if pronoun else None
        if pronoun and name:
            new = _put(text[start:end], pronoun, name)
            changes += ((put.back(start + pronoun.start() - at), put.back(start + pronoun.end() - at), len(name)),)
            at += len(new.text) - (end - start)
            text = text[:start] + new.text + text[end:]
    return Put(text, changes)


def _meant(text: str, pronoun: re.Match[str], before: str, question: str) -> str | None:
    """The name that `pronoun` of `text` stands for, in the case it stands in."""
    near = [before[s.start : s.end] for s in split_sentences(before)][-_NEAR:]
    person = _last_named(near) if people(before) or _UNTITLED.search(before) else only_person(question)
    rest = re.split(r"(?<!Mr)(?<!Ms)(?<!Dr)[.?!](?: |$)", text[pronoun.end() :])[0]
    if person is None or _others(before, person) or _UNTITLED.search(rest) or people(rest):
        return None  # "In his speech, Mr. Olsen …": who is meant may also come after
    word = pronoun[0].lower()
    if person.title.rstrip(".") in (_NO_MAN if _MAN.match(word) else _NO_WOMAN):
        return None
    if set(person.name.split()) & set(re.findall(r"\w+", text[: pronoun.start()])):
        return None
    if re.match(r" (?:own|like|ilk|\w+ies)\b", text[pronoun.end() :]):
        return None  # "in his nineties"
    if word == "her" and not re.match(r" [a-z]", text[pronoun.end() :]):
        return None
    with_object = re.match(
        r" (?:in|on|for|to|as|and|with|at|by|from|a|an|the|all|every|well|very|again|once|too|success|good|new|not)\b",
        text[pronoun.end() :],
    )
    possessive = word == "his" or (word == "her" and not with_object)
    return person.full + ("'s" if possessive else "")


def _others(before: str, person: Person) -> bool:
    """Whether `before` holds, inside a sentence, a name that may be somebody else's: a surname alone."""
    names = re.findall(r"(?<=[a-z,] )[A-Z]\w+|(?<=[a-z]-)[A-Z]\w+", before)
    known = set(re.findall(r"\w+", person.full)) | set(COUNTRIES)
    return any(name not in known and not re.match(rf"{NO_PERSON}$", name) and not name.isupper() for name in names)


def _last_named(sentences: list[str]) -> Person | None:
    """Whom the last of `sentences` that names anybody names, if it is one alone and no later one speaks of others."""
    for sentence in reversed(sentences):
        if people(sentence):
            return only_person(sentence)
        if _UNTITLED.search(sentence) or _ANYBODY.search(sentence):
            return None
    return None


def _visitor(text: str) -> Person | None:
    """The one person of whom `text` says that they pay a visit."""
    flat = " ".join(text.split())
    paid = {person: rf"{re.escape(person.name.split()[-1])}(?:{_VISITS}|{_HIS_VISIT})" for person in people(text)}
    found = [person for person, pattern in paid.items() if re.search(pattern, flat)]
    if len(found) != 1:
        return None
    others = _THE_VISIT.sub("", re.sub(paid[found[0]], "", flat))
    return None if _A_VISIT.search(others) else found[0]


def _put(text: str, match: re.Match[str], name: str) -> Put:
    return Put(text[: match.start()] + name + text[match.end() :], ((match.start(), match.end(), len(name)),))


def _same(one: Person, other: Person) -> bool:
    return bool(set(one.name.split()) & set(other.name.split()))
