"""Words that say that a list continues elsewhere, folded, in the 24 EU languages."""

import re

# 1 234, 1.234, 1,234 and 1’234 are one number.
NUMBER = r"(?<!\d)(?:\d{1,3}(?:[ .,'’]\d{3})+(?!\d)|\d+)"

NEXT = re.compile(
    r"(?:go to (?:the )?|aller a la |acceder a la |zur |zum |ir a la |vai alla |ga naar (?:de )?|"
    r"prejsc na |przejdz do )?(?:"
    r"next(?: page)?|older(?: entries| posts)?|(?:page )?suivante?s?|"
    r"weiter|nachste[nr]?(?: seite)?|"
    r"(?:pagina )?siguiente|(?:pagina )?successiv[oa]|avanti|(?:pagina )?seguinte|"
    r"proxim[oa](?: pagina)?|volgende(?: pagina)?|nastepn[ay](?: strona)?|dalej|"
    r"dalsi(?: strana| stranka)?|nasledujici(?: strana| stranka)?|dalsia(?: strana)?|"
    r"nasledujuca(?: strana)?|nasta(?: sida)?|n(?:ae|æ)ste(?: side)?|seuraava(?: sivu)?|"
    r"jargmine(?: leht| lehekulg)?|kovetkezo(?: oldal)?|(?:pagina )?urmato(?:area|rul)|inainte|"
    r"sljedeca(?: stranica)?|naslednja(?: stran)?|naprej|nakama(?: lapa)?|kitas(?: puslapis)?|"
    r"следваща(?: страница)?|напред|επομεν[ηο](?: σελιδα)?|(?:il pagna )?li jmiss|ar aghaidh|"
    r"(?:an )?chead (?:leathanach )?eile)(?: page)?"
)
NEXT_SIGNS = {"›", "»", ">", ">>", "→", "⟩", "▶", "❯"}

# Names of a page in a pager: "Page 1 sur 2", "Seite 2".
PAGE = (
    r"(?:page|seite|pagina|strona|strana|stranka|stran|stranica|sida|side|sivu|oldal|страница|стр|"
    r"σελιδα|lapa|puslapis|lehekulg|leht|leathanach|pagna|p|"
    r"part|partie|teil|parte|deel|czesc|cast|osa|resz|dalis|dala|del|dio|част|μερος)"
)
NUMBERED = re.compile(rf"(?:(?:[^\W\d]+ ){{0,4}}{PAGE} )?(\d{{1,4}})(?: oldal| lk| lapa)?")
OF = (
    r"(?:of|out of|von|sur|de|di|do|van|av|af|z|ze|od|iz|от|из|απο|is|no|minn|as|din|dintre|su|"
    r"insgesamt|total|au total|in total|viso|kopa|kokku|celkem|celkom|lacznie|ukupno|skupaj|"
    r"yhteensa|osszesen)"
)

RESULTS = (
    r"(?:results?|entries|items?|records?|rows|total|resultats?|resultados?|risultat[io]|voci|"
    r"ergebnisse|treffer|eintrage|elementos?|entradas?|registos?|resultaten|resultater|"
    r"resultat(?:et|er)?|wynik\w*|pozycj\w*|vysled\w*|zaznam\w*|poloz\w*|poster|traffar|"
    r"tulos\w*|tulok\w*|tulemus\w*|kirje\w*|talalat\w*|rezultat\w*|inregistrari|zadetk\w*|"
    r"vnos\w*|unos\w*|rezultat\w*|ierakst\w*|irasai|irasu|резултат\w*|записа|"
    r"αποτελεσματα|εγγραφες|rizultati|torthai|insgesamt|totale?|celkem|celkom|lacznie|razem|"
    r"ukupno|skupaj|yhteensa|osszesen|kokku|kopa|is viso|общо|συνολο)"
)
SIGNATORIES = (
    r"(?:signator(?:y|ies)|signed|signataires?|signe(?:e?s)?|unterzeichn\w*|firmantes?|firmado|"
    r"signatari[oa]?s?|firmatari[oa]?|firmato|assinaram|sygnatariusz\w*|podpisal\w*|"
    r"ondertekenaars?|ondertekend|underskriver\w*|underskrevet|undertecknar\w*|undertecknat|"
    r"allekirjoitta\w*|signatar\w*|podpisni\w*|potpisni\w*|potpisal\w*|alairo\w*|alairta\w*|"
    r"semnatar\w*|semnat|parakst\w*|pasiras\w*|allakirjuta\w*|sinitheoir\w*|firmatarj\w*|"
    r"подписал\w*|υπογραφοντ\w*|υπεγραψ\w*)"
)
PER_PAGE = re.compile(
    r"\b(?:per|par|pro|por|op|na|sivulla|side|sida) (?:page|seite|pagina|stran\w*)"
)

