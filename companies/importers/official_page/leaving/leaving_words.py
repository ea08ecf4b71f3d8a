"""The words by which pages say that a company is no longer on a list, by language.

They are compared as `fold` leaves them; a star stands for the rest of a word. What they mean is
decided in `remarks.py`:

- `left` says so wherever it stands in a remark;
- `alone` says so where the remark has no words but those here, dates and nouns of signatories;
- `former` says so likewise, and only beside such a noun or a date;
- `until` says so likewise, and only beside a date that has passed;
- `small` are words without a meaning of their own;
- `still` says that the company is on the list all the same, plans to leave, or left a part;
- `no` are the answers of a column such as "Active".
"""

SIGNATORIES = """
signator*|signer*|signee*|subscriber*|participa*|member*|adherent*|signed|signature*|subscri*
signataire*|signe|signee|signes|membre*|adhesion*|adherent*|firmant*|firmad*|firmo|miembro*
firmatar*|sottoscri*|aderent*|adesion*|membri|membro*|subscritor*|assinant*|assin*|aderente*
unterzeichn*|gezeichnet|mitglied*|teilnehm*|teilnahm*|mitzeichn*|ondertek*|deelnem*|lid|leden
exfirmant*
underskri*|deltag*|medlem*|tilslut*|undertecken*|underteckna*|anslut*|allekirjoit*|jasen*|osallistu*
allakirj*|osalej*|liikme*|liige*|pasiras*|signatar*|dalyv*|nari*|parakst*|dalibn*|podpis*|sygnatar*
uczestni*|udział*|czlonk*|członk*|ucastn*|zucastn*|clen*|podpisni*|udelezen*|clan*|potpisni*
sudioni*
alair*|resztvev*|tag|tagok|tagjai|semnat*|participan*|подпис*|участни*|член*|υπογρα*|συμμετεχ*
συμμετοχ*|μελ*
sinith*|shinith*|iarshinith*|rannphairt*|iffirma*|firmata*|membr*|parteci*
"""

NOUNS = """
compan*|organi*|enterpris*|entit*|business*|firm|firms|compagn*|entrepris*|societ*|unternehm*|firma*
empres*|aziend*|impres*|bedrij*|virksomhed*|foretag*|yrity*|ettevot*|imon*|uznemum*|firmy|podmiot*
spolecnost*|spolocnost*|podjetj*|tvrtk*|vallalat*|cegek|companii*|компани*|εταιρ*|cuideacht*
kumpanij*
pact*|pakt*|pacte*|pacto*|patto|paktum*|пакт*|συμφων*|συνθηκ*|sopimu*|leppe*|lepe|lepingu*
code|codes|codex|kodex*|kodeks*|codul*|codic*|codigo*|kodeksas|κωδικ*|кодекс*|cod|kodici|initiativ*
iniciativ*|iniziativ*|inicjatyw*|инициатив*|ponudnik*|pledge*|engagement*|commitment*|verpflicht*
compromis*|impegn*|practice*|ai|ia|ki|mi|si|eu|ue|tekoaly*|ti|hi|voluntar*|list*|liste|lista*|elenco
seznam*|zoznam*|popis*|luettel*|nimekir*|loetel*|sarast*|saras*|lijst*|kataloog*|списък*|καταλογ*
status*|statut*|stand|stato|estado|participation*|membership*|comhaont*|comhshoc*|liosta|agreement*
accord*|accordo|acuerdo*|acordo*|avtale*|aftal*|avtal*|overeenkomst*|umow*|dohod*|sporazum*
megallapod*|споразумен*|susitarim*|nolig*|ftehim*|vereinbarung*
"""

