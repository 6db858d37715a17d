"""How ten languages name days: tables for `brain.when`, without rules."""

WEEKDAYS = (
    # Polish, Turkish and Russian bend the names of days.
    (
        "monday montag lundi lunes lunedì maandag segunda-feira poniedziałek "
        "poniedziałku poniedziałkiem poniedzialku pazartesi pazartesiye понедельник понедельника "
        "понедельнику lunedi"
    ),
    (
        "tuesday tues tue dienstag mardi martes martedì dinsdag terça-feira wtorek wtorku "
        "wtorkiem sal\u0131 sal\u0131ya вторник вторника вторнику martedi"
    ),
    (
        "wednesday weds wed mittwoch mercredi miércoles miercoles mercoledì woensdag quarta-feira "
        "środa środę środy środą srode çarşamba çarşambaya среда среду среды среде mercoledi"
    ),
    (
        "thursday thurs thu donnerstag jeudi jueves giovedì donderdag quinta-feira czwartek "
        "czwartku czwartkiem perşembe perşembeye четверг четверга четвергу giovedi"
    ),
    (
        "friday fri freitag vendredi viernes venerdì vrijdag sexta-feira piątek piątku piątkiem "
        "piatku cuma cumaya пятница пятницу пятницы пятнице venerdi"
    ),
    (
        "saturday samstag sonnabend samedi sábado sabado sabato zaterdag sobota sobotę "
        "soboty sobotą sobote cumartesi cumartesiye суббота субботу субботы субботе"
    ),
    (
        "sunday sonntag dimanche domingo domenica zondag niedziela niedzielę niedzieli niedzielą "
        "niedziele pazar pazara воскресенье воскресенья воскресенью"
    ),
)
MONTHS = (
    "january jan januar jänner janvier janv enero ene gennaio januari janeiro stycznia ocak января",
    (
        "february feb februar février fevrier fév févr febrero febbraio februari fevereiro lutego "
        "şubat февраля"
    ),
    "march märz mars marzo maart mrt março marca mart марта",
    "april apr avril avr abril abr aprile kwietnia nisan апреля",
    "may mai mayo maggio mei maio maja may\u0131s мая",
    "june jun juni juin junio giugno giu junho czerwca haziran июня",
    "july jul juli juillet juil julio luglio lug julho lipca temmuz июля",
    "august aug août agosto augustus sierpnia ağustos августа",
    "september sept sep septembre septiembre settembre setembro września eylül сентября",
    "october oct oktober okt octobre octubre ottobre outubro ott października ekim октября",
    "november nov novembre noviembre novembro listopada kas\u0131m ноября",
    (
        "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro grudnia "
        "aral\u0131k декабря"
    ),
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
    "stasera": 0, "stanotte": 0, "vanavond": 0, "ce soir": 0, "esta noche": 0, "esta noite": 0,
    "dziś": 0, "dzisiaj": 0, "jutro": 1, "pojutrze": 2, "pojutrza": 2, "wczoraj": -1, "bugün": 0,
    "yar\u0131na": 1, "öbür gün": 2, "dün": -1, "сегодня": 0, "завтра": 1, "послезавтра": 2,
    "вчера": -1,
    "the day before yesterday": -2, "day before yesterday": -2, "vorgestern": -2, "avant-hier": -2,
    "avant hier": -2, "anteayer": -2, "antes de ayer": -2, "antier": -2, "l'altro ieri": -2,
    "altro ieri": -2, "eergisteren": -2, "anteontem": -2, "antes de ontem": -2,
    "morgenavond": 1, "morgenochtend": 1, "morgenmiddag": 1, "morgenvroeg": 1, "gisteravond": -1,
    "gisterenavond": -1, "gistermiddag": -1, "gisterochtend": -1, "tmw": 1, "2morrow": 1,
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
    "san valentino": (2, 14), "san valentín": (2, 14),
    "saint-valentin": (2, 14), "valentijnsdag": (2, 14), "walentynki": (2, 14),
    "sinterklaas": (12, 5), "pakjesavond": (12, 5), "nikolaus": (12, 6), "nochebuena": (12, 24),
    "wigilia": (12, 24), "wigilii": (12, 24), "wigilią": (12, 24), "nochevieja": (12, 31),
    "oudejaarsavond": (12, 31), "sylwestra": (12, 31), "capodanno": (1, 1),
    "día de reyes": (1, 6), "befana": (1, 6), "y\u0131lbaş\u0131": (1, 1),
    "y\u0131lbaş\u0131na": (1, 1), "нового года": (1, 1), "новый год": (1, 1),
}  # fmt: skip
COUNTS = {
    word: count
    for count, words in (
        (1, "a an one ein einem einer un une una uno een um uma"),
        (2, "two zwei deux dos due twee dois duas dwa dwóch iki два двух"),
        (3, "three drei trois tres tre drie três trzy trzech üç три трёх трех"),
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
MONTHLY = frozenset(
    ["month", "monats", "monatsende", "mois", "mes", "mese", "mês", "maand", "miesiąca", "месяца"]
)
YEARLY = frozenset(
    ["year", "jahres", "jahresende", "année", "año", "anno", "ano", "jaar", "roku", "года"]
)
WEEKLY = frozenset(["week", "woche", "semaine", "semana", "della settimana", "tygodnia", "недели"])

DAY_OF = {word: at for at, line in enumerate(WEEKDAYS) for word in line.split()}
"""The day of the week of each name, Monday 0."""
MONTH_OF = {word: at for at, line in enumerate(MONTHS, 1) for word in line.split()}
"""The month of each name, January 1."""
