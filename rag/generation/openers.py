"""What a sentence of a press conference opens with, and whether it says anything.

"As I said just now, what I can tell you is that …" is taken off; "We have noted relevant reports." is filler; "I'm not
aware of that, you may ask the Commerce Ministry." declines. The patterns were read off the English archive.
"""

from __future__ import annotations

import re

from rag.corpus.sentences import split_sentences

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
    re.compile(r"^As (?:the|a) (?:spokesperson|regular)\b[^,]{0,60},\s+(?=(?:I|[Yy]ou)\b)"),
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
    re.compile(r"^(?:And|But|So(?! (?:far|long|many|much|as|that|to|called)\b)|Here(?= I\b)|Please note that)\s+"),
)
_TOPIC = re.compile(
    r"^(?P<topic>(?:As for|As to|Regarding|With regards? to|With respect to|On|Concerning|As regards|In terms of|"
    r"About) [^,]{3,140}), (?P<rest>(?:I|[Ww]hat I|[Yy]ou|[Ll]et me|[Aa]s (?:I|we|you))\b.+)$",
    re.DOTALL,
)
"""As to whether the two presidents will meet, I can tell you that …"""
_UPDATES = (
    r"(?:I|[Ww]e)(?:'ll| will| shall)? (?:keep you (?:updated|posted|informed)|let you know|update you|"
    r"get back to you|check (?:on|for) (?:that|this|it)|brief you)[^.]{0,80}",
    r"(?:If we have [^.]{0,40}, )?(?:I|[Ww]e)(?:'ll| will) (?:release|publish) (?:it|that|them)[^.]{0,40}",
    r"(?:[^,.]{0,120}, )?(?:so )?[Yy]ou (?:may|can|could|might|should|must)(?: also| still| all)?"
    r" (?:(?:want|wish|need|like|go) to |go )?"
    r"(?:have read|have seen|take a (?:closer |good )?look|check|follow|keep (?:following|an eye)|watch for|refer to|"
    r"look (?:it|them|that) up|read (?:it|them|that))\b[^.]{0,60}",
    r"I(?:'d| would| will)? (?:like to )?suggest (?:that )?you (?:to )?(?:read|check|take a look|look at|refer to|"
    r"follow)\b[^.]{0,60}",
    r"(?:[^,.]{0,80}, )?(?:I|[Ww]e)(?:'ve| have)? (?:just |already |also )*(?:briefed you on|gave you|given you|"
    r"told you about)(?! that\b)[^.]{0,60}",
    r"(?:[^,.]{0,40}, )?(?:I|[Ww]e) (?:have )?(?:just )?(?:gave|given) (?:my|our) (?:answer|response)[^.]{0,80}",
    r"I (?:do )?(?:have|would like to share|'d like to share) (?:some|a few|more) (?:updates?|details?|information)"
    r"[^.]{0,30}",
    r"Let me repeat[^.]{0,30}",
    r"I (?:can|could|will|may) (?:also )?(?:give|share with|provide) you (?:with )?(?:some|more|relevant) "
    r"(?:information|details|background|facts)[^.]{0,40}",
    r"You are (?:a|an|very|such|really|quite) [^.]{0,40}",
    r"I (?:will|'ll) (?:try|do) my best to (?:answer|give)[^.]{0,40}",
    r"(?:I'm|I am) not sure (?:what|which)[^.]{0,20} you (?:were|are|'re)? ?(?:referring|talking|mention)[^.]{0,60}",
)
"""What is announced for later, or to be read elsewhere."""
_FILLERS = (
    *_UPDATES,
    # The reporter's own words, repeated: "You also asked whether the talks will go on."
    r"(?!.*(?:\b(?:but|however)\b|, (?:as )?(?:China|we|our|I|the Chinese)\b))"
    r"(?:So |And )?[Yy]ou (?:also |just |have |had |just now )*"
    r"(?:asked|mentioned|raised|said|talked about|cited|quoted|referred to|want(?:ed)? to know|are asking|"
    r"wonder(?:ed)?)\b.*",
    r"[Yy]our (?:\w+ )?questions? (?:falls?|ha[sv]e?|is|are|contains?|involves?|touch(?:es)?|concerns?)\b[^.]*",
    r"(?:Yesterday|Last week|Earlier|The other day)?,? ?(?:I|[Ww]e)(?:'ve| have)? (?:already |just |also )*"
    r"(?:took|answered|responded to|briefed you on|elaborated on) [^.]{0,60}",
    r"The (?:reason|answer) is (?:very |quite )?simple",
    r"I(?:'d| would) like to (?:stress|emphasize|point out|say|make) (?:the following|this)[^.]{0,30}",
    r"(?:I|[Ww]e|China|The Chinese side)(?:'ve| have)? (?:also )?"
    r"(?:noted|noticed|taken note of|note|seen|read|learned of|learned about|followed|saw)"
    r"(?: the| these| those| this| such| some| that| all)?(?: relevant| related| media| press| above)*"
    r" (?:reports?|situation|statement|information|remarks|issue|developments|comments|matter|coverage|news)"
    r"(?: from the media| as well)?"
    r"(?: (?:you (?:just )?(?:mentioned|cited|said)|mentioned by you|in question|on this|on that))?",
    r"(?:Thank you|Thanks (?:a lot|for your|very much))\b[^.]*",
    r"Good (?:afternoon|morning)[^.]*",
    r"I(?:'m| am) glad [^.]*question",
    r"[^.]{0,40}\bposition (?:on [^.]{0,60}|in this regard |here )?(?:is|has been|remains|are)(?: always| all along)?"
    r" (?:very )?(?:consistent|clear|clear-cut|firm|unequivocal|known to all)[^.]{0,40}",
    r"(?:I|[Ww]e)(?:'ve| have)?(?: already| just| repeatedly| also)?(?: responded| answered| stated| made clear| "
    r"talked|"
    r" elaborated)[^.]{0,60}\b(?:position|questions?|inquiries|times|occasions|this|that|it|yesterday|before)(?: "
    r"[^.]{0,30})?",
    r"(?:I|[Ww]e) (?:will not|won't|shall not|will never) repeat[^.]{0,100}",
    r"Like I said",
    r"I (?:think|believe) (?:that )?I(?:'ve| have)? (?:already )?made [^.]{0,60}clear[^.]{0,30}",
    r"[^.?!]{0,80}:",
    r"(?:[^,]{0,60}, )?I believe (?:that )?you (?:all )?(?:are|know|must|have)\b[^.]{0,60}",
    r"I(?:'d| would| want to| will)? ?(?:like to )?(?:make|stress|emphasize|share|clarify|point out|say|"
    r"offer)(?: clear)?"
    r" (?:a few|two|three|four|several|some|the following) (?:points?|things?|facts?)[^.]{0,40}",
    r"(?:I|[Ww]e)(?:'ll| will)? (?:also )?(?:add|make|say|share) (?:a few|some|several) (?:remarks|words|points|"
    r"details)[^.]{0,30}",
    r"(?:I|[Ww]e)(?:'ve| have) been following[^.]{0,60}",
    r"I(?:'d| would) like to (?:share|start|offer|say)(?! that\b)[^.]{0,60}",
    r"That(?:'s| is) (?:all|it)",
    r"Here(?:'s| is)[^.]{0,60}",
    r"There is no (?:doubt|question) about (?:that|it)",
    # What is said elsewhere: "China has already made clear its attitude on the attack."
    r"(?!.*\b(?:that|which|but|however)\b)(?:As (?:for|to) [^,]{0,120}, |Regarding [^,]{0,120}, )?"
    r"(?:I|[Ww]e|China|The Chinese side|The spokesperson)(?:'ve| have| has)? "
    r"(?:also |already |just |repeatedly |long )*"
    r"(?:made clear|made (?:it )?very clear|stated|expressed|elaborated on|expounded on|talked about|"
    r"commented(?: repeatedly)? on|responded to|made) (?:our|its|my|China's|the Chinese side's|the)? ?"
    r"(?:clear |solemn |principled |relevant )*(?:position|attitude|stance|views?|questions?|issue|this|that|it)\b"
    r"[^.]{0,90}",
    r"(?:First of all, |Now, |Let me )?(?:I(?:'ll| will| would like to)? )?(?:also |first )?"
    r"(?:take|answer|start with|turn to|come to) (?:your|this|that|the) (?:first|second|third|last|other)? ?"
    r"questions?\b[^.]{0,120}",
    r"[^.]{0,80} (?:has|have) (?:already |also )?(?:released|issued|published) (?:the )?(?:relevant )?"
    r"(?:information|statements?|details) (?:on|about) (?:this|that|it)",
    r"(?:You may have noticed that )?[Tt]he (?:website|spokesperson)[^.]{0,100}(?:has|have) (?:already |also )?"
    r"(?:released|issued|published|made) (?:the )?(?:relevant )?"
    r"(?:information|a statement|statements|remarks|a readout)[^.]{0,40}",
    r"(?:[^.]{0,60}\b)?(?:will|shall) (?:also )?(?:release|provide|publish) (?:the )?(?:relevant )?information"
    r"(?: on (?:that|this))?"
    r"(?: in due course| in a timely (?:manner|fashion)| at the appropriate time| as soon as possible)[^.]{0,30}",
    r"(?:So )?[Pp]lease (?:keep following|stay tuned|follow|refer to|check|keep an eye on|wait)\b[^.]{0,80}",
    r"I (?:know|understand) (?:that )?you[^.]{0,80}(?:more information|interested|curious)[^.]{0,60}",
    r"I (?:saw|read|noted) (?:that|this|it|the (?:news|report))\b[^.]{0,80}",
    r"I (?:don't|do not|cannot|can't) (?:get|understand|follow) your (?:logic|question|point)",
    r"(?:As (?:for|to) [^,]{0,60}, )?I (?:can|will|could|may) (?:look|check) (?:it|them|that|this) (?:up|out)"
    r"[^.]{0,30}",
    r"(?:I|[Ww]e) (?:hope|believe|think|suppose) (?:that )?(?:this|that|it) (?:answers|has answered|addresses) "
    r"your question",
    r"I (?:just|already)[^.]{0,20}(?:said|answered|responded|took)[^.]{0,40}",
)
FILLER = re.compile(rf"^(?:{'|'.join(_FILLERS)})[.!:]*$")
"""A sentence without substance: dropped beside others, never a report of its own."""

_NO_INFORMATION = re.compile(
    r"^(?:I(?:'m| am) (?:sorry|afraid)(?: that)?,? )?(?:at (?:present|this point|the moment), )?(?:I|[Ww]e)"
    r"(?:'m| am| are)? (?:not (?:yet )?(?:aware|familiar)|unaware|(?:currently )?(?:have|have got|'ve got) (?:no|"
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
    r"\b(?:(?:I|[Ww]e)\b[^.,]{0,40}?\brefer (?:you|this question|that question|this) to|"
    r"[Yy]ou (?:may|can|should|could|might|need to|have to|'d better|may (?:still )?(?:need|want) to|may "
    r"also)[^.,]{0,25}?"
    r"\b(?:ask|refer(?: this question)? to|consult|check with|inquire with|turn to)) (?P<whom>[^.,;]+)"
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
