"""What a sentence of a press conference opens with, and whether it says anything.

"As I said just now, what I can tell you is that …" is taken off; "I'm not
aware of that, you may ask the Commerce Ministry." declines. The patterns were read off the English archive.
"""

from __future__ import annotations

import re

from rag.corpus.sentences import split_sentences
from rag.generation.fillers import FILLER

_SAYING = (
    r"(?:re-?emphasi[sz]e|emphasi[sz]e|reiterate|stress|underscore|underline|highlight|reaffirm|point out|"
    r"make (?:it )?clear|add|clarify|say|tell you|assure you|inform you|remind you|let you know|share with you)"
)
_SAID = {
    "reiterate": "reiterated",
    "reaffirm": "reaffirmed",
    "stress": "stressed",
    "underscore": "stressed",
    "underline": "stressed",
    "highlight": "stressed",
    "emphasize": "emphasized",
    "emphasise": "emphasized",
    "re-emphasize": "emphasized again",
    "reemphasize": "emphasized again",
    "point out": "pointed out",
    "add": "added",
    "make clear": "made clear",
    "make it clear": "made clear",
    "clarify": "clarified",
    "assure you": "gave the assurance",
}
_AGAIN = (
    r"(?: (?:here|again|once again|once more|now|clearly|responsibly|first|one thing|very clearly)"
    r"| for you| at the moment| at this (?:point|moment))*"
)
_FRAMES = (
    re.compile(
        rf"^I(?: also| just)?(?:'d| would| want| wish| must| have| need| shall| can| could| will|'ll| should| "
        rf"may| only)*"
        rf"(?: (?:also|once again|again|only|just|still|like|once more))*(?: to)? "
        rf"(?P<verb>{_SAYING}){_AGAIN}(?: that|:| is that)\s*,?\s*(?P<rest>.+)$",
        re.DOTALL,
    ),
    re.compile(rf"^Let me (?:also |just )?(?P<verb>{_SAYING}){_AGAIN}(?: that|:|,)\s*(?P<rest>.+)$", re.DOTALL),
    re.compile(
        rf"^[Ww]hat I (?:can|could|want|would like|need|have)(?: to)? (?:also )?(?P<verb>{_SAYING}){_AGAIN}"
        rf" is(?: that)?,?:?\s+(?P<rest>.+)$",
        re.DOTALL,
    ),
    re.compile(
        r"^I (?:have |'ve )?(?:just |already )?(?P<verb>said|stated|reiterated)(?: just now)? that (?P<rest>.+)$",
        re.DOTALL,
    ),
)
_TO_MY_KNOWLEDGE = re.compile(
    r"^(?:As far as I know|As I know|As I understand|As we understand|To my knowledge|According to my information|"
    r"As I recall|What I know is(?: that)?|What I have learnt is(?: that)?|If I remember (?:it )?(?:right|"
    r"correctly)),?\s+"
)
TO_KNOWLEDGE = "said that, to the spokesperson's knowledge,"
_DROPPED = (
    # As I said just now,
    re.compile(
        r"^(?:Just )?(?:[Aa]s|[Ll]ike)(?: what)? (?:I|we)\b[^,\"]{0,70}?"
        r"\b(?:said|stated|say|stating|saying|stressed|stressing|noted|mentioned|pointed out|emphasized|announced|"
        r"told you|explained|made clear|answered|reiterated)\b[^,\"]{0,45},\s+"
    ),
    # As you may all know,
    re.compile(
        r"^(?:[Aa]s|[Ll]ike) you (?:may |might |can |must |should |could )?(?:have |all |already |well |also "
        r")*(?:know|recall|noticed|noted|remember|see|seen|aware)(?: just now| earlier| yourself)?,\s+"
    ),
    # I believe you have also noticed that
    re.compile(
        r"^(?:I(?:'m| am)? (?:believe|think|trust|suppose|quite sure|sure|hope) (?:that )?)?[Yy]ou"
        r"(?:'ve|'re| may| might| can| could| should| must| will| would| have| are| all| also| already| still| well|"
        r" fully| clearly| surely| certainly| definitely| probably| just| be)*"
        r" (?:know|known|notice|noticed|note|noted|recall|remember|aware|see|seen|heard|learned|understand|agree)"
        r"(?: too| well| clearly| recently| earlier)? that\s+"
    ),
    re.compile(r"^(?:(?:As|Like) (?:is |was )?(?:we all know|known to all|you all know),? |[Ww]e all know,? that )"),
    # As the spokesperson of the Foreign Ministry, I can tell you that
    re.compile(
        r"^[Aa]s (?:the|an?) (?:MFA |Foreign Ministry )?(?:[Ss]pokesperson|regular)\b[^,]{0,60},\s+(?=(?:I|[Yy]ou)\b)"
    ),
    re.compile(
        r"^(?:(?:I|We) (?:think|believe) )?(?:I|[Ww]e)(?:'ve| have)? (?:already |just |also )*"
        r"made (?:it )?(?:very |quite )?clear(?: before| just now| many times| on many occasions)? that\s+"
    ),
    re.compile(r"^(?:I|We|we) (?:have )?(?:noted?|noticed|taken note) that\s+(?=[A-Z])"),
    # On your second question,
    re.compile(
        r"^(?:As for|As to|Regarding|With regards? to|With respect to|On|Concerning|In response to|To answer|To|For|"
        r"In terms of|As regards|Speaking of|About) [^,]{0,80}?\b(?:questions?|you(?:'re| are)? (?:just |also "
        r")?(?:mentioned|"
        r"asked|raised|said|referred|interested|talked|cited|asking)[^,]{0,20}),\s+"
    ),
    re.compile(
        r"^(?:First|Firstly|First of all|Second|Secondly|Third|Thirdly|Fourth|Fifth|Finally|Lastly|Besides|In "
        r"addition|"
        r"Moreover|Furthermore|Also|Meanwhile|However|Well|Frankly|Frankly speaking|Indeed|In fact|Actually|Of "
        r"course|"
        r"Therefore|So|Thus|Here|Again|Once again|To be frank|To be brief|To put it simply|In other words|To "
        r"conclude|"
        r"As a matter of fact|On the other hand|In the first place|To be honest|To be fair|Yes|Needless to say|"
        r"Naturally|Obviously|Apparently|Then|At the same time|In the meantime|"
        r"To this end|Please note that|That said|Having said that|That being said|In particular),\s+(?=\S)"
    ),
    re.compile(
        r"^(?:(?:also|therefore|however|then|besides|moreover|thus|of course|in fact|at the same time),|But,|And,|"
        r"Also(?= (?:the|China|we|I|[A-Z][a-z]+'s)\b)|Then(?= [a-z]))\s+"
    ),
    re.compile(r"^I(?:'d| would| also)? (?:want|like|need) to draw your attention to (?:the fact )?that\s+"),
    re.compile(
        r"^If you (?:still |really |do |are |have |want|need|wish|would)[^,]{0,70},\s+"
        r"(?=(?:I(?:'d| would| will|'ll| can) (?:like to )?refer|"
        r"you (?:may|can|could|might) (?:ask|refer|check|consult|inquire))\b)"
    ),
    re.compile(r"^(?:And|But|So(?! (?:far|long|many|much|as|that|to|called)\b)|Here(?= I\b)|Please note that)\s+"),
)
_TOPIC = re.compile(
    r"^(?P<topic>(?:As for|As to|Regarding|With regards? to|With respect to|On|Concerning|As regards|In terms of|"
    r"About) [^,]{3,140}), (?P<rest>(?:I|[Ww]hat I|[Yy]ou|[Ll]et me|[Aa]s (?:I|we|you))\b.+)$",
    re.DOTALL,
)
"""As to whether the two presidents will meet, I can tell you that …"""
_NO_INFORMATION = re.compile(
    r"^(?:I(?:'m| am) (?:sorry|afraid)(?: that)?,? )?(?:at (?:present|this point|the moment), )?"
    r"(?:I|[Ww]e)(?: for one)?(?:'m| am| are)? (?:not (?:yet )?(?:aware|familiar)|unaware|"
    r"(?:currently )?(?:have|have got|'ve got) (?:no|"
    r"nothing|not any)|"
    r"do(?:n't| not) (?:currently )?(?:have|know)|did(?:n't| not) (?:know|hear|see)|"
    r"haven't (?:any|heard|seen)|have not (?:heard|seen)|"
    r"need to (?:check|get more|learn more|look into))\b"
)
_ABOUT_INFORMATION = re.compile(
    r"\b(?:aware|familiar|information|details?|specifics?|update|offer|add|heard|provide|release|announce|know|"
    r"check|that|"
    r"this|it|situation|comment)\b"
)
_NO_COMMENT = re.compile(
    r"\b(?:no comment|not (?:going to )?comment|won't comment|decline to comment|not in a position to)\b"
)
_REFERRED = re.compile(
    r"\b(?:(?:I|[Ww]e)\b[^.,]{0,40}?\b(?:refer (?:you|this question|that question|this)|"
    r"leave (?:that|this|it|(?:this|that|the|these) questions?)) to|"
    r"[Yy]ou (?:may|can|should|could|might|need to|have to|'d better|may (?:still )?(?:need|want) to|may "
    r"also)[^.,]{0,25}?"
    # "You may ask the ministry to make its source public" asks something of that ministry.
    r"\b(?:ask(?![^.,;]* to \w)|refer(?: this question)? to|consult|check with|inquire with|turn to)) "
    r"(?P<whom>[^.,;]+)"
)
_WHOM_END = re.compile(
    r"\s+(?:for|on|about|as to|regarding|concerning|with|what|why|how|whether|if|as|because|which|who|and|"
    r"instead)\b.*$"
)
_OFFICE = re.compile(
    r"\b(?:[Mm]inistr|[Aa]uthorit|[Dd]epartment|[Cc]ommission|[Aa]dministration|[Oo]ffice|[Gg]overnment|[Ee]mbass|"
    r"[Cc]ompan|[Mm]ilitary|side|[Oo]fficials?|[Bb]ank|[Cc]ommittee|[Aa]genc|[Ii]nstitution|[Oo]rgan|Huawei)"
)
_YOU_OR_I = re.compile(r"\b(?:I|we|our|us|my|you|your)\b")


