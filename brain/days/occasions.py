"""What a day is the day of: a need, an event, a booking, a journey; pure.

What is needed on a day has to be there by then. The day of a booking or a flight itself, of those
who come to dinner, and of what is to be changed or cancelled, is none to have anything by.
"""

import re
from typing import Final

_WANTED: Final = re.compile(
    r"\b(?:(?<!no )(?<!longer )(?<!do i )need|(?<!you )want(?! to know)|(?<!lost )must(?! i\b)|"
    r"wedding|birthday|party|trip|holiday|travel|"
    r"(?:i'?m|we'?re|we|i|they|'ll|is|are|am|will) leav|leaving|gift(?![ -]?(?:card|voucher|code|"
    r"cert))|present\b|"
    r"brauch|benötig|hochzeit|geburtstag|urlaub|reise|fahre|geschenk(?!gut|kart)|besoin|"
    r"il me l?e? ?faut|"
    r"mariage|anniversaire|je pars|voyage|"
    r"(?<!carte )(?<!carte-)(?<!chèque )(?<!chèque-)cadeau(?!bon|ka)|necesito|boda|cumple|viaj|"
    r"me voy|(?<!tarjeta )(?<!tarjeta de )regalo|"
    r"(?<!you )(?<!to )(?<!we )(?<!they )serve(?! breakfast| lunch| brunch| dinner| food)|bisogno|"
    r"compleanno|matrimonio|parto|nodig|moet(?! ik\b)|verjaardag|bruiloft|vakantie|cadeautje|"
    r"preciso|aniversário|casamento|(?<!cartão )(?<!vale )(?<!cheque )presente|potrzebuj|urodzin|"
    r"ślub|prezent|wyjeżdż|laz.m|"
    r"occorre|hace falta|ihtiyac|doğum gün|düğün|hediye|(?:has|have) to (?:be here|arrive|"
    r"be there|be delivered)|"
    r"doit (?:arriver|être)|tiene que (?:llegar|estar)|deve (?:arrivare|essere)|tem (?:de|"
    r"que) chegar|"
    r"нуж[еня]|рождени|свадьб|подар|уезжа)",
    re.IGNORECASE,
)
_WANTED_BEHIND: Final = re.compile(
    r"\b(?:i need (?:it|this|them|the)|nodig|(?:brauche|benötige) ich|besoin|necesito|mi serve|"
    r"preciso|muss (?:das|es)|birthday|wedding|geburtstag|hochzeit|anniversaire|mariage|"
    r"cumple\w*|boda|compleanno|matrimonio|verjaardag|bruiloft|aniversário|casamento|"
    r"(?:da|hier) sein)\b",
    re.IGNORECASE,
)
_NEEDS_IT: Final = re.compile(
    r"\b(?:(?:need|want|must have) (?:it|this|that|them|these|those|the|my|a new|one|some)|"
    r"brauche? (?:ich )?(?:es|das|die|den|sie|ihn|eine?n?)|(?:le|la|les) faut|j'en ai besoin|"
    r"(?:lo|la|los|las) (?:necesito|necesitamos|quiero)|(?:mi|ci) (?:serve|servono|occorre)|"
    r"(?:het|ze|die|dit|deze) \w* ?nodig|nodig|preciso d(?:isto|isso|el[ae]s?|[oa]s?))\b",
    re.IGNORECASE,
)
"""A thing is needed, whatever it is for: "I need it for my flight on Friday"."""
_CHANGES: Final = re.compile(
    r"\b(?:cancel\w*|chang(?:e|ing)|mov(?:e|ing)|reschedul\w*|rebook\w*|swap\w*|bump|push|"
    r"postpone\w*|"
    r"stornier\w*|absag\w*|verschieb\w*|umbuch\w*|verleg\w*|annul\w*|décal\w*|report(?:er|ez)|"
    r"déplac\w*|modif\w*|cancel\w*|cambi\w*|mover|anular\w*|spost\w*|disdir\w*|verzet\w*|afzeg\w*|"
    r"afmeld\w*|wijzig\w*|desmarc\w*|remarc\w*|mudar|alter\w+|adiar)\b",
    re.IGNORECASE,
)
_JOURNEY: Final = re.compile(
    r"\b(?:flights?|fly|flying|flies|seats?|luggage|baggage|check[- ]?in|boarding|trains?|hotel|"
    r"stay|"
    r"nights?|adults|guests|lessons?|groom\w*|haircut|massage|viewing|rental|transfer|ferry|cruise|"
    r"flug|flüge|fliegen?|zug|gepäck|kurs|behandlung|übernachtung\w*|friseur\w*|vols?|train|"
    r"bagages?|"
    r"hôtel|séjour|séance|cours|vuelos?|tren|equipaje|estancia|clase|sesión|entradas|volo|voli|"
    r"treno|"
    r"albergo|soggiorno|lezione|seduta|bagagli\w*|vlucht\w*|vlieg\w*|trein|bagage|verblijf|les|"
    r"behandeling|voos?|comboio|estadia|aula|sessão|bagagem|tosa|banho)\b",
    re.IGNORECASE,
)
_GUESTS: Final = re.compile(
    r"\b(?:we'?re (?:now )?\d|we are (?:now )?\d|party of|\d+ (?:people|adults|pax|of us|guests|"
    r"persons)|"
    r"\d+ (?:personen|leute|personnes|personas|persone|pessoas)|sind wir|wir sind \d|(?:on|"
    r"nous) ser\w+|"
    r"on est \d|ser(?:emos|íamos)|somos|saremo|siamo in|met z'n|we zijn (?:met )?\d)",
    re.IGNORECASE,
)
_LEFT: Final = re.compile(
    r"\b(?:free|available|availability|any (?:slots?|space|room|places?)|slots?|frei|verfügbar|"
    r"dispo\w*|"
    r"libres?|de la place|hay (?:sitio|hueco)|disponib\w+|liber[oi]|posto|vrij|plek|beschikbaar|"
    r"livres?|"
    r"vagas?)\b",
    re.IGNORECASE,
)
_BOOKED: Final = re.compile(
    r"\b(?:book(?:ing|ings|ed)? (?:me|us|in|a|for|my)|(?:to|and|i|we|can i|could i) book|"
    r"bookings?|booked|reserv\w+|"
    r"tables? for|a table|appointments?|a (?:slot|room|seat|spot|class|session|court)|"
    r"(?:einen|nen|ein|der|den|mein\w*) (?:tisch|termin|platz|zimmer)|tisch für|termine?|"
    r"buch(?:e|en|ung|ungen)|gebucht|une (?:table|chambre|place)|table pour|rendez[- ]vous|rdv|"
    r"réserv\w+|una? (?:mesa|cita|habitación|turno)|mesa para|cita para|tavolo per|un tavolo|"
    r"prenot\w+|un(?:a|o)? (?:appuntamento|camera|posto)|appuntamento|een (?:tafel|afspraak|kamer)|"
    r"tafel voor|afspraak|reserver\w+|boek(?:en|ing)|uma (?:mesa|consulta)|um quarto|"
    r"marcar|marcação|agendar)\b",
    re.IGNORECASE,
)
_SENT: Final = re.compile(
    r"\b(?:deliver\w*|arriv\w+|ship\w*|parcel|package|send|sent|replacement|liefer\w*|paket|"
    r"ankommen|"
    r"schick\w*|livr\w+|colis|envoy\w+|entreg\w+|lleg\w+|paquete|env[ií]\w+|consegn\w+|pacco|"
    r"bezorg\w*|pakket|cheg\w+)\b",
    re.IGNORECASE,
)
_FROM: Final = re.compile(
    r"(?<!\w)(?:from|ab|à partir (?:de|du)|a partir d\w+|desde|da|dal|vanaf|after|nach|après|"
    r"después del?|"
    r"dopo|depois d\w)(?:\s+(?:the|dem|den|le|el|il|de))?\s+$",
    re.IGNORECASE,
)
"""What begins on a day has no end there."""


def is_wanted(said: str, next_to: str) -> bool:
    """Say whether a need or an event of the customer hangs on a day.

    Args:
        said: What stands before the day in its sentence.
        next_to: What stands behind it in its clause.
    """
    if _FROM.search(said):
        return False
    return (_WANTED.search(said[-80:]) or _WANTED_BEHIND.search(next_to)) is not None


def is_own_day(near: str, next_to: str, around: str) -> bool:
    """Say whether a day is that of a booking, a journey or guests, or of what is to be changed.

    Args:
        near: What stands before the day in its clause.
        next_to: What stands behind it in its clause.
        around: Its sentence.
    """
    if _BOOKED.search(around) and not _SENT.search(around):
        return True
    if _GUESTS.search(around):
        return True
    clause = f"{near} {next_to}"
    if _NEEDS_IT.search(near) or _NEEDS_IT.search(next_to):
        return False
    return any(one.search(clause) for one in (_CHANGES, _JOURNEY, _LEFT))
