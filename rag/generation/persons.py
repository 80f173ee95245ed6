"""The person of a statement: "we" to the country, "I" to the speaker, "you mentioned" to "the reporter mentioned".

Where a pronoun may mean somebody else ("we all", "our two countries", "we must" after "the international
community"), nothing is made.
"""

from __future__ import annotations

import re

from rag.generation.lexicon import ADVERBS, AUXILIARY, CONTRACTED, MODALS, OBLIGATIONS, PAST, VERBS, third

_CITED = r"(?:mentioned|said|raised|asked(?: about)?|referred to|talked about|quoted|cited|described|brought up)"
_MORE_THAN_ONE = re.compile(
    r"\b(?:both|two|three|all|relevant|other|various|the) (?:sides|countries|parties|peoples|nations|leaders|"
    r"ministers|"
    r"members)\b|\beach other\b|\b(?:all|both) of us\b|\bmankind\b|\bhumanity\b|\binternational community\b|"
    r"\btogether\b|"
    r"\bglobal\b|\bChina and\b|\band China\b|\bChina-[A-Z]|\bworld\b|\bour two\b"
)
"""After one of these "we" may be more than the speaker's country."""
_EVERYONE = re.compile(
    r"\b(?:(?:between|among|amongst|all of|both of|each of|many of|most of) us|us both|"
    r"[Ww]e (?:have |are |should |must |can )?all(?! along\b)|[Ww]e (?:are )?both|[Ww]e two|[Ww]e Chinese|[Ww]e,|"
    r"us all|"
    r"[Ll]et us|[Ll]et's|us Chinese|[Ww]e as|[Ww]e at the|[Ww]e(?:'re| are)(?: just| now)? talking|[Ww]e here|"
    r"[Ww]e in the|[Ww]e human|[Ww]e (?:are )?(?:now )?liv(?:e|ing))\b|"
    r"\bwith\b[^.;]{3,160}\bso (?:that )?we\b"
)
_MUTUAL = re.compile(
    r"\b(?:are|as|like|were|been) (?:\w+ ){0,2}(?:brothers|victims)\b|\bsame boat\b|\bcommon enemy\b|\bfellow\b|"
    r"\b[Aa]s we speak\b|"
    r"\b(?:[Ww]hen|[Ii]f) we\b|\b[Ww]e (?:all )?(?:are faced|face)\b"
)
"""A "we" in such a clause is more than one."""
SHARED = re.compile(
    r"\b[Oo]ur (?:two|three|five|peoples|leaders|common|shared|respective|mutual|joint|bilateral|relations|"
    r"relationship|"
    r"world|planet|times?|age|era|presidents|heads|ministers|friendship|cooperation|dialogue|countries|"
    r"partnership|ties|"
    r"exchanges|comprehensive|traditional|practical|memory|children|generation|future|fight|differences|economic|"
    r"trade|"
    r"mutually|both|diplomatic|strategic|high-level|all-weather|political|consensus|lives|societies|"
    r"communication|press|"
    r"website|regular|ministry|reporter|journalist|human|own hands|"
    r"(?:\w+ )?(?:ministries|militaries|governments|parliaments|navies|armies))\b"
)
_BEST_OF_OTHERS = re.compile(
    r"^(?!.*\b(?:[Ww]e|China|The Chinese (?:side|government))\b)"
    r".*\b(?:do|doing|done|did|try) our (?:best|utmost)\b",
    re.DOTALL,
)
"""The ministry "will do our best": its own, where "China's" would be read."""
_NUMERAL = re.compile(r"\b(?:Annex|Article|Chapter|Class|Part|Phase|Section|Volume|War) I\b")
_SPOKESPERSON = re.compile(r"\b[Ss]pokes(?:person|man|woman)\b")
_MYSELF = re.compile(r"\b(?:I|me|[Mm]y|[Mm]yself)\b")
"""Told as "the spokesperson" too: beside another spokesperson nobody knows which."""
_EACH_OTHER = re.compile(r"\b(?:each other|one another)\b")
_WISHES = (
    r"(?:hopes?|urges?|encourages?|calls? on|welcomes?|maintains?|supports?|believes?|asks?|advises?|wish(?:es)?|"
    r"(?:is|are) glad|suggests?|looks? forward to|commends?|appeals?)"
)
_WISHED = re.compile(
    rf"\b[Ww]e(?: \w+ly| also| always)* {_WISHES}\b.*?\b(?:the|all|both|parties|sides|countries|[A-Z]\w+)\b"
)
"""In "we hope the two sides will meet each other halfway" it is not "we" who meet."""
_OWN_ACTS = re.compile(
    r"[Ww]e(?:'ve|'d)?(?: \w+ly| also| have| just| always| once again)*"
    r" (?:hope|urge|welcome|welcomed|call|note|noted|noticed|believe|appreciate|commend|advise|deplore|condemn|urged|"
    r"stressed|lodged|stated|reiterate|reiterated|stressing|taken note|taken notice)\b"
)
"""What a spokesperson does for the country, even after "the two sides"."""
_OWN = re.compile(r"(?:China|The Chinese (?:side|government))(?: also| always)? (?!and\b)[a-z]")
"""A sentence that begins so is about the country alone: its "our" is the country's."""
_LEFT = re.compile(
    r"\b(?:I|we|We|us|our|Our|ours|ourselves|me|my|My|mine|myself|you|You|your|Your|yours|yourself|let's)\b"
)
_BETWEEN = "|".join(sorted(ADVERBS - {"not", "well", "as"}))
_WE = re.compile(r"\b(?:[Ww]e|us|[Oo]ur)\b")
_WE_AS_SUBJECT = re.compile(r"\b[Ww]e\b")
_VERB = re.compile(rf"((?: [\w-]+ly\b| (?:{_BETWEEN})\b)*) ([\w']+)")
_INVERTED = re.compile(r"\b([Hh]ave|[Dd]o|[Aa]re) we\b(?= \w)")
"""Never have we sought …"""
_SERIES = re.compile(r"(,) (?!and\b|but\b|or\b)([a-z]+)(?= )")
_PAST_CLAUSE = re.compile(r"\bwho (?:had|was|were|lost|died|fell|gave|\w+ed)\b[^,;]*$")
"""Nothing in the present can be coordinated with it."""
_COORDINATED = re.compile(
    r"(,? (?:and|but|or)(?: also| then)?(?: [\w-]+ly| always| still| never| will| can)*) ([a-z]+)(?= )"
)
_SCOPE = re.compile(
    r"\b(?:to (?!(?:the|a|an|our|its|this|that|these|all|peace|peaceful|dialogue|multilateralism|"
    r"[a-z]+(?:ism|tions?|ments?|ness))\b)[a-z]+|"
    r"will|would|can|could|should|must|may|might|that|which|who|if|when|as long as)\b"
)
_POINTED = re.compile(r"\bthat(?=,? and\b)")
"""In "oppose that and have lodged …" the "that" begins no clause."""
_GOES_ON = re.compile(r"\bI\b(?:(?!\b(?:hope|that|to|who|will)\b)[^.;])* (?:and|but) (?:do|have|am)(?:n't| not)\b")
"""A verb of the same subject that is left in the first person: "I agree and don't see why"."""
_NEAR = 8
"""Words within which an "and are …" still belongs to the subject."""
_UNCERTAIN = frozenset(("hope", "believe", "oppose", "urge", "welcome", "deplore", "condemn", "agree"))
"""After "and" these may be governed by "we" or by what "we hope" others do."""


