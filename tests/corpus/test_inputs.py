"""Files, folders and archives to bytes."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from corpus_pages import english, p, q

from rag.corpus import iter_inputs, read_transcript
from rag.corpus.urls import canonical, derived
from rag.errors import ReadError

PAGE = english(q("Q: One?") + p("A: Yes."))


def make_tar(path: Path, members: dict[str, bytes], mode: str = "w:xz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_a_folder_is_walked_sorted_and_its_own_files_are_passed_over(tmp_path: Path) -> None:
    for name in ["b/two.txt", "a.txt", "README.md", "b/.hidden", ".git/x", "readme.first.txt"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"Q: One?\nA: Yes.")
    assert [Path(found.path).relative_to(tmp_path).as_posix() for found in iter_inputs([tmp_path])] == [
        "a.txt",
        "b/two.txt",
        "readme.first.txt",
    ]


def test_a_file_named_by_the_user_is_never_passed_over(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"x")
    assert [found.data for found in iter_inputs([tmp_path / "README.md"])] == [b"x"]


@pytest.mark.parametrize(
    ("name", "mode"), [("a.tar.xz", "w:xz"), ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar", "w")]
)
def test_tar_archives(tmp_path: Path, name: str, mode: str) -> None:
    path = make_tar(tmp_path / name, {"mfa_eng/xwfw_665399/t1.shtml": PAGE, "README.md": b"x"}, mode)
    (found,) = list(iter_inputs([path]))
    assert found.data == PAGE
    assert found.path == f"{path}!/mfa_eng/xwfw_665399/t1.shtml"
    assert read_transcript(PAGE, found.path).url == "https://www.fmprc.gov.cn/mfa_eng/xwfw_665399/t1.shtml"


def test_zip_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("folder/t1.html", PAGE)
        archive.writestr("../../evil.html", PAGE)
    inside, evil = list(iter_inputs([tmp_path / "a.zip"]))
    assert inside.data == PAGE
    assert evil.data is None
    assert "outside" in str(evil.error)


def test_members_that_climb_out_or_are_links_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in ["../up.html", "/etc/absolute.html"]:
            info = tarfile.TarInfo(name)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"x"))
        link = tarfile.TarInfo("link.html")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("folder/.hidden"))
    before = sorted(tmp_path.rglob("*"))
    errors = [found.error for found in iter_inputs([tmp_path / "a.tar"])]
    assert len(errors) == 3
    assert all(errors)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["a.tar.xz", "a.tar.gz", "a.zip", "a.tar"])
def test_a_damaged_archive_gives_what_came_before_and_a_reason(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"this is no archive at all" * 40)
    (found,) = list(iter_inputs([tmp_path / name]))
    assert found.data is None
    assert "damaged" in str(found.error)


@pytest.mark.parametrize("mode", ["w:xz", "w:gz"])
def test_an_archive_cut_short_is_an_error_not_a_silence(tmp_path: Path, mode: str) -> None:
    import random

    noise = random.Random(1)
    members = {f"t{n}.txt": b"Q: One?\nA: Yes.\n" + noise.randbytes(20_000) for n in range(30)}
    path = make_tar(tmp_path / f"a.tar.{mode[2:]}", members, mode)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = list(iter_inputs([path]))
    assert 0 < len([one for one in found if one.data]) < 30
    assert "damaged" in str(found[-1].error)


def test_one_bad_file_among_a_hundred_stops_nothing(tmp_path: Path) -> None:
    for n in range(99):
        (tmp_path / f"t{n:03}.txt").write_bytes(b"Q: One?\nA: Yes.")
    (tmp_path / "t050b.txt").write_bytes(b"\x00\x01\x02\xff" * 100)
    read, refused = 0, []
    for found in iter_inputs([tmp_path]):
        try:
            read_transcript(found.data or b"", found.path)
            read += 1
        except ReadError as error:
            refused.append(str(error))
    assert read == 99
    assert refused == ["the file is binary, not text or HTML"]


def test_missing_special_and_huge_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.corpus.inputs.MOST_BYTES", 10)
    (tmp_path / "big.txt").write_bytes(b"x" * 11)
    make_tar(tmp_path / "big.tar.gz", {"big.txt": b"x" * 11}, "w:gz")
    missing, *big = list(iter_inputs([tmp_path / "gone.txt", tmp_path]))
    assert "no such file" in str(missing.error)
    assert ["too large" in str(found.error) for found in big] == [True, True]
    assert "regular" in str(next(iter_inputs(["/dev/null"])).error)


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("x.tar.xz!/mfa_eng/xwfw_665399/a/t1.shtml", "https://www.fmprc.gov.cn/mfa_eng/xwfw_665399/a/t1.shtml"),
        ("/home/me/web/wjdt_674879/f/t1.shtml", "https://www.fmprc.gov.cn/web/wjdt_674879/f/t1.shtml"),
        ("saved/www.mfa.gov.cn/eng/xw/t1.html", "https://www.mfa.gov.cn/eng/xw/t1.html"),
        ("C:\\pages\\mfa_eng\\xwfw_665399\\t1.shtml", "https://www.fmprc.gov.cn/mfa_eng/xwfw_665399/t1.shtml"),
        ("downloads/t1.shtml", None),
        ("mfa_eng/xwfw_665399/notes.txt", None),
    ],
)
def test_addresses_are_derived_from_paths(path: str, url: str | None) -> None:
    assert derived(path) == url


def test_canonical_addresses() -> None:
    assert canonical("http://WWW.Fmprc.gov.cn/a/T1.shtml?x=1#y") == "https://www.fmprc.gov.cn/a/T1.shtml"


def test_a_given_address_wins_over_the_path() -> None:
    transcript = read_transcript(PAGE, "mfa_eng/xwfw_665399/t1.shtml", "http://example.org/t9.shtml")
    assert transcript.url == "https://example.org/t9.shtml"
    assert transcript.name == "t9"
