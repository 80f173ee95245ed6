"""Chinese questions: which words in them say what they ask about.

The index holds every run of Chinese as overlapping pairs of characters (`rag.indexing.fulltext`), so that no dictionary
decides what can be found. A question is cut into words by jieba's dictionary; each is asked for as the phrase of its
pairs. Only the file that asks knows words: a better dictionary needs no rebuild.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from rag.corpus.bilingual import bilingual
from rag.indexing.fulltext import cjk_characters

if TYPE_CHECKING:
    import rjieba

MOSTLY = 0.2
"""Share of a question's characters from which on it is Chinese: names and numbers may be Latin ones."""

_ASKING = re.compile(
    r"(?:请问|想问|我想知道|想知道|想了解|请)?(?:中方|中国(?:政府)?|(?:中国)?外交部(?:(?:新闻)?发言人)?|(?:新闻)?发言人|北京)?"
    r"(?:对此|对这|就此|就这|怎么|怎样|如何|是怎么|是如何|曾经?|又|都|当时|后来)?"
    r"(?:(?:有|作出|做出|给出|持)?(?:何|什么|哪些|怎样的|什么样的)(?:评论|回应|看法|反应|立场|表态|态度|说法|评价|消息|期待|意见|主张)"
    r"|(?:怎么|怎样|如何|是怎么|是如何)(?:说|看|看待|回应|评论|评价|表态|解释|回答|应对|反应|讲)(?:的|过)?"
    r"|(?:说|讲|谈|表示|表态|回应|评论|提到|介绍)(?:过|了|到)?(?:些?什么|哪些)(?:内容|话)?"
    r"|(?:的)?(?:立场|态度|看法|回应|表态|评论|评价|观点|反应|说法)(?:是|有)?(?:什么|啥|怎样|如何|哪些)?(?=[？?。！，,\s]|$))"
    r"(?:的|呢|吗|了)*"
)
"""Words that ask for a statement and say nothing of its topic."""

_ASKED = re.compile(
    r"^(?:(?:中国)?(?:外交部)?(?:新闻)?发言人(?=[对就在于谈说讲]|关于|有关|针对|\s))?\s*"
    r"(?:(?:有)?记者)?(?:提问|追问|问到|问及|问(?!题|责|世)|谈到|谈(?!判)|提到)?(?:了|过)?(?=\S)"
)
"""What stands before the topic once who spoke, who asked and the day are taken out."""
_BETWEEN = frozenset(
    "的了在是和与及对就向从到被把让给跟同或也都还又很更最会能要将有无不没这那其此该我你他她它吗呢吧啊等说称谈讲问去来做打看写叫"
    "送为以于由再只才并而但若各每某两几里后前时谁吧呀么之所比请想"
)
"""Characters that stand between words: alone they are no part of a name."""


def is_chinese(text: str) -> bool:
    """Whether a question is asked in Chinese."""
    letters = len(re.findall(r"[^\W\d_]", text))
    return letters > 0 and cjk_characters(text) >= MOSTLY * letters


def without_asking(text: str) -> str:
    """A question without the words that ask for a statement; the whole question when nothing else is in it."""
    rest = _ASKED.sub("", " ".join(_ASKING.sub(" ", text).split()))
    return rest if re.search(r"\w{2,}", rest) else text


def words(run: str) -> list[str]:
    """The content words of a run of Chinese characters, in order.

    What the dictionary does not know comes apart into single characters; those that stand side by side are taken for a
    word, mostly a name ("孟晚舟").
    """
    found: list[str] = []
    loose = ""
    # Without its guesses at unknown words, which swallow their neighbours.
    for piece in [*_dictionary().cut(run, False), ""]:
        if len(piece) == 1 and piece not in _BETWEEN:
            loose += piece
            continue
        if len(loose) > 1 and loose not in _stopwords():
            found.append(loose)
        loose = ""
        if len(piece) > 1 and piece not in _stopwords():
            found.append(piece)
    return found or ([run] if run not in _stopwords() and run not in _BETWEEN and len(run) == 1 else [])


@lru_cache(maxsize=1)
def _stopwords() -> frozenset[str]:
    text = resources.files("rag.retrieval").joinpath("chinese_stopwords.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=1)
def _dictionary() -> rjieba.Jieba:
    """jieba's dictionary, which is of the language at large, with the names of the record."""
    import rjieba

    dictionary = rjieba.Jieba()
    for group in bilingual():
        for name in group.chinese:
            dictionary.add_word(name, None, None)
    return dictionary
