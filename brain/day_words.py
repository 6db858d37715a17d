"""How ten languages name days: tables for `brain.when`, without rules."""

WEEKDAYS = (
    "monday montag lundi lunes lunedì maandag segunda-feira poniedziałku pazartesi",
    "tuesday tues tue dienstag mardi martes martedì dinsdag terça-feira wtorku sal\u0131",
    "wednesday weds wed mittwoch mercredi miércoles miercoles mercoledì woensdag quarta-feira",
    "thursday thurs thu donnerstag jeudi jueves giovedì donderdag quinta-feira czwartku perşembe",
    "friday fri freitag vendredi viernes venerdì vrijdag sexta-feira piątku cuma",
    "saturday samstag sonnabend samedi sábado sabado sabato zaterdag soboty cumartesi",
    "sunday sonntag dimanche domingo domenica zondag niedzieli pazar",
)
MONTHS = (
    "january jan januar janvier enero gennaio januari janeiro",
    "february feb februar février fevrier febrero febbraio februari fevereiro",
    "march märz mars marzo maart março",
    "april apr avril abril aprile",
    "may mai mayo maggio mei maio",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug août agosto augustus",
    "september sept sep septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre decembre diciembre dicembre dezembro",
)
RELATIVE = {
    "the day after tomorrow": 2, "day after tomorrow": 2, "übermorgen": 2, "après-demain": 2,
    "pasado mañana": 2, "tomorrow": 1, "tmrw": 1, "tmr": 1, "tomoz": 1, "morgen": 1, "demain": 1,
    "mañana": 1, "domani": 1, "amanhã": 1, "jutra": 1, "yar\u0131n": 1, "today": 0, "tonight": 0,
    "heute": 0, "aujourd'hui": 0, "hoy": 0, "oggi": 0, "hoje": 0,
    "yesterday": -1, "gestern": -1, "ayer": -1, "ieri": -1, "ontem": -1,
}  # fmt: skip
FEASTS = {
    "christmas eve": (12, 24), "heiligabend": (12, 24), "xmas": (12, 25), "christmas": (12, 25),
    "weihnachten": (12, 25), "noël": (12, 25), "noel": (12, 25), "navidad": (12, 25),
    "natale": (12, 25), "natal": (12, 25), "kerst": (12, 25), "new year's eve": (12, 31),
    "silvester": (12, 31), "new year's": (1, 1), "new year": (1, 1), "neujahr": (1, 1),
    "halloween": (10, 31), "valentine's day": (2, 14), "valentine's": (2, 14),
    "valentinstag": (2, 14),
}  # fmt: skip
COUNTS = {
    "a": 1, "an": 1, "one": 1, "ein": 1, "einem": 1, "einer": 1, "un": 1, "une": 1, "una": 1,
    "two": 2, "zwei": 2, "deux": 2, "dos": 2, "a couple of": 2, "three": 3, "drei": 3, "trois": 3,
    "tres": 3, "four": 4, "vier": 4, "quatre": 4, "cuatro": 4, "five": 5, "fünf": 5, "cinq": 5,
    "cinco": 5, "six": 6, "seven": 7, "ten": 10,
}  # fmt: skip
