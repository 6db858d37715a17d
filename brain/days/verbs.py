"""Verbs around a day, by language: what has happened, what was owed, what is to come; tables.

`brain.days.tense` reads them. Each line is a pattern of whole words; languages stand together in
one pattern, since short messages mix them, so no word may say another thing in another of them.
"""

from typing import Final

HAPPENED: Final = (
    # en
    r"ordered|bought|paid|placed|purchased|received|arrived|came|got|gotten|delivered|sent|shipped|"
    r"dispatched|returned|posted|called|rang|phoned|wrote|emailed|messaged|contacted|spoke|talked|"
    r"asked|charged|debited|billed|refunded|processed|cancell?ed|happened|visited|dropped|picked|"
    r"collected|took|brought|went|opened|tried|signed|scanned|handed|gave|noticed|found|saw|"
    r"stopped|broke|died|failed|started|made|ate|felt|"
    r"(?<!noch )(?<!etwas )was(?! (?:ist|frei|kostet|passiert|kann|soll|mach|für|los|hab|gibt|"
    r"muss))|"
    r"were|wasn'?t|weren'?t|had|did|didn'?t|missed|lost|"
    r"showed|turned up|stolen|wore|used|dated|issued|taken|credited|submitted|filed|reported|"
    r"complained|applied|closed my|(?:could|would) ?(?:not|n'?t) (?:be )?\w+|couldnt \w+|"
    r"(?:driver|courier|postman|he|she|they|you) left|"
    r"(?:have|has|haven't|hasn't) (?:\w+ )?been|"
    r"(?!(?:need|book|rebook|reserv|schedul|expect|estimat|indeed|speed|proceed|feed|plann|suppos|"
    r"interest|marri|allow|clos|hundr|shar|boiled|suppos|promis|quot|claim|guarante))\w{3,}ed|"
    # de
    r"(?:be|auf)stellte?[nrms]?|(?:ein|ver)?gekaufte?[nrms]?|(?:be)?zahlte?[nrms]?|gezahlt|"
    r"überwiesene?[nrms]?|erhaltene?[nrms]?|bekommen|(?:an)?gekommene?[nrms]?|"
    r"(?:aus|an|nach)?gelieferte?[nrms]?|zugestellte?[nrms]?|(?:zurück|ab|los|"
    r"ein)?geschickte?[nrms]?|"
    r"verschickte?[nrms]?|versandte?[nrms]?|versendet|(?:zurück|ein|ab)?gesend?et|zurückgesandt|"
    r"(?:zurück|ab|auf)?gegebene?[nrms]?|eingeworfen|angerufen|telefoniert|geschrieben|gemailt|"
    r"gemeldet|gesprochen|gefragt|abgebuchte?[nrms]?|eingezogen|belastet|erstattet|gutgeschrieben|"
    r"stornierte?[nrms]?|gekündigte?[nrms]?|passiert|(?:ein)?gescannt|abgeholte?[nrms]?|"
    r"eingegangen|eingetroffen|ausgepackt|aufgemacht|kaputtgegangen|gebrochen|reklamiert|"
    r"umgetauscht|versucht|gewartet|verpasst|geklingelt|gesehen|gefunden|gemerkt|bemerkt|"
    r"festgestellt|ausgefallen|gewesen|unterschrieben|gestohlen|verloren|eingelöst|gemacht|"
    r"(?:an|ab|auf|aus|ein|zurück|mit|vor|weg|los|nach|heim|her|hin|binnen|aan|af|op|uit|terug|"
    r"weer|"
    r"thuis|in|door|mee|over|langs)ge(?!ben\b|hen\b|ven\b)\w{2,10}(?:t|en|d)|"
    r"ge(?!samt|recht|ehrt|hört|fällt|rät|plan|sucht|wünscht|bucht|boekt|eignet|spann|öffnet|open|"
    r"zond|duld|bied|reserveerd|reed|schlossen|sloten)[a-zäöü]{3,10}(?:t|d)|"
    r"beantragt|bearbeitet|übergeben|gebracht|geholt|gegangen|kam|kamen|war|waren|wurden?|ging|"
    r"kaufte|bekam|erhielt|schrieb|brachte|hatten?|konnte[n]?|"
    # nl
    r"bestelde?|gekochte?|betaalde?|ontvangen|gekregen|(?:aan)?gekomen|(?:af)?geleverde?|bezorgd|"
    r"verzonden|verstuurd|(?:op|terug|in|door)?gestuurde?|teruggebracht|ingeleverd|"
    r"afgegeven|gebracht|gebeld|gemaild|geschreven|gesproken|gevraagd|afgeschreven|"
    r"teruggestort|terugbetaald|geannuleerd|opgezegd|gebeurd|(?:in)?gescand|opgehaald|geweest|"
    r"gezien|gevonden|gemerkt|ontdekt|geprobeerd|gewacht|gemist|kapotgegaan|gegaan|gebroken|"
    r"geplaatste?|gedaan|gehad|gestort|afgehaald|getekend|verloren|verwerkt|gemeld|"
    r"gereageerd|geruild|gestolen|kwam|kwamen|waren|werd|werden|ging|hadden|kocht|kreeg|"
    r"belde|stond|stuurde|bracht|"
    # fr
    r"commandée?s?|achetée?s?|payée?s?|reçue?s?|arrivée?s?|livrée?s?|expédiée?s?|(?:r?en)voyée?s?|"
    r"retournée?s?|déposée?s?|postée?s?|appelée?s?|téléphoné|écrit|contactée?s?|parlé|demandée?s?|"
    r"prélevée?s?|débitée?s?|facturée?s?|remboursée?s?|annulée?s?|résiliée?s?|(?:ai|a|est) passée?|"
    r"venue?s?|scannée?s?|récupérée?s?|été|trouvée?s?|cassée?s?|perdue?s?|volée?s?|essayée?|"
    r"attendu|remarqué|tombée?s?|constaté|signée?s?|ouvert mon|rendue?s?|ramenée?s?|"
    r"(?:ai|a|avons|avez|ont|est|sont|suis|sommes)(?: (?!ferm|réserv|prév)\w+)? "
    r"(?!ferm|réserv|prév)\w+ée?s?|passée?s?|étai(?:s|t|ent)|avai(?:s|t|ent)|(?:j'ai|a|ont|avez|"
    r"avons) fait|"
    # es
    r"pedí|compré|compramos|pagué|recib(?:í|imos|ió)|llegó|llegaron|vino|entreg(?:aron|ó|ué)|"
    r"envi(?:aron|ó|é)|mand(?:aron|ó|é)|devolv(?:í|imos|ieron)|dejé|dejaron|dejó|llam(?:é|aron)|"
    r"escribí|hablé|pregunté|cobraron|cobró|cargaron|reembols(?:aron|ó)|cancel(?:é|ó|aron)|pasó|"
    r"fueron|fuimos|estuvimos|hicimos|retiré|tiré|miré|\w{2,}(?:aron|ieron|asteis|isteis)|hice|"
    r"hizo|hicieron|tuve|estuve|estuvo|encontré|abrí|rompió|intent(?:é|aron)|esperé|"
    r"salió|quedó|confirmaron|hubo|recogieron|recogí|llevé|firmé|solicité|tramité|realizaron|"
    r"(?:he|ha|hemos|han|había|habían) (?:\w+ )?\w+(?:ado|ido|cho|sto|rto)s?|comprad[oa]s?|"
    r"recibid[oa]s?|enviad[oa]s?|entregad[oa]s?|cobrad[oa]s?|procesad[oa]s?|escanead[oa]s?|"
    r"realizad[oa]s?|devuelt[oa]s?|estaba[n]?|"
    # it
    r"ordinat[oaie]|comprat[oaie]|acquistat[oaie]|pagat[oaie]|ricevut[oaie]|arrivat[oaie]|"
    r"consegnat[oaie]|(?:ri)?spedit[oaie]|inviat[oaie]|mandat[oaie]|restituit[oaie]|portat[oaie]|"
    r"lasciat[oaie]|chiamat[oaie]|telefonato|scritto|parlato|chiesto|addebitat[oaie]|"
    r"scalat[oaie]|rimborsat[oaie]|annullat[oaie]|disdett[oa]|success[oa]|scansionat[oaie]|"
    r"ritirat[oaie]|venut[oaie]|stat[oaie]|trovat[oaie]|fatt[oaie]|provato|aspettato|firmat[oaie]|"
    r"elaborat[oaie]|registrat[oaie]|depositat[oaie]|rott[oaie]|pres[oaie]|mess[oaie]|spes[oaie]|"
    r"(?:è|sono|ho|ha|abbiamo|avete|"
    r"hanno|siamo)(?: \w+)? "
    r"(?!prenot|previst|apert)\w{2,}(?:at|ut|it)[oaie]|erano|arrivò|avevo|aveva|"
    # pt
    r"(?!caribou)\w{4,}ou|\w{2,}(?:aram|eram|iram)|pedi|comprei|paguei|receb(?:i|emos)|chegou|"
    r"chegaram|veio|vieram|entreg(?:aram|ou|uei)|"
    r"envi(?:ei|aram|ou)|mand(?:ei|aram|ou)|devolv(?:i|emos|eram)|deixei|deixaram|liguei|escrevi|"
    r"falei|perguntei|cobr(?:aram|ou)|debit(?:aram|ou)|reembols(?:aram|ou)|"
    r"cancel(?:ei|aram|ou)|aconteceu|foi|foram|fui|fiz|fez|fizeram|encomend(?:ei|ámos|amos)|estive|"
    r"esteve|encontrei|partiu|tent(?:ei|aram)|esperei|passou|confirmaram|houve|estavam?|"
    r"estorn(?:aram|ou)|postei|levei|solicitei|caiu|encomendad[oa]s?|enviad[oa]s?|entregues?|"
    r"recebid[oa]s?|processad[oa]s?|feit[oa]s?|devolvid[oa]s?"
)
"""Is over: "I ordered on Sunday", "Montag kam nur die Hälfte"."""

