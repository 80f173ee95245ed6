"""The English pages of 2018-2020, with what was seen in them."""

import datetime as dt

import pytest
from corpus_pages import TITLE, english, noted, p, q, read, told


def test_questions_and_answers_are_paired() -> None:
    page = english(
        q("Q: Did the visit take place? What is your comment?")
        + p("A: It did. ")
        + p("We commend it.")
        + q("Q: Another matter. Can you confirm it?")
        + p("A: I have no information.")
    )
    transcript = read(page)
    assert told(transcript) == [
        ("exchange", "Did the visit take place? What is your comment?", "It did.\nWe commend it."),
        ("exchange", "Another matter. Can you confirm it?", "I have no information."),
    ]
    assert transcript.title == TITLE
    assert (transcript.date, transcript.date_from) == (dt.date(2019, 5, 23), "title")
    assert transcript.speaker == "Lu Kang"
    assert [exchange.speaker for exchange in transcript.exchanges] == ["Lu Kang", "Lu Kang"]
    assert transcript.language == "en"
    assert transcript.url == "https://www.fmprc.gov.cn/mfa_eng/xwfw_665399/s2510_665401/2511_665403/t1666065.shtml"
    assert [exchange.id for exchange in transcript.exchanges] == [f"{transcript.id}.0", f"{transcript.id}.1"]


@pytest.mark.parametrize("colon", [":", "：", " :", " ："])
def test_colons_of_every_width_end_a_label(colon: str) -> None:
    page = english(q(f"Q{colon} Is it so?") + p(f"A{colon} Yes."))
    assert told(read(page)) == [("exchange", "Is it so?", "Yes.")]


def test_outlets_are_named_and_the_spokesperson_labels_answers() -> None:
    page = english(
        q("Reuters: Is it so?")
        + p("Zhao Lijian: It is.")
        + q("The Globe and Mail: And this?")
        + p("Zhao Lijian: We noted it.")
        + q("ITN&amp;BBC: Thirdly?")
        + p("Zhao Lijian: 11 million people heard it."),
        title="Foreign Ministry Spokesperson Zhao Lijian's Regular Press Conference on June 16, 2020",
    )
    transcript = read(page)
    assert [exchange.asked_by for exchange in transcript.exchanges] == ["Reuters", "The Globe and Mail", "ITN&BBC"]
    assert [answer for _, _, answer in told(transcript)] == ["It is.", "We noted it.", "11 million people heard it."]


def test_an_unbold_outlet_label_before_bold_words() -> None:
    page = english(
        p("Xinhua News Agency: <B>Prisoners were freed. What's China's comment?</B>") + p("A: We welcome it.")
    )
    transcript = read(page)
    assert told(transcript) == [("exchange", "Prisoners were freed. What's China's comment?", "We welcome it.")]
    assert transcript.exchanges[0].asked_by == "Xinhua News Agency"


def test_an_outlet_label_in_plain_type_needs_an_answer_after_it() -> None:
    page = english(
        q("Q: One?")
        + p("A: Yes.")
        + p("Kyodo News: Will he come?")
        + p("A: Stay tuned.")
        + q("Q: Two?")
        + p("A: This is our view.")
        + p("Leadership: it matters to everyone.")
        + p("Our position is clear: we oppose it.")
    )
    assert told(read(page)) == [
        ("exchange", "One?", "Yes."),
        ("exchange", "Will he come?", "Stay tuned."),
        (
            "exchange",
            "Two?",
            "This is our view.\nLeadership: it matters to everyone.\nOur position is clear: we oppose it.",
        ),
    ]


@pytest.mark.parametrize(
    "prose",
    [
        "Between 00:00 and 24:00 on February 10, cases were reported.",
        "I want to point out: this is not so.",
        "First, some figures from the NHC. Between 00:00 and 24:00, there were cases.",
        "What I want to stress is as follows: China's door is open.",
        "A word of advice to those in the US: look at the facts.",
        "Finally: we hope for peace.",
        "A Chinese official arrived: he will stay.",
        "At 10:30 the talks began.",
    ],
)
def test_colons_in_prose_are_no_labels(prose: str) -> None:
    page = english(q("Q: What is known?") + p("A: Thank you.") + p(prose) + q("Q: And now?") + p("A: Nothing."))
    assert told(read(page))[0] == ("exchange", "What is known?", f"Thank you.\n{prose}")


