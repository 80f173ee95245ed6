"""Sentences of a press conference that say nothing: "We have noted relevant reports.", "Our position is clear."

The patterns were read off the English archive.
"""

from __future__ import annotations

import re

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
    r"(?:[^,.]{0,40}, )?(?:I|[Ww]e) (?:have )?(?:just )?(?:gave|given) (?:my|our) (?:answer|response)"
    r"(?:[^.]|U\.S\.){0,80}",
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
    r"\([^()]{3,80}\)",  # (Showing a photo)
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
    r"(?:Yes, |I think |Well, )?[Yy]ou(?:'re| are) (?:absolutely |quite |very )?right(?: about (?:that|this|it))?",
    r"(?:Have(?:n't)? you (?:not )?(?:heard|noticed|seen)(?: (?:it|that|this|of it|about it))?|"
    r"You(?:'re| are| were| have)(?: not)? [^.?!]{0,40}, (?:right|(?:are|were|have)(?:n't)? you))\?",
    r"(?:I|[Ww]e) (?:saw|have seen|heard|have heard|read) (?:some|the|these|those|such|many) (?:relevant |media )?"
    r"reports?(?: online| on (?:that|this|it)| in the media)?",
    r"(?:I|[Ww]e) (?:do not|don't) (?:think|believe) you (?:would|will) have any problem with (?:that|this|it)",
    r"I(?:'d| would) like to (?:stress|emphasize|point out|say|make) (?:the following|this)[^.]{0,30}",
    r"(?:I|[Ww]e|China|The Chinese side)(?:'ve| have)? (?:also )?"
    r"(?:noted|noticed|taken note of|note|seen|read|learned of|learned about|followed|saw)"
    r"(?: the| these| those| this| such| some| that| all)?(?: relevant| related| media| press| above)*"
    r" (?:reports?|situation|statement|information|remarks|issue|developments|comments|matter|coverage|news)"
    r"(?: from the media| as well)?"
    r"(?: (?:of(?= the [A-Z]\w+ side)|by|from|made by|issued by) "
    r"(?:(?!\b(?:that|which|who|where|and|but|while)\b)[^.,]){1,60})?"
    r"(?: (?:you (?:just )?(?:mentioned|cited|said)|mentioned by you|in question|on this|on that))?",
    r"(?:I|[Ww]e)(?:'ve| have)?(?: already| just)* (?:talked|spoken|spoke|commented|responded) [^.]{0,80},? (?:so|and) "
    r"(?:I|we) (?:will not|won't|shall not|don't want to|(?:'m| am|'re| are) not going to) repeat[^.]*",
    r"(?:I(?:'d| would) like to|Let me|I(?:'ll| will)) (?:take|answer|address|begin with|start with) your "
    r"(?:first|second|third|last|latter|other) question first",
    r"(?:Then )?[Ll]et me (?:spend|take) (?:some|a little|a bit of) time\b[^.]*",
    r"Is(?:n't| not) (?:that|it|this) (?:very |so |rather )?(?:interesting|ironic|ridiculous|strange|absurd|obvious)",
    r"(?:Thank you|Thanks (?:a lot|for your|very much))\b[^.]*",
    r"Good (?:afternoon|morning)[^.]*",
    r"I(?:'m| am) glad [^.]*question",
    r"[^.]{0,40}\bposition (?:on [^.]{0,60}|in this regard |here )?(?:is|has been|remains|are)(?: always| all along)?"
    r" (?:very )?(?:consistent|clear|clear-cut|firm|unequivocal|known to all)[^.]{0,40}",
    r"(?:I|[Ww]e)(?:'ve| have)?(?: already| just| repeatedly| also)?(?: responded| answered| stated| made clear| "
    r"talked|"
    r" elaborated)[^.]{0,60}\b(?:position|questions?|inquiries|times|occasions|this|that|it|yesterday|before)(?: "
    r"[^.]{0,30})?",
    r"(?:I|[Ww]e)(?: will not| won't| shall not| will never|(?:'m| am|'re| are) not going to) repeat[^.]{0,100}",
    r"(?:But )?(?:I|[Ww]e)(?:'ve| have)? (?:already |just )*made (?:my|our|the) "
    r"(?:point|position|stance|attitude|situation|matter)s? "
    r"(?:very |quite )?clear[^.]{0,60}",
    r"Like I said",
    r"I (?:think|believe) (?:that )?I(?:'ve| have)? (?:already )?made [^.]{0,60}clear[^.]{0,30}",
    r"[^.?!]{0,80}:",
    r"(?:[^,]{0,60}, )?I believe (?:that )?you (?:all )?(?:are|know|must|have)\b[^.]{0,60}",
    r"I(?:'d| would| want to| will)? ?(?:like to )?(?:make|stress|emphasize|share|clarify|point out|say|"
    r"offer)(?: clear)?"
    r" (?:a few|two|three|four|several|some|the following) (?:points?|things?|facts?)[^.]{0,40}",
    r"(?:Let me|(?:I|[Ww]e)(?:'ll| will)?) (?:also |just )?(?:add|make|say|share) (?:a few|some|several) "
    r"(?:remarks|words|points|details)[^.]{0,30}",
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
    r"(?:[A-Z][a-z]+, )?I (?:need|have|want|would like) to correct you(?: on (?:that|this|one thing))?",
    r"(?:Now |Then |So )?(?:[Ll]et's|[Ll]et us|[Ll]et me|we|I(?:'ll| will)?) (?:now )?(?:come|go|get|turn) back to "
    r"(?:your|the|that|this) (?:\w+ )?(?:questions?|topic|issue|point)",
    r"I (?:believe|think|trust|hope) (?:that )?(?:we|you|everyone|everybody|people) "
    r"(?:can |could |may )?(?:all |also )?(?:sees?|knows?|understands?) (?:this|that|it)"
    r"(?: (?:very |crystal |quite |all too )?(?:clear|clearly|well))?",
    r"Is(?:n't| not) (?:that|it|this) (?:just )?(?:pathetic|laughable|sad|shameful|a joke)\?",
    r"I(?: will|'ll)? (?:just |only )?(?:emphasize|stress|make|say|add) "
    r"(?:two|three|four|a few|several) (?:things|points)",
    r"I(?: have|'ve)? (?:clearly |already |just )+(?:stated|explained|expounded|made clear) "
    r"(?:China's|our|the Chinese) [^.,]{0,60}(?:earlier|just now|before|already|yesterday)",
    r"[Tt]he question you(?:'ve| have)? (?:just )?(?:raised|asked) is (?:about|whether)[^.,]*",
    # "Our position is clear" in other words, and that it was told before.
    r"(?:Our|China's|The Chinese side's) (?:position|stance|attitude|policy)(?: has)?(?: always)? "
    r"remain(?:s|ed)? (?:unchanged|the same|consistent|clear)",
    r"(?!.*\band (?:\w+ly )?(?:opposes?|supports?|urges?|hopes?|will|we|it)\b)"
    r"(?:China|[Ww]e|The Chinese side) (?:always )?(?:holds?|has|have|takes?|maintains?) an? (?:consistent and clear|"
    r"clear and consistent|consistent|clear|clear-cut) (?:position|stance|attitude) "
    r"(?:on|about|towards?|regarding)[^.,:;—]{0,90}",
    r"My colleagues?(?: and I| here| [A-Z]\w+ [A-Z]\w+)?(?:'ve| have| has)? (?:already |also |just |repeatedly )*"
    r"(?:stated|answered|answering|responded to|elaborated on|talked about|made clear) "
    r"(?:this|it|them|(?:this|that|similar|these|all|relevant|your) questions?|"
    r"(?:China's|our) (?:position|stance))\b[^.,]{0,60}",
    r"[^.]{0,60}\b(?:asked|raised|question)\b[^.]{0,50} and (?:I|[Ww]e)(?:'ve| have)? (?:already |just )*"
    r"(?:answered|responded to|explained|commented on) (?:it|that|this|them)",
    r"Let me (?:briefly |just |once again )?(?:reiterate|recap|explain|summarize)(?: it| this| that| them)?",
    r"(?!.*\b(?:but|however)\b)I(?:'ve| have)? (?:already |just |also )*(?:talked|spoke|spoken) (?:about|of|on) "
    r"[^.,]{0,100}(?:yesterday|just now|before|already|earlier|last week|many times)",
    r"(?:(?:\w+, )?[Rr]egarding [^.]{0,90}, )?(?:[Rr]elevant|[Mm]ore|[Tt]he) (?:information|details) "
    r"(?:is|are|can be) (?:available|found|accessed) (?:online|on [^.,]{0,60})",
    r"I (?:just|already)[^.]{0,20}(?:said|answered|responded|took)[^.]{0,40}",
    r"(?:I|[Ww]e|China|The Chinese side)(?:'ve| have| has)? (?:also )?(?:noted|noticed|taken note of|seen) "
    r"(?:[A-Z][\w.]* ){1,5}?[A-Z]?[\w.]*'s? (?:statement|remarks|comments|speech)",
    r"(?:Here |But )?[Tt]here (?:is|are) (?:one|another|two|three|a few|some) (?:more )?(?:things?|points?|facts?) "
    r"(?:that )?(?:I|we)(?:'d| would)? (?:like|want|need|have) to (?:emphasize|stress|point out|add|make|clarify|say)"
    r"[^.,]{0,20}",
    r"That(?:'s| is) (?:true|right|correct)",
    r"(?:China|[Ww]e|The Chinese side|The spokesperson)(?: is| are|'re| will| have been| has been)?(?: also)? "
    r"(?:continue to |keep )?(?:closely )?(?:follow|monitor|watch)(?:s|ing)?(?: closely)? (?:the |this |relevant )*"
    r"(?:situation|developments?|matter|issue|case)"
    r"(?: (?:in|on|of|there|over)(?:(?!\b(?:and|but|while|where)\b)[^.,]){0,40})?(?: closely)?",
    r"(?:If you [^,]{0,60}, )?[Yy]ou (?:may|can|could|should) (?:pose|put|place|raise|direct|address|submit) your "
    r"(?:questions?|inquir(?:y|ies)) (?:to|with|before)(?:(?!\b(?:which|that|who|and|why|how|what)\b)[^.,]){0,60}",
    r"I (?:believe|think) you will get the same answer",
    r"(?:Meanwhile,? |But )?I (?:also |do )?(?:suggest|hope) (?:that )?(?:you|some of you) (?:will |can |to )?ask\b"
    r"(?:(?!\b(?:why|how|what|whether|if|about|which|that|to [a-z]+)\b)[^.,]){0,90}",
)
FILLER = re.compile(rf"^(?:{'|'.join(_FILLERS)})[.!:]*$")
"""A sentence without substance: dropped beside others, never a report of its own."""