OWED: Final = (
    r"(?:was|were) (?:supposed|meant|due|going|expected|promised)(?: to \w+)?|"
    r"should(?:'?ve|ve| have) \w+|was to (?:be|come|arrive)|"
    r"sollten?|hätten?|zugesagt\w*|versprochen\w*|angekündigt\w*|hieß|zou(?:den)?|"
    r"ha(?:d|dden)(?: \w+){0,3} moeten|beloofd|toegezegd|"
    r"devai(?:t|ent)|aurai(?:t|ent) d[ûu]|promis|(?:était|étaient) prévue?s?|"
    r"debía[ns]?|tenía(?:n|s|is)? que|debería[n]? haber|iban? a|estaban? previst[oa]s?|"
    r"doveva(?:no)?|avrebbe(?:ro)? dovuto|promess[oa]|era previst[oa]|"
    r"deviam?|deveriam? ter|era para|iam? (?:chegar|ser|vir)|estavam? previst[oa]s?|prometid[oa]"
)
"""Was to come, and has not: "devait arriver mardi"."""

PROMISED: Final = (
    r"(?:said|told \w+|promised|quoted|claimed|guaranteed)(?:(?:(?: \w+'?\w*){0,3} would|"
    r"(?: \w+){0,2} \w+'d)(?: be)? \w+)?|"
    r"supposed to(?: be| come| arrive)?|"
    r"gesagt(?: \w+){0,3}|hieß es(?:,? (?:es|er|sie|das) (?:kommt|kommen))?|"
    r"gezegd|zeiden|zei|beloofde[n]?|"
    r"(?:m'a|ont|avez|avait|aviez|m'avait) (?:dit|annoncé|promis)|"
    r"dijeron(?: que (?:llegaba|venía|vendría|llegaría))?|dijo|prometieron|prometió|"
    r"(?:avete|avevate|hanno|ha|aveva) (?:detto|promesso)|"
    r"disseram(?: que (?:vinha|chegava|viria|chegaria))?|disse|prometeram|prometeu"
)
"""Somebody's word: over where nothing came of it."""

