"""Reading is the same for whatever was taught, and needs no topic of ours."""

import pytest

from brain.encoder import UseEncoder
from brain.examples import Example
from brain.issue_reader import IssueReader

TAUGHT = {
    "pillow": ["do you sell pillows", "how soft are your pillows", "price of a pillow",
               "i want to buy two pillows", "pillow for side sleepers"],
    "trial": ["how long is the trial", "can i try it for a month", "what is the trial period",
              "do i get my money back after the trial", "is there a trial"],
    "dealer": ["where is your nearest dealer", "do you have a shop in leeds",
               "which stores sell it", "any dealer near me", "list of dealers please"],
}  # fmt: skip


@pytest.fixture(scope="module")
def reader(encoder: UseEncoder) -> IssueReader:
    return IssueReader.taught(
        [Example(label, text) for label, texts in TAUGHT.items() for text in texts], encoder
    )


def _topics(reader: IssueReader, text: str) -> list[str]:
    return [issue.topic for issue in reader.read(text).issues]


def test_one_and_several(reader: IssueReader) -> None:
    assert _topics(reader, "do you have soft pillows?") == ["pillow"]
    text = "how much is a pillow, and is there any dealer near me? also how long is the trial"
    assert _topics(reader, text) == ["pillow", "dealer", "trial"]


@pytest.mark.parametrize("text", ["", "👍👍", "my cat plays the violin in a jazz band", "12345"])
def test_what_nobody_taught_is_nothing(reader: IssueReader, text: str) -> None:
    assert _topics(reader, text) == []


@pytest.mark.parametrize("iban", ["DE89 3704 0044 0532 0130 00", "gb82west12345698765432"])
def test_an_account_is_no_part_of_what_is_wanted(reader: IssueReader, iban: str) -> None:
    read = reader.read(f"is there any dealer near me, {iban}? or near {iban}")
    assert not [text for text in read.seen.spelled if "0044" in text or "west" in text]
    assert "dealer" in {issue.topic for issue in read.issues}


def test_texts_beside_are_encoded_along(reader: IssueReader, encoder: UseEncoder) -> None:
    read = reader.read("is there a trial", beside=["one more"])
    assert read.seen.spelled == ("one more", "is there a trial")
    assert read.seen.vectors.shape == (2, encoder.dimensions)
    assert read.whole is not None
    assert read.whole.best == "trial"
    assert reader.read("").whole is None


def test_short_words_are_read_in_full(reader: IssueReader) -> None:
    read = reader.read("nn trovo il negozio, cmq dov'è?", language="it")
    assert read.seen.spelled[0] == "non trovo il negozio, comunque dov'è?"
    assert all("nn" not in each and "cmq" not in each for each in read.seen.spelled)
    assert reader.read("nn and cmq", language="en").seen.spelled[0] == "nn and cmq"
