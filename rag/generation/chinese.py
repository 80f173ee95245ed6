"""Chinese statements that say nothing, give no answer or only ask, as `rag.generation.openers` knows English ones.

A sentence is judged clause by clause. It declines when a clause does and the others only name the matter or say
nothing; one clause of substance makes it substance.
"""

from __future__ import annotations

import re

from rag.corpus.sentences import split_sentences

_CLAUSES = re.compile(r"[，,；;：:]")
_ENDING = re.compile(r"[\s。！!？?…”’」）)]+$")
_ASKS = re.compile(r"[？?][”’」）)\s]*$")
_WE = r"(?:我们?|中方|中国政府|外交部)?"
_SOON = r"(?:也|都|已经?|还|刚刚|刚才|就|目前|现在|一直|正在|暂时|确实|此前)*"

_IDLE = re.compile(
    # Names the matter, the question, or who asked.
    r"(?:关于|至于|对于|针对|就)[^，]*|(?:对不起|抱歉|首先|其次|另外|最后|据我所知|据我了解|坦率地说|正如你所说)"
    r"|第[一二三四五两\d](?:个问题)?|(?:我先)?回答你?的?第[一二三四五两\d]个问题|你的?(?:第[一二三四五\d]个)?问题"
    r"|(?:你|大家)(?:刚才)?(?:所)?(?:提到|说|问|关心)的?(?:的|到的)?[^，]{0,20}(?:问题|情况|报道|消息)"
    r"|(?:如果|若)(?:你|大家|记者)?(?:对此)?(?:感兴趣|有兴趣|想了解[^，]*)(?:的话)?|这(?:不是|不属于)外交(?:部)?(?:的)?问题"
    r"|(?:有关|具体|相关)(?:具体)?(?:情况|细节|问题|数字)|(?:我|这个问题|这)?不是(?:外交|我主管的)[^，]*"
    # Says nothing by itself.
    rf"|{_WE}{_SOON}(?:注意到|看到|关注到|留意到|听说)了?(?:一些|这些|这一|有关|相关|上述|你(?:所)?(?:提到|说)的)*"
    r"(?:的)?(?:媒体)?(?:报道|情况|报告|消息|表态|讲话|声明|言论|传言|说法|评论)?"
    r"|（[^）]{1,8}|是的|没错|你(?:说|讲)的?(?:很)?(?:没错|对|是)|谢谢(?:你|大家)?(?:的)?(?:提问|问题|关心|关注)?|我刚才(?:已经?)?(?:都)?说过了?"
    rf"|{_WE}(?:愿|想|要|再|先)*(?:强调|指出|重申|说|谈|作|讲)(?:以下)?(?:[一二三四五两几]点)?(?:回复|看法|意见)?"
    rf"|(?![^，]*(?:反对|支持|主张|坚持|[不未]接受|[不未]承认)){_WE}[^，]{{0,40}}立场(?:始终|一直|一贯|是|也|都|非常|十分|很|已经|已|及|和|与|、|明确|清楚|清晰|鲜明|坚定|众所周知|的)+"
    r"|(?:是)?(?:一贯|明确|清楚|坚定)的?(?:和(?:一贯|明确)的)?|(?:没有|不会)(?:任何)?(?:变化|改变|动摇)|(?:这|也)?是?众所周知的?"
    rf"|{_WE}(?:此前|近来|已|已经|刚才|昨天|上周|这两天)*(?:多次|再次|反复)?(?:就此)?(?:回答|回应|表明|阐明|重申|介绍|说|谈)(?:过|了)*"
    r"(?:类似|有关|相关|这个|这一|中方|我们的?|原则)*(?:的)?(?:问题|立场|态度|情况)?(?:了)?"
    rf"|(?:有关[^，]{{0,6}}|如果?有[^，]{{0,12}}|一旦有[^，]{{0,8}}|届时)?{_WE}(?:会|将)(?:及时|适时)(?:向大家)?(?:发布|提供|通报|公布)[^，]{{0,10}}"
    r"|请(?:你|大家)?(?:保持|继续)?关注|(?:敬)?请(?:大家)?(?:期待|留意)"
)
_DECLINES = re.compile(
    rf"(?:[^，]{{0,24}}?(?:我们?|目前|现在|情况|问题|细节|消息))?{_SOON}(?:也)?(?:不|没有?|并未|无法|不太|还没有?)(?:太|是很|能)?"
    r"(?:(?:掌握|了解|清楚|看到过?|见到|证实|听说过?(?!所谓))[^，]{0,24}|知道(?:(?:有关|具体|你)[^，]{0,8}情况)?)"
    r"|[^，]{0,16}(?:没有|无)(?:什么)?(?:可以|可|进一步|更多|新的|任何|最新|需要)*(?:向你|向大家)?[^，]{0,8}(?:的)?(?:消息|信息|情况|评论|补充)"
    r"(?:可以|可)?(?:要|能)?(?:向(?:你|大家))?(?:的)?(?:提供|发布|补充|透露|分享)?"
    r"|[^，]{0,16}(?:没有|无)(?:什么)?(?:要|可以|可)(?:补充|评论|说|提供)的"
    r"|[^，]{0,24}?(?:不|不会|不予|不便|不想|无意|从不|一般不|暂不)(?:再)?(?:对[^，]{1,20})?(?:作|做|加以|发表)?(?:任何|进一步|具体)?(?:评论|置评|猜测)"
    r"|(?:所以|因此)?(?:[^，]{0,24}?)(?:请|建议|可以|应该|应当|不妨|最好)(?:你|大家|记者|外界)?(?:还是|直接|再)?(?:去|向|问|由)[^，]{1,24}"
    r"(?:询问|了解|查询|核实|求证|去问|回答|解答|问)(?:一下)?|[^，]{0,20}请(?:你|大家)?(?:直接)?(?:查阅|参阅|查看)[^，]{0,16}|无可奉告"
)
_LONGEST = 60
"""Characters of a clause that can decline: a longer one has said something."""


def empty(text: str) -> bool:
    """Whether a statement says nothing by itself ("我们注意到有关报道。中方立场是一贯的、明确的。")."""
    return all(all(_IDLE.fullmatch(clause) for clause in _clauses(sentence)) for sentence in _sentences(text))


def declines(text: str) -> bool:
    """Whether a statement gives no answer: no information, no comment, or only another office to ask."""
    kept = [sentence for sentence in _sentences(text) if not empty(sentence)]
    return bool(kept) and all(_sentence_declines(sentence) for sentence in kept)


def only_asks(text: str) -> bool:
    """Whether a statement is nothing but questions thrown back, filler aside."""
    return all(_ASKS.search(sentence) or empty(sentence) for sentence in _sentences(text))


def _sentence_declines(sentence: str) -> bool:
    clauses = _clauses(sentence)
    declining = [bool(_DECLINES.fullmatch(clause)) and len(clause) <= _LONGEST for clause in clauses]
    return any(declining) and all(
        declines or _IDLE.fullmatch(clause) for declines, clause in zip(declining, clauses, strict=True)
    )


def _sentences(text: str) -> list[str]:
    return [text[span.start : span.end].strip() for span in split_sentences(text)]


def _clauses(sentence: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSES.split(_ENDING.sub("", sentence)) if clause.strip()]
