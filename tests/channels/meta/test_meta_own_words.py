from channels.meta.own_words import ANYBODY, IDS_KEPT, WORDS_KEPT, OwnWords


def test_words_are_ours_by_their_id() -> None:
    words = OwnWords()
    words.begin("ana", "Hello")
    words.sent("ana", "Hello", "m_1")
    assert words.said("m_1", "ana", "Hello")
    assert words.said("m_1", "ana", "Hello")
    assert not words.said("m_2", "ana", "Hello")


def test_an_echo_may_overtake_the_answer() -> None:
    words = OwnWords()
    words.begin("ana", "Hello")
    assert words.said("m_1", "ana", "Hello")
    words.sent("ana", "Hello", "m_1")
    assert not words.said("m_2", "ana", "Hello")


def test_each_message_under_way_has_one_echo() -> None:
    words = OwnWords()
    words.begin("ana", "Hello")
    words.begin("ana", "Hello")
    assert words.said("m_1", "ana", "Hello")
    assert words.said("m_2", "ana", "Hello")
    assert not words.said("m_3", "ana", "Hello")


def test_a_private_reply_goes_to_somebody_not_known_yet() -> None:
    words = OwnWords()
    words.begin(ANYBODY, "Hello")
    assert words.said("m_1", "ana", "Hello")


def test_what_surely_did_not_go_has_no_echo() -> None:
    words = OwnWords()
    words.begin("ana", "Hello")
    words.drop("ana", "Hello")
    assert not words.said("m_1", "ana", "Hello")


def test_others_words_are_not_ours() -> None:
    words = OwnWords()
    words.begin("ana", "Hello")
    assert not words.said("m_1", "bea", "Hello")
    assert not words.said("m_1", "ana", "Hello there")


def test_it_remembers_within_bounds() -> None:
    words = OwnWords()
    for number in range(IDS_KEPT + 1):
        words.sent("ana", "", f"m_{number}")
    assert not words.said("m_0", "ana", "")
    assert words.said(f"m_{IDS_KEPT}", "ana", "")
    for number in range(WORDS_KEPT + 1):
        words.begin("ana", f"word {number}")
    assert not words.said("m", "ana", "word 0")
