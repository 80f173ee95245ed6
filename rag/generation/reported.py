"""Reported speech by rule: the person of a statement shifted, its words kept.

Most statements of a press conference need no more than this ("We urge the US side to …" becomes "China urges the US
side to …"), and a rule cannot swap a subject, drop a "not" or add a fact. It makes a report only where it is
certain and otherwise makes none: the span is then left to the model (`rag.generation.restate`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.corpus.sentences import split_sentences
from rag.generation.lexicon import (
    ADVERBS,
    AUXILIARY,
    CITED_VERBS,
    COMMON,
    CONTRACTED,
    MODALS,
    OBLIGATIONS,
    PAST,
    VERBS,
)

_I_WE = r"(?:I|[Ww]e)"
_VERB_OF_SAYING = (
    r"(?:re-?emphasi[sz]e|emphasi[sz]e|reiterate|stress|underscore|underline|highlight|reaffirm|point out|make (?:it )?clear|"
    r"add|clarify|say|tell you|assure you|inform you|remind you|let you know|share with you)"
)
_SAID = {
    "reiterate": "reiterated", "reaffirm": "reaffirmed", "stress": "stressed", "underscore": "stressed",
    "underline": "stressed", "highlight": "stressed", "emphasize": "emphasized", "emphasise": "emphasized",
    "re-emphasize": "emphasized again", "reemphasize": "emphasized again", "point out": "pointed out", "add": "added",
    "make clear": "made clear", "make it clear": "made clear", "clarify": "clarified", "assure you": "gave an assurance",
}  # fmt: skip
_AGAIN = r"(?: (?:here|again|once again|once more|now|clearly|responsibly|first|one thing|very clearly|that|,))*"

_FRAMES = (
    re.compile(
        rf"^(?:And |But |So )?I(?:'d| would| want| wish| must| have| need| shall| can| could| will|'ll| should| may| only)*"
        rf"(?: (?:also|once again|again|only|just|still|like|once more))*(?: to)? "
        rf"(?P<verb>{_VERB_OF_SAYING}){_AGAIN}(?: that|:| is that)\s*,?\s*(?P<rest>.+)$",
        re.S,
    ),
    re.compile(rf"^Let me (?:also |just )?(?P<verb>{_VERB_OF_SAYING}){_AGAIN}(?: that|:|,)\s*(?P<rest>.+)$", re.S),
    re.compile(
        rf"^(?:But )?[Ww]hat I (?:can|could|want|would like|need|have)(?: to)? (?:also )?(?P<verb>{_VERB_OF_SAYING})"
        rf"{_AGAIN}(?: for you| at the moment| at this (?:point|moment))? is(?: that)?,?:?\s+(?P<rest>.+)$",
        re.S,
    ),
    re.compile(
        r"^I (?:have |'ve )?(?:just |already )?(?P<verb>said|stated|reiterated)(?: just now)? that (?P<rest>.+)$", re.S
    ),
)
_KNOWN_OPENERS = re.compile(
    r"^(?:As far as I know|As I know|As I understand|As we understand|To my knowledge|According to my information|"
    r"As I recall|What I know is(?: that)?|What I have learnt is(?: that)?|If I remember (?:it )?(?:right|correctly)),?\s+"
)
_DROPPED_OPENERS = re.compile(
    r"^(?:(?:As|Like) (?:I|we)\b[^,\"“]{0,70}?\b(?:said|stated|say|stating|saying|stressed|stressing|noted|mentioned|"
    r"pointed out|emphasized|announced|told you|explained|made clear|answered|reiterated)\b[^,\"“]{0,45},\s+"
    r"|(?:[Aa]s|[Ll]ike) you (?:may |might |can |must |should |could )?(?:have |all |already |well |also )*"
    r"(?:know|said|mentioned|recall|noticed|noted|remember|see|seen|asked|read|heard|aware)"
    r"(?: just now| earlier| yourself)?,\s+"
    r"|(?:You (?:may|might|should|must) (?:have |all |also |already )*(?:noticed?|noted?|know|seen|be aware|recall|remember) that\s+)"
    r"|(?:I|[Ww]e) (?:have )?(?:noted?|noticed|taken note) that\s+(?=[A-Z]))"
)
_QUESTION_OPENERS = re.compile(
    r"^(?:As for|As to|Regarding|With regard to|With regards to|With respect to|On|Concerning|In response to|To answer|To|"
    r"In terms of|As regards|Speaking of|About)"
    r" [^,]{0,80}?\b(?:questions?|you(?:'re| are)? (?:just |also )?(?:mentioned|asked|raised|said|referred|interested|talked|"
    r"cited|asking)[^,]{0,20}),\s+"
)
_CONNECTIVES = re.compile(
    r"^(?:First|Firstly|First of all|Second|Secondly|Third|Thirdly|Fourth|Fifth|Finally|Lastly|Besides|In addition|Moreover|"
    r"Furthermore|Also|Meanwhile|However|Well|Frankly|Frankly speaking|Indeed|In fact|Actually|Of course|Therefore|So|Thus|"
    r"Here|Again|Once again|To be frank|To be brief|To put it simply|In other words|As a matter of fact|Yes|Needless to say|"
    r"Naturally|Obviously|Apparently|Then|At the same time|In the meantime|In this regard|To this end|Please note that),\s+(?=\S)"
    r"|^(?:And|But|So|Here(?= I\b)|Please note that)\s+"
)
FILLER = re.compile(
    r"^(?:(?:I|[Ww]e|China|The Chinese side)(?:'ve| have)? (?:also )?(?:noted|noticed|taken note of|note|seen|read|learned of|learned about|followed|saw)"
    r"(?: the| these| those| this| such| some| that| all)?(?: relevant| related| media| press| above)*"
    r"(?: (?:reports?|situation|statement|information|remarks|issue|developments|comments|matter|coverage|news))"
    r"(?: (?:you (?:just )?(?:mentioned|cited|said)|mentioned by you|in question|on this|on that))?"
    r"|(?:Thank you|Thanks (?:a lot|for your|very much))\b[^.]*|Good (?:afternoon|morning)[^.]*|I(?:'m| am) glad [^.]*question"
    r"|[^.]{0,40}\bposition (?:on [^.]{0,60}|in this regard |here )?(?:is|has been|remains|are)(?: always| all along)?"
    r" (?:very )?(?:consistent|clear|clear-cut|firm|unequivocal|known to all)[^.]{0,40}"
    r"|(?:I|[Ww]e)(?:'ve| have)?(?: already| just| repeatedly| also)?(?: responded| answered| stated| made clear| talked| elaborated)"
    r"[^.]{0,60}\b(?:position|question|questions|inquiries|times|occasions|this|that|it|yesterday|before)(?: [^.]{0,30})?"
    r"|(?:I|[Ww]e) (?:will not|won't|shall not|will never) repeat[^.]{0,40}|Like I said|(?:I|[Ww]e)(?:'ve| have) been following[^.]{0,60}"
    r"|I(?:'d| would) like to (?:share|start|offer|say)[^.]{0,60}|That(?:'s| is) (?:all|it)|Here(?:'s| is)[^.]{0,60}"
    r"|There is no (?:doubt|question) about (?:that|it)|I (?:just|already)[^.]{0,20}(?:said|answered|responded|took)[^.]{0,40})[.!:]*$"
)
"""Sentences without substance: dropped beside others, and never a report of their own."""

_NO_INFORMATION = re.compile(
    r"^(?:I(?:'m| am) (?:sorry|afraid)(?: that)?,? )?(?:But |But,? )?(?:at (?:present|this point|the moment), )?(?:I|[Ww]e)"
    r"(?:'m| am| are)? (?:not (?:yet )?(?:aware|familiar)|unaware|"
    r"(?:currently )?(?:have|have got|'ve got) (?:no|nothing|not any)|do(?:n't| not) (?:currently )?(?:have|know)|haven't (?:any|heard|seen)|"
    r"have not (?:heard|seen)|need to (?:check|get more|learn more|look into))\b",
)
_ABOUT_NOTHING = re.compile(
    r"\b(?:aware|familiar|information|details?|specifics?|update|offer|add|heard|provide|release|announce|know|check|that|this|it|"
    r"situation|comment)\b"
)
_NO_COMMENT = re.compile(
    r"\b(?:no comment|not (?:going to )?comment|won't comment|decline to comment|not in a position to)\b"
)
_REFERRED = re.compile(
    r"\b(?:(?:I|[Ww]e)\b[^.,]{0,40}?\brefer (?:you|this question|that question|this) to|"
    r"[Yy]ou (?:may|can|should|could|might|need to|have to|'d better|may (?:still )?(?:need|want) to|may also)[^.,]{0,25}?"
    r"\b(?:ask|refer(?: this question)? to|consult|check with|inquire with|turn to)) (?P<whom>[^.,;]+)"
)
_WHOM_END = re.compile(
    r"\s+(?:for|on|about|as to|regarding|concerning|with|what|why|how|whether|if|as|because|which|who|and|instead)\b.*$"
)
_WHOM = re.compile(
    r"\b(?:[Mm]inistr|[Aa]uthorit|[Dd]epartment|[Cc]ommission|[Aa]dministration|[Oo]ffice|[Gg]overnment|[Ee]mbass|[Cc]ompan|"
    r"[Mm]ilitary|side|[Oo]fficials?|[Bb]ank|[Cc]ommittee|[Aa]genc|[Ii]nstitution|[Oo]rgan|Huawei)"
)

_RELATIVE_DAY = (
    (re.compile(r"\b([Yy])esterday(?!'s)"), "the previous day"),
    (re.compile(r"\b([Tt])omorrow(?!'s)"), "the following day"),
    (re.compile(r"\b([Tt])his (?=morning\b|afternoon\b|evening\b)"), "that "),
)
_BOTH = re.compile(
    r"\b(?:both|two|three|all|relevant|other|various|the) (?:sides|countries|parties|peoples|nations|leaders|ministers|members)\b"
    r"|\beach other\b|\b(?:all|both) of us\b|\bmankind\b|\bhumanity\b|\binternational community\b|\btogether\b|\bglobal\b|"
    r"\bChina and\b|\band China\b|\bChina-[A-Z]|\bworld\b|\bour two\b"
)
"""After one of these "we" may be more than China."""
_EVERYONE = re.compile(
    r"\b(?:[Ww]e all|[Ww]e two|[Ww]e both|[Ww]e Chinese|[Ww]e,|us all|[Ll]et us|[Ll]et's|us Chinese|[Ww]e as|[Ww]e at the|"
    r"[Ww]e here|[Ww]e in the|[Ww]e human|[Ww]e (?:are )?(?:now )?liv(?:e|ing))\b"
)
_SHARED = re.compile(
    r"\b[Oo]ur (?:two|three|five|peoples|leaders|common|shared|respective|mutual|joint|bilateral|relations|relationship|world|planet|"
    r"times?|age|era|presidents|heads|ministers|friendship|cooperation|dialogue|countries|partnership|ties|exchanges|"
    r"comprehensive|traditional|practical|memory|children|generation|future|fight|differences|economic|trade|mutually|both|"
    r"diplomatic|strategic|high-level|all-weather|political|consensus|lives|societies|communication|press|website|regular|ministry|"
    r"reporter|journalist|human|own hands)\b"
)
_PRONOUN = re.compile(
    r"\b(?:I|we|We|us|our|Our|ours|ourselves|me|my|My|mine|myself|you|You|your|Your|yours|yourself|let's)\b"
)
_LONE_START = re.compile(
    r"^(?:It(?! (?:is|was|has been|will be|should be|must be|would be|seems|takes|has always been|is also)\b[^,.]{0,80}\b(?:that|to|for|"
    r"whether|how|why|who|if)\b)|They|He|She|His|Her|Him|Their|Its|Them|Both|Neither|The (?:former|latter)|So do|Nor|Not only|Otherwise"
    r"|That(?! said)|Those who|One (?:is|of them)|Another|The other|The same|Hence|As such|Only in this way|Either way)\b"
)
_NOT_A_NOUN = (
    r"(?!(?:is|are|was|were|will|would|can|could|shall|should|may|might|must|has|have|had|does|do|did|the|a|an|as|of|in|to|also|"
    r"not|only|by|and|or|kind|sort|type|who|which|with|for|on|at|from|year|month|week|day|time|regard|end|morning|afternoon|"
    r"evening|century|moment|point|again|just|further|fully|very|once|shows?|makes?|proves?|means?|way)\b)"
)
_ADJECTIVE = r"[a-z-]+(?:al|ous|ive|ful|ic|ble|ed|ing|ary|ent|ant|ate)\b"
_DEICTIC = re.compile(
    rf"\b(?P<word>[Tt]his|[Tt]hese|[Ss]uch)\b(?P<noun> {_NOT_A_NOUN}(?:{_ADJECTIVE} {_NOT_A_NOUN})?[a-z][\w-]*)?"
)


_TIME = re.compile(r" (?:year|month|week|day|time|morning|afternoon|evening|century|moment|point|regard|end|way)\b")
REACH = 60
"""Characters from the start of a span within which a "this" points outside it; later ones mostly point back inside."""


_REPORTER_SAYS = re.compile(
    r"^(?:So )?[Yy]ou (?:just |also |have |have just )?(?:said|mentioned|asked|talked|claimed|quoted|cited)\b"
)


class Reported(NamedTuple):
    """Sentences in reported speech, and how many of them are only a framed quotation."""

    sentences: tuple[str, ...]
    quoted: int


def declines(text: str) -> bool:
    """Whether a statement gives no answer: no information, no comment, or only another office to ask."""
    kept = [s for s in _sentences(text) if not FILLER.match(s)]
    return bool(kept) and all(_declined(_opened(s)[0]) for s in kept)


def empty(text: str) -> bool:
    """Whether a statement is nothing but filler ("We have noted relevant reports. Our position is clear.")."""
    return all(FILLER.match(_opened(s)[0]) or FILLER.match(s) for s in _sentences(text))


def only_asks(text: str) -> bool:
    """Whether a statement is nothing but questions thrown back, filler aside."""
    return all("?" in s or FILLER.match(_opened(s)[0]) for s in _sentences(text))


def report(text: str, speaker: str | None, country: str) -> Reported | None:
    """`text` (one to three sentences) in reported speech, word for word but for its person; None when uncertain."""
    who = speaker or "The spokesperson"
    said: list[str] = []
    quoted = 0
    sentences = _sentences(text)
    substance = [s for s in sentences if not FILLER.match(s)]
    substance = substance or sentences
    if all(_declined(_opened(s)[0]) for s in substance):
        given = _declined_sentence(substance, who)
        return Reported((given,), 0) if given else None
    before = ""
    for original in sentences:
        if original not in substance:
            before += " " + original
            continue
        made = _asked(original, who) if "?" in original else _shift(original, who, country, before)
        if made is None:
            made = _framed_quote(original, who)
            quoted += 1
        if made is None:
            return None
        said.append(made)
        before += " " + original
    if 2 * quoted >= len(said):
        return None
    return Reported(tuple(_joined(said, who)), quoted)


def _sentences(text: str) -> list[str]:
    return [" ".join(text[s.start : s.end].split()) for s in split_sentences(text)]


def _opened(sentence: str) -> tuple[str, str]:
    """The sentence without openers that say nothing, and the reporting verb that they carried."""
    frame = "said"
    for _ in range(5):
        known = _KNOWN_OPENERS.match(sentence)
        if known and frame == "said":
            frame, sentence = "said that, to the spokesperson's knowledge,", sentence[known.end() :]
            continue
        for pattern in (_DROPPED_OPENERS, _QUESTION_OPENERS):
            opener = pattern.match(sentence)
            if opener and len(sentence) > opener.end():
                sentence = sentence[opener.end() :]
                break
        else:
            connective = _CONNECTIVES.match(sentence)
            if connective:
                sentence = sentence[connective.end() :]
                continue
            for pattern in _FRAMES:
                match = pattern.match(sentence)
                if match:
                    verb = match["verb"].lower()
                    frame, sentence = _SAID.get(verb, "said"), match["rest"]
                    break
            else:
                break
    return sentence, frame


def _declined(sentence: str) -> bool:
    if _NO_COMMENT.search(sentence):
        return True
    if _NO_INFORMATION.match(sentence) and _ABOUT_NOTHING.search(sentence):
        return len(sentence.split()) <= 24 and not re.search(r"\b(?:but|however)\b", sentence)
    referred = _REFERRED.search(sentence)
    return bool(referred and referred.start() < 40 and len(sentence.split()) <= 30 and _WHOM.search(referred["whom"]))


def _declined_sentence(sentences: list[str], who: str) -> str | None:
    parts = []
    if any(_NO_INFORMATION.match(_opened(s)[0]) for s in sentences):
        parts.append("had no information to give")
    elif any(_NO_COMMENT.search(s) for s in sentences):
        parts.append("declined to comment")
    for sentence in sentences:
        referred = _REFERRED.search(sentence)
        if referred and _WHOM.search(referred["whom"]):
            whom = _WHOM_END.sub("", referred["whom"]).strip()
            whom = re.sub(r"^(?:competent|relevant)\b", r"the \g<0>", whom)
            if not _PRONOUN.search(whom):
                parts.append(f"referred the reporter to {whom}")
                break
    return f"{who} {' and '.join(parts)}." if parts else None


def _asked(sentence: str, who: str) -> str | None:
    quote = _quotable(sentence)
    return None if quote is None else f"{who} asked: “{quote}”"


def _framed_quote(sentence: str, who: str) -> str | None:
    quote = _quotable(sentence)
    return None if quote is None else f"{who} said: “{quote}”"


def _quotable(sentence: str) -> str | None:
    """The sentence if it can stand between quotation marks: it holds none itself."""
    return None if re.search(r"[\"“”]", sentence) else sentence


def _shift(sentence: str, who: str, country: str, before: str) -> str | None:
    body, frame = _opened(sentence)
    if len(body.split()) < 3 or body.endswith(("…", "...")) or _REPORTER_SAYS.match(body):
        return None
    if _declined(body) or body.startswith(("No,", "Nope")) or body.rstrip().endswith(":"):
        return None
    if "“" in body or "”" in body:
        body = body.replace("“", '"').replace("”", '"')
    parts = body.split('"')
    if len(parts) % 2 == 0 or any("?" in part for part in parts[::2]):
        return None
    if not before and (_LONE_START.match(body) or frame != "said" and _LONE_START.match(body[:1].upper() + body[1:])):
        return None
    shifted: list[str] = []
    for i, part in enumerate(parts):
        if i % 2:
            shifted.append(f"“{part}”")
            continue
        plain = _persons(part, "".join(parts[:i]), who, country)
        if plain is None:
            return None
        shifted.append(plain if before else _quote_deictic(plain))
    text = "".join(shifted).strip()
    for pattern, new in _RELATIVE_DAY:
        text = pattern.sub(new, text)
    text = text.rstrip(" .;!") + "."
    text = re.sub(r"([.!?])”\.$", r"\1”", text)
    if frame == "said" and re.match(rf"(?:The )?{country}(?:'s side)?|{re.escape(who)}\b", text):
        direct = re.match(rf"(?:{country}|{re.escape(who)}) (?:\w+ly |always |also |never )*(\w+?)e?s\b", text)
        if direct and (direct[1] in VERBS or direct[1] + "e" in VERBS):
            return text
        if text.startswith(who + " "):
            return text
    if re.match(
        r"(?:The )?Chinese (?:side|government) (?:\w+ly |always |also )*(?:hopes|urges|opposes|believes|welcomes|supports)\b",
        text,
    ):
        return text
    link = "" if frame.endswith(",") else " that"
    if frame == "gave an assurance":
        frame = "gave the assurance"
    return f"{who} {frame}{link} {_lowered(text)}"


def _lowered(text: str) -> str:
    """`text` with its first letter small, unless its first word is a name."""
    first = re.match(r"[A-Za-z][\w'’-]*", text)
    if not first or first[0].lower() not in COMMON:
        return text
    following = text[first.end() : first.end() + 2].strip()
    if first[0].lower() not in _ARTICLES and following[:1].isupper() and first[0] in _TITLES:
        return text
    return text[0].lower() + text[1:]


_ARTICLES = frozenset(("the", "a", "an", "in", "on", "at", "as", "if", "for", "with", "to", "by", "from", "under"))
_TITLES = frozenset(
    ("Local", "New", "Human", "Major", "Former", "Political", "Global", "International", "Good", "Head", "Trade")
)


def _quote_deictic(text: str) -> str:
    """Put a "this move" that nothing in the span explains between quotation marks."""

    def mark(match: re.Match[str]) -> str:
        word, noun = match["word"].lower(), match["noun"] or ""
        if match.start() > REACH or (word == "such" and not noun):
            return match[0]
        if not noun and _TIME.match(text[match.end() :]):
            return match[0]
        return f"“{word}{noun}”"

    return _DEICTIC.sub(mark, text)


def _persons(part: str, before: str, who: str, country: str) -> str | None:
    """`part` in the third person; None when a pronoun's referent is uncertain."""
    if _EVERYONE.search(part) or _SHARED.search(part):
        return None
    for short, full in CONTRACTED.items():
        part = re.sub(rf"\b(I|[Ww]e){short}\b", rf"\1{full}", part.replace("’", "'"))
    part = re.sub(rf"\b[Yy]ou (?:(just|also|have just|have) )?(?={CITED_VERBS}\b)", "the reporter ", part)
    part = re.sub(r"\b(mentioned|raised|cited|said|quoted|asked) by you\b", r"\1 by the reporter", part)
    part = re.sub(r"\b[Yy]our (question|questions)\b", r"the reporter's \1", part)
    for pronoun, name in (("[Ww]e", country), ("I", who)):
        changed = _subjects(part, pronoun, name, before)
        if changed is None:
            return None
        part = changed
    for match in re.finditer(r"\b(?:us|our|Our)\b", part):
        if _BOTH.search(before + part[: match.start()]):
            return None
    part = re.sub(r"\bus\b", country, part)
    part = re.sub(r"\bourselves\b", "itself", part)
    part = _possessive(part, country)
    part = re.sub(r"\b[Mm]y (?=country\b|Foreign Ministry\b|government\b)", f"{country}'s ", part)
    part = re.sub(r"\b[Mm]y\b", f"{who}'s", part)
    return None if _PRONOUN.search(part) else part


