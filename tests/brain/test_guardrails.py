"""Whatever a brain says: disclosure, links, length, and claims that nothing proves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.action import Call, Done, Known
from actions.ports import RefundResult, WriteStatus
from brain.claims import proved, unproved_claims
from brain.guardrails import WORDS_MAX, Finished, cleaned, finish
from brain.wordbook import LANGUAGES, Value, _book, needed, say
from config.languages import FORMS
from config.money import Money
from conversation.state import ConversationState

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
AI = "I'm Northwind's AI assistant."
OURS = ("northwind.example",)


def said(words: str, *, disclosed: datetime | None = NOW) -> Finished:
    state = ConversationState(disclosed_at=disclosed)
    return finish(words, state=state, now=NOW, disclosure=AI, domains=OURS)


# --- disclosure


def test_the_first_words_say_who_speaks() -> None:
    assert said("Hello", disclosed=None) == Finished(text=f"{AI}\n\nHello", disclosed=True)


def test_it_is_said_once_a_day() -> None:
    assert said("Hello", disclosed=NOW - timedelta(hours=23)).text == "Hello"
    assert said("Hello", disclosed=NOW - timedelta(hours=25)).disclosed


def test_a_brain_that_says_it_itself_is_not_doubled() -> None:
    finished = said(f"{AI} Hello", disclosed=None)
    assert finished == Finished(text=f"{AI}\n\nHello", disclosed=True)


def test_where_nothing_is_left_nothing_is_said() -> None:
    assert said("![x](https://evil.test/a.png)", disclosed=None) == Finished(
        text="", disclosed=False
    )


def test_words_end_at_a_word() -> None:
    finished = said("word " * 5_000, disclosed=None)
    assert len(finished.text) <= WORDS_MAX
    assert finished.text.endswith("word…")
    assert len(said("x" * 20_000).text) <= WORDS_MAX


# --- links


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/pay",
        "HTTPS://EVIL.TEST/pay",
        "https://northwind.example@evil.test",
        "https://northwind.example:x@evil.test/",
        "https://evil.test\\@northwind.example",
        "https://evil.test#northwind.example",
        "https://evil.test?northwind.example",
        "https://northwind.example.evil.test",
        "https://notnorthwind.example",
        "https://northwind.example/redirect?to=https://evil.test",
        "https://northwind.example/?u=//evil.test",
        "https://northwind.example/%252f%252fevil.test",
        "https://northwind.example#@evil.test",
        "evil dot com",
        "evil punkt com",
        "evil . com",
        "evil\u00b7com",
        "javascript:alert(1)",
        "data:text/html,hi",
        "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "https://n\u043erthwind.example",
        "https://ev\u200bil.test",
        "https://evil\u3002test/x",
        "https://evil\uff0etest/x",
        "http://1.2.3.4/x",
        "https:evil.test/x",
        "//evil.test/x",
        "www.evil.test",
        "evil[.]test/x",
        "evil (dot) test",
        "http://[::1]/evil.t",
        "http://[2001:db8::1]:8080/evil.t",
        "1.2.3.4/evil.t",
        "1.2.3.4:8080/evil.t",
        "localhost:8000/evil.t",
        "evil.com/path",
        "evil.com",
        "EVIL.COM",
        "b\u00fccher.example/x",
        "xn--bcher-kva.example",
        "help@evil.test",
        "mailto:help@evil.test",
        "tg://resolve?domain=evil",
        "javascript://northwind.example/%0aalert(1)",
        "![picture](https://northwind.example/a.png)",
        "![p][1]",
        "[pay here](https://evil.test)",
        "<a href='https://evil.test'>pay</a>",
        "<img src=https://evil.test/x>",
        "htt<b></b>ps://evil.test/x",
        "evil![x](y).test/x",
        "https://evil.test/x?card=4111",
    ],
)
def test_foreign_links_and_pictures_go(link: str) -> None:
    text = said(f"Please look: {link} now").text
    assert text.startswith("Please look:")
    assert text.endswith("now")
    for part in ("evil.t", "evil.c", "://", "EVIL", "@", "href", "![", "xn--", "4111", "n\u043er"):
        assert part not in text, text


@pytest.mark.parametrize(
    "words",
    [
        "See https://northwind.example/returns.",
        "See https://help.northwind.example/a?b=c#d, please",
        "See [our page](https://northwind.example/returns)",
        "See https://northwind.example/login?next=https://northwind.example/orders",
        "Lundi · de 9h à 18h • me, ce point de vente; esse ponto com o cliente",
        "Tel: 0800, data: none, Punkt es ist",
        "See northwind.example/returns or www.northwind.example",
        "HTTPS://Northwind.Example/Returns",
        "Write to care@northwind.example",
        "It costs 3.95 GBP, e.g. 24.90; open 9:00 to 18:00, z.B. am 23.11.",
        "Ihre Bestellung A-10293 ist unterwegs\n\nDHL 1234.",
        "👨\u200d👩\u200d👧 fine",
    ],
)
def test_the_brands_links_and_plain_words_stay(words: str) -> None:
    assert said(words).text == words


def test_a_missing_space_makes_no_link() -> None:
    assert said("It is packed.We will write").text == "It is packed. We will write"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="htps:/@.evil\\x![]()<> \u200b", max_size=80))
def test_cleaning_ends_and_leaves_no_foreign_link(text: str) -> None:
    clean = cleaned(text, domains=OURS)
    assert cleaned(clean, domains=OURS) == clean
    assert "evil.test" not in clean
    assert "://" not in clean or "northwind" in clean or "://" in clean.split()[-1]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["a", "a.", "a@", "[", "![", "http://", "<a", "a:", "-.", "\\/"])
def test_long_words_are_cleaned_quickly(piece: str) -> None:
    said(piece * 10_000)


# --- claims

CLAIMS = {
    "refund": [
        ("en", "I have refunded £24.90 to your card."),
        ("en", "I've just refunded you."),
        ("en", "We already issued a full refund."),
        ("en", "Your refund has been processed!"),
        ("en", "Done: the money was refunded."),
        ("de", "Ich habe Ihnen den Betrag erstattet."),
        ("de", "Der Betrag wurde zurücküberwiesen und erstattet."),
        ("fr", "Je vous confirme : j'ai remboursé la somme."),
        ("fr", "Le montant a été remboursé."),
        ("es", "He reembolsado el importe."),
        ("es", "Ya se ha reembolsado."),
        ("it", "Le ho rimborsato l'importo."),
        ("it", "Il rimborso è stato effettuato."),
        ("nl", "Ik heb het bedrag teruggestort."),
        ("nl", "Uw geld is al terugbetaald."),
        ("pt", "Já reembolsei o valor."),
        ("pt", "O seu reembolso foi processado."),
        ("en", "Your refund is on its way."),
        ("en", "Consider it done, the refund went through."),
        ("en", "You've been refunded."),
        ("en", "I have escalated this and it is approved."),
        ("de", "Die Rückerstattung ist unterwegs."),
        ("de", "Das Geld wurde überwiesen."),
        ("de", "Gutschrift veranlasst."),
        ("fr", "Je vous ai remboursé."),
        ("fr", "Nous vous avons recrédité la somme."),
        ("fr", "Remboursement effectué."),
        ("es", "El reembolso está en camino."),
        ("es", "Ya le devolví el dinero."),
        ("it", "Il rimborso è già partito."),
        ("nl", "De terugbetaling is onderweg."),
        ("pt", "O reembolso foi efetuado."),
    ],
    "replacement": [
        ("en", "I have ordered a replacement for you."),
        ("en", "We've shipped a new one."),
        ("en", "Your replacement is on its way."),
        ("de", "Ich habe Ersatz bestellt."),
        ("fr", "J'ai commandé un remplacement."),
        ("es", "He pedido un reemplazo."),
        ("it", "Ho spedito la sostituzione."),
        ("nl", "Ik heb een nieuwe besteld."),
        ("pt", "Enviei outra para você."),
        ("fr", "Je vous ai envoyé un remplacement."),
        ("es", "Envié otro nuevo."),
    ],
    "cancel_order": [
        ("en", "I cancelled your order."),
        ("en", "Your order has been canceled."),
        ("de", "Ich habe die Bestellung storniert."),
        ("fr", "Votre commande a été annulée."),
        ("es", "He cancelado su pedido."),
        ("it", "Il suo ordine è stato annullato."),
        ("nl", "Ik heb de bestelling geannuleerd."),
        ("pt", "Cancelei o seu pedido."),
        ("fr", "Je l'ai annulée."),
        ("es", "Cancelé su pedido."),
    ],
    "booking_change": [
        ("en", "Your booking has been moved to Friday."),
        ("en", "I've rebooked your slot."),
        ("de", "Ihre Buchung ist umgebucht."),
        ("fr", "Votre réservation a été modifiée."),
        ("es", "Su reserva se ha modificado."),
        ("it", "La sua prenotazione è stata spostata."),
        ("nl", "Uw afspraak is verzet."),
        ("pt", "A sua reserva foi alterada."),
    ],
    "sent": [
        ("en", "I just sent you an email with the label."),
        ("de", "Ich habe Ihnen soeben ein Etikett geschickt."),
        ("fr", "Je vous ai envoyé un lien."),
        ("es", "Le he enviado un correo."),
        ("it", "Le ho inviato un codice."),
        ("nl", "Ik heb u een label gestuurd."),
        ("pt", "Enviei-lhe um e-mail."),
    ],
}


@pytest.mark.parametrize(
    ("action", "language", "words"), [(a, *each) for a, many in CLAIMS.items() for each in many]
)
def test_a_claim_needs_its_deed(action: str, language: str, words: str) -> None:
    assert unproved_claims(words, language, frozenset())
    assert unproved_claims(words, "en", {"some_other"})
    assert unproved_claims(words, language, {action}) == ()


@pytest.mark.parametrize(
    "words",
    [
        "I have not refunded anything.",
        "Your refund is not on its way yet.",
        "You find the link in the e-mail we sent you when you ordered.",
        "Once your booking has been moved, you get an e-mail.",
        "Je ne vous ai pas remboursé.",
        "Dès que je vous aurai remboursé, je vous écris.",
        "No le he enviado ningún correo.",
        "Once I have refunded it, I will write to you.",
        "Shall I order a replacement?",
        "Refunding £180.00 needs a colleague's approval.",
        "Ich habe nichts erstattet.",
        "Sobald wir es erstattet haben, schreibe ich Ihnen.",
        "Je n'ai rien remboursé.",
        "No he reembolsado nada.",
        "Non ho rimborsato nulla.",
        "Ik heb niets terugbetaald.",
        "Não reembolsei nada.",
    ],
)
def test_what_is_not_claimed_needs_nothing(words: str) -> None:
    assert unproved_claims(words, "en", frozenset()) == ()


VALUES: dict[str, Value] = {
    "amount": Money(2490, "GBP"),
    "order": "A-10293",
    "item": "Enamel mug",
    "title": "Opening hours",
    "items": "mug, cap",
    "date": date(2026, 11, 20),
    "wanted": date(2026, 11, 22),
    "brand": "Northwind",
    "carrier": "DPD",
    "number": "DPD1",
    "things": "your order number",
    "what": "the refund",
    "status": "shipped",
    "link": "https://northwind.example/i/x",
    "code": "K7Q2M",
    "minutes": "15",
    "url": "https://northwind.example/privacy",
}
TELLS = {
    "double_done": "refund",
    "refund_done": "refund",
    "double_done_before": "refunded",
    "refund_done_before": "refunded",
    "refund_nothing_left": "refunded",
    "refund_status_some": "refunded",
    "refund_when": "refunded",
    "replacement_done": "replacement",
    "replacement_done_undated": "replacement",
    "replacement_done_before": "replacement",
    "status_cancelled": "cancelled",
}
"""Sentences that claim a deed, and its proof."""


FORMED = [(one, form) for one in LANGUAGES for form in FORMS.get(one, ("",))]


@pytest.mark.parametrize(("language", "form"), FORMED)
def test_our_own_sentences_claim_only_what_they_tell(language: str, form: str) -> None:
    for key in _book(language):
        values = {name: VALUES[name] for name in needed(language, key)}
        text = say(language, key, form=form, **values)
        proof = TELLS.get(key)
        if proof is None:
            assert unproved_claims(text, language, frozenset()) == (), key
        else:
            assert unproved_claims(text, language, frozenset()), key
            assert unproved_claims(text, language, {proof}) == (), key


def test_what_outcomes_prove() -> None:
    call = Call(action="refund", args={})
    result = RefundResult(refund_id="1", status=WriteStatus.DONE)
    assert proved([Done(call=call, key="k", result=result)]) == {"refund"}
    assert proved([Known(call=call, result=result)]) == frozenset()


def test_french_keeps_its_space_before_the_mark() -> None:
    said = "Bonjour ! Comment puis-je vous aider ?"
    assert cleaned(said, domains=()) == said
