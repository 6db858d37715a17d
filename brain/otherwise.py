"""What is said where no wish was served: politeness, or a question what was meant; pure."""

from datetime import timedelta

from brain.asking import Reply
from brain.composing import title
from brain.decision import Handoff, Turn
from brain.following import asks_something, nods, remarks, wants_no_more
from brain.found import told_from
from brain.lacking import looks_for_it
from brain.listening import Heard, Notes
from brain.memory import Memory, WishStatus
from brain.mending import answered_after
from brain.scope import asks_for_else
from brain.second_thoughts import ASIDE
from brain.steps import line
from brain.told_before import INVITATIONS, public_invitation, said_just_now
from conversation.model import Author
from conversation.state import ConversationState

HANDFUL = timedelta(minutes=1)
"""How long after we asked for words one more picture belongs to those that we asked about."""
UNCLEAR_MAX = 1
"""How often we ask what was meant, until a colleague takes over."""
SMALL_TALK = ("greeting", "thanks", "praise")
ANSWERS = frozenset({"confirmation_yes", "confirmation_no"})
FAREWELLS = ("thanks", "taken_back")
"""After these nothing more is asked."""
_OPEN = ("greeting", "what_is_wrong")
"""What a no answers that wants nothing."""
_UNTOLD = ASIDE | {"human_request"}


def note_of(heard: Heard) -> str:
    """Tell a colleague what is wanted."""
    wants = "; ".join(title(topic) for topic in heard.topics if topic not in _UNTOLD)
    return f"{wants}." if wants else ""


def otherwise(turn: Turn, heard: Heard, notes: Notes, memory: Memory, reply: Reply) -> Memory:
    """Be polite, or find out what was meant."""
    if reply.blocks or reply.confirms:
        return memory.model_copy(update={"unclear": 0})
    if heard.declines or heard.about is not None:
        return answered_after(heard, memory, reply)
    if heard.understanding.unwanted and not set(notes.topics) - ANSWERS:
        reply.say(line("taken_back"))
        return memory.model_copy(update={"unclear": 0})
    if notes.topics == ("confirmation_no",) and turn.state.turns and "?" not in heard.text:
        _after_a_no(turn.state, heard, reply)
        return memory
    small = next((topic for topic in SMALL_TALK if topic in notes.topics), None)
    if small is not None:
        # What was not understood is not understood yet: it is not asked for a second time.
        _small_talk(small, turn.state, reply)
        return memory
    if "" in heard.answers and not notes.topics:
        answer = heard.answers[""].article
        reply.say(*told_from(answer, heard.text))
        reply.citations.append(answer.id)
        return memory.model_copy(update={"unclear": 0})
    if _asks_nothing(turn, heard, notes, memory):
        if not turn.state.turns and not set(notes.topics) - ANSWERS and not heard.media_only:
            reply.say(line("greeting"))  # A yes to nothing is the beginning of a conversation.
        return memory
    return _unclear(turn, heard, notes, memory, reply)


def _small_talk(topic: str, state: ConversationState, reply: Reply) -> None:
    """Be polite once: who greets twice waits for something, who thanks twice does not."""
    if topic == "greeting" and _invited(state):
        _invite_again(state, reply)
    elif not said_just_now(state, topic):
        reply.say(line(topic))
    elif topic == "greeting":
        reply.say(line("about"))


def _after_a_no(state: ConversationState, heard: Heard, reply: Reply) -> None:
    """Ask what is wrong, once; who wants nothing more is let go kindly, and then in peace."""
    if any(said_just_now(state, each) for each in FAREWELLS):
        return
    if wants_no_more(heard.text) or any(said_just_now(state, each) for each in _OPEN):
        reply.say(line("taken_back"))
    else:
        reply.say(line("what_is_wrong"), line("or_human"))


def _asks_nothing(turn: Turn, heard: Heard, notes: Notes, memory: Memory) -> bool:
    """Tell what needs no answer: a yes to nothing, a nod, a heart, one more picture."""
    if notes.topics:
        bare = not set(notes.topics) - ANSWERS
        return not (bare and asks_something(heard.text, heard.understanding.language.code))
    if heard.media_only:
        wishing = any(wish.status is WishStatus.OPEN for wish in memory.wishes)
        return wishing or _one_more_picture(turn)
    if memory.asked and looks_for_it(heard.text):
        return True
    language = heard.understanding.language.code
    taken_note = nods(heard.text) or remarks(heard.text, language)
    return heard.wordless or (turn.state.turns > 0 and taken_note)


def _one_more_picture(turn: Turn) -> bool:
    """Tell one of a handful: what they are about was asked with the first."""
    ours = (line for line in reversed(turn.state.lines) if line.author is Author.BOT)
    asked = next(ours, None)
    return (
        asked is not None
        and turn.now - asked.at < HANDFUL
        and said_just_now(turn.state, "media_only")
    )


def _invited(state: ConversationState) -> bool:
    return any(said_just_now(state, key) for key in INVITATIONS)


def _invite_again(state: ConversationState, reply: Reply) -> None:
    """Answer "hello???" below the invitation: somebody is there, but not here."""
    reply.say(line(public_invitation(state)))
    reply.invites = True


def _unclear(turn: Turn, heard: Heard, notes: Notes, memory: Memory, reply: Reply) -> Memory:
    if asks_for_else(heard.text):
        # However often they ask for poems, no colleague writes them.
        again = memory.unclear and not said_just_now(turn.state, "out_of_scope_again")
        reply.say(line("out_of_scope_again" if again else "out_of_scope"))
        return memory.model_copy(update={"unclear": UNCLEAR_MAX})
    if notes.falling and not memory.unclear:
        reply.say(line("handoff_mood"))
        reply.pass_on(Handoff(reason="mood", note=note_of(heard)))
        return memory
    if memory.unclear >= UNCLEAR_MAX:
        reply.say(line("no_answer"))
        reply.pass_on(Handoff(reason="not_understood", note=note_of(heard)))
        return memory
    if heard.media_only:
        reply.say(line("media_only"))
    elif heard.given:
        reply.say(line("about"))
    elif _invited(turn.state):
        _invite_again(turn.state, reply)
    else:
        reply.say(line("out_of_scope" if heard.understanding.out_of_scope else "clarify"))
    return memory.model_copy(update={"unclear": memory.unclear + 1})