WISHED: Final = (
    r"(?:is|are|it's|its) supposed|have to|has to|was (?:wondering|hoping|thinking|planning|"
    r"looking)|"
    r"(?:be|being|get|getting|want it|want them|need it|need them|have it) \w+(?:ed|nt)|"
    r"(?:moved|changed|postponed|rescheduled|pushed|delayed|switched|bumped|put)(?: \w+){0,2} "
    r"(?:to|until|till)|(?:have|has) got|got (?:a|an|my|our)(?: \w+){0,2} (?:wedding|party|flight|"
    r"interview|exam|event|trip|meeting|appointment|birthday)|did(?: you| u| we)? (?:want|need)|"
    r"\w+(?:t|en) (?:werden|wird|werde)|hätten? (?:ich |wir )?(?:gern|gerne|lieber)|"
    r"(?<![^.!?,;\n] )sollten? (?:das|es|die|der|ich|sie|ihr|er|mein\w*|diese\w*)|"
    r"zou(?:den)? (?:graag|willen|je|jullie|ik|u)|(?:ik|we|wij) zou(?:den)?|"
    r"ha(?:d|dden) (?:graag|liever)|\w+d worden|"
    r"(?:est|sont) prévue?s?|(?:être|soit|soient|sera|seront) \w+(?:ée?s?|is|it|us?)|"
    r"(?:ser|sea|seja|será) \w+[dt][oa]s?|está previst[oa]|"
    r"(?:essere|verrà|sia|venga|viene|sarà) \w+t[oaie]|è previst[oa]"
)
"""Verbs that look over where they stand alone: "soll geliefert werden", "zou graag"."""

