"""Dates: the title first, then the page, then neighbours."""

import datetime as dt

import pytest
from corpus_pages import chinese, english, p, q, read

from rag.corpus import settle_dates
from rag.corpus.dates import full_date, read_date

BODY = q("Q: One?") + p("A: Yes.")
REGULAR = "Foreign Ministry Spokesperson Geng Shuang's Regular Press Conference on "


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("on May 23, 2019", (2019, 5, 23)),
        ("on June11, 2018", (2018, 6, 11)),
        ("on September 10", (None, 9, 10)),
        ("on Sept. 3rd, 2018", (2018, 9, 3)),
        ("on 3 March 2020", (2020, 3, 3)),
        ("2019-05-23", (2019, 5, 23)),
        ("2019年8月5日外交部发言人", (2019, 8, 5)),
        ("8月5日外交部发言人", (None, 8, 5)),
        ("Remarks on August 30", (None, 8, 30)),
        ("February 30, 2019", None),
        ("May 2019", None),
        ("Remarks on Venezuela", None),
        ("may 100 people", None),
        ("", None),
    ],
)
def test_dates_in_words(text: str, day: tuple[int | None, int, int] | None) -> None:
    assert read_date(text) == day


def test_a_full_date_names_its_year() -> None:
    assert full_date("on May 23, 2019") == dt.date(2019, 5, 23)
    assert full_date("on May 23") is None


def test_the_year_comes_from_the_pages_images() -> None:
    image = '<P align=center><IMG src="./W020180911811732699108.jpg"/></P>'
    transcript = read(english(image + BODY, REGULAR + "September 10"), "t1593756")
    assert (transcript.date, transcript.date_from) == (dt.date(2018, 9, 10), "page")


def test_the_year_comes_from_the_conferences_the_page_links() -> None:
    related = f'<li><a href="./t1592800.shtml">{REGULAR}September 7, 2018</a></li>'
    transcript = read(english(BODY, REGULAR + "September 10", related), "t1593756")
    assert (transcript.date, transcript.date_from) == (dt.date(2018, 9, 10), "page")


def test_a_page_without_a_date_put_up_right_after_one_with_it() -> None:
    related = '<li><a href="./t1686637.shtml">Spokesperson Hua Chunying\'s Remarks on August 6, 2019</a></li>'
    title = "Foreign Ministry Spokesperson Hua Chunying's Remarks on Erroneous Remarks"
    near = read(english(BODY, title, related), "t1686638")
    assert (near.date, near.date_from) == (dt.date(2019, 8, 6), "page")
    far = read(english(BODY, title, related), "t1689000")
    assert (far.date, far.date_from) == (None, "unknown")


def test_the_chinese_page_says_when_it_was_put_up() -> None:
    transcript = read(chinese(q("问：何？") + p("答：是。"), "外交部发言人陆慷答记者问", "2018-04-06"))
    assert (transcript.date, transcript.date_from) == (dt.date(2018, 4, 6), "page")


@pytest.mark.parametrize("shown", ["2018年4月6日 18:12", "2018-4-6", "Updated: April 6, 2018 20:12"])
def test_the_day_shown_in_words(shown: str) -> None:
    other = '<li><span class="date">2018-03-01</span></li>'
    transcript = read(chinese(other + q("问：何？") + p("答：是。"), "外交部发言人陆慷答记者问", shown))
    assert (transcript.date, transcript.date_from) == (dt.date(2018, 4, 6), "page")


def test_a_year_mistyped_in_january_is_set_right_by_the_page() -> None:
    image = '<IMG src="./W020200103811732699108.jpg"/>'
    transcript = read(english(p(image) + BODY, REGULAR + "January 3, 2019"))
    assert (transcript.date, transcript.date_from) == (dt.date(2020, 1, 3), "page")


def test_an_image_of_the_next_day_does_not_change_the_title() -> None:
    image = '<IMG src="./W020190101811732699108.jpg"/>'
    assert read(english(p(image) + BODY, REGULAR + "December 31, 2018")).date == dt.date(2018, 12, 31)


def test_neighbours_settle_the_year_across_the_turn_of_the_year() -> None:
    pages = [
        read(english(BODY, REGULAR + "December 28, 2018"), "t1625726"),
        read(english(BODY, REGULAR + "December 29"), "t1626000"),
        read(english(BODY, REGULAR + "January 2"), "t1626500"),
        read(english(BODY, REGULAR + "January 3, 2019"), "t1626900"),
        read(english(BODY, "Foreign Ministry Spokesperson Geng Shuang's Remarks on a Flood"), "t1626905"),
        read(english(BODY, "Foreign Ministry Spokesperson Geng Shuang's Remarks on a Storm"), "t1629905"),
    ]
    settled = settle_dates(pages)
    assert [transcript.date for transcript in settled] == [
        dt.date(2018, 12, 28),
        dt.date(2018, 12, 29),
        dt.date(2019, 1, 2),
        dt.date(2019, 1, 3),
        dt.date(2019, 1, 3),
        None,
    ]
    assert [transcript.date_from for transcript in settled] == [
        "title",
        "neighbours",
        "neighbours",
        "title",
        "neighbours",
        "unknown",
    ]


def test_nothing_is_settled_without_neighbours() -> None:
    page = read(english(BODY, REGULAR + "September 10"))
    assert settle_dates([page]) == [page]