# Before or behind a number that is no exact count.
ABOUT_BEFORE = re.compile(
    r"(?:more than|over|about|nearly|almost|around|approximately|some|up to|at least|first|"
    r"plus de|environ|pres de|quelque|au moins|uber|mehr als|rund|etwa|fast|mindestens|mas de|"
    r"cerca de|alrededor de|al menos|oltre|piu di|circa|quasi|almeno|mais de|quase|pelo menos|"
    r"meer dan|ruim|ongeveer|bijna|ponad|okolo|wiecej niz|prawie|vice nez|pres|temer|viac ako|"
    r"takmer|priblizn[eo]|mere end|flere end|over|cirka|ca|mer an|fler an|omkring|yli|noin|"
    r"lahes|ule|umbes|rohkem kui|tobb mint|mintegy|kozel|peste|aproximativ|aproape|vise od|oko|"
    r"vec kot|skoraj|vairak neka|vairak ka|aptuveni|gandriz|daugiau kaip|daugiau nei|apie|"
    r"beveik|над|повече от|около|почти|περισσοτερες απο|περισσοτεροι απο|πανω απο|περιπου|"
    r"σχεδον|aktar minn|madwar|kwazi|nios mo na|os cionn|beagnach)(?: the| les| die| las| los)?$"
)
ABOUT_BEHIND = re.compile(r"\s?(?:\+|plus\b|or more|ou plus|oder mehr)")

MORE = re.compile(
    r"(?:(?:load|show|view|see|display|browse|get|fetch) (?:the )?(?:(?:next )?\d+ )?"
    r"(?:more|all|rest|remaining|full list|complete list)(?: \w+){0,4}|"
    r"(?:more|all) (?:results|signatories|companies|organisations|names|items)|"
    r"(?:full|complete) list(?: of \w+)?|"
    r"(?:afficher|voir|charger|montrer) (?:plus|davantage|tout(?:es|e)?|tous|la suite|les \w+ "
    r"suivants)(?: \w+){0,3}|plus de (?:resultats|signataires)|"
    r"(?:mehr|weitere|alle)(?: \w+){0,2} (?:anzeigen|laden|einblenden|ansehen)|"
    r"(?:cargar|mostrar|ver) (?:mas|todo|todos|todas|mais|tudo)(?: \w+){0,2}|"
    r"(?:carica|mostra|vedi|visualizza) (?:altr[io]|altre|di piu|tutt[oie]|ancora)(?: \w+){0,2}|"
    r"carregar mais(?: \w+){0,2}|(?:meer|alle)(?: \w+)? (?:laden|tonen|weergeven)|"
    r"toon (?:meer|alle\w*)(?: \w+)?|(?:pokaz|zaladuj|zobacz|wczytaj) (?:wiecej|wszystk\w+|kolejne)"
    r"(?: \w+)?|(?:zobrazit|nacist|nacitat) (?:vice|viac|dals\w+|vse|vsetk\w+|vsechn\w+)(?: \w+)?|"
    r"(?:visa|ladda) (?:fler|mer|alla)(?: \w+)?|(?:vis|indl(?:ae|æ)s|hent) (?:flere|mere|alle)"
    r"(?: \w+)?|(?:nayta|lataa) (?:lisaa|kaikki)(?: \w+)?|(?:naita|kuva|laadi) "
    r"(?:rohkem|veel|koik\w*)(?: \w+)?|tovabbiak(?: \w+)?|(?:tobb|osszes)(?: \w+)? "
    r"(?:megjelenitese|betoltese|mutatasa)|(?:afiseaza|incarca|vezi|arata) (?:mai mult\w*|tot\w*)"
    r"(?: \w+)?|(?:prikazi|ucitaj|pokazi|nalozi) (?:vise|vec|sve|vse|jos|vsi)(?: \w+)?|"
    r"(?:radit|ieladet|skatit) (?:vairak|visus?)(?: \w+)?|(?:rodyti|ikelti) (?:daugiau|visus?)"
    r"(?: \w+)?|(?:зареди|покажи|виж|зареждане на) (?:още|повече|всички)(?: \w+)?|"
    r"(?:φορτωση|εμφανιση|προβολη) (?:περισσοτερων|ολων)(?: \w+)?|(?:uri|ara|ghabbi) "
    r"(?:aktar|kollox)(?: \w+)?|(?:taispeain|luchtaigh|feach) (?:nios mo|tuilleadh|gach)(?: \w+)?)"
)