_PLAIN_VERBS = frozenset(
    (
        "express",
        "extend",
        "offer",
        "urge",
        "mourn",
        "wish",
        "welcome",
        "oppose",
        "deplore",
        "condemn",
        "hope",
        "support",
    )
) | frozenset(
    ("ask", "demand", "commend", "appreciate", "reject", "reiterate", "stress", "advocate", "applaud", "champion")
)


_BASE = _PLAIN_VERBS | frozenset(
    (
        "believe",
        "see",
        "find",
        "uphold",
        "call",
        "stand",
        "adhere",
        "pursue",
        "maintain",
        "promote",
        "safeguard",
        "strengthen",
        "follow",
    )
)
"""What after "are" or "have" and an "and" is a verb of the subject's own, and no noun."""


_WISHED_TO = re.compile(r" (?:him|her|them|both|everyone|all)\b")
"""Whom something is wished."""


def third_person(part: str, before: str, who: str, country: str) -> str | None:
    """`part`, words outside quotation marks, in the third person; None when a pronoun's referent is uncertain.

    `before` is what stands before it in the sentence, `who` the speaker's name, `country` whom "we" stands for.
    """
    part = part.replace("’", "'")
    if _BEST_OF_OTHERS.search(before + part) or _NUMERAL.search(part):
        return None
    if (_SPOKESPERSON.search(before + part) and _MYSELF.search(part)) or _GOES_ON.search(part):
        return None
    if _EVERYONE.search(part) or SHARED.search(part) or (_WE.search(part) and _mutual(part)):
        return None
    for short, full in CONTRACTED.items():
        part = re.sub(rf"\b(I|[Ww]e){short}\b", rf"\1{full}", part)
    part = _INVERTED.sub(lambda match: f"{AUXILIARY[match[1].lower()]} {country}", part)
    part = re.sub(
        rf"\b([Ss]ome|[Mm]any|[Ss]everal|[Oo]ne) of you (?=(?:just |also )?{_CITED}\b)", r"\1 of the reporters ", part
    )
    part = re.sub(rf"\b[Yy]ou (?:(?:just|also|have just|have) )?(?={_CITED}\b)", "the reporter ", part)
    part = re.sub(r"\b(mentioned|raised|cited|said|quoted|asked) by you\b", r"\1 by the reporter", part)
    part = re.sub(r"\b[Yy]our (question|questions)\b", r"the reporter's \1", part)
    theirs = (
        r"\bus\b" if _OWN.match(before + part) and not _WE_AS_SUBJECT.search(before + part) else r"\b(?:us|[Oo]ur)\b"
    )
    if any(_MORE_THAN_ONE.search(before + part[: match.start()]) for match in re.finditer(theirs, part)):
        return None
    changed = _subjects(part, "[Ww]e", country, before)
    changed = _subjects(changed, "I", who, before) if changed is not None else None
    if changed is None:
        return None
    changed = re.sub(r"(?<![Ll]et )\bme\b", who, changed)
    changed = re.sub(r"\bus\b", country, changed)
    changed = re.sub(r"\bourselves\b", "itself", changed)
    changed = _possessive(changed, country)
    changed = re.sub(r"\b[Mm]y (?=country\b|Foreign Ministry\b|government\b)", f"{country}'s ", changed)
    changed = re.sub(r"\b[Mm]y\b", f"{who}'s", changed)
    return None if _LEFT.search(changed) else changed