def test_follow_ups_and_interjections_continue_the_exchange_before() -> None:
    page = english(
        q("Q: Who said it?")
        + p("A: Which report do you mean?")
        + q("Journalist: Some media.")
        + p("A: I have not seen it.")
        + q("Follow-up: Will you look?")
        + p("A: Yes.")
        + q("Journalist clarifies: Today's report.")
        + p("A: I see.")
        + q("Q: A follow-up on trade. Any news?")
        + p("A: No.")
        + q("Q: Something else?")
        + p("A: Fine.")
    )
    assert [exchange.follow_up for exchange in read(page).exchanges] == [False, True, True, True, True, False]


def test_a_label_in_a_paragraph_of_its_own_and_in_its_own_tag() -> None:
    page = english(
        q("Q:")
        + q("What is your comment on the report?")
        + p("A:")
        + p("We noted it.")
        + p("<B>Q</B><B>: Sure?</B>")
        + p("<I>A</I>: Yes.")
    )
    assert told(read(page)) == [
        ("exchange", "What is your comment on the report?", "We noted it."),
        ("exchange", "Sure?", "Yes."),
    ]


def test_answers_without_a_label_and_questions_without_one() -> None:
    page = english(
        q("Q: First question?")
        + p("It is answered without a label.")
        + q("A question in bold without any label, is it found?")
        + p("It is.")
        + p("Indeed.")
    )
    assert told(read(page)) == [
        ("exchange", "First question?", "It is answered without a label."),
        ("exchange", "A question in bold without any label, is it found?", "It is.\nIndeed."),
    ]


def test_a_question_over_several_bold_paragraphs() -> None:
    page = english(q("Q: First, a statement was made.") + q("Second, what is your comment?") + p("A: None."))
    assert told(read(page)) == [("exchange", "First, a statement was made.\nSecond, what is your comment?", "None.")]


def test_bold_answers_stay_answers() -> None:
    page = english(
        q("Q: Is it urgent?")
        + q("A: The two sides agreed to hold talks.")
        + q("As for the second part, we are confident.")
        + q("Q: A ship was sent. Do you have a comment?")
        + p("A: We are opposed.")
    )
    assert told(read(page)) == [
        ("exchange", "Is it urgent?", "The two sides agreed to hold talks.\nAs for the second part, we are confident."),
        ("exchange", "A ship was sent. Do you have a comment?", "We are opposed."),
    ]


def test_two_voices_in_one_paragraph_are_parted() -> None:
    page = english(
        p("<B>Q: Will the minister come to the meeting?</B> A: He will.")
        + p("A: It is known. <B>Q: What else was on the table today?</B>")
        + p("A: Nothing.")
        + p("<B>Will there be another round of talks this year?</B> The two sides are in close communication on it.")
        + p("<B>Q: Last one?</B><BR>A: Thank you.")
    )
    assert [(question, answer) for _, question, answer in told(read(page))] == [
        ("Will the minister come to the meeting?", "He will."),
        (None, "It is known."),
        ("What else was on the table today?", "Nothing."),
        ("Will there be another round of talks this year?", "The two sides are in close communication on it."),
        ("Last one?", "Thank you."),
    ]


def test_a_question_lost_in_an_answer_is_given_back() -> None:
    page = english(
        q("Q: One?")
        + p("A: The first answer.")
        + p("The reports say that a ship sank. What is your comment?")
        + p("A: We are saddened.")
    )
    assert told(read(page)) == [
        ("exchange", "One?", "The first answer."),
        ("exchange", "The reports say that a ship sank. What is your comment?", "We are saddened."),
    ]