_AND = (
    r"(?:and|et|und|sowie|y|e|ed|en|i|oraz|a|och|og|ja|es|si|и|και|in|un|ir|u|agus|plus|mais|"
    r"ainsi que)"
)
_OTHERS = (
    r"(?:more|others?|further|additional|autres?|weitere[nrs]?|andere[nrs]?|mas|otr[oa]s|altr[ie]|"
    r"outr[oa]s|mais|meer|innych|inne|dalsich|dalsi|ostatni\w*|fler|andra|andre|"
    r"flere|muuta|muut|veel|teist|tovabbi\w*|masik|altele|drugih|ostal\w*|"
    r"други|още|αλλ(?:οι|ες|α)|ohra|ohrajn|eile)"
)
# "and 21 more", "+ 21 weitere", "e altri 21", "és még 21", "and many others", "etc."
AND_MORE = re.compile(
    rf"(?:{_AND} )?(?:\w+ )?(?:{NUMBER}) (?:\w+ )?{_OTHERS}(?: \w+){{0,3}}|"
    rf"{_AND} (?:\w+ )?(?:{_OTHERS}|alt[ei]|citi|citas|kiti|kitos) "
    rf"(?:{NUMBER})(?: \w+){{0,3}}|{_AND} (?:{NUMBER}) (?:till|citi|kiti)(?: \w+){{0,3}}|"
    rf"{_AND} (?:meg|se|vel|dar|jos|veel|още) (?:{NUMBER})(?: \w+){{0,3}}|"
    rf"(?:and|et|und|y|e|en|i|a|och|og|ja|u|и) (?:many |so many |viele |d |muchos |molti |muitos |"
    rf"veel |wielu |mnoho |manga |mange |monta |mnogo |много )?"
    rf"(?:more|others|autres|weitere|andere|otros|otras|altri|altre|outros|inni|innych|dalsi|andra|"
    rf"andre|muut|mas|mais|meer|други|drugi)(?: (?:companies|organisations|signatories|names|"
    rf"entreprises|signataires|unternehmen|empresas))?|"
    r"etc|et cetera|usw|u a m|among others|entre autres|unter anderem|to be continued|continued|"
    r"(?:the )?list (?:continues|goes on)(?: \w+){0,5}|"
    r"continue[sd] on (?:the )?(?:next )?page(?: \d+)?|"
    r"(?:a suivre|suite (?:a la )?page (?:suivante|\d+)|fortsetzung folgt|wird fortgesetzt)"
)
# Brackets and dots alone: the list was cut off by its author.
ELLIPSIS = re.compile(r"[\s\[(]*(?:…|\.{3,}|⋯)[\s\])]*")

