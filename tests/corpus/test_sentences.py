"""Sentence boundaries in answers."""

import pytest

from rag.corpus import split_sentences


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


@pytest.mark.parametrize(
    "whole",
    [
        "You may have seen the interview with Huawei founder Mr. Ren Zhengfei.",
        "We urge Canada to release Ms. Meng Wanzhou at once.",
        "The U.S. side should respect facts.",
        "He met with U.S. President Trump in Washington D.C. last week.",
        "China's No. 1 priority is development.",
        "The conference will begin at 2 p.m. on Friday.",
        "As of 1 p.m. July 10, 75 people have been rescued.",
        "By 3 p.m. Beijing time, the team had left.",
        "Dr. Tedros visited Beijing.",
        "It grew by 6.4 percent, or 1.5 trillion yuan.",
        "He said, “It is good. It is very good.”",
        'He said, "We will go. We will stay."',
        "Prof. Li, Gen. Wang and Sen. Smith attended.",
        "We will see... and wait.",
        "我们注意到有关报道，增长6.5%。",
        "他说：“这是好的。很好。”",
        "（他说。然后走了。）",
    ],
)
def test_no_boundary_inside(whole: str) -> None:
    assert sentences(whole) == [whole]


@pytest.mark.parametrize(
    "parts",
    [
        ["We have noted relevant reports.", "China firmly opposes it."],
        ["What are they up to?", "No one knows!", "Let's see."],
        ["He left at 5 p.m.", "China commends that."],
        ["Then he left...", "He came back."],
        ["Will he resign?", "No.", "China wishes him well."],
        ["He left at 4 p.m.", "Ms. Li stayed."],
        ["He said, “We will go.”", "China agrees."],
        ["It rose by 3.5 percent.", "75 people came."],
        ["中方坚决反对。", "我们敦促美方纠正错误！", "难道不是吗？"],
        ["他说：“这是好的。”", "中方认为……", "对吧？！", "是的。"],
        ["《声明》写道：“一个中国。”", "这很清楚。"],
    ],
)
def test_boundaries(parts: list[str]) -> None:
    assert sentences("".join(parts) if "。" in parts[0] + parts[-1] else " ".join(parts)) == parts


def test_paragraphs_end_sentences_and_nothing_is_lost() -> None:
    text = "First, equality\n  Second, openness. Third \n\n最后。"
    assert sentences(text) == ["First, equality", "Second, openness.", "Third", "最后。"]


def test_a_long_quotation_is_split_inside() -> None:
    quoted = "The Chinese people have overcome all the challenges they encountered before. " * 6
    text = f'The ambassador said, "{quoted.strip()}" We appreciate that.'
    found = sentences(text)
    assert len(found) == 7
    assert found[5].endswith('before."')
    assert found[6] == "We appreciate that."


@pytest.mark.parametrize("text", ["", " ", "\n\n", "　"])
def test_nothing_in_nothing_out(text: str) -> None:
    assert split_sentences(text) == []
