"""Reported speech by rule: what it makes, and above all what it leaves alone."""

from __future__ import annotations

import pytest

from rag.generation import openers
from rag.generation.fillers import FILLER
from rag.generation.lexicon import third
from rag.generation.reported import report


def made(text: str, speaker: str | None = "Li Ming") -> str | None:
    told = report(text, speaker, "China")
    return None if told is None else " ".join(part.sentence for part in told)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("We urge Norway to lift the ban.", "China urges Norway to lift the ban."),
        (
            "We deplore and firmly oppose the ban, and we will protect our companies.",
            "China deplores and firmly opposes the ban, and China will protect its companies.",
        ),
        ("We will continue our support for Chile.", "Li Ming said that China will continue its support for Chile."),
        ("We don't accept that.", "Li Ming said that China does not accept “that”."),
        (
            "We have overlapping claims in the northern fjord.",
            "Li Ming said that “we” have overlapping claims in the northern fjord.",
        ),
        (
            "The talks go on so that we can come to agreement on the quota.",
            "Li Ming said that the talks go on so that “we” can come to agreement on the quota.",
        ),
        ("We have a different view on the quota.", "Li Ming said that China has a different view on the quota."),
        ("We have common interests with Norway.", "Li Ming said that China has common interests with Norway."),
        ("We've never been a party to it.", "Li Ming said that China has never been a party to it."),
        (
            "I'm confident that the vote will pass.",
            "Li Ming said that the spokesperson is confident that the vote will pass.",
        ),
        (
            "As I said just now, what I want to stress is that 14 boats entered the bay.",
            "Li Ming stressed that 14 boats entered the bay.",
        ),
        ("On your second question, the talks are going well.", "Li Ming said that the talks are going well."),
        ("WHO has praised the plan.", "Li Ming said that WHO has praised the plan."),
        ("So far 63 countries have signed.", "Li Ming said that so far 63 countries have signed."),
        ("The two ministers met yesterday.", "Li Ming said that the two ministers met the previous day."),
        ("This practice hurts Norway.", "Li Ming said that “this practice” hurts Norway."),
        ("The report you mentioned is false.", "Li Ming said that the report the reporter mentioned is false."),
        ("Who gave Norway the right?", "Li Ming asked: “Who gave Norway the right?”"),
        (
            "As far as I know, the ship has left.",
            "Li Ming said that, to the spokesperson's knowledge, the ship has left.",
        ),
        (
            'The so-called "threat" is not of our making.',
            "Li Ming said that the so-called “threat” is not of China's making.",
        ),
        (
            "Minister Olsen came to Beijing. He met Premier Hu.",
            "Li Ming said that Minister Olsen came to Beijing, and that he met Premier Hu.",
        ),
        ("Our two countries are friends of Norway.", "Li Ming said that the two countries are friends of Norway."),
        ("Never have we closed the bay.", "Li Ming said that never has China closed the bay."),
        (
            "We express condolences to Norway, mourn the dead and wish the injured well.",
            "China expresses condolences to Norway, mourns the dead and wishes the injured well.",
        ),
        (
            "We hope that the sailors can be rescued as soon as possible and wish them a speedy recovery.",
            "China hopes that the sailors can be rescued as soon as possible and wishes them a speedy recovery.",
        ),
        (
            "We mourn the sailors who lost their lives and express sympathy to their families.",
            "China mourns the sailors who lost their lives and expresses sympathy to their families.",
        ),
        (
            "We hope Norway and Chile will meet each other halfway.",
            "China hopes Norway and Chile will meet each other halfway.",
        ),
        (
            "Norway and China held talks, and we hope that the talks go on.",
            "Li Ming said that Norway and China held talks, and China hopes that the talks go on.",
        ),
        (
            "We support all boats that are open to trade and stand ready to guard them.",
            "China supports all boats that are open to trade and stands ready to guard them.",
        ),
        (
            "The talks begin today. We hope it will be a success.",
            "Li Ming said that the talks begin today. China hopes it will be a success.",
        ),
        (
            "China will work with the world and contribute our strength.",
            "Li Ming said that China will work with the world and contribute its strength.",
        ),
        (
            "I believe you have also noticed that the ship has left.",
            "Li Ming said that the ship has left.",
        ),
        (
            "As to whether the ministers will meet, I can tell you that they keep in touch.",
            "Li Ming said that as to whether the ministers will meet, they keep in touch.",
        ),
        (
            "Just as Minister Olsen said, the talks are going well.",
            "Li Ming said that just as Minister Olsen said, the talks are going well.",
        ),
        ("I'm not aware of the report. The ship has left the bay.", "Li Ming said that the ship has left the bay."),
        ("The ship has left the bay. We will keep you updated.", "Li Ming said that the ship has left the bay."),
        ("Did Norway ask them? No.", "Li Ming asked: “Did Norway ask them?” and answered: “No.”"),
        ('Is this the "freedom" of Norway?', "Li Ming asked: “Is this the ‘freedom’ of Norway?”"),
        ("The ministers met the day before yesterday.", "Li Ming said that the ministers met two days before."),
        (
            "Olsen spoke at yesterday's talks in Oslo, and the talks went on.",
            "Li Ming said that Olsen spoke at the previous day's talks in Oslo, and the talks went on.",
        ),
        ("Sadly, Norway closed the bay.", "Li Ming said that sadly, Norway closed the bay."),
        ("Twenty-eight of the boats left.", "Li Ming said that twenty-eight of the boats left."),
        ("Boeing has left the bay.", "Li Ming said that Boeing has left the bay."),
        (
            "We hope for more in this joint fight against the storms.",
            "China hopes for more in this joint fight against the storms.",
        ),
        (
            "We are ready to keep the peace and support Norway.",
            "Li Ming said that China is ready to keep the peace and support Norway.",
        ),
        (
            "Norway needs help in such areas as fishing.",
            "Li Ming said that Norway needs help in such areas as fishing.",
        ),
        ("These two important votes went well.", "Li Ming said that “these two important votes” went well."),
        ("Inviting Mr. Olsen will help.", "Li Ming said that inviting Mr. Olsen will help."),
        ("We have all along kept the treaty.", "Li Ming said that China has all along kept the treaty."),
        (
            "It is the Chinese government's consistent position to protect the cod.",
            "Li Ming said that it is the Chinese government's consistent position to protect the cod.",
        ),
        ("These groundless claims hurt us.", "Li Ming said that “these groundless claims” hurt China."),
        ("Pandemics know no borders.", "Li Ming said that pandemics know no borders."),
        (
            "The ministers met this week. And also, the fleet came home.",
            "Li Ming said that the ministers met this week, and that the fleet came home.",
        ),
        (
            "The fleet came home early. The Chinese side welcomes that.",
            "Li Ming said that the fleet came home early, and the Chinese side welcomes that.",
        ),
        (
            "The bay of Oslo and the islands depend on the fishermen after this accident.",
            "Li Ming said that the bay of Oslo and the islands depend on the fishermen after “this accident”.",
        ),
        (
            "The train took ten hours. Yet with the new line it takes five.",
            "Li Ming said that the train took ten hours, but that with the new line it takes five.",
        ),
        (
            "The ministers met this week. However, the fleet stayed in the bay.",
            "Li Ming said that the ministers met this week, but that the fleet stayed in the bay.",
        ),
        ("This morning, the ministers met in Oslo.", "Li Ming said that the same morning, the ministers met in Oslo."),
        ("We oppose that and have lodged a protest.", "China opposes “that” and has lodged a protest."),
        ("We note the reports and are following the case.", "China notes the reports and is following the case."),
        (
            "But as an MFA spokesperson, I would like to point out that the boats have left.",
            "Li Ming pointed out that the boats have left.",
        ),
        (
            "(Showing a photo) The boat on the left is Norwegian.",
            "Li Ming said that the boat on the left is Norwegian.",
        ),
        (
            "I want to draw your attention to the fact that the boats have left.",
            "Li Ming said that the boats have left.",
        ),
        (
            "You also mentioned the fishing treaty. The treaty has protected the cod of the bay for ten years.",
            "Li Ming said that the treaty has protected the cod of the bay for ten years.",
        ),
        ("The report is new to me.", "Li Ming said that the report is new to the spokesperson."),
    ],
)
def test_a_plain_statement_changes_its_person_and_nothing_else(statement: str, expected: str) -> None:
    assert made(statement) == expected