def _mutual(part: str) -> bool:
    """Whether a "we" of the part is more than the country."""
    apart = _EACH_OTHER.search(part)
    return bool(_MUTUAL.search(part)) or bool(apart and not _wished(part[: apart.start()]))


def _wished(before: str) -> bool:
    """Whether the last "we" before "each other" only wishes it of others."""
    last = [match.start() for match in _WE_AS_SUBJECT.finditer(before)]
    return bool(last) and bool(_WISHED.match(before[last[-1] :]))


def _possessive(part: str, country: str) -> str:
    """ "Our" as "its" close after the country as subject, else as "China's"."""

    def whose(match: re.Match[str]) -> str:
        clause = re.split(r"[,;:]", part[: match.start()])[-1]
        near = re.match(rf"\s*(?:and )?{country} [a-z' ]*$", clause)
        return "its" if near else f"{country}'s"

    return re.sub(r"\b[Oo]ur\b", whose, part)


def _subjects(part: str, pronoun: str, name: str, before: str) -> str | None:
    """ "We hope" as "China hopes", for every "we" (or "I") of `part`; None when a verb is not a known one."""
    for_all = pronoun != "I"
    said = [m.start() for m in re.finditer(rf"\b{pronoun}\b", part) if not _OWN_ACTS.match(part[m.start() :])]
    if for_all and said and _MORE_THAN_ONE.search(before + part[: said[-1]]):
        return None
    position = 0
    while match := re.compile(rf"\b{pronoun}\b").search(part, position):
        changed = _verb(part[match.end() :], for_all=for_all)
        if changed is None:
            return None
        head = part[: match.start()] + name
        part = head + changed
        position = len(head)
    return part


