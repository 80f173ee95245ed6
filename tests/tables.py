"""A table of question/answer rows as users have it."""

from __future__ import annotations

import csv
import io

HEADER = ["id", "date", "year", "spokesperson", "who_asked", "question", "answer", "link", "q_loc", "a_sentiment"]
PAGE = "https://www.fmprc.gov.cn/mfa_eng/xwfw_665399/s2510_665401/2511_665403/t1666065.shtml"
ROWS = [
    ["1", "2019-05-23", "2019", "Lu Kang", "Reuters", "Is it so?", "It is.\n\nIt was.", PAGE, "China", "0.1"],
    ["2", "2019-05-23", "2019", "Lu Kang", "NA", "And then?", "A: We shall see.", PAGE, "", ""],
    ["3", "2019-05-24", "2019", "Lu Kang", "", "", "An announcement.", "", "", ""],
    ["4", "2019-05-24", "2019", "Lu Kang", "AFP", "Why?", "Because.", "", "", ""],
]


def table(rows: list[list[str]], header: list[str] = HEADER, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue().encode(encoding)
