"""Normalize text, make comparison keys, and know words around lists that are no names.

All words and patterns here are folded as `fold` does.
"""

import html
import re
import unicodedata
from collections.abc import Sequence

# Soft hyphens, zero-width and direction marks, and control characters.
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u2069\ufeff\ufe0e\ufe0f\U000e0020-\U000e007f]"
)
# Joiners change the spelling of Arabic and Indic scripts only.
STRAY_JOINER = re.compile("(?<![\u0600-\u0fff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u0fff])")
WORD = re.compile(r"[^\W_]+")
# An entity that is still there when a page was decoded: its author escaped it twice.
ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
ESCAPED_AT_MOST = 3  # times


def tidy(text: str) -> str:
    """Put `text` on one line: composed letters, single spaces, no invisible characters."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = STRAY_JOINER.sub("", INVISIBLE.sub("", text))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def unescape(text: str) -> str:
    """Decode entities that a page shows as such: "AI &amp; Partners"."""
    for _time in range(ESCAPED_AT_MOST):
        if ENTITY.search(text) is None:
            break
        text = ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text


def fold(text: str) -> str:
    """The comparison key of a text: lower case words without accents or punctuation."""
    if text.isascii():
        return " ".join(WORD.findall(text.lower()))
    decomposed = unicodedata.normalize("NFKD", INVISIBLE.sub("", text)).casefold()
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(WORD.findall(letters))


# "A", "A-C", "0-9", "#", "A | B | C | D"
LETTERS = re.compile(r"(?i)[^\W\d_]|#|[^\W_]\s*[-–—/]\s*[^\W_]|[^\W_](?:[\s|·•]+[^\W_]){3,}")


def is_letter(text: str) -> bool:
    """Whether `text` is an alphabetical index entry: a letter or a range of letters."""
    return LETTERS.fullmatch(text) is not None


# Headings of what European Commission pages put below their content, in the 24 languages.
AFTERWARDS = frozenset(
    fold(words)
    for words in """
    Quick links|Useful links|Related content|Related links|Related|Related information|See also
    Last update|Last updated|Share this page|Contact|Contact us|Downloads|Documents|Read more
    Further information|More information|Latest news|Big Picture|Dig deeper|Follow us|About us
    Attachments|Annexes|Footnotes|Notes|Page contents|Tags|Topics|Print as PDF
    Свързано съдържание|Последно актуализиране|Последна актуализация|Споделяне на тази страница
    Související obsah|Poslední aktualizace|Sdílet tuto stránku|Relateret indhold|Seneste opdatering
    Sidste opdatering|Del denne side|Verwandte Inhalte|Weitere Informationen|Letzte Aktualisierung
    Seite weiterempfehlen|Kontakt|Σχετικό περιεχόμενο|Τελευταία ενημέρωση|Κοινοποίηση της σελίδας
    Contenido relacionado|Última actualización|Compartir esta página|Enlaces de interés|Contacto
    Seotud sisu|Viimati uuendatud|Jagage seda lehekülge|Aiheeseen liittyvää sisältöä
    Viimeksi päivitetty|Viimeisin päivitys|Jaa tämä sivu|Contenu lié|Contenu associé|Voir aussi
    Dernière mise à jour|Partager cette page|Liens rapides|Liens utiles|Ábhar gaolmhar
    An nuashonrú is déanaí|Povezani sadržaj|Posljednje ažuriranje|Podijeli ovu stranicu
    Kapcsolódó tartalom|Legutóbbi frissítés|Utolsó frissítés|Oldal megosztása|Contenuti correlati
    Ultimo aggiornamento|Condividi questa pagina|Link utili|Contatti|Susijęs turinys
    Paskutinis atnaujinimas|Naujausia redakcija|Saistītais saturs|Pēdējais atjauninājums
    Kontenut relatat|L-aħħar aġġornament|Gerelateerde inhoud|Laatste update|Laatst bijgewerkt
    Deel deze pagina|Powiązane treści|Ostatnia aktualizacja|Udostępnij tę stronę
    Conteúdo relacionado|Última atualização|Partilhar esta página|Conținut asociat
    Ultima actualizare|Distribuiți această pagină|Súvisiaci obsah|Posledná aktualizácia
    Povezana vsebina|Zadnja posodobitev|Relaterat innehåll|Senaste uppdatering|Dela sidan
    """.replace("\n", "|").split("|")
    if words.strip()
)
# Stems of "interested" in the 24 languages: the network of the Pact has a list of its own.
INTERESTED = re.compile(
    r"\b(?:interested|expressions? of interest|expressed (?:an )?interest|interess(?:ee?s?|iert\w*|"
    r"ad[ao]s?|at[aie]|erede)|interesad[ao]s|interesat[ie]?|geinteresseerd\w*|intresserade|"
    r"zainteresowan\w*|zainteresiran\w*|заинтересов\w*|zajemci|zajemcu|kiinnostune\w*|huvitatud|"
    r"ενδιαφερομεν\w*|erdeklod\w*|suinteresuot\w*|ieintereset\w*|zaujemc\w*|interessati|leasmhar)\b"
)
# Labels of controls; they are no names even as items.
CONTROLS = re.compile(
    r"(?:see|show|load|view|read) (?:more|all|less|also)|learn more|find out more|click here|"
    r"back to (?:the )?top|(?:expand|collapse|open|close) all|coming soon|to be (?:announced|"
    r"confirmed|published)|tbd|tba|n a|none yet|not available|no (?:results|entries|signatories)"
    r"(?: yet| found)?|loading|previous page|next page|page \d+|afficher (?:plus|tout)|voir plus|"
    r"lire la suite|mehr anzeigen|weiterlesen"
)
# Items of lists that pages have beside their content; one of them alone may be a company.
COOKIES = re.compile(
    r"cookie|evaste|kupsis|slapuk|sikdatn|fianan|kolacic|piskot|бисквитк|\bsutik?\b|ciasteczk|"
    r"\b(?:accept|reject|refuse|decline|allow|deny|manage|agree|accepter|refuser|akzeptieren|"
    r"ablehnen|zustimmen|aceptar|rechazar|accetta|rifiuta|accepteren|weigeren|aceitar|rejeitar)\b|"
    r"\b(?:strictly|only|my) (?:necessary|essential|choices|preferences|settings)\b"
)
SITE = re.compile(
    r"(?:share |follow us )?(?:on |via |by )?(?:facebook|x|x twitter|twitter|linkedin|e ?mail|"
    r"whatsapp|instagram|youtube|bluesky|mastodon|telegram|reddit|rss|copy link|print|more)|"
    r"home|accueil|startseite|inicio|about(?: us)?|news(?:room|letter)?|events?|contacts?(?: us)?|"
    r"kontakt|contacto|contatti|privacy(?: policy| statement| notice)?|legal notice|cookies?|"
    r"cookie policy|accessibility(?: statement)?|site ?map|search|suche|recherche|log ?in|sign in|"
    r"register|subscribe|press(?: room| releases)?|jobs|careers|publications|policies|funding|"
    r"library|calendar|faqs?|help|disclaimer|imprint|impressum|datenschutz(?:erklarung)?|"
    r"barrierefreiheit|mentions legales|plan du site|accessibilite|donnees personnelles|"
    r"politique de confidentialite|actualites|aviso legal|privacidad|note legali|newsletter|"
    r"terms(?: of use| and conditions)?|resources|documents|languages?|next|previous|back|top"
)
LANGUAGE_NAMES = {
    *(fold("български"), "espanol", "cestina", "dansk", "deutsch", "eesti", "ελληνικα", "english"),
    *("francais", "gaeilge", "hrvatski", "italiano", "latviesu", "lietuviu", "magyar", "malti"),
    *("nederlands", "polski", "portugues", "romana", "slovencina", "slovenscina", "suomi"),
    *("svenska", "norsk", fold("українська"), fold("русский"), "turkce"),
}


def is_beside(texts: Sequence[str]) -> bool:
    """Whether the items of a list are controls, site links or languages, not companies."""
    keys = [fold(text) for text in texts]
    controls = [key for key in keys if COOKIES.search(key) or CONTROLS.fullmatch(key)]
    if len(keys) == 1:
        return bool(controls) and len(keys[0].split()) > 2
    others = [key for key in keys if SITE.fullmatch(key) or _is_language(key)]
    return 2 * len({*controls, *others}) > len(set(keys))


def _is_language(key: str) -> bool:
    """Whether an item is the name of a language, with or without its code."""
    return LANGUAGE_NAMES.issuperset(key.split()[-1:]) and len(key.split()) < 3


# A control that shows the rest of a list that is on the page.
SHOWS_MORE = re.compile(
    r"(?:show|load|view|see) (?:more|all|the rest)\b|(?:afficher|voir) (?:plus|tou|la suite)|"
    r"mehr (?:anzeigen|laden)|alle (?:anzeigen|weergeven)|(?:mostrar|ver) (?:mas|mais|tod)|"
    r"mostra (?:tutt|altr|di piu)|(?:toon|laad) (?:meer|alle)|vis (?:flere|alle|mere)|"
    r"visa (?:fler|alla|mer)|nayta (?:lisaa|kaikki)|naita (?:rohkem|koiki)|"
    r"pokaz (?:wiecej|wszyst)|zobrazit (?:vse|vice|dalsi|viac)|pokazi (?:vec|vse)|"
    r"prikazi (?:vise|sve|vec)|tovabbiak|osszes megjelenitese|afis(?:ati|eaza) (?:mai mult|tot)|"
    r"покажи (?:още|всички)|(?:εμφανιση|προβολη) (?:ολων|περισσοτερων)|taispeain|"
    r"rodyti (?:daugiau|visus)|radit (?:vairak|visus)|uri (?:aktar|kollox)"
)
# How a line begins that says something about the list.
REMARKS = re.compile(
    r"(?:last (?:update|modified|reviewed)|updated (?:on|in|at)|update \d|as of \d|as of [a-z]+ \d|"
    r"see also|see the|some signatories|some organisations may|this list|the list|the following|"
    r"list of signator|download the|print as|no signator|share this|note that|please |total \d|"
    r"total number|text of the|full text|template |number of signator|skip to|filter by|"
    r"sort by|close$|search$|filter$|"
    r"previous$|next$|"
    r"derniere mise a jour|mis a jour|voir aussi|letzte aktualisierung|stand \d|siehe auch|"
    r"ultimo aggiornamento|vedi anche|ultima actualizacion|vease tambien|ultima atualizacao|"
    r"ostatnia aktualizacja|laatste update|laatst bijgewerkt|senast uppdaterad|viimeksi paivitetty|"
    r"ver tambien)"
)
# The head of the column that holds the names.
NAME_COLUMN = re.compile(
    r"\b(?:name|names|company|companies|organisations?|organizations?|signator(?:y|ies)|entity|"
    r"participants?|providers?|undertaking|"
    r"noms?|entreprises?|societes?|organismes?|signataires?|unternehmen|organisation|firma|firmen|"
    r"unterzeichner\w*|nombre|empresas?|organizacion(?:es)?|firmantes?|signatari[oa]?s?|nome|"
    r"denominazione|aziend[ae]|impres[ae]|organizzazion[ei]|societa|nazwa|firmy|sygnatariusz\w*|"
    r"podmiot|naam|bedrijf|bedrijven|ondertekenaar\w*|navn|virksomhed\w*|underskriver\w*|namn|"
    r"foretag\w*|undertecknare|nimi|yrity\w*|allekirjoitta\w*|nazev|spolecnost\w*|signatar\w*|"
    r"nazov|spolocnost\w*|ime|naziv|podjetj\w*|podpisni\w*|potpisni\w*|tvrtk\w*|nev|vallalat\w*|"
    r"cegnev|alairo\w*|nume|denumire\w*|companie|companii|semnatar\w*|nosaukums|uznemum\w*|"
    r"parakstitaj\w*|pavadinim\w*|imone\w*|pasirasiusi\w*|pasirase\w*|ettevot\w*|allakirjutan\w*|"
    r"ainm|cuideachta\w*|sinitheoir\w*|isem|kumpanij\w*|firmatarj\w*|име|наименование|компани\w*|"
    r"организаци\w*|подписал\w*|ονομα\w*|επωνυμια|εταιρ\w*|υπογραφοντ\w*|οργανισμο\w*)\b"
)
# The head of a column about something else, though it may mention companies.
OTHER_COLUMN = re.compile(
    r"\b(?:countr(?:y|ies)|types?|sectors?|sizes?|dates?|websites?|url|numbers?|address|"
    r"headquarters?|roles?|pays|secteur|adresse|land|branche|pais|paese|settore|kraj|sektor)\b"
)
SMALL_WORDS = re.compile(r"(?:of|the|full|legal|de|du|des|la|le|l|der|del|dei|di|da|do|van|het)\b")
# The head of a column that says something of a company's signature.
NOTE_COLUMN = re.compile(
    r"\b(?:notes?|remarks?|comments?|chapters?|scope|remarques?|commentaires?|chapitres?|"
    r"anmerkung(?:en)?|bemerkung(?:en)?|kapitel|observaciones|observations?|notas?|uwagi|"
    r"opmerkingen|osservazioni)\b"
)
# A bracket or a remark after a name that is no part of it.
ASIDE = re.compile(
    r"(?i)(?:formerly|former\b|previously|now\s|ex[ -]|renamed|since\b|until\b|as of\b|joined|"
    r"sign(?:ed|atory)\b|withdr[ae]w|new$|nouve(?:au|lle)$|neu$|nuov[oa]$|nuev[oa]$|now[ya]$|nieuw$|"
    r"new signatory|pending|on behalf of|via\b|"
    r"and (?:its )?(?:subsidiaries|affiliates)|incl(?:uding|\.)|updated|"
    r"anciennement|depuis\b|et (?:ses )?filiales|ehemals|vormals|früher|seit\b|anteriormente|"
    r"antes\b|precedentemente|già\b|ex$|dawniej|dawna\b|voorheen|tidligere|tidigare|"
    r".*\b(?:only|chapters?|chapitres?|uniquement|seulement|nur|kapitel|capítulos?|capitol[oi])\b)"
)
ERRORS = re.compile(
    r"(?:\berror [45]\d\d\b|\b[45]\d\d (?:error|not found|forbidden|bad|service|unauthori|internal|"
    r"gateway|too many)|^(?:40[01345689]|410|429|50[0234])\b|"
    r"page (?:was |could )?not (?:be )?found|"
    r"^not found|^forbidden|access (?:to this page )?(?:is |has been )?denied|just a moment|"
    r"checking your browser|verify (?:that )?you are (?:a )?human|are you a robot|captcha|"
    r"attention required|request (?:was |has been )?(?:blocked|rejected)|the requested url|"
    r"service (?:is )?(?:temporarily )?unavailable|temporarily unavailable|bad gateway|"
    r"gateway time ?out|internal server error|too many requests|(?:under|scheduled) maintenance|"
    r"down for maintenance|maintenance mode|^maintenance|site en maintenance|wartungsarbeiten|"
    r"an error (?:has )?occurred|something went wrong|page introuvable|page non trouvee|"
    r"acces (?:refuse|interdit)|seite (?:wurde )?nicht gefunden|zugriff verweigert|"
    r"pagina non trovata|pagina no encontrada|pagina nao encontrada|pagina niet gevonden|"
    r"enable javascript)"
)
LOGIN = re.compile(
    r"(?:\beu login\b|\becas\b|^(?:please )?(?:sign|log) in\b|^login\b|\bauthentication required|"
    r"\bsign in to (?:your|continue)|^se connecter|^connexion$|^identifiez vous|^anmelden|"
    r"^anmeldung|\bsingle sign on)"
)


# The parts of an instrument that are signed one by one: "Section 1 signatories: 95"

PART_WORDS = (
    r"section|part|sections?|abschnitt\w*|teil\w*|partie|seccion|parte|sezione|seccao|afdeling|deel|"
    r"sekcj\w+|czesc\w*|avsnitt\w*|afsnit\w*|jakso\w*|oddil\w*|cast\w*|oddiel\w*|szakasz\w*|resz\w*|"
    r"sectiun\w+|раздел\w*|част|ενοτητα\w*|τμημα\w*|μερο\w+|odjelj\w+|oddelk\w+|skirsni\w*|dali\w+|"
    r"iedala\w*|jagu|jao|osa\w*|taqsima|roinn"
)
PART = re.compile(rf"\b(?:{PART_WORDS}) \d\b|\b\d (?:{PART_WORDS})\b")
COUNT_AFTER = re.compile(r"\s?(?:[:–-]\s?\d[\d.,  ]{0,20}|\(\d[\d.,  ]{0,20}\))\s?$")


def signed_part(text: str) -> str:
    """The part that a heading names, without its number of names; "" for other headings."""
    return COUNT_AFTER.sub("", text) if PART.search(fold(text)) and len(text) < 100 else ""


def numbers_of_parts(note: str) -> set[int]:
    """The part numbers in the note of a name: 1 for "Section 1 signatories"."""
    return {int(re.sub(r"\D", "", found)) for found in PART.findall(fold(note))}


def without_part(folded: str) -> str:
    """The words of a folded heading without the part and its numbers."""
    rest, parts = PART.subn(" ", folded)
    return re.sub(r"\b\d+\b", " ", rest) if parts else folded