def _possessive(part: str, country: str) -> str:
    """ "our" as "its" right after "China …s", else as "China's"."""

    def whose(match: re.Match[str]) -> str:
        clause = re.split(r"[,;:]", part[: match.start()])[-1]
        near = re.match(rf"\s*(?:and )?{country} [a-z' ]*$", clause)
        return "its" if near else f"{country}'s"

    return re.sub(r"\b[Oo]ur\b", whose, part)


def _subjects(part: str, pronoun: str, name: str, before: str) -> str | None:
    """ "we hope" as "China hopes", for every "we" (or "I") of `part`; None when the verb is not a known one."""
    position = 0
    while match := re.compile(rf"\b{pronoun}\b").search(part, position):
        if pronoun == "[Ww]e" and _BOTH.search(before + part[: match.start()]):
            return None
        rest = part[match.end() :]
        changed = _verb(rest, everyone=pronoun == "[Ww]e")
        if changed is None:
            return None
        head = part[: match.start()] + name
        part = head + changed
        position = len(head)
    return part


def _verb(rest: str, everyone: bool) -> str | None:
    """The words after the pronoun with their first verb, and the verbs coordinated with it, in the third person."""
    words = re.match(
        r"((?: [\w-]+ly\b| (?:" + "|".join(sorted(ADVERBS - {"not", "well", "as"})) + r")\b)*) ([\w']+)", rest
    )
    if not words:
        return None
    adverbs, verb = words[1], words[2]
    tail = rest[words.end() :]
    if verb in MODALS or verb in PAST or (verb.endswith("ed") and verb not in VERBS):
        return None if everyone and verb in OBLIGATIONS else rest
    if verb in AUXILIARY:
        return f"{adverbs} {AUXILIARY[verb]}{tail}" if not _coordinated(tail, open_only=True) else None
    if verb not in VERBS or (everyone and verb in OBLIGATIONS):
        return None
    changed = _coordinated_shift(tail)
    return None if changed is None else f"{adverbs} {third(verb)}{changed}"


