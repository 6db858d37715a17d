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
    "end of the day": 0, "end of day": 0, "eod": 0, "overmorgen": 2, "dopodomani": 2,
    "depois de amanhã": 2, "depois de amanha": 2, "après demain": 2, "apres-demain": 2,
    "pasado manana": 2, "manana": 1, "amanha": 1, "vandaag": 0, "gisteren": -1,
    "tommorow": 1, "tommorrow": 1, "tomorow": 1, "2moro": 1, "tmrow": 1, "2day": 0, "tonite": 0,
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
    "valentinstag": (2, 14), "valentines day": (2, 14), "valentines": (2, 14),
    "new years eve": (12, 31), "new year eve": (12, 31), "nye": (12, 31), "new years day": (1, 1),
    "new years": (1, 1), "boxing day": (12, 26),
}  # fmt: skip
COUNTS = {
    word: count
    for count, words in (
        (1, "a an one ein einem einer un une una uno een um uma"),
        (2, "two zwei deux dos due twee dois duas"),
        (3, "three drei trois tres tre drie três"),
        (4, "four vier quatre cuatro quattro quatro"),
        (5, "five fünf cinq cinco cinque vijf"),
        (6, "six sechs seis sei zes"),
        (7, "seven sieben sept siete sette zeven sete"),
        (8, "eight acht huit ocho otto oito"),
        (9, "nine neun neuf nueve nove negen"),
        (10, "ten zehn dix diez dieci tien dez"),
        (14, "fourteen vierzehn quatorze catorce quattordici veertien"),
    )
    for word in words.split()
} | {"a couple of": 2}
"""Numbers that are written out; where two languages share a word, they mean the same."""
