"""References that a span leaves open: "it", "they", "he", "this move" whose meaning no word of the span gives.

One reading of them for all who ask: where a span begins (`standing`), what a report puts between quotation marks
(`reported`), what a sentence may not tell (`verify`), and what a name can stand for (`people`).
"""

from __future__ import annotations

import re

from rag.generation.lexicon import ADVERBS, AUXILIARY, COMMON, MODALS, PAST, VERBS, third

REACH = 60
"""Characters from the start of a span within which a "this" points outside it; later ones mostly point back
inside."""
UNRESOLVED_START = re.compile(
    r"^(?:It(?! (?:is|was|has been|will be|should be|must be|would be|seems|takes|has always been|is "
    r"also)(?:(?: [\w'-]+){1,6} (?:position|stance|hope) (?:that|to)|(?: [\w'-]+){1,4}"
    r" (?:that|to|for|whether|how|why|who|if))\b)|They|He|She|His|Her|Him|Their|Its|Them|Both|Neither|"
    r"The (?:former|latter)|So do|Nor|Not only|Otherwise|That(?! said)|One (?:is|of them)|Another|The "
    r"other|"
    r"The same|Hence|As such|Only in this way|Either way)\b"
)
_TIMES = (
    "year|month|week|day|time|morning|afternoon|evening|century|moment|point|juncture|spring|summer|autumn|winter|"
    "regard|end|way|stage"
)
_NOT_A_NOUN = (
    r"(?!(?:is|are|was|were|will|would|can|could|shall|should|may|might|must|has|have|had|does|do|did|the|a|an|"
    r"as|of|in|"
    rf"to|also|not|only|by|and|or|kind|sort|type|who|which|with|for|on|at|from|again|just|further|fully|very|"
    rf"once|{_TIMES}|"
    r"shows?|makes?|proves?|means?|when|where|while|because|so|if|since|after|before|than|through|up|out|about|"
    r"into|over|"
    r"under|against|between|all|both|we|they|it|he|she|too|well|much|many|cannot|needs?)\b)"
)
_ADJECTIVE = (
    r"(?:[a-z-]+(?:al|ous|ive|ful|ic|ble|ed|ing|ary|ent|ant|ate|less)|"
    r"joint|foreign|certain|so-called|new|latest|whole|big|great|long|large|two|three|same|past|wrong|good|bad|open|few)\b"
)
_DEICTIC = re.compile(
    rf"\b(?P<word>[Tt]his|[Tt]hese|[Ss]uch)\b(?P<noun> {_NOT_A_NOUN}(?:{_ADJECTIVE} {_NOT_A_NOUN}){{0,2}}[a-z][\w-]*)?"
)
OF_TIME = re.compile(rf" (?:{_TIMES}|(?:particular|critical|crucial|difficult|special) (?:{_TIMES})|a backdrop)\b")
EXPLAINS = dict.fromkeys(("this", "these"), r" (?:against|between)\b") | {"such": r" (?:against|between|as)\b"}
"""What follows a "this fight against …", "such areas as …" that says itself what is meant."""
PRONOUN_OF_PERSON = re.compile(r"\b(?:he|she|him|his|her)\b|(?:^|(?<=[.!?:“] ))(?:He|She|His|Her)\b")
NO_PERSON = (
    r"(?:The|This|That|These|In|On|At|As|For|And|But|If|When|Since|By|China|Chinese|US|UK|EU|UN|Hong|Kong|United|States|"
    r"Nations|Foreign|Ministry|Security|Council|National|South|North|East|West|Sea|Union|Republic|Committee|Government|"
    r"Party|Court|Korea|Zealand|Africa|Affairs|Central|State|Public|People|Commission|Embassy|Consulate|Congress|Department|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|"
    r"American|British|Canadian|Australian|Japanese|Russian|Indian)\b"
)
NAMED = re.compile(
    rf"\b(?!{NO_PERSON})[A-Z][\w'’-]+ (?!{NO_PERSON})[A-Z][\w'’-]+\b|"
    r"\b(?:(?:Mr|Ms|Mrs|Dr)\.? ?[A-Z][\w'’-]*|someone|anyone|everyone|one|person|man|woman)\b|"
    r"\b(?:[Pp]resident|[Mm]inister|[Ss]ecretary|[Cc]hairman|[Pp]remier|[Aa]mbassador|[Ss]enator|[Oo]fficial|[Cc]itizen|"
    r"[Pp]olitician|[Ll]awmaker|[Ll]eader|[Jj]ournalist)\b"
)
"""Somebody a "he" can stand for."""