@pytest.mark.parametrize(
    "statement",
    [
        "Our shared waters are full of cod.",
        "We have been brothers through the years.",
        "We support and help each other.",
        "We noted the statement of Norway and commend the fishermen.",
        "We treat all alike, implement measures with care and respect their customs.",
        "The ban that we are talking about was lifted.",
        "The film left a deep impression on all of us.",
        "We are committed to peace, see the sea as one and believe in harmony.",
        "We are gravely concerned about the ban and urge Norway to lift it.",
        "Norway and Sweden met, and our two countries will meet too.",
        "The international community is watching, and we must act together.",
        "Norway and China are neighbours, and we trust each other.",
        "We all know what happened.",
        "Let us wait and see.",
        "The bridge is a symbol of the friendship between us.",
        "You said the talks failed. They did not.",
        "It has hurt the whole region.",
        "As we speak, three teams are at work in the valley.",
        "After long talks, our environment ministries signed a plan.",
        "To quote its own words, we urge Norway to step back.",
        "They should stop at once.",
        "Please call the police.",
        "We hope they will respect the treaty and oppose the ban.",
        'He called it a "threat to peace.',
        "We believe it owes us the money.",
        "No need to worry for the sailors of Norway.",
        "Not just the bay of Oslo.",
        "The embassy will do our best to help the sailors.",
        "China and Norway trade much. It is natural for us to have disputes.",
        "China will talk with all partners so that we can settle the matter.",
        "You also mentioned the fishing treaty. This treaty has protected the cod of the bay for ten years.",
        "You also mentioned the fishing treaty. It was signed.",
        "Today's spokesperson is not me.",
        "The spokesperson of the Commerce Ministry has spoken, and I have nothing to say on cod.",
        "Annex I is about the fish of the bay.",
        "You also mentioned the fishing treaty. So what?",
        "We know the long talks on the northern waters were held and are going well.",
    ],
)
def test_an_uncertain_statement_is_left_alone(statement: str) -> None:
    assert made(statement) is None