LANGUAGES = {
    "bg": {
        "left": "оттегл*|напусна*|вече не|отказа се|отказали се|отказа*|излезе|излязъл|излязла"
        "|излезли|прекрати*|отпадна*",
        "alone": "екс|неактивн*|спрян*|заличен*|изключен*|премахнат*|изтекъл",
        "former": "бивш*|предишн*|някогашн*",
        "until": "до",
        "small": "на|от|в|във|и|или|който|която|които|е|са|се|през|г|година|за|си|по|със|с|към",
        "still": "отново|глав*",
        "no": "не",
    },
    "cs": {
        "left": "stažen*|odvolan*|odstoupil*|odstoupen*|vystoupil*|vystoupen*|stáhl se"
        "|stáhla se|stáhlo se"
        "|stáhli se|již není|už není|již nejsou|už nejsou|nadále není|opustil*|ukončil*|zrušil*",
        "alone": "ex|neaktivní|pozastaven*|vyřazen*|vyškrtnut*|odebrán*|ukončen*|smazán*|odchod*",
        "former": "bývalí|bývalý|bývalá|bývalé|bývalých|dřívější*|předchozí|minulí|někdejší",
        "until": "do",
        "small": "a|nebo|v|ve|z|ze|od|na|kteří|která|které|který|je|jsou|se|roku|dne|ke|k|svůj",
        "still": "znovu|opět|kapitol*|plánuje|hodlá",
        "no": "ne|neaktivní",
    },
    "da": {
        "left": "trukket sig|trukket tilbage|trådte tilbage|trak sig|udtrådt*"
        "|tilbagekaldt*|udtræden|udtrædelse*"
        "|tilbagetrukket|tilbagetrækning*|udmeldt*|ikke længere|forladt|forlod|trådt ud|frameldt*",
        "alone": "eks|ex|inaktiv*|udgået|udgåede|slettet|fjernet|suspenderet|ophørt",
        "former": "tidligere|forhenværende",
        "until": "indtil|til",
        "small": "den|det|de|en|et|af|i|på|fra|og|eller|der|som|har|er|var|sig|siden|for|med|og",
        "still": "igen|kapitel|kapitler|planlægger",
        "no": "nej",
    },
    "de": {
        "left": "zurückgezogen*|zurückgetreten*|zog sich zurück|rückzug|rückzüge|ausgetreten*"
        "|austritt|austritte|trat aus|ausgeschieden*|ausgestiegen*|ausstieg|ausstiege|nicht mehr"
        "|nicht länger|rücktritt|rücktritte|widerrufen|zurückgenommen|gekündigt"
        "|abgemeldet|hat verlassen"
        "|haben verlassen|kein unterzeichner|keine unterzeichner",
        "alone": "ehemalig*|ehemals|ex|ausgeschlossen|gestrichen|gelöscht|inaktiv*|ruhend"
        "|beendet*|beendigung"
        "|abgelaufen|abgang|abgänge|entfernt|verlassen",
        "former": "früher*|vormalig*|vormals|einstig*",
        "until": "bis",
        "small": "der|die|das|des|dem|den|von|vom|im|in|am|aus|an|und|oder|hat|haben|ist|sind|war"
        "|waren|wurde|sich|seit|ein|eine|einer|zum|zur|mit|welche|nach|zurück|seine|ihre|dabei",
        "still": "wieder|erneut|kapitel|plant|beabsichtigt|nicht ausgetreten",
        "no": "nein|nicht aktiv",
    },
    "el": {
        "left": "αποχώρησ*|αποχωρήσ*|αποχωρούν*|αποσύρθηκ*|αποσυρθ*|απόσυρσ*|δεν είναι πλέον"
        "|πλέον δεν|δεν συμμετέχει πλέον|όχι πλέον|υπαναχώρ*|παραιτήθ*|παραίτησ*|ανακλήθηκε",
        "alone": "πρώην|τέως|ανενεργ*|διέκοψ*|έπαυσ*|διαγραφ*|διαγραμμέν*|έληξε|αναστολή",
        "former": "παλαι*|προηγούμεν*",
        "until": "έως|μέχρι|ως",
        "small": "ο|η|το|οι|τα|του|της|των|τον|την|στο|στη|από|και|ή|που|έχει|έχουν|είναι|ήταν|τις"
        "|τη|στις|τους|να",
        "still": "ξανά|εκ νέου|κεφάλαι*",
        "no": "όχι",
    },
    "en": {
        "left": "withdrawn|withdrew|withdraws|withdrawal|withdrawals|withdrawing|no longer"
        "|not any more|not anymore|any longer|opted out|dropped out|pulled out|resigned"
        "|resignation*|delisted|struck off|left the|has left|have left|had left|ceased to"
        "|not a signatory|not signatory|non signatory|not participating|discontinued|terminated"
        "|revoked|rescinded|retracted|cancelled|canceled|expelled|who left|that left|which left"
        "|removed from|no more a|stepped down|stepped back|walked away|backed out|bowed out"
        "|pulled its|unsubscribed|deregistered|signatories anymore"
        "|signatory anymore",
        "alone": "left|leaver*|former|ex|exited|departed|departure*|removed|ended|expired|inactive"
        "|suspended|lapsed|deleted|dropped|gone|off the list|quit|leaving|exits|retired|not active",
        "former": "formerly|archive|past|previous|previously|exit|out|gone|historical|historic",
        "until": "until|till|up to|through|end",
        "small": "of|the|a|an|in|on|at|from|by|as|since|and|or|who|which|that|have|has|had|is|are"
        "|was|were|been|it|its|their|this|to|for|these|those|with|date|effective|following|also"
        "|we|page|they|per|again|own|request|upon",
        "still": "rejoin*|re joined|rejoined|signed again|back on|chapter"
        "|chapters|intend*|plans|will be|will withdraw|will leave|to withdraw|not withdrawn"
        "|never withdrew|pending|planned",
        "no": "no|false|n|inactive|not active|0",
    },
    "es": {
        "left": "revocad*|retirado|retirada|retirados|retiradas|se retiró|se retiraron"
        "|se ha retirado"
        "|ya no|abandonó|abandonaron|ha abandonado|han abandonado|abandono|abandonos|dejó de"
        "|desistió|renunció|renuncia|renuncias|no firmante|de baja|causó baja|exfirmante*",
        "alone": "ex|baja|bajas|retiro|retiros|inactiv*|suspendid*|excluid*|eliminad*|cesad*"
        "|expirad*",
        "former": "antigu*|anterior*|pasad*|saliente*|salida|salidas|previos",
        "until": "hasta",
        "small": "el|la|los|las|de|del|en|y|o|que|se|ha|han|es|son|fue|desde|un|una|al|fecha|por"
        "|con|su|como|este|siendo",
        "still": "de nuevo|nuevamente|capítulo|capítulos|prevé",
        "no": "no",
    },
    "et": {
        "left": "taganes|taganen*|taganem*|lahkus|lahkusid|lahkunu*|lahkumi*|astus välja"
        "|väljaastu*|välja astu*|ei ole enam|enam ei|enam mitte|ei osale enam|loobus|loobunu*"
        "|loobumi*|tagasi tõmbu*|tagasi võtnud|tagasi võetud|tühistat*|tõmbus tagasi",
        "alone": "endis*|endine|eks|ex|mitteaktiiv*|passiiv*|kustutat*|eemaldat*|peatat*|lõppenud",
        "former": "varasem*|eelmis*",
        "until": "kuni",
        "small": "ja|või|on|oli|olid|kes|mis|alates|aastal|aasta|a|ei|enam|ole|pole|kõik",
        "still": "uuesti|taas|peatük*",
        "no": "ei",
    },
    "fi": {
        "left": "vetäyty*|eronnut|eronneet|erosi|erosivat|ei enää|eivät enää|poistunut"
        "|poistuneet|irtisanou*|peruttu|peruuttanut|luopunut|luopuneet|jättänyt|jättäneet|lähtenyt"
        "|lähteneet",
        "alone": "entis*|entinen|ex|päättynyt|poistettu|poistetut|passiiv*|keskeytet*"
        "|ei aktiivinen",
        "former": "aiem*|aikaisem*",
        "until": "asti|saakka",
        "small": "ja|tai|on|ovat|oli|joka|jotka|vuonna|vuoden|vuodesta|päivänä|klo|ei|enää|ole",
        "still": "uudelleen|luku|lukuun",
        "no": "ei",
    },
    "fr": {
        "left": "retiré|retirée|retirés|retirées|retrait|retraits|s'est retirée|se sont retirés"
        "|n'est plus|ne sont plus|plus signataire|plus signataires|a quitté|ont quitté|ayant quitté"
        "|quitté|quittée|démissionn*|démission|désist*|radié*|résili*|non signataire"
        "|n'adhère plus|mis fin|a cessé|ont cessé|a renoncé|ont renoncé"
        "|ne participe plus|sortie du|sorties du|parti en|partie en",
        "alone": "ex|sorti|sortie|sorties|sortis|départ|départs|inactif*|inactive*|suspendu*"
        "|expiré*|supprimé*|exclu|exclue|exclus|ancien|ancienne|anciens|anciennes|terminé*"
        "|sortant*",
        "former": "anciennement|passé|passés|précédent*|antérieur*|partis|parties",
        "until": "jusqu|jusque",
        "small": "le|la|les|l|de|du|des|d|au|aux|a|en|et|ou|un|une|qui|que|ont|est|sont|se|s|n|ne"
        "|depuis|ce|cette|ces|par|pour|dans|étant|ayant|date|leur|son|sa|y|à|plus|était|été|mois",
        "still": "à nouveau|de nouveau|chapitre|chapitres|prévoit|envisage|n'a pas|pas retiré",
        "no": "non",
    },
    "ga": {
        "left": "tarraing siar|tharraing siar|tarraingthe siar|aistarraing*|a d'fhág|d'fhág|fágtha"
        "|d'éirigh as|a thuilleadh|tarraingíodh siar",
        "alone": "neamhghníomhach*|scriosta|as feidhm",
        "former": "iar|sean|roimhe|iarshínith*",
        "until": "go dtí",
        "small": "an|na|a|ar|as|ó|le|is|atá|bhí|agus|nó|i|de|den|don|seo|siad|sé|ní|nach",
        "still": "arís|caibidil",
        "no": "níl|ní",
    },
    "hr": {
        "left": "opozvan*|povukao|povukla|povuklo|povukli|povučen*|povlačenj*|odstupio"
        "|odstupila|odstupili"
        "|odstupanj*|istupio|istupila|istupili|istupanj*|više nije|više nisu|nije više|nisu više"
        "|napustio|napustila|napustili|odustao|odustala|odustali|otkazao|otkazala",
        "alone": "bivš*|ex|neaktiv*|brisan*|izbrisan*|uklonjen*|suspendiran*|isključen*|istekl*",
        "former": "nekadašnj*|prijašnj*|prethodn*",
        "until": "do",
        "small": "i|ili|u|na|iz|od|koji|koje|koja|su|je|se|godine|dana|s|sa|za|o|nije|nisu",
        "still": "ponovno|poglavlj*",
        "no": "ne",
    },
    "hu": {
        "left": "visszalép*|kilép*|kiléptek|visszavon*|már nem|többé nem|nem tagja|felmond*"
        "|elhagyt*|távozott|távoztak|távozás*",
        "alone": "inaktív*|felfüggeszt*|törölt*|törölve|megszűnt|lejárt|ex|kivált|egykori*",
        "former": "korábbi*|volt|előző|régi",
        "until": "ig|márciusáig|májusáig|januárig|februárig|áprilisig|júniusig|júliusig"
        "|augusztusig|szeptemberig|októberig|novemberig|decemberig|márciusig|májusig|végéig",
        "small": "a|az|és|vagy|aki|akik|amely|amelyek|óta|től|ban|ben|én|án|év|nem|már|től|el|is",
        "still": "újra|ismét|fejezet*",
        "no": "nem",
    },
    "it": {
        "left": "revocat*|ritirato|ritirata|ritirati|ritirate|ritiro|ritiri"
        "|si è ritirat*|si sono ritirat*"
        "|non più|non è più|non sono più|recesso|recessi|receduto|recedut*|uscito|uscita|usciti"
        "|uscite"
        "|ha abbandonato|hanno abbandonato|abbandono|abbandoni|dimissioni|dimess*|ha lasciato"
        "|rinunciat*|ritiratisi"
        "|hanno lasciato",
        "alone": "ex|inattiv*|sospes*|cessat*|esclus*|cancellat*|rimoss*|scadut*|terminat*",
        "former": "precedent*|passati|passate|già",
        "until": "fino|sino",
        "small": "il|lo|la|i|gli|le|l|di|del|della|dei|degli|delle|al|alla|in|nel|dal|dalla|e|o"
        "|che|si|ha|hanno|sono|stato|stata|da|data|non|è|più|un|una|per",
        "still": "di nuovo|nuovamente|capitolo|capitoli|prevede|intende",
        "no": "no",
    },
    "lt": {
        "left": "pasitrauk*|atsiėm*|atšauk*|išstoj*|nebėra|nebepasiraš*|nebedalyv*|nebe|atsisak*"
        "|atsitrauk*|išėjo|išėję|išėjus*|daugiau ne",
        "alone": "eks|ex|neaktyv*|sustabdyt*|pašalint*|išbraukt*|pasibaig*|nutrauk*",
        "former": "buvęs|buvusi|buvę|buvusios|buvusieji|buvusių|buvusiųjų|ankstesn*",
        "until": "iki",
        "small": "ir|ar|iš|kurie|kurios|kuri|kuris|nuo|m|d|yra|metais|metų|į|su|apie|buvo",
        "still": "vėl|skyri*",
        "no": "ne",
    },
    "lv": {
        "left": "izstāj*|izstāšan*|atsauc*|atsauk*|vairs nav|vairs ne*|atteicās|atteikušies"
        "|atteikšan*|atkāp*|aizgāj*|pametuš*",
        "alone": "eks|ex|neaktīv*|apturēt*|svītrot*|izslēgt*|dzēst*|beidzies|beigusies",
        "former": "bijuš*|agrāk*|iepriekšēj*",
        "until": "līdz",
        "small": "un|vai|no|kas|kuri|kurš|ir|bija|gada|gadā|ar|par|kopš|vairs|nav",
        "still": "atkal|nodaļ*",
        "no": "nē",
    },
    "mt": {
        "left": "rtirat*|irtira|irtirat|irtiraw|irtirar|irtirati|m'għadux|m'għadhiex"
        "|m'għadhomx|ma għadux"
        "|ma għadhomx|ħarġet|ħarġu|ħareġ|telaq|telqet|telqu|m'huwiex aktar|m'humiex aktar",
        "alone": "eks|ex|inattiv*|sospiż*|mħassar|tneħħa|tneħħew",
        "former": "preċedenti|preċedent|ta' qabel|qabel",
        "until": "sa|sal",
        "small": "il|l|ta|tal|minn|mill|fi|fl|fil|u|jew|li|kien|kienu|huma|hu|ir|is|f|aktar|dawk",
        "still": "mill ġdid|kapitolu",
        "no": "le",
    },
    "nl": {
        "left": "ingetrokken|teruggetrokken|trok zich terug|terugtrekking*"
        "|teruggetreden|uitgetreden"
        "|uitgestapt|uittreding*|niet meer|niet langer|opgezegd|afgehaakt|opgestapt|heeft verlaten"
        "|hebben verlaten|geen ondertekenaar",
        "alone": "voormalig*|ex|gewezen|vertrokken|inactief|inactieve|geschorst|beëindigd"
        "|verwijderd|vervallen|verlopen|vertrek|verlaten|niet actief",
        "former": "vroeger*|oud|eerdere|vorige",
        "until": "tot",
        "small": "het|een|de|van|der|den|in|op|uit|en|of|die|dat|heeft|hebben|is|zijn|was|sinds"
        "|met|per|datum|aan|zich|deze|niet|meer",
        "still": "opnieuw|weer|hoofdstuk|hoofdstukken|van plan",
        "no": "nee|neen|niet actief",
    },
    "pl": {
        "left": "cofnięt*|wycofa*|odstąpi*|wystąpił*|wystąpien*|zrezygn*|rezygnac*"
        "|nie jest już|już nie"
        "|nie są już|wypowiedzia*|opuścił*|opuścili|przestał*|przestali",
        "alone": "ex|nieaktyw*|zawieszon*|wykreślon*|usunięt*|wygas*|zakończ*|odejści*|odeszł*"
        "|wyjści*",
        "former": "były|była|było|byli|byłe|byłych|dawn*|poprzedn*|eks",
        "until": "do",
        "small": "i|lub|w|z|na|od|przez|oraz|które|który|która|którzy|jest|są|się|roku|r|dnia|we|ze"
        "|nie|już|po",
        "still": "ponownie|znowu|rozdział*|planuje|zamierza",
        "no": "nie|nieaktywny",
    },
    "pt": {
        "left": "revogad*|retirado|retirada|retirados|retiradas|retirou|retiraram|já não|deixou de"
        "|deixaram de|abandonou|abandonaram|abandono|desistiu|desistiram|desistência*|saiu|saíram"
        "|renunciou|renúncia|não signatári*",
        "alone": "ex|cessad*|inativ*|suspens*|excluíd*|removid*|terminad*|expirad*",
        "former": "antig*|anterior*|saída|saídas|passad*",
        "until": "até",
        "small": "o|a|os|as|de|do|da|dos|das|em|no|na|e|ou|que|se|foi|desde|um|uma|ao|data|por|é"
        "|são|à|com|seu|sua",
        "still": "novamente|de novo|capítulo|capítulos|prevê",
        "no": "não",
    },
    "ro": {
        "left": "revocat*|retras|retrasă|retrași|retrase|retragere*|retrageri*"
        "|s-a retras|s-au retras|nu mai"
        "|renunțat|renunțare*|părăsit|părăsiră|denunțat|demisionat|a ieșit|au ieșit|ieșire|ieșiri",
        "alone": "ex|inactiv*|suspendat*|exclus|exclusă|excluși|eliminat*|șters*|expirat*|încetat*",
        "former": "foști|fost|foste|fostă|foștii|fostele|anterior*|precedent*",
        "until": "până",
        "small": "de|la|din|în|și|sau|care|a|au|este|sunt|s|se|cel|cea|data|un|o|al|ale|pe|lui",
        "still": "din nou|capitol*|intenționează",
        "no": "nu",
    },
    "sk": {
        "left": "stiahnut*|odvolan*|odstúpil*|odstúpen*|vystúpil*|vystúpen*|stiahol sa"
        "|stiahla sa|stiahli sa|už nie"
        "|viac nie|opustil*|zrušil*|ukončil*",
        "alone": "ex|neaktívn*|pozastaven*|vyraden*|vyškrtnut*|ukončen*|odchod*|odstránen*",
        "former": "bývalí|bývalý|bývalá|bývalé|bývalých|predchádzajúc*|minulí|niekdajš*",
        "until": "do",
        "small": "a|alebo|v|vo|z|zo|od|na|ktorí|ktorá|ktoré|ktorý|je|sú|sa|roku|dňa|k|ku|svoj",
        "still": "znova|opäť|kapitol*|plánuje",
        "no": "nie",
    },
    "sl": {
        "left": "odstopil*|odstop|odstopi|umaknil*|umaknjen*|preklican*|umik|umiki"
        "|izstopil*|izstop|izstopi|ni več"
        "|niso več|ne več|zapustil*|preklical*|odpovedal*",
        "alone": "ex|neaktiv*|črtan*|izbrisan*|odstranjen*|prenehal*|potekl*|izključen*|bivš*",
        "former": "nekdanj*|prejšnj*",
        "until": "do",
        "small": "in|ali|v|na|iz|od|ki|so|je|se|leta|dne|s|z|za|ni|niso|več|svoj",
        "still": "ponovno|poglavj*",
        "no": "ne",
    },
    "sv": {
        "left": "dragit sig|drog sig|utträtt|utträde|utträden|lämnat|lämnade|inte längre"
        "|ej längre|återkallat|återkallad|avhoppad*|hoppat av|utträdda|utträdde"
        "|återtag*|avgått|trätt ur",
        "alone": "ex|inaktiv*|avslutad*|borttagen|borttagna|struken|strukna|avregistrerad*|upphört"
        "|utesluten|uteslutna|före detta",
        "former": "tidigare|f d",
        "until": "till|tills|t o m",
        "small": "den|det|de|en|ett|av|i|på|från|och|eller|som|har|är|var|sig|sedan|för|med|ur|om",
        "still": "igen|åter|kapitel|planerar|avser",
        "no": "nej",
    },
}