_VERBAL = VERBS | {third(verb) for verb in VERBS} | MODALS | PAST | set(AUXILIARY) | set(AUXILIARY.values())
_LINKING = ADVERBS | frozenset(
    ["to", "and", "about", "of", "on", "with", "for", "by", "at", "into", "over", "from", "through"]
)
"""Words besides verbs that may stand between a subject and an "it" without naming what is meant."""
_NO_SUBJECT_ALONE = re.compile(r"(?:\b(?:of|in|on|and|for|from|with|that|which|who|whose)\b|(?<!China)'s\b|,)")
_OBJECT = re.compile(
    r"\b(?:it|them)(?! (?:very |quite |more )?\w+ (?:that|to|how|why)\b)"
    r"(?=$|[.;,]| (?:and|in|with|on|at|from|by|when|as|very (?:well|much)|well|too|either|before|after|through|once|"
    r"again|here|properly|strongly|respectively)\b)|\bthat(?=[.;,]| and (?:has|have|is|will)\b)"
)
_BELIEVES = re.compile(r"(?:I|We|China|[Tt]he Chinese side) (?:believe|hope|think|understand)s?(?: that)? ")
_ACTING = re.compile(
    r"[A-Z]?[a-z]+(?: (?!this\b|that\b|the\b(?! contrary))[a-z0-9]+){0,3}, it (?:also |even |still |once )?"
    r"(?:(?:is|was) the (?:first|last|only)\b|(?:has |had )?"
    r"(?!(?:seem|appear|take|depend|remain|turn|go|make|come|need|happen|follow|mean|appl|matter|help)e?(?:s|d|ed|ies)\b|"
    r"(?:is|was|has|does|goes|always|being|became)\b)(?:\w+ed|made|took|gave|won|put|sent|[a-z]+[^s]s)\b)"
)
"""An "it" that does something, behind a few words that name nothing."""
_MANY = re.compile(r"\b(?:they|them|their|theirs)\b")
_SOME_MEANT = re.compile(
    r"\b(?!(?:China|Chinese|I|We|The|In|On|As|At|By|If|It|But|For|To|Many|Most|Some|Both|All|And|So|With|Now|Today)\b)"
    r"[A-Z][\w-]+|\b\d[\d,]*\b(?! of\b)|"
    r"\b(?:people|\w*men|children|side|government|country|person|man|woman|whoever|anyone|everyone|those|"
    r"who|both|public|team|group|staff|personnel|media|family|police|delegation|mission|party|company)\b"
)
_AHEAD = re.compile(
    r"(?:^|, )(?:[Ii]n|[Oo]n|[Dd]uring|"
    r"[Aa]fter|[Bb]efore|[Uu]pon|[Ww]ithin|[Aa]t|[Ww]ith|[Ss]ince|[Bb]y|[Ff]or|[Dd]espite|"
    r"[Ww]hile|[Tt]hrough|[Ff]rom) [^,]*$"
)
"""What opens a sentence may point at the subject that follows: "In their attempts to …, the politicians …"."""
_ENDS = re.compile(r"\b(?:to (?:this|that) end|in (?:this|that) (?:regard|connection|respect|direction)|in that(?=\.))")
_SAID_AS = {
    "visit": r"visit|trip|tour|stay|arriv",
    "trip": r"visit|trip|tour|travel",
    "meeting": r"me?et|talk|conference|dialogue|consult|session|summit|held|hold",
    "summit": r"summit|meeting|conference|forum",
    "conference": r"conference|meeting|forum|summit|session",
    "report": r"report|article|stor|paper|publish|survey|news",
    "article": r"article|report|story|publish|wr[io]t",
    "letter": r"letter|message|wr[io]t|sent",
    "forum": r"forum|conference|summit|meeting",
    "exhibition": r"exhibition|expo|fair",
    "accident": r"accident|crash|collision|explosion|fire|sank|capsiz",
    "case": r"case|arrest|detain|detention|murder|kill|suspect|accus|court|trial|investigat|incident|sue|suit|citizen|"
    r"victim|extradit|crime|dispute|strand",
}
"""Words that name what a later "this visit" takes up."""
_SPECIFIC = re.compile(
    rf"(?:\bthis|(?<=\bof )that|(?<=\bat )that|(?<=\bduring )that|(?<=\battended )that) "
    rf"(?P<noun>{'|'.join(_SAID_AS)})\b(?! (?:in|of|on|between|with|by|to)\b)"
)


def dangling(sentence: str) -> list[str]:
    """The "it", "them", "their" or "to this end" of a span's first sentence that no word before it explains.

    Only what is plain to see is found: an object after nothing but a subject and verbs, a plural before which nobody is
    named, a formula that points back near the beginning.
    """
    plain = re.sub(r"[\"“][^\"”]*[\"”]", "Quoted", sentence)
    found = [_subject(plain), _object(plain), _many(plain), _formula(plain)]
    return list(dict.fromkeys(phrase for phrase in found if phrase))


def _subject(sentence: str) -> str | None:
    """The "it" of "On the contrary, it was the first to leave."."""
    return "it" if _ACTING.match(sentence) else None