def test_openings_and_the_spokespersons_own_label() -> None:
    page = english(
        p("At the invitation of the minister, a guest will visit.")
        + p("He stays: two days.")
        + q("Q: Why?")
        + p("Hua chunying: Friendship."),
        title="Foreign Ministry Spokesperson Hua Chunying's Regular Press Conference on August 28, 2018",
    )
    transcript = read(page)
    assert told(transcript) == [
        ("opening", None, "At the invitation of the minister, a guest will visit.\nHe stays: two days."),
        ("exchange", "Why?", "Friendship."),
    ]
    assert transcript.exchanges[1].speaker == "Hua Chunying"


def test_two_spokespersons_share_a_page() -> None:
    page = english(
        p("Hua Chunying: I give the floor to my colleague.")
        + p("Zhao Lijian: Thank you.")
        + q("CCTV: Well?")
        + p("Zhao Lijian: Well."),
        title="Foreign Ministry Spokesperson Zhao Lijian's Regular Press Conference on February 24, 2020",
    )
    assert [(exchange.kind, exchange.speaker) for exchange in read(page).exchanges] == [
        ("opening", "Hua Chunying"),
        ("opening", "Zhao Lijian"),
        ("exchange", "Zhao Lijian"),
    ]


@pytest.mark.parametrize(
    "marker",
    [
        "The following question was raised after the press conference:",
        "The following question was raised by a journalist after the press conference:",
        "After the press conference, the following question was raised:",
        "This question was raised after the press conference:",
        "Question raised after the press conference:",
        "A journalist posed the following question after the press conference:",
    ],
)
@pytest.mark.parametrize("layout", ["bold", "mixed", "own line", "plain", "with Q"])
def test_additions_after_the_conference(marker: str, layout: str) -> None:
    asked = "An earthquake struck. What is your comment?"
    body = {
        "bold": q(f"{marker} {asked}"),
        "mixed": p(f"{marker} <B>{asked}</B>"),
        "own line": p(marker) + q(asked),
        "plain": p(f"{marker} {asked}"),
        "with Q": q(marker) + q(f"Q: {asked}"),
    }[layout]
    transcript = read(
        english(q("Q: Trade?") + p("A: We object.") + body + p("Lu Kang: We mourn.") + p("We will help."))
    )
    assert told(transcript) == [
        ("exchange", "Trade?", "We object."),
        ("addition", asked, "We mourn.\nWe will help."),
    ]
    assert transcript.exchanges[1].speaker == "Lu Kang"


def test_an_addition_told_in_indirect_speech() -> None:
    page = english(
        q("Q: Trade?")
        + p("A: We object.")
        + q("After the Press Conference, a journalist asked if China will help the people in the flooded towns. ")
        + p("We answered that the day before yesterday.")
    )
    assert told(read(page))[1] == (
        "addition",
        "if China will help the people in the flooded towns.",
        "We answered that the day before yesterday.",
    )


def test_several_additions_and_the_one_without_a_question() -> None:
    page = english(
        q("Q: Trade?")
        + p("A: We object.")
        + q("The following questions were raised after the press conference:")
        + q("Q: One?")
        + p("A: First.")
        + q("Q: Two?")
        + p("A: Second.")
        + p("---")
        + p("After the press conference, Lu made further response to the question raised by a newspaper.")
        + p("China is a victim.")
    )
    transcript = read(page)
    assert told(transcript)[1:] == [
        ("addition", "One?", "First."),
        ("addition", "Two?", "Second."),
        ("addition", None, "China is a victim."),
    ]
    assert [words for _, words in noted(transcript)] == [
        "The following questions were raised after the press conference:",
        "---",
        "After the press conference, Lu made further response to the question raised by a newspaper.",
    ]


def test_scheduling_and_separators_at_the_end_are_notes() -> None:
    page = english(
        q("Q: Trade?")
        + p("A: We object.")
        + p("***")
        + p("Today, our account was opened.")
        + p("The MFA regular press conference will be adjourned on Friday and resumed on Monday.")
        + p("Have a nice holiday!")
    )
    transcript = read(page)
    assert told(transcript) == [
        ("exchange", "Trade?", "We object."),
        ("addition", None, "Today, our account was opened."),
    ]
    assert [kind for kind, _ in noted(transcript)] == ["note", "note", "note"]


