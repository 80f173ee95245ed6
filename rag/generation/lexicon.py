"""Words that reported speech is made and checked with. Counts behind them were taken on the English archive."""

from __future__ import annotations

_S = str.split

AUXILIARY = {
    "are": "is", "are not": "is not", "aren't": "is not", "am": "is", "am not": "is not", "were": "was",
    "weren't": "was not", "have": "has", "haven't": "has not", "do": "does", "don't": "does not",
}  # fmt: skip
"""Forms after "we" or "I" and what they become after "China" or a name."""

CONTRACTED = {"'ve": " have", "'re": " are", "'m": " am", "'ll": " will", "'d": " would"}

MODALS = frozenset(
    _S("will would can could shall should may might must cannot won't can't wouldn't couldn't shouldn't")
)

OBLIGATIONS = frozenset(_S("need should must shall"))
"""After "we" these may call on everyone, not only on China: left to the model or quoted."""

PAST = frozenset(
    _S(
        "said saw took made gave held heard found told met had did sent put read let went came got left kept spoke knew "
        "brought built fought paid set understood won wrote didn't began became"
    )
)

VERBS = frozenset(
    _S(
        """abide accept achieve act address adhere advance advise advocate agree aim announce answer appeal applaud
        appreciate ask assist assure attach avoid bear begin believe build call care carry cherish commend condemn conduct
        congratulate consider continue cooperate coordinate count cover create deal deepen demand deplore develop disagree
        discuss elaborate emphasize encourage engage enhance ensure enjoy establish exchange expand expect express extend
        face favor feel fight find firm focus follow foster fulfill further get give guarantee guess have help hold honor
        hope implement impose improve insist intend invite issue join keep know launch lead learn let live look maintain
        make mean meet monitor need note notice object observe offer oppose participate pay play pledge pray prefer
        promote propose protect provide pursue put react recall recognize refer refrain regard regret reiterate reject
        release rely remain remember remind request require reserve resist resolve respect respond safeguard say see seek
        send set share speak stand stay stick stress strengthen suggest support suppose surround take talk tell thank think
        treasure treat trust try understand update uphold urge use value view voice want warn watch welcome wish wonder
        work"""
    )
)
"""Base forms that take an ending after "China": those seen after "we" or "I"."""

STANCES = frozenset(
    _S(
        """advise advocate appreciate applaud attach believe call commend condemn congratulate demand deplore encourage
        expect express hope object oppose reject support thank urge welcome wish"""
    )
)
"""Verbs that say where the speaker stands: a report keeps them."""

ADVERBS = frozenset(
    _S(
        """also always still just never now already again once too all both timely indeed sincerely only even further hereby
        often ever as hence therefore thus well repeatedly not"""
    )
)

CITED_VERBS = r"(?:mentioned|said|raised|asked(?: about)?|referred to|talked about|quoted|cited|described|brought up)"

COMMON = frozenset(
    _S(
        """a about accordingly according acting adhering after afterwards again against all almost already also although altogether
        amid among an and another any anyone anything apparently are as at attempts back based be bearing because before
        behind being besides between both building but by can certain claiming combating concrete consequently considering
        cooperation could countries currently decades despite dialogue did do does don't drawing due during each earlier economic
        eight either encouraging ending enhancing ensuring establishing even every everyone everything exactly exchanges
        experts faced facing facts few fifth finally first five focusing following for former four frankly free freedom
        friends friendship from fulfilling fundamentally further generally given global going good governments greater
        groundless guided happy hardly has have having he head heads health healthy helping her here high high-level his
        historically history holding how human humanity if illegal immediately important improving in indeed innocent
        instead interfering international invited irresponsible is isn't issues it it's its jointly just justice keeping
        last late lately later leaders leading lies like little local looking maintaining major making mankind many
        maybe media member members more moreover most much multilateral multilateralism mutual nearly neither never
        new no nobody none nor not nothing now officials on once one only openness opposing or other others our out over
        overseas parties peace people people-to-people perhaps personnel please political politicizing practical practices
        previously promoting protecting quite rather recent recently regarding regardless regional regrettably relations
        relevant resolving respecting right rumors safeguarding sanctions second seeing several shall she should shouldn't
        similar since six slander smear smearing so so-called solidarity some someone something soon sound speaking
        specifically stability starting steady still strengthening strengthened sub-national such supporting sustained
        taking terrorism that that's the their them then there there's therefore these they third this those though
        three through throughout thus to today together tomorrow trade treating true trying turning two under
        undermining unilateral unilateralism unilaterally unlike until unwarranted up uphold upholding upon various
        violence violent virus viruses was we well were what what's whatever when where whereas wherever whether which
        while who whoever whose why will win-win with within without words would years yesterday yet you your"""
    )
)
"""Words that begin a sentence with a capital only because they begin it."""

FUNCTION = frozenset(
    _S(
        """a an the this that these those it its he she they them their his her him who whom whose which what when where why
        how there here and or but nor so yet if whether while as than then of in on at by for with from to into onto over
        under about against between among during before after since until through across towards toward upon within
        without along amid per via off out up down is are was were be been being am has have had having do does did
        done will would can could shall should may might must not no any some all both each every either neither such
        other another same own more most much many few less least very too also only just even still already again
        ever never always now further thus therefore however because due one ones itself themselves himself herself
        well so-called s t"""
    )
)

REPORTING = frozenset(
    _S(
        """say said says saying state stated add added note noted tell told ask asked asking call called express expressed
        voice voiced reiterate reiterated stress stressed emphasize emphasized point pointed describe described urge
        urged believe believed view stance position spokesperson reporter reporters journalist journalists question
        questions rhetorically refer referred decline declined comment information give china chinese beijing according
        knowledge mention mentioned respond responded reply replied explain explained remark remarked"""
    )
)
"""What a sentence may hold that its span does not."""

NEGATIONS = frozenset(
    _S("not no never none nothing neither nor nobody without cannot hardly zero refuse refused deny denied groundless")
)

MODAL_FAMILIES = (
    frozenset(_S("will shall")),
    frozenset(_S("would")),
    frozenset(_S("can could able")),
    frozenset(_S("should ought")),
    frozenset(_S("must")),
    frozenset(_S("may might perhaps possibly")),
)

NUMBER_WORDS = frozenset(
    _S(
        """two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty seventy eighty ninety
        hundred hundreds thousand thousands million millions billion billions trillion half third quarter dozen dozens"""
    )
)