# A heading with one of these announces more than those who left.
CURRENT = """
today present ongoing heute laufend aujourd* presente oggi hoy hoje heden heute idag nu dzis danes
danas dnes днес σημερα tanaan tana siandien sodien inniu illum azi ma
настоящи* текущи* současn* nuværende aktuell* gegenwärtig* νυν τρέχοντ* σημερινοί current
currently actual actuales praegus* nykyi* actuel* reatha trenutačn* sadašnj* jelenlegi attual*
dabartin* esam* pašreizēj* attwali huidig* obecn* aktualn* atual atuais atualmente actuali actuale
actualii súčasn* trenutn* sedanj* nuvarande
"""

# The head of a column whose "no" says that a company is not on the list any more.
ACTIVE = """
active|activ*|current|still|aktuell|aktualny|toujours|encore|noch|sigue|signatory|member
participating|listed|in force|valid|aktiv*|gultig|actif
actifs|actuel|membre|signataire|activo|vigente|firmante|attivo|attuale|firmatario|ativo|vigente
actief|ondertekenaar|huidig|medlem|gallande|aktiivinen|jasen|aktiivne|aktyvus|dalyvis|aktivs
aktywny|sygnatariusz|aktivni|platny|clen|aktivny|aktiven|podpisnik|aktivan|potpisnik|aktiv|alairo
activ|semnatar|активен|подписал|ενεργ*|gniomhach|attiv|firmatarju
"""

# Answers of a column such as "Withdrawn" that say nothing.
EMPTY = frozenset("- – — / n/a na . … none ✗ ✘ × ❌ ☐ 0 nil".split())  # noqa: SIM905  # words read better than quotes
CROSSES = frozenset("✗ ✘ × ❌ ✖ ☐ ⨯".split())  # noqa: SIM905  # words read better than quotes
