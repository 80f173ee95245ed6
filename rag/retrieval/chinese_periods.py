"""Finds the period of the statements that a Chinese question names ("2019年5月", "去年下半年", "3月至5月").

Read as `rag.retrieval.periods` reads English: 初, 中 and 底 are thirds of a month or of a year, a day outside the
record belongs to the topic, and so does a bare year before the name of an event ("2016年南海仲裁案"). A festival of a
year ("2020年春节") is all the days on which it can fall: those of the moon move by a month, and on the festival itself
there are no conferences.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re

from rag.retrieval.periods import Found
from rag.types import Period

_DIGITS = str.maketrans("０１２３４５６７８９〇零", "012345678900")
_NUMERALS = "一二三四五六七八九"
_MONTHS = {**{name: number for number, name in enumerate(_NUMERALS, start=1)}, "十": 10, "十一": 11, "十二": 12}
_YEAR = (
    rf"(?:(?P<year>(?:19|20)\d\d|[{_NUMERALS}0]{{4}}|(?<!\d)[12]\d(?=年\d))年(?:度)?"
    r"|(?P<relative_year>今年|去年|前年|本年))"
)
_MONTH = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?"
_PART = r"(?P<part>上半年|下半年|前半年|后半年|(?:第)?[一二三四1-4]季度|[春夏秋冬](?:季|天)|年[初中底末]|初|中期|底|末)"
_MONTH_PART = r"(?P<month_part>上半月|下半月|[上中下]旬|初|中(?=[的，。？?,\s]|$)|底|末)"
_FESTIVALS = {
    "春节": ((1, 20), (2, 28)),
    "清明": ((4, 1), (4, 10)),
    "五一": ((4, 28), (5, 8)),
    "劳动节": ((4, 28), (5, 8)),
    "端午": ((5, 25), (6, 28)),
    "中秋": ((9, 6), (10, 10)),
    "国庆": ((9, 28), (10, 9)),
}
"""Days on which a festival and the rest around it can fall."""
_FESTIVAL = rf"(?:{'|'.join(_FESTIVALS)}|元旦)节?"
_REST = r"(?:假期|长假|黄金周|放假)?"
_POINT = re.compile(
    rf"{_YEAR}\s*(?:的)?(?:{_MONTH}(?:\s*(?P<day>[0-3]?\d)[日号]|\s*(?:的)?{_MONTH_PART})?|{_PART}"
    rf"|(?P<festival>{_FESTIVAL}){_REST})?"
    rf"|(?P<dated_festival>{_FESTIVAL}){_REST}\s*(?P<festival_year>(?:19|20)\d\d)(?!\d)年?"
    rf"|(?P<bare_festival>{_FESTIVAL}){_REST}(?=期间|前后|那几天)"
    rf"|(?<!\d){_MONTH.replace('<month>', '<bare_month>')}"
    rf"(?:\s*(?P<bare_day>[0-3]?\d)[日号]|\s*(?:的)?{_MONTH_PART.replace('<month_part>', '<bare_part>')})?"
    r"|(?P<relative>昨天|昨日|今天|今日|上个?(?:月|周|星期|礼拜)|本(?:月|周)|这个?(?:月|周|星期|礼拜)|"
    r"(?:最近|近|过去)(?:的)?(?P<count>一|两|三|半|几)个?(?P<unit>年|月|周|星期)|年初|上半年|下半年)"
)
_TO = re.compile(r"\s*(?:到|至|－|—|–|-|~|～)+\s*")
_OPENING = re.compile(r"(?:自从|自|从|在|于|截至|截止到?|直到|关于)?\s*$")
_SINCE = re.compile(r"\s*(?:以来|起|开始|以后|之后|至今|后(?!来))")
_BEFORE = re.compile(r"\s*(?:以前|之前|前(?!后|几))")
_DURING = re.compile(r"\s*(?:期间|间|的时候|时|内|里|当天|前后|那几天)?(?:的)?")
_APART = re.compile(r"\s|期间|前后|那几天|的时候|时|当天")
"""What parts a festival from the topic: "2019年国庆阅兵" is one."""
_PLANNED = re.compile(r"(?:原定|计划|将于|定于|预计|拟于|预定)\s*(?:在)?$")
_HAPPENED = re.compile(r"(?:[^，。？\s]{0,4}(?:被捕|被拘|签署|发生|爆发|举行|召开|生效|遇难|去世|发表|通过|达成)的)")
_NOT_AN_EVENT = re.compile(
    r"\s*(?:[，,。？?、:：]|$|的?(?:表态|回应|立场|说法|言论|态度|记者会|讲话|评论)|中方|中国|外交部|发言人|对|就|关于|针对|有关|"
    r"在|谁|是|有|怎|如何|说|谈|讲|回应|曾|记者|陆慷|耿爽|华春莹|赵立坚|汪文斌|毛宁|林剑|郭嘉昆)"
)


def find_chinese_period(question: str, coverage: Period, today: dt.date) -> Found | None:
    """The period of the statements that the question names; None when it names none.

    Args:
        question: as typed.
        coverage: first and last day on record. A date outside it can only belong to the topic.
        today: what "上个月" is counted from.
    """
    text = question.translate(_DIGITS)
    points = [match for match in _POINT.finditer(text) if match.group()]
    for number, first in enumerate(points):
        group = [first]
        if number + 1 < len(points) and _TO.fullmatch(text[first.end() : points[number + 1].start()]):
            group.append(points[number + 1])
        found = _read(text, group, coverage, today)
        if found is not None:
            return found
    return None


def _read(text: str, group: list[re.Match[str]], coverage: Period, today: dt.date) -> Found | None:
    start, end = group[0].start(), group[-1].end()
    after = text[end:]
    days = None if _is_topic(text[:start], after, group) else _days_of(group, coverage, today)
    counted = any(match["relative"] or match["relative_year"] for match in group)
    if days is None or not (counted or _overlaps(days, coverage)):
        return None
    opening = _OPENING.search(text[:start])
    begin = opening.start() if opening else start
    word = opening.group().strip() if opening else ""
    closing = _SINCE.match(after) or _BEFORE.match(after) or _DURING.match(after)
    last_character = end + (closing.end() if closing else 0)
    period = Period(first=days[0], last=days[1])
    if _SINCE.match(after):
        period = Period(first=days[0])
    elif _BEFORE.match(after):
        period = Period(last=days[0] - dt.timedelta(days=1))
    elif word.startswith(("截", "直到")):
        period = Period(last=days[1])
    return Found(period, begin, last_character)


def _is_topic(before: str, after: str, group: list[re.Match[str]]) -> bool:
    """Whether the date says when something else happened than the statements asked for."""
    if _PLANNED.search(before) or _HAPPENED.match(after):
        return True
    if _festival(group[-1]) and not group[-1].group().endswith(("假期", "长假", "黄金周", "放假")):
        return not any(pattern.match(after) for pattern in (_APART, _NOT_AN_EVENT, _SINCE, _BEFORE))
    bare = len(group) == 1 and re.fullmatch(r"(?:19|20)\d\d年(?:度)?", group[0].group())
    return bool(bare) and not any(pattern.match(after) for pattern in (_NOT_AN_EVENT, _SINCE, _BEFORE))


def _overlaps(days: tuple[dt.date, dt.date], coverage: Period) -> bool:
    return not (coverage.first and days[1] < coverage.first) and not (coverage.last and days[0] > coverage.last)


def _days_of(group: list[re.Match[str]], coverage: Period, today: dt.date) -> tuple[dt.date, dt.date] | None:
    """First and last day of one point, or from the first of two to the second; None when there is no such day."""
    try:
        return _spanned(group, coverage, today)
    except ValueError:
        return None


def _spanned(group: list[re.Match[str]], coverage: Period, today: dt.date) -> tuple[dt.date, dt.date] | None:
    years = [_year(match, today) for match in group]
    days = []
    for position, match in enumerate(group):
        if match["relative"]:
            days.append(_relative(match, today))
            continue
        year = years[position] or next((year for year in reversed(years[:position]) if year), None)
        year = year or next((year for year in years[position:] if year), None) or _nearest_year(match, coverage, today)
        days.append(_days(match, year))
    first, last = days[0][0], days[-1][1]
    if last < first and not years[-1]:
        last = last.replace(year=last.year + 1)
    return (first, last) if first <= last else None


def _festival(match: re.Match[str]) -> str | None:
    """The festival that a point names."""
    name = match["festival"] or match["dated_festival"] or match["bare_festival"]
    return name if name in _FESTIVALS else name and name.removesuffix("节")


def _year(match: re.Match[str], today: dt.date) -> int | None:
    if match["festival_year"]:
        return int(match["festival_year"])
    if match["relative_year"]:
        return today.year - {"今年": 0, "本年": 0, "去年": 1, "前年": 2}[match["relative_year"]]
    if not match["year"]:
        return None
    digits = "".join(str(_NUMERALS.index(sign) + 1) if sign in _NUMERALS else sign for sign in match["year"])
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _nearest_year(match: re.Match[str], coverage: Period, today: dt.date) -> int:
    """The year of a month without one: the last one on record in which the month lies."""
    last = min(coverage.last or today, today)
    if festival := _festival(match):
        return last.year if _around_festival(festival, last.year)[0] <= last else last.year - 1
    month = _MONTHS.get(match["bare_month"] or "") or int(match["bare_month"] or 1)
    return last.year if month <= last.month else last.year - 1


def _around_festival(name: str, year: int) -> tuple[dt.date, dt.date]:
    if name == "元旦":
        return dt.date(year - 1, 12, 28), dt.date(year, 1, 5)
    first, last = _FESTIVALS[name]
    return dt.date(year, *first), dt.date(year, *last)


def _days(match: re.Match[str], year: int) -> tuple[dt.date, dt.date]:
    if festival := _festival(match):
        return _around_festival(festival, year)
    name = match["month"] or match["bare_month"]
    if name is None:
        return _part_of_year(year, match["part"])
    month = _MONTHS.get(name) or int(name)
    day = match["day"] or match["bare_day"]
    if day:
        return dt.date(year, month, int(day)), dt.date(year, month, int(day))
    return _part_of_month(year, month, match["month_part"] or match["bare_part"])


def _part_of_year(year: int, part: str | None) -> tuple[dt.date, dt.date]:
    if part is None:
        return _months(year, 1, 12)
    if part.endswith("半年"):
        return _months(year, 1 if part[0] in "上前" else 7, 6)
    if part.endswith("季度"):
        number = part.removeprefix("第")[0]
        return _months(year, 3 * (_MONTHS.get(number) or int(number)) - 2, 3)
    if part[0] in "春夏秋冬":
        return _months(year, 3 * ("春夏秋冬".index(part[0]) + 1), 3)
    third = "初中底".find(part.replace("年", "").replace("末", "底")[0])
    return _months(year, 4 * third + 1, 4)


def _part_of_month(year: int, month: int, part: str | None) -> tuple[dt.date, dt.date]:
    length = calendar.monthrange(year, month)[1]
    bounds = {
        **dict.fromkeys(("上旬", "初"), (1, 10)),
        **dict.fromkeys(("中旬", "中"), (11, 20)),
        **dict.fromkeys(("下旬", "底", "末"), (21, length)),
        "上半月": (1, 15),
        "下半月": (16, length),
    }
    first, last = bounds.get(part or "", (1, length))
    return dt.date(year, month, first), dt.date(year, month, last)


def _relative(match: re.Match[str], today: dt.date) -> tuple[dt.date, dt.date]:
    words = match["relative"]
    if match["count"]:
        return _lately(match["count"], match["unit"], today), today
    if words in ("年初", "上半年", "下半年"):
        return _part_of_year(today.year, words)
    if words.endswith(("天", "日")):
        day = today - dt.timedelta(days=int(words[0] == "昨"))
        return day, day
    back = int(words[0] == "上")
    if words.endswith("月"):
        number = today.year * 12 + today.month - 1 - back
        return _months(number // 12, number % 12 + 1, 1)
    monday = today - dt.timedelta(days=today.weekday() + 7 * back)
    return monday, monday + dt.timedelta(days=6)


def _lately(count: str, unit: str, today: dt.date) -> dt.date:
    days = {"年": 365, "月": 30, "周": 7, "星期": 7}[unit]
    return today - dt.timedelta(days=round(days * {"一": 1, "两": 2, "三": 3, "半": 0.5, "几": 3}[count]))


def _months(year: int, month: int, count: int) -> tuple[dt.date, dt.date]:
    beyond = year * 12 + month - 1 + count
    return dt.date(year, month, 1), dt.date(beyond // 12, beyond % 12 + 1, 1) - dt.timedelta(days=1)
