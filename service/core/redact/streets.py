"""How streets and towns are written in several countries, as patterns."""

from service.core.redact.shapes import CAPITAL_WORD, CAPITALS

WORD = rf"(?-i:{CAPITAL_WORD}(?:['\u2019]s)?\.?)"
_LINKING = (
    r"(?:v[ao]n|de[lrn]?|des|de[lr]l[aeo]|dei|degli|d[aiu]|dos|das|l[ae]s?|los|het|zu[mr]?|am|an|im|auf|"
    r"'t|y|e|i|en|et|te[rn])"
)
_WORDS = rf"{WORD}(?:[ -](?:{_LINKING}[ ]){{0,3}}{WORD}){{0,4}}"
_HOUSE = r"\d{1,4}(?!\d)(?:[ ]?(?:[a-zA-Z]|bis)(?!\w))?(?:[/-]\w{1,4})?"

# What may stand between the words of a British or American address, small as well.
ENGLISH_PARTS = (
    r"upon|on|under|le|the|of|in|by|near|cum|(?:apt|suite|unit|flat|ste|floor|#)\.?[ ]?\w{1,5}|street|road|avenue|lane|"
    r"close|drive|way|court|place|square|terrace|crescent|gardens?|grove|hill|park|row|mews|walk|route|ridge|green"
)
# Up to the house number, with a gap behind it; what follows is for the one who asks.
ENGLISH_HOUSE = (
    r"(?:(?:flat|apartment|apt|unit|suite|room|studio)\.?[ ]?\w{1,5},?\s)?"
    r"(?:\d{1,5}[a-zA-Z]?(?:[-/]\d{1,4})?|p\.?[ ]?o\.?[ ]?box[ ]\d{1,6}),?\s"
)
_STREET_ENDS = (
    r"(?:[Ss]tra(?:ß|ss)e|[Ss]tr\.|[Ss]tei[gn]|[Ss]tieg|[Ww]eg|[Ww]all|[Ww]inkel|[Pp]latz|[Pp]fad|[Pp]ark|[Pp]romenade|"
    r"[Aa]llee|[Gg]asse|[Gg]raben|[Gg]rund|[Rr]ing|[Rr]ain|[Dd]amm|[Uu]fer|[Cc]haussee|[Mm]arkt|[Hh]of|[Hh]öhe|[Bb]erg|"
    r"[Bb]rücke|[Kk]amp|[Ff]eld|"
    r"[Vv]ej|[Vv]ei(?:en)?|[Vv]ägen|[Gg]ade|[Gg]at[ae]n?|"
    r"[Ss]traat|[Ss]ingel|[Ll]aan|[Pp]lein|[Gg]racht|[Kk]ade|[Dd]ijk|[Dd]reef)"
)
_GERMAN = (
    rf"(?:(?:{WORD}[ -]){{0,3}}(?:[{CAPITALS}][\w'\u2019-]{{0,30}})?{_STREET_ENDS}"
    rf"|(?:A[mn]|Auf|Im|In|Zu[mr]|Unter|Hinter|Vor)[ ](?:de[nmr][ ])?{WORD}(?:[ ]{WORD})?)[ ]{_HOUSE}"
)
_FRENCH = (
    r"\d{1,4}(?:[ ]?(?:bis|ter|quater|[A-D]))?,?[ ]"
    r"(?:rue|av(?:enue|\.)|b(?:oulevard|d|ld)\.?|pl(?:ace|\.)|chemin|all[ée]es?|impasse|route|quai|cours|square|passage|"
    r"faubourg|fbg|cité|lotissement|résidence|villa|sentier|esplanade|montée|voie)[ ]"
    r"(?:(?:de|du|des|la|le|les)[ ]|[dl]['\u2019]){0,3}[^\W\d_][\w'\u2019.-]{0,30}"
    rf"(?:[ -](?:{_LINKING}[ ]){{0,3}}{WORD}){{0,4}}"
)
# Spain, and Portugal and Poland, which write street and number in the same order.
_SPANISH = (
    r"(?:c(?:alle|arrer|/|\.)|av(?:enida|da|inguda|gda)?\.?|pl(?:aza|aça|za|\.)|pza\.?|p(?:aseo|asseig|º)\.?|ronda|camino|"
    r"carretera|traves[íi]a|glorieta|rambla|rua|travessa|largo|praça|alameda|callejón|cuesta|cañada|urbanización|ul\.|al\.|os\.)"
    rf"[ ]?(?:{_LINKING}[ ]){{0,3}}{_WORDS},?[ ](?:n\.?[ºo°]?\.?[ ]?)?\d{{1,4}}"
    r"(?:[ ]?[A-Za-z](?!\w))?(?:,?[ ]?\d{1,2}[ºª°](?:[ ][A-Za-z]{1,3}\b)?)?"
    r"(?:,?[ ](?:piso|puerta|esc\.?|apt\.?|apto\.?)[ ]?\w{1,3}(?!\w)){0,3}"
)
_ITALIAN = (
    r"(?:via(?:le)?|piazza(?:le)?|p\.?zza|corso|c\.so|largo|vicolo|strada|contrada|borgo|rotonda|lungo\w{3,12})"
    rf"[ ](?:{_LINKING}[ ]){{0,2}}(?:dell['\u2019])?{_WORDS},?[ ](?:n\.?[°ºo]?[ ]?)?\d{{1,4}}"
    r"(?:[ ]?/?[ ]?[A-Za-z](?!\w))?(?:,?[ ](?:piano|interno|int\.?|appartamento|scala)[ ]?\w{1,3}(?!\w)){0,2}"
)
CONTINENTAL = rf"(?<![\w'\u2019])(?:{_GERMAN}|(?i:{_FRENCH})|(?i:{_SPANISH})|(?i:{_ITALIAN}))"
# Without a word that says street, so that only a postcode of the Netherlands behind it makes it one.
DUTCH = rf"(?<![\w'\u2019]){_WORDS}[ ]{_HOUSE}"

_FIRST = (
    r"(?:Bad|Sankt|St\.?|San(?:t[oae]?)?|Sainte?|L[aeo]s?|Los|El|Den|New|Reggio|Torre|Castel|Monte|Villa|Porto|Nieuw|Oud|Alt|"
    r"Neu|Gro(?:ß|ss)|Klein|Santa[ ]Cruz|Ciudad|Jerez)[ ]"
)
_RIVERS = r"[ ](?:am[ ](?:Main|Rhein|Neckar|See|Inn|Lech)|im[ ](?:Breisgau|Allgäu))"
_LINKED = (
    r"[ ](?:(?:an|ob|in|vor|auf|bei)[ ]de[rnm]|aan[ ]de[nr]?|op|sur|del?|de[ ]l[ao]s?|di|d'|upon)[ ]"
    rf"(?:Gran[ ])?{CAPITAL_WORD}"
)
_PROVINCE = r"[ ]\(?[A-Z]{2}\)?(?!\w)"
TOWN = (
    rf",?[ \u00a0]{{1,2}}(?:{_FIRST}|(?:{CAPITAL_WORD}[ ])?San(?:t[aoe]?)?[ ])?(?:'s-|L'|l')?{CAPITAL_WORD}"
    rf"(?:{_RIVERS}|{_LINKED})?(?:{_PROVINCE})?"
)