_COORDINATED = re.compile(r"(,? (?:and|but|or)(?: also| then)?(?: [\w-]+ly| always| never| will| can)*) ([a-z]+)(?= )")
_SCOPE = re.compile(r"\b(?:to [a-z]+|will|would|can|could|should|must|may|might|that|which|who|if|when|as long as)\b")


def _coordinated(tail: str, open_only: bool) -> bool:
    """Whether a bare verb that "we" may govern stands after "and" with nothing else to govern it."""
    for match in _COORDINATED.finditer(tail):
        if match[2] in (
            "hope",
            "urge",
            "believe",
            "oppose",
            "call",
            "welcome",
            "support",
            "stand",
        ) and not _SCOPE.search(tail[: match.end(1)]):
            return open_only
    return False


def _coordinated_shift(tail: str) -> str | None:
    """`tail` with the verbs coordinated with an already shifted one shifted too; None when that is uncertain."""
    position = 0
    while match := _COORDINATED.search(tail, position):
        verb = match[2]
        position = match.end()
        if verb not in VERBS or re.search(r"\b(?:will|can)$", match[1]):
            continue
        if re.search(r"\b(?:I|[Ww]e|they|it|he|she)\b", tail[: match.start()]):
            break
        if _SCOPE.search(tail[: match.start(2)]):
            if verb in ("hope", "believe", "oppose", "urge", "welcome", "deplore", "condemn"):
                return None
            continue
        shifted = third(verb)
        tail = tail[: match.start(2)] + shifted + tail[match.end(2) :]
        position = match.start(2) + len(shifted)
    return tail