def _many(sentence: str) -> str | None:
    many = _MANY.search(sentence)
    before = sentence[: many.start()] if many else ""
    return many[0] if many and not _plural_meant(before) and not _AHEAD.search(before) else None


def _formula(sentence: str) -> str | None:
    end = _ENDS.search(sentence)
    return end[0] if end and _says_little(sentence[: end.start()]) else None


def _object(sentence: str) -> str | None:
    clause = sentence
    if believes := _BELIEVES.match(sentence):
        clause = sentence[believes.end() :]
    found = _OBJECT.search(clause)
    if not found:
        return None
    before = clause[: found.start()].replace("'ll", " will").replace("'ve", " have").split()
    verb = next((i for i, word in enumerate(before) if i and _verbal(word)), None)
    if verb is None or verb > 6 or _NO_SUBJECT_ALONE.search(" ".join(before[:verb])):
        return None
    return found[0] if all(_verbal(word) or word in _LINKING or word.endswith("ly") for word in before[verb:]) else None


def _verbal(word: str) -> bool:
    low = word.lower()
    return low in _VERBAL or (low.endswith("ing") and bool({low[:-3], low[:-3] + "e", low[:-4]} & VERBS))


def _plural_meant(before: str) -> bool:
    plurals = [
        w
        for w in re.findall(r"\b[a-z]{3,}s\b", before)
        if w not in _VERBAL and w not in ("this", "has", "was", "is", "as")
    ]
    first, _, rest = before.partition(" ")
    return bool(plurals) or bool(_SOME_MEANT.search(rest if first.lower() in COMMON else before))


def _says_little(before: str) -> bool:
    """Whether what stands before "to this end" names nothing it could mean."""
    return len(before) <= REACH + 20 and not re.search(
        r"[,;:]|\b(?:that|which|who|and (?:will|have|\w+s|\w+ed)|but)\b", before
    )


def unexplained(sentence: str, before: str) -> list[str]:
    """Each "this visit" of a later sentence that takes up nothing said in `before`, the sentences before it."""
    return [
        match[0]
        for match in _SPECIFIC.finditer(sentence)
        if not re.search(_SAID_AS[match["noun"]], f"{before} {sentence[: match.start()]}", re.IGNORECASE)
    ]


def unnamed(text: str, start: int = 0) -> re.Match[str] | None:
    """The first "he" or "she" of `text` from `start` on, where nobody is named who could be meant."""
    pronoun = PRONOUN_OF_PERSON.search(text, start)
    return pronoun if pronoun and not named_before(text, pronoun) else None


def named_before(text: str, pronoun: re.Match[str]) -> bool:
    """Whether somebody is named before `pronoun`, or right behind the clause that it stands in."""
    return bool(NAMED.search(text[: pronoun.start()])) or named_next(text, pronoun)


def told_open(sentence: str, phrase: str) -> bool:
    """Whether `sentence` holds `phrase` and its first mention stands outside quotation marks."""
    first = re.search(rf"\b{re.escape(phrase)}\b", sentence, re.IGNORECASE)
    return first is not None and sentence.count("“", 0, first.start()) == sentence.count("”", 0, first.start())


def quote_first(text: str, phrase: str) -> str:
    """`text` with the first `phrase` outside quotation marks put between such."""
    return re.sub(rf"(?<!“)\b{re.escape(phrase)}\b(?!”)", f"“{phrase}”", text, count=1)


def mark_deictic(text: str) -> str:
    """Put a "this move" that nothing in the span explains between quotation marks."""

    def mark(match: re.Match[str]) -> str:
        word, noun = match["word"].lower(), match["noun"] or ""
        after = text[match.start() + len(word) :]
        explained = bool(noun) and bool(re.match(EXPLAINS[word], text[match.end() :]))
        if match.start() > REACH or (word == "such" and not noun) or OF_TIME.match(after) or explained:
            return match[0]
        head, _, last = noun.rpartition(" ")
        if head and (last.endswith("ed") or (word == "this" and last.endswith("s") and last in _VERBAL)):
            return f"“{word}{head}” {last}"
        return f"“{word}{noun}”"

    return _DEICTIC.sub(mark, text)


def named_next(span: str, pronoun: re.Match[str]) -> bool:
    """ "During his visit to Norway, Minister Olsen …": who is meant stands behind the comma of the same sentence."""
    clause = re.match(r"[^.!?,]*, ([^.!?,]{0,90})", span[pronoun.end() :])
    opens = re.search(
        r"(?:^|[.!?] |\bthat )(?:[Ii]n|[Oo]n|[Dd]uring|[Aa]fter|[Bb]efore|[Uu]pon|[Ww]ithin|[Aa]t|[Ww]ith|[Ss]ince) "
        r"[^.!?,]*$",
        span[: pronoun.start()],
    )
    return bool(clause and opens and NAMED.search(clause[1]))