COMING: Final = (
    # en
    r"ships|dispatches|starts|begins|ends|goes|lands|departs|delivers|gets|"
    r"will|won't|'ll|shall|arrives?|comes?|coming|arriving|leaves?|leaving|fly|flies|flying|"
    r"travel(?:s|ling)?|needs?|needing|wants?|wanted it|must|can|can't|cannot|could|would|'d|"
    r"going to|deliver|send|bring|pick|collect|drop|change|swap|move|reschedule|rebook|booked|"
    r"reserved?|scheduled?|book|rebook|booking|moving|going|having|hosting|visiting|please|pls|"
    r"plz|hope|hoping|may|might|should|expect|"
    r"planning|available|possible|estimated|expected|"
    # de
    r"brauche?n?|benötig\w+|muss|müssen|müsste|will|wollen|wollte|möchten?|soll|kann|können|"
    r"könn(?:te|ten|t)|werde|würden?|wird|wäre|wären|kommt|kommen|liefern|liefert|fahren?|fliegen?|"
    r"reisen?|heirate\w*|bitte|vorbeikommen|abholen|verschieben|umbuchen|buchen|reservieren|"
    r"darf|dürfen|geht|klappt|passt|gerne?|lieber|frei|"
    # nl
    r"nodig|moet(?:en)?|wil|willen|wilt|kan|kunnen|kunt|zal|zullen|wordt|worden|komt|graag|aub|"
    r"alsjeblieft|vertrek\w*|vlieg\w*|gaan?|gaat|trouw\w*|verhuis\w*|bezorgen|leveren|sturen|"
    r"verzetten|boeken|reserveren|ophalen|langskomen|jarig|vrij|"
    # fr
    r"besoin|faut|faudra\w*|veux|voudrai\w*|souhait\w+|aimerai\w*|peux|peut|peuvent|pouvez|"
    r"pourr\w+|"
    r"dois|doit|doivent|devr\w+|sera|seront|serai|serait|arrive|arrivent|pars|partons|partir|vais|"
    r"vont|allons|allez|svp|stp|plaît|livrer|livrez|recevoir|est-ce que|passe|passez|passer|venir|"
    r"\w{3,}er(?:a|ai|ons|ez|ont)|viens|viendr\w+|aura|auront|déménage\w*|décaler|déplacer|"
    r"reporter|"
    # es
    r"necesit\w+|quier\w+|quisiera|querría|pued\w+|podéis|podemos|podría\w*|debe|deben|tengo que|"
    r"tiene que|tienen que|voy|vamos|llega|llegan|llegar[áé]\w*|sale|salgo|salimos|viaj\w+|favor|"
    r"\w{2,}[aei]r(?:á|ás|emos|án|éis|ão)|recibir|cambiar|mover|reserv\w+|estará|viene|vienen|"
    r"mudamos?|"
    # it
    r"serve|servono|bisogno|voglio|vorrei|vorremmo|posso|può|possiamo|potete|possono|potre\w+|devo|"
    r"deve|devono|dobbiamo|dovrebbe(?:ro)?|arriva|arrivano|arriver\w+|parto|partiamo|andiamo|sarà|"
    r"saranno|sarò|consegnare|consegnate|spedire|ricevere|spostare|cambiare|prenot\w+|viene|"
    r"vengono|riuscite|\w{3,}(?:[aei]rò|[aei]rà|[ei]remo|[ei]ranno|[ei]rete)|"
    # pt
    r"precis[oa]\w*|quero|queremos|queria|gostaria|gostava|pode|podem|podemos|poderia\w*|"
    r"deve|devem|te[mn](?:ho)? (?:de|que)|vou|vai|vão|chega|chegam|chegará|viaj\w+|receber|mudar|"
    r"remarcar|vem|vêm"
)
"""Is still to come, or wished: "kann es Freitag kommen?"."""

WEAK: Final = r"is|are|'s|isn't|ist|sind|est|sont|è|sono|está|estão|has|have|habe|haben|hat|heb"
"""Helps a verb behind the day: "das Paket ist Freitag angekommen"."""

FAILED: Final = (
    r"nothing|still (?:no|not|nothing|waiting|isn't|hasn't|haven't)|never|not here|isn'?t here|"
    r"hasn'?t|haven'?t|nobody|no one|no[- ]show|no sign|didn'?t|where is it|"
    r"nichts|nix|niemand|bisher|immer noch|kam nicht|wo bleibt|fehlanzeige|"
    r"niks|niets|nog steeds|nog niet|niemand|nergens|"
    r"rien|toujours pas|personne|jamais|"
    r"nada|todavía no|aún no|sigo esperando|nadie|ni rastro|no ha llegado|no llegó|"
    r"niente|nulla|ancora no[n]?|nessuno|mai arrivat\w|"
    r"ainda não|ninguém|nem sinal|não chegou"
)
"""Nothing came of it."""
