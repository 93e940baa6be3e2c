"""The words by which names are known, in English, German, French, Spanish, Italian, Dutch and Portuguese, lower case.

They are the service's own, since a customer may write in any language, whatever the playbook speaks.
"""

TITLES = (
    *("mr", "mrs", "ms", "miss", "mx", "dr", "doctor", "prof", "professor", "nurse", "sister", "rev", "reverend"),
    *("herr", "herrn", "frau", "hr.", "fr.", "fräulein", "doktor", "schwester", "pfleger", "familie"),
    *("monsieur", "madame", "mademoiselle", "mme", "mlle", "m.", "mr.", "docteur", "maître", "infirmière"),
    *("señor", "señora", "señorita", "sr", "sra", "srta", "don", "doña", "dña", "doctora", "senhor", "senhora"),
    *("signor", "signore", "signora", "signorina", "sig", "sig.ra", "sig.na", "sig.ra.", "dott", "dott.ssa", "dottor"),
    *("dottore", "dottoressa", "dr.ssa", "avv", "ing", "geom", "infermiera", "avvocato"),
    *("meneer", "mevrouw", "mijnheer", "heer", "dhr", "mevr", "mw", "mej", "dokter", "juffrouw", "zuster"),
    *("pan", "pani", "hra", "herra", "rouva"),
)
# Small, these are other words.
_OTHER_WORDS = """
miss doctor nurse sister rev sig ing pan fr. m. hr. sr prof professor mx zuster schwester familie doktor pfleger geom
"""
WRITTEN_LARGE = frozenset(_OTHER_WORDS.split())
SALUTATIONS = (
    *("dear", "hi", "hello", "hey", "good morning", "good afternoon", "good evening", "greetings"),
    *("liebe", "lieber", "hallo", "guten tag", "guten morgen", "guten abend", "moin", "servus", "grüß gott", "werter"),
    *("cher", "chère", "bonjour", "bonsoir", "salut", "coucou", "bonne journée", "bonne soirée"),
    *("querido", "querida", "hola", "buenas", "buenos días", "buenas tardes", "estimado", "estimada", "apreciado"),
    *("caro", "cara", "ciao", "buongiorno", "buonasera", "salve", "gentile", "egregio", "spettabile"),
    *("beste", "lieve", "hoi", "dag", "goedemorgen", "goedemiddag", "goedenavond", "geachte", "hé"),
    *("olá", "bom dia", "boa tarde", "prezado", "prezada", "caro"),
)
INTRODUCTIONS = (
    *("my name is", "my name's", "my names", "i am called", "i'm called"),
    *("ich heiße", "ich heisse", "mein name ist", "mein name lautet", "mein name:"),
    *("je m'appelle", "je me nomme", "mon nom est", "me llamo", "mi nombre es", "mi nombre completo es"),
    *("mi chiamo", "il mio nome è", "il mio nome e'", "ik heet", "mijn naam is", "mijn naam:"),
    *("me chamo", "chamo-me", "o meu nome é", "meu nome é", "nazywam się"),
)
CALLED = (
    *("called", "named", "by the name of", "namens", "mit namen", "nommé", "nommée", "prénommé", "prénommée"),
    *("du nom de",),
    *("llamado", "llamada", "de nombre", "di nome", "chiamato", "chiamata", "genaamd", "met de naam"),
)
# With two words at least, and where the sentence then stops.
PRESENTATIONS = ("i am", "i'm", "ich bin", "je suis", "soy", "sono", "ik ben", "sou")
# Behind a colon, with two words at least.
PARTIES = (
    *("customer", "patient", "client", "contact", "attn", "kunde", "kundin", "patientin", "ansprechpartner", "z.hd."),
    *("cliente", "paciente", "contacto", "paziente", "contatto", "klant", "contactpersoon", "sender", "absender"),
)
LABELS = (
    *("name", "full name", "surname", "first name", "last name", "vorname", "nachname", "nom", "prénom", "nombre"),
    *("apellidos", "nome", "cognome", "naam", "voornaam", "achternaam", "nome completo", "nombre completo"),
)
# With these a line ends, and the next one is the writer's name; on the same line only behind a comma.
CLOSINGS = (
    *("thanks", "many thanks", "thank you", "thx", "cheers", "best", "regards", "thanks again", "all the best"),
    *("signed",),
    *("danke", "vielen dank", "gruß", "grüße", "gruss", "vg", "lg", "danke und gruß", "besten dank"),
    *("gezeichnet", "gez."),
    *("merci", "merci d'avance", "bonne journée", "bonne soirée", "gracias", "muchas gracias", "saludos", "un abrazo"),
    *("grazie", "grazie mille", "saluti", "un saluto", "bedankt", "groet", "groeten", "groetjes", "gr", "dank"),
    *("getekend",),
    *("obrigado", "obrigada", "cumprimentos", "abraço"),
)
SURE_CLOSINGS = (
    *("kind regards", "best regards", "warm regards", "warmest regards", "kindest regards", "with regards"),
    *("best wishes", "yours sincerely", "yours faithfully", "yours truly", "sincerely", "sincerely yours"),
    *("respectfully",),
    *("mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "freundliche grüße"),
    *("viele grüße",),
    *("freundlichen grüßen", "beste grüße", "besten grüßen", "liebe grüße", "lieben grüßen", "schöne grüße", "mfg"),
    *("vielen grüßen", "herzliche grüße", "freundliche grüsse", "viele grüsse", "hochachtungsvoll", "lg", "vg"),
    *(
        "cordialement",
        "salutations",
        "bien cordialement",
        "bien à vous",
        "cordiales salutations",
        "sincères salutations",
    ),
    *("salutations distinguées", "sentiments distingués", "respectueusement", "amicalement"),
    *("atentamente", "saludos cordiales", "un cordial saludo", "un saludo", "cordialmente", "le saluda atentamente"),
    *("cordiali saluti", "distinti saluti", "cordialità", "un cordiale saluto", "in fede", "un saluto"),
    *("met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten", "mvg"),
    *("hartelijke groet", "hartelijke groeten", "hoogachtend", "met hartelijke groet"),
    *("atenciosamente", "com os melhores cumprimentos", "melhores cumprimentos", "z poważaniem"),
)
PERSONS = (
    *("lady", "ladies", "man", "woman", "gentleman", "guy", "girl", "boy", "person", "agent", "nurse"),
    *("doctor", "chap"),
    *("colleague", "advisor", "adviser", "driver", "assistant", "manager", "rep", "representative", "operator", "lad"),
    *("someone", "somebody", "staff", "employee", "midwife", "porter", "receptionist", "consultant", "cashier"),
    *("worker",),
)
# Words in which no name goes on, however large they are written: whom letters go to without a name, and what often
# stands behind a title, a greeting or a formula.
_NO_NAMES = """
world ihre ihres ihrer ihrem ihren
director direktor directeur directrice direttore direttrice directora président présidente presidente ringe anillos
anelli ringen
team teams sir sirs madam madams customer customers client clients support service services all everyone
everybody there nhs sirs/madam sir/madam care department dept manager management staff office reception
helpdesk folks guys people company editor friend friends colleague colleagues folk store shop damen herren
zusammen kunde kunden kundin kundenservice kundendienst kollegen kollegin kollege leute mitarbeiter grüße
grüsse grüßen gruß freunde liebe lieber doktor mutter vater nachbar kassiererin ober gott équipe messieurs
mesdames cliente tous toutes monde merci monsieur madame docteur señores señor señora señoras equipo clientes
atención todos todas amigos caballeros signori signore signora clienti tutti tutte ditta servizio assistenza
squadra amici dottore heer heren dames mevrouw klantenservice klant klanten allemaal iedereen mensen collega
collega's practitioner practitioners surgery surgeries specialist assistant assistants ward nurse nurses
doctor doctors and or und et y e en o who was were is are the a an i we you he she they it my our your his her
this that these those not no in on at of to for from with by as if so but very please thank thanks can could
will would have has had do does did been being just also when where why how what which called told said made
came went got one two here then than me him us them egal war ist sind der die das den dem ein eine einen ich
wir sie er es ihr mir mich nicht kein keine oder aber bitte danke vielen mit von vom für auf aus bei zum zur
im am um wie wer wo wann hat habe hatte wird wurde noch nur sehr auch dass le la les un une des du de je tu il
elle nous vous ils elles ou mais ne pas est sont ai avez très pour sur dans avec par qui que ce cette bonjour
beaucoup el los las una unos unas yo tú él ella nosotros ellos son muy para por con sin mi su se lo al del
gracias mucho engaño gli uno io lui lei noi voi loro non è sono molto per che si grazie mille het een ik jij
hij zij wij jullie niet zijn heel voor met van op aan dat deze mijn uw bedankt dank hartelijk important monday
tuesday wednesday thursday friday saturday sunday january february march april june july august september
october november december montag dienstag mittwoch donnerstag freitag samstag sonntag mr mrs ms miss dr prof
herr herrn frau mme mlle however although overall unfortunately because since after before now never always
every some any more most such
"""
NO_NAMES = frozenset(_NO_NAMES.split())