# A selection rather than the list, when a word for signatories is near.
SELECTION = re.compile(
    r"\b(?:selections?|selected|excerpt|extract|examples?|sample|some of|partial list|part of|"
    r"exhaustive|auswahl|auszug|beispiele|auszugsweise|extrait|exemples?|liste partielle|seleccion|"
    r"extracto|ejemplos|lista parcial|selezione|estratto|esempi|elenco parziale|selecao|excerto|"
    r"exemplos|selectie|uittreksel|voorbeelden|wybor|wyciag|przyklady|vyber|vynatek|priklady|"
    r"urval|utdrag|exempel|udvalg|udpluk|uddrag|eksempler|valikoima|otteita|esimerkkeja|valik|"
    r"valjavote|naited|valogatas|kivonat|peldak|selectie|extras|exemple|izbor|izvadak|primjeri|"
    r"izvlecek|primeri|izlase|izvilkums|piemeri|atranka|israsas|pavyzdziai|подбор|избрани|извадка|"
    r"примери|επιλογη|αποσπασμα|παραδειγματα|ghazla|estratt|ezempji|roghnu|sliocht|samplai)\b"
)
# How the line ends that introduces only some: "…, including:".
INCLUDING = re.compile(
    r"\b(?:includ(?:e|es|ing)(?: (?:the following|among others)\b.*)?|such as|"
    r"among (?:them|others)|"
    r"for example|e g|notably|notamment|parmi lesquel(?:le)?s|dont|entre autres|par exemple|"
    r"darunter|unter anderem|u a|z b|zum beispiel|unter ihnen|entre ell[oa]s|entre otr[oa]s|"
    r"como por ejemplo|incluyen|tra cui|fra cui|tra gli altri|ad esempio|incluindo|entre outr[oa]s|"
    r"nomeadamente|waaronder|onder meer|onder andere|bijvoorbeeld|w tym|miedzy innymi|m in|"
    r"na przyklad|mimo jine|napriklad|vcetne|okrem ineho|vratane|herunder|blandt andet|bl a|"
    r"daribland|bland annat|till exempel|muun muassa|esimerkiksi|sealhulgas|muu hulgas|naiteks|"
    r"tobbek kozott|koztuk|peldaul|printre care|inclusiv|de exemplu|medu ostalima|ukljucujuci|"
    r"med drugim|vkljucno|tostarp|piemeram|cita starpa|be kita ko|iskaitant|pavyzdziui|включително|"
    r"сред тях|между които|например|μεταξυ αλλων|συμπεριλαμβανομενων|οπως|fosthom|inkluz|"
    r"ina measc|lena n airitear)$"
)
# A file on the page, by its URL or its type, and one that is no list by its label.
FILE = re.compile(
    r"\.(?P<kind>pdf|csv|xlsx)(?:$|[?#&])|[/?&_-](?:document|download|attachment|redirection)s?\b|"
    r"[?&](?:file|filename|format)=|application/(?:pdf|vnd\.)|text/csv",
    re.IGNORECASE,
)
DOWNLOAD = re.compile(
    r"(?:download|telecharger|herunterladen|descargar|scarica|descarregar|transferir|downloaden|"
    r"pobierz|stahnout|stiahnut|ladda ner|hent|lataa|laadi alla|letoltes|descarca|preuzmi|prenesi|"
    r"lejupieladet|atsisiusti|изтегли|изтегляне|ληψη|nizzel|ioslodail|pdf|csv|xlsx|excel)"
    r"(?: \w+){0,3}"
)
NO_LIST = re.compile(
    r"\b(?:pledges?|template|form|guid\w+|text of|factsheet|faq|questions|report|press|privacy|"
    r"engagements?|modele|formulaire|verpflichtung\w*|vorlage|compromisos?|impegni|modello)\b"
)
LIST_OF = re.compile(
    rf"\b(?:list|liste|lista|lijst|elenco|seznam|zoznam|luettelo|popis|sarasas|saraksts|"
    rf"nimekiri|jegyzek|{SIGNATORIES})\b"
)
NEWS = re.compile(
    r"\b(?:news|events?|stories|publications?|posts?|blog|actualites|nouvelles|evenements|"
    r"aktuelles|nachrichten|neuigkeiten|veranstaltungen|noticias|eventos|novedades|notizie|eventi|"
    r"nieuws|evenementen|aktualnosci|wydarzenia|aktuality|nyheder|nyheter|uutiset|uudised|hirek|"
    r"stiri|vijesti|novice|jaunumi|naujienos|новини|νεα|ahbarijiet|nuacht)\b"
)