def _verb(rest: str, *, for_all: bool) -> str | None:
    """The words after the pronoun with their first verb, and the verbs coordinated with it, in the third person."""
    words = _VERB.match(rest)
    if not words or (for_all and words[2] in OBLIGATIONS):
        return None
    adverbs, verb, tail = words[1], words[2], rest[words.end() :]
    if verb in MODALS:
        return rest
    if verb in PAST or (verb.endswith("ed") and verb not in VERBS):
        return None if _governs(tail) else rest
    if verb in AUXILIARY:
        return f"{adverbs} {AUXILIARY[verb]}{tail}" if not _governs(tail) else None
    if verb not in VERBS:
        return None
    changed = _coordinated(tail)
    return None if changed is None else f"{adverbs} {third(verb)}{changed}"


def _next(tail: str, position: int, *, series: bool) -> re.Match[str] | None:
    """The next place from `position` on where a coordinated verb may stand."""
    found = [_COORDINATED.search(tail, position), _SERIES.search(tail, position) if series else None]
    return min((match for match in found if match), key=lambda match: match.start(2), default=None)


def _governs(tail: str) -> bool:
    """Whether "have", "are" … is followed by "and hope", which would need an ending of its own."""
    return any(
        match[2] in _UNCERTAIN | _BASE and not _SCOPE.search(tail[: match.end(1)])
        for match in (*_COORDINATED.finditer(tail), *_SERIES.finditer(tail))
    )


def _coordinated(tail: str) -> str | None:
    """`tail` with the verbs coordinated with an already shifted one shifted too; None when that is uncertain."""
    position = 0
    # "expresses condolences, mourns for the victims and wishes …": a comma coordinates only where an "and" follows.
    series = re.search(
        rf", (?:{'|'.join(sorted(_PLAIN_VERBS))}) [^,]*?,? and (?:{'|'.join(sorted(_PLAIN_VERBS))}) ", tail
    )
    while match := _next(tail, position, series=bool(series)):
        verb = match[2]
        position = match.end()
        if verb in ("are", "were") and not _SCOPE.search(_POINTED.sub("", tail[: match.start(2)])):
            if len(tail[: match.start(2)].split()) > _NEAR:
                return None
            tail = tail[: match.start(2)] + AUXILIARY[verb] + tail[match.end(2) :]
            continue
        if verb not in VERBS or re.search(r"\b(?:will|can)$", match[1]):
            continue
        between = _POINTED.sub("", tail[: match.start(2)])
        another = re.search(r"\b(?:I|[Ww]e|they|it|he|she)\b", between)
        if verb in _UNCERTAIN and (another or _SCOPE.search(between)):
            return None
        if another:
            break
        # "Stand ready", "wish them a speedy recovery": said of the country alone.
        own = (verb == "stand" and tail.startswith(" ready", match.end())) or (
            verb == "wish" and _WISHED_TO.match(tail, match.end())
        )
        if _SCOPE.search(between) and not own and not (verb in _PLAIN_VERBS and _PAST_CLAUSE.search(between)):
            continue
        if any(listed[2] in VERBS for listed in _SERIES.finditer(between)):
            return None
        tail = tail[: match.start(2)] + third(verb) + tail[match.end(2) :]
        position = match.start(2) + len(third(verb))
    return tail