def test_without_a_name_it_is_the_spokesperson() -> None:
    assert made("The talks went well.", None) == "The spokesperson said that the talks went well."


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("I'm not aware of that.", "Li Ming had no information to give."),
        ("We have no comment on that.", "Li Ming declined to comment."),
        (
            "I would refer you to the Ministry of Fisheries for details.",
            "Li Ming referred the reporter to the Ministry of Fisheries.",
        ),
        (
            "I'll leave these questions to the competent authorities.",
            "Li Ming referred the reporter to the competent authorities.",
        ),
        ("I for one have not seen any report on that.", "Li Ming had no information to give."),
        (
            "If you want more details, I would like to refer you to the Ministry of Fisheries.",
            "Li Ming referred the reporter to the Ministry of Fisheries.",
        ),
        (
            "I'm not aware of the case. You may ask the competent authorities about it.",
            "Li Ming had no information to give and referred the reporter to the competent authorities.",
        ),
    ],
)
def test_a_statement_that_declines_is_reported_as_such(statement: str, expected: str) -> None:
    assert openers.declines(statement)
    assert made(statement) == expected


def test_some_of_those_who_ask_are_more_than_one() -> None:
    told = made("Yesterday, some of you asked about the fleet in the north.")
    assert told == "Li Ming said that the previous day, some of the reporters asked about the fleet in the north."
    assert "some of the reporters asked" in str(made("Some of you asked whether the fleet was sold, and it was not."))