def test_scheduling_without_a_separator_leaves_the_answer() -> None:
    page = english(
        q("Q: Missiles?")
        + p("A: Ask the military.")
        + p("The Foreign Ministry and the People's Government of Fujian will hold a promotion event on July 5.")
        + p("It is a beautiful place.")
        + p("The regular press conference will be adjourned on that day.")
    )
    transcript = read(page)
    assert [(kind, answer) for kind, _, answer in told(transcript)] == [
        ("exchange", "Ask the military."),
        (
            "addition",
            "The Foreign Ministry and the People's Government of Fujian will hold a promotion event on July 5.\n"
            "It is a beautiful place.",
        ),
    ]
    assert [words for _, words in noted(transcript)] == ["The regular press conference will be adjourned on that day."]


def test_a_separator_between_announcement_and_first_question_ends_nothing() -> None:
    page = english(p("A visit was paid.") + p("*******") + q("Q: Why?") + p("A: To talk."))
    assert [kind for kind, _, _ in told(read(page))] == ["opening", "exchange"]


def test_remarks_without_a_question() -> None:
    page = english(
        p("The US side made remarks.") + p("We object."),
        title="Foreign Ministry Spokesperson Hua Chunying's Remarks on US Remarks on Venezuela",
    )
    transcript = read(page)
    assert told(transcript) == [("remarks", None, "The US side made remarks.\nWe object.")]
    assert transcript.speaker == "Hua Chunying"


def test_a_question_nobody_answered_is_kept_as_such() -> None:
    transcript = read(english(q("Q: One?") + p("A: Yes.") + q("Q: Two?")))
    assert told(transcript) == [("exchange", "One?", "Yes.")]
    assert noted(transcript) == [("unanswered", "Q: Two?")]


def test_nested_tags_tables_images_and_breaks() -> None:
    page = english(
        p('<IMG src="./W020190523123456789012.jpg">')
        + "<DIV><TABLE><TBODY><TR><TD><P><FONT><B>Q: <EM>Is</EM> it&nbsp;in a table?</B></FONT></P></TD></TR>"
        + "<TR><TD><UL><LI>A: It is.</LI><LI>And listed.</LI></UL></TD></TR></TBODY></TABLE></DIV>"
        + "<!-- a remark --><SCRIPT>var q = 'Q: no?';</SCRIPT>"
        + '<SPAN style="FONT-WEIGHT: bold">Q: In bold by style?</SPAN><BR>A: Also.\u200b<BR><BR>Fully.'
    )
    assert told(read(page)) == [
        ("exchange", "Is it in a table?", "It is.\nAnd listed."),
        ("exchange", "In bold by style?", "Also.\nFully."),
    ]


def test_the_same_page_has_the_same_id_wherever_it_lies() -> None:
    page = english(q("Q: One?") + p("A: Yes."))
    here = read(page)
    there = read(
        page, path="/some/where/www.fmprc.gov.cn/" + "mfa_eng/xwfw_665399/s2510_665401/2511_665403/{name}.shtml"
    )
    assert here.id == there.id
    assert here.id.startswith("t1666065-")


def test_headings_and_emphasis_in_an_answer_are_no_questions() -> None:
    emphasis = "I want to stress that this is a long sentence which the editors set in bold for everyone to see."
    page = english(
        q("Q: What are the facts?")
        + p("A: There are two.")
        + q("The first fact")
        + p("It rains.")
        + q(emphasis)
        + p("It is wet.")
        + q("Q: Thank you?")
        + p("A: Yes.")
    )
    assert told(read(page))[0] == (
        "exchange",
        "What are the facts?",
        f"There are two.\nThe first fact\nIt rains.\n{emphasis}\nIt is wet.",
    )


def test_a_journalist_named_in_prose_asks_nothing() -> None:
    page = english(
        q("Q: And?") + p("A: I see.") + p("Journalists should know: facts matter.") + q("Q: So?") + p("A: So.")
    )
    assert [question for _, question, _ in told(read(page))] == ["And?", "So?"]