def sentences(text: str) -> list[str]:
    """The sentences of a statement, white space made single."""
    return [" ".join(text[s.start : s.end].split()) for s in split_sentences(text)]


def opened(sentence: str) -> tuple[str, str]:
    """The sentence without openers that say nothing, and the reporting words they stood for ("said", "stressed")."""
    frame = "said"
    while True:
        known = _TO_MY_KNOWLEDGE.match(sentence) if frame == "said" else None
        framed = next((match for pattern in _FRAMES if (match := pattern.match(sentence))), None)
        dropped = next((match for pattern in _DROPPED if (match := pattern.match(sentence))), None)
        topic = _TOPIC.match(sentence) if frame == "said" else None
        within, word = opened(topic["rest"]) if topic else ("", "")
        if known:
            frame, sentence = TO_KNOWLEDGE, sentence[known.end() :]
        elif dropped and dropped.end() < len(sentence):
            sentence = sentence[dropped.end() :]
        elif framed:
            frame, sentence = _SAID.get(framed["verb"].lower(), "said"), framed["rest"]
        elif topic and within != topic["rest"]:
            return f"{topic['topic']}, {within}", word
        else:
            return sentence, frame


_ONLY_POINTS = re.compile(
    r"^(?:And |But )?(?:I|[Ww]e|China|The Chinese side)\b(?: [\w'-]+){1,5} (?:that|this|it|them)[.!]$"
)
"""A stance on what only the sentence before names ("China welcomes this."): nothing by itself."""