@pytest.mark.parametrize(
    "statement",
    [
        "I don't know, but he saved their lives.",
        "The ministry has no plan to withdraw.",
        "You may ask the Norwegian Foreign Ministry to be more open and make its source public.",
    ],
)
def test_a_statement_with_an_answer_in_it_does_not_decline(statement: str) -> None:
    assert not openers.declines(statement)


def test_filler_is_dropped_beside_substance_and_told_when_alone() -> None:
    assert made("We have noted relevant reports. We oppose the ban.") == "China opposes the ban."
    assert openers.empty("We have noted relevant reports. Our position is consistent and clear.")
    assert openers.empty("I will take this question first. As for who they are, I can look them up for you.")
    assert openers.empty("The Ministry of Fisheries has released information on this.")
    assert not openers.empty("The Ministry of Fisheries has released 40 ships that were held in May.")
    assert openers.empty("So I'm not going to repeat it.")
    assert openers.empty("You are right. I saw some reports online. Have you not heard?")
    assert openers.empty("You are not taken in by that, right?")
    assert not openers.empty("You are right that the fleet was sold.")
    assert not openers.empty("I saw some reports of a fleet that was sold.")
    assert openers.empty("I have made my point clear. Let me add a few points.")
    assert openers.empty("Olav, I need to correct you. Now we come back to your first question.")
    assert not openers.empty("We will come back to the talks.")
    assert openers.empty("My colleague answered similar questions last week. Our position remains unchanged.")
    assert not openers.empty("My colleague stated that the fleet was sold.")
    assert not openers.empty("The quota remains unchanged.")
    assert openers.empty("China holds a clear position on the quota. I believe we all see this crystal clear.")
    assert not openers.empty("China holds a clear position on the quota, which is to halve it.")
    assert openers.empty("Regarding the quota, relevant information is available online.")
    assert not openers.empty("No information is available on the whereabouts of the two sailors.")
    assert not openers.empty("China has a clear position on the quota and opposes any cut.")
    assert openers.empty("That is true. There is one thing I would like to emphasize.")
    assert not openers.empty("That is true of all ships that were sold.")
    assert openers.empty("We have noted the remarks of the Norwegian side. I noted Minister Olav Berg's statement.")
    assert not openers.empty("We have noted the remarks of the Norwegian side, which are wrong.")
    assert not openers.empty("We noted in Oslo that the quota was halved.")
    assert openers.empty("China is closely following the situation in the fjord. We will monitor the matter.")
    assert not openers.empty("We have noted reports by fishermen that were beaten.")
    assert not openers.empty("China noted the remarks by the US side and firmly opposes them.")
    assert not openers.empty("We have seen reports from Reuters and can confirm that two Chinese citizens died.")
    assert not openers.empty("We are closely following the situation in the bay and call for a ceasefire.")
    assert not openers.empty("China follows the developments in Niger and opposes the coup.")
    assert not openers.empty("I suggest you ask the US side why it tapped the phones of 35 leaders.")
    assert not openers.empty("I hope you will ask the US to lift the sanctions on Cuba.")
    assert not openers.empty("You may raise your question with the ministry which announced tariffs of 25%.")
    assert not openers.empty("China is closely following the situation in the fjord, where two ships were lost.")
    assert openers.empty("If you want more, you may put your questions to the harbour master.")
    assert not openers.empty("You may put your ships into the harbour.")
    assert openers.empty("I have just made the situation very clear.")
    assert not openers.empty("China has lodged representations with Norway and we have responded to it.")
    assert not openers.empty("We talked about the quota with the Norwegian side last week.")
    assert not openers.empty("My colleagues and I have talked about the ships that were sold.")
    assert not openers.empty("Let us get back to the right track of dialogue.")
    assert not openers.empty("The question you raised is about the island, which is an inalienable part of China.")
    assert not openers.empty("We oppose the ban.")


