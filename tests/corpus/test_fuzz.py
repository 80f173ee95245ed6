"""Whatever comes in, only ReadError comes out, and every paragraph is accounted for."""

import contextlib
import io
import tarfile
import tempfile
import zipfile
from itertools import pairwise
from pathlib import Path

from corpus_pages import chinese, current, english, p, q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.corpus import count_paragraphs, iter_inputs, read_transcript, split_sentences
from rag.errors import ReadError

PAGES = [
    english(p("An opening.") + q("Q: One?") + p("A: Yes.") + q("Reuters: Two?") + p("Lu Kang: No.") + p("***")),
    chinese(p("消息。") + q("问：一？") + p("答：是。") + q("会后有记者问及：二？") + p("陆慷：否。")),
    current("<p><strong>CCTV: One?</strong></p><p>Guo Jiakun: Yes.</p>", "Conference on May 5, 2026"),
    b"Title: A\nDate: 2019-05-23\n\nQ: One?\n\nA: Yes.\n",
]
LABELS = [
    "Q: ",
    "A: ",
    "Reuters: ",
    "Lu Kang: ",
    "Follow-up: ",
    "Journalist: ",
    "***",
    "问：",
    "答：",
    "路透社记者：",
    "追问：",
]
MARKERS = [
    "会后有记者问及：",
    "外交部发言人耿爽宣布：",
    "The following question was raised after the press conference: ",
]
WORDS = ["What is your comment? ", "We noted it. ", "The press conference will be adjourned. ", "中方有何评论？"]
OTHERS = ["“", "”", "U.S. ", "I want to point out: ", "Between 00:00 and 24:00 "]
PIECES = [*LABELS, *MARKERS, *WORDS, *OTHERS]
SLOW = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def read_or_refuse(data: bytes, path: str = "t1666065.shtml") -> None:
    with contextlib.suppress(ReadError):
        transcript = read_transcript(data, path)
        assert count_paragraphs(transcript)
        assert [exchange.ordinal for exchange in transcript.exchanges] == list(range(len(transcript.exchanges)))


@SLOW
@given(st.binary(max_size=2000))
def test_random_bytes(data: bytes) -> None:
    read_or_refuse(data)


@SLOW
@given(st.sampled_from(PAGES), st.data())
def test_truncated_and_overwritten_pages(page: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(page)))
    end = data.draw(st.integers(start, len(page)))
    read_or_refuse(page[start:end])
    read_or_refuse(page[:start] + data.draw(st.binary(max_size=40)) + page[end:])


@SLOW
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), st.integers(0, 3)), min_size=1, max_size=14
    )
)
def test_any_order_of_labels_and_emphasis(paragraphs: list[tuple[list[str], int]]) -> None:
    body = ""
    for pieces, bold in paragraphs:
        first, rest = pieces[0], "".join(pieces[1:])
        body += {
            0: p(first + rest),
            1: p(f"<B>{first}{rest}</B>"),
            2: p(f"<B>{first}</B>{rest}"),
            3: p(f"{first}<STRONG>{rest}</STRONG>"),
        }[bold]
    read_or_refuse(english(body))
    read_or_refuse("\n\n".join("".join(pieces) for pieces, _ in paragraphs).encode(), "notes.txt")


@SLOW
@given(st.text(max_size=600))
def test_any_text_as_a_body(text: str) -> None:
    read_or_refuse(english(q("Q: One?") + text + p("A: Yes.")))
    read_or_refuse(text.encode(errors="replace"), "notes.txt")


@SLOW
@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(st.sampled_from([*PIECES, "Mr. ", "No. 1 ", "3.5 ", "... ", "。", '"', "(", ") "])).map("".join),
    )
)
def test_sentences_cover_every_character_once(text: str) -> None:
    spans = split_sentences(text)
    assert "".join("".join(text[span.start : span.end] for span in spans).split()) == "".join(text.split())
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert all(text[span.start : span.end] == text[span.start : span.end].strip() for span in spans)


@SLOW
@given(st.sampled_from(["a.tar.xz", "a.tar.gz", "a.tar", "a.zip"]), st.data())
def test_damaged_archives_never_stop_the_walk(name: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        if name.endswith(".zip"):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("t1.txt", "Q: One?\nA: Yes.\n" * 20)
        else:
            with tarfile.open(path, f"w:{name.rpartition('.')[2]}" if name != "a.tar" else "w") as archive:  # type: ignore[call-overload]
                info = tarfile.TarInfo("t1.txt")
                info.size = 320
                archive.addfile(info, io.BytesIO(b"Q: One?\nA: Yes.\n" * 20))
        whole = path.read_bytes()
        at = data.draw(st.integers(0, len(whole)))
        path.write_bytes(whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + data.draw(st.integers(0, 400)) :])
        for found in iter_inputs([path, Path(folder)]):
            assert (found.data is None) != (found.error is None)
            read_or_refuse(found.data or b"", found.path)