def empty(text: str) -> bool:
    """Whether a statement says nothing by itself ("We have noted relevant reports. Our position is clear.")."""
    return all(FILLER.match(s) or FILLER.match(opened(s)[0]) or _ONLY_POINTS.match(s) for s in sentences(text))


def only_asks(text: str) -> bool:
    """Whether a statement is nothing but questions thrown back, filler aside."""
    return all("?" in s or FILLER.match(opened(s)[0]) for s in sentences(text))


def declines(text: str) -> bool:
    """Whether a statement gives no answer: no information, no comment, or only another office to ask."""
    kept = [s for s in sentences(text) if sentence_declines(opened(s)[0]) or not FILLER.match(s)]
    return bool(kept) and all(sentence_declines(opened(s)[0]) for s in kept)


def sentence_declines(sentence: str) -> bool:
    """The same of one sentence without its openers."""
    if _NO_COMMENT.search(sentence):
        return True
    if _NO_INFORMATION.match(sentence) and _ABOUT_INFORMATION.search(sentence):
        return len(sentence.split()) <= 24 and not re.search(r"\b(?:but|however)\b", sentence)
    referred = _REFERRED.search(sentence)
    return bool(referred and referred.start() < 40 and len(sentence.split()) <= 30 and _OFFICE.search(referred["whom"]))


def declined(text: str, who: str) -> str | None:
    """A statement that declines, reported: "… had no information to give and referred the reporter to …"."""
    kept = [opened(s)[0] for s in sentences(text)]
    parts = []
    if any(_NO_COMMENT.search(s) for s in kept):
        parts.append("declined to comment")
    elif any(_NO_INFORMATION.match(s) for s in kept):
        parts.append("had no information to give")
    offices = [m["whom"] for s in kept if (m := _REFERRED.search(s)) and _OFFICE.search(m["whom"])]
    for office in offices[:1]:
        whom = re.sub(r"^(?:competent|relevant)\b", r"the \g<0>", _WHOM_END.sub("", office).strip())
        if not _YOU_OR_I.search(whom):
            parts.append(f"referred the reporter to {whom}")
    return f"{who} {' and '.join(parts)}." if parts else None