def test_questions_alone_are_known_as_such() -> None:
    assert openers.only_asks("Who did it? Why?")
    assert not openers.only_asks("Who did it? Norway did.")


@pytest.mark.parametrize(
    ("base", "form"), [("urge", "urges"), ("wish", "wishes"), ("carry", "carries"), ("have", "has"), ("say", "says")]
)
def test_third_person(base: str, form: str) -> None:
    assert third(base) == form


def test_what_the_reporter_said_is_never_told_as_the_answer() -> None:
    told = made("You mentioned that China will join the talks. We have not decided.")
    assert told is None


def parts(text: str) -> list[str]:
    told = report(text, "Li Ming", "China")
    assert told is not None
    return [text[part.start : part.end] for part in told]


def test_a_sentence_stands_on_its_own_words_without_the_filler() -> None:
    long = "The northern fleet of Norway has caught more cod, herring and saury this year than in any other of ten"
    other = "Fishing boats of 14 countries have left the bay since the storms of March broke the harbour walls"
    assert parts(f"We have noted relevant reports. {long}. {other}.") == [f"{long}.", f"{other}."]


def test_a_sentence_that_points_back_stands_on_what_it_points_to_as_well() -> None:
    long = "The northern fleet of Norway has caught more cod, herring and saury this year than in any other of ten"
    other = "Fishermen of 14 countries say these boats have left nothing in the bay since the storms of March"
    assert parts(f"{long}. {other}.") == [f"{long}.", f"{long}. {other}."]


def test_a_stance_on_the_sentence_before_is_told_with_it() -> None:
    long = "The assembly adopted a resolution on the fishing grounds by a large majority of the countries of the region"
    assert parts(f"{long}. China welcomes that.") == [f"{long}. China welcomes that."]
    assert (made(f"{long}. China welcomes that.") or "").endswith("of the region, and China welcomes that.")
    assert openers.empty("China welcomes that.")
    assert not openers.empty(f"{long}. China welcomes that.")


def test_what_follows_another_s_words_is_not_put_into_their_mouth() -> None:
    told = report(
        "The mayor of Oslo said that the harbour will grow. These facts show how welcome the ships are.",
        "Li Ming",
        "China",
    )
    assert told is not None
    assert [part.sentence for part in told] == [
        "Li Ming said that the mayor of Oslo said that the harbour will grow.",
        "Li Ming said that these facts show how welcome the ships are.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "I just gave my response regarding the latest round of China-U.S. consultations.",
        "I talked about the situation in Xinjiang yesterday, so I will not repeat it here.",
        "I'd like to take your second question first.",
        "Then let me spend some time talking about their reporting.",
        "Isn't that interesting!",
    ],
)
def test_talk_about_the_talk_is_a_filler(text: str) -> None:
    assert FILLER.match(text)
    told = report(f"{text} China opposes the sanctions.", "Lu Kang", "China")
    assert told is not None
    assert [part.sentence for part in told] == ["China opposes the sanctions."]


@pytest.mark.parametrize(
    "text",
    [
        "Let me spend this time of yours well: China opposes the sanctions.",
        "We have given our response to the letter that the committee sent in May. China paid.",
    ],
)
def test_what_says_something_is_none(text: str) -> None:
    assert not FILLER.match(text)


def test_an_exclamation_in_the_form_of_a_question_is_not_told_as_a_denial() -> None:
    assert report("Isn't China a victim of terrorism as well!", "Lu Kang", "China") is None


def test_a_second_verb_of_the_speakers_does_not_stay_in_the_first_person() -> None:
    assert report("I could not agree more with Zhang Hanhui and don't see anything in it.", "Lu Kang", "China") is None


def test_an_adverb_before_a_quoted_word_gets_a_small_letter() -> None:
    (part,) = report('Deliberately "decoupling" the two is bound to hamper trade.', "Lu Kang", "China") or ()
    assert part.sentence == "Lu Kang said that deliberately “decoupling” the two is bound to hamper trade."