def third(verb: str) -> str:
    """Third person singular, present tense."""
    if verb == "have":
        return "has"
    if re.search(r"(?:s|x|z|ch|sh|o)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


def _joined(sentences: list[str], who: str) -> list[str]:
    """Two short clauses under one "said that" become one sentence, and so does one that begins with a pronoun."""
    said, asked = f"{who} said that ", f"{who} asked: “"
    joined: list[str] = []
    for sentence in sentences:
        last = joined[-1] if joined else ""
        clause = sentence.removeprefix(said)
        leans = _LEANS.match(clause)
        words = len(last.split()) + len(sentence.split())
        if last.startswith(asked) and sentence.startswith(asked):
            joined[-1] = f"{last[:-1]} {sentence.removeprefix(asked)}"
        elif (
            clause != sentence
            and re.match(rf"{re.escape(who)} (?:\w+(?: out| clear)?) that ", last)
            and (leans or (words <= 45 and ", and that " not in last))
        ):
            clause = re.sub(r"^that(?= (?:is|was|will|has)\b)", "this", clause)
            joined[-1] = f"{last[:-1]}, and that {clause}"
        else:
            joined.append(sentence)
    return joined


_LEANS = re.compile(r"(?:he|she|they|it|its|his|her|their|this|that|these|those|such)\b")
