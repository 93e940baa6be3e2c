"""Complaints of a shop's customers, each said in four languages, with the retail category that it means.

They were written for this test without looking up the playbook's keywords; most translations say it as people would,
not word by word.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Complaint:
    category: str
    en: str
    de: str
    fr: str
    es: str

    def said_in(self, language: str) -> str:
        return str(getattr(self, language))


COMPLAINTS = (
    Complaint(
        "checkout_error",
        "I pressed the buy button five times and it just keeps spinning.",
        "Ich habe fünfmal auf Kaufen gedrückt, und es dreht sich nur der Kreis.",
        "J'ai appuyé cinq fois sur acheter et ça tourne dans le vide.",
        "He pulsado comprar cinco veces y solo da vueltas.",
    ),
    Complaint(
        "checkout_error",
        "Everything I had put in my cart vanished before I could order.",
        "Alles, was ich in den Einkaufswagen gelegt hatte, war weg, bevor ich bestellen konnte.",
        "Tout ce que j'avais mis dans mon panier a disparu avant que je puisse commander.",
        "Todo lo que había puesto en el carrito desapareció antes de poder pedir.",
    ),
    Complaint(
        "payment_failed",
        "You took the money from my account two times for one order.",
        "Sie haben für eine Bestellung zweimal Geld von meinem Konto genommen.",
        "Vous avez prélevé deux fois l'argent sur mon compte pour une seule commande.",
        "Me habéis quitado el dinero de la cuenta dos veces por un solo pedido.",
    ),
    Complaint(
        "payment_failed",
        "It will not accept my Visa although my bank says all is fine.",
        "Meine Visa wird nicht genommen, obwohl meine Bank sagt, dass alles in Ordnung ist.",
        "Ma carte Visa n'est pas acceptée alors que ma banque dit que tout va bien.",
        "No me acepta la Visa aunque mi banco dice que todo está bien.",
    ),
    Complaint(
        "invoice_error",
        "The bill has the name of my old company on it.",
        "Auf der Rechnung steht der Name meiner alten Firma.",
        "La facture est au nom de mon ancienne société.",
        "La factura está a nombre de mi antigua empresa.",
    ),
    Complaint(
        "price_error",
        "The tag said nine pounds, at the end I paid twelve.",
        "Auf dem Schild standen neun Euro, bezahlt habe ich am Ende zwölf.",
        "L'étiquette disait neuf euros, j'en ai payé douze à la fin.",
        "En la etiqueta ponía nueve euros y al final pagué doce.",
    ),
    Complaint(
        "stock_unavailable",
        "After I had ordered you told me that you do not have it any more.",
        "Nachdem ich bestellt hatte, hieß es, dass Sie es gar nicht mehr haben.",
        "Après ma commande, on m'a dit que vous n'en aviez plus.",
        "Después de pedirlo me dijeron que ya no os queda.",
    ),
    Complaint(
        "site_fault",
        "Your shop on the phone closes by itself as soon as I open a picture.",
        "Die App schließt sich von selbst, sobald ich ein Bild öffne.",
        "L'appli se ferme toute seule dès que j'ouvre une photo.",
        "La aplicación se cierra sola en cuanto abro una foto.",
    ),
    Complaint(
        "site_fault",
        "Nothing but a white screen when I open your homepage.",
        "Nur ein weißer Bildschirm, wenn ich Ihre Startseite öffne.",
        "Rien qu'un écran blanc quand j'ouvre votre page d'accueil.",
        "Solo una pantalla en blanco cuando abro vuestra página.",
    ),
    Complaint(
        "delivery_delay",
        "It was promised for Monday and on Friday there is still nothing here.",
        "Für Montag zugesagt, und am Freitag ist immer noch nichts da.",
        "Promis pour lundi, et vendredi il n'y a toujours rien.",
        "Prometido para el lunes y el viernes todavía no hay nada.",
    ),
    Complaint(
        "delivery_delay",
        "Came a whole week after the birthday it was meant for.",
        "Kam eine ganze Woche nach dem Geburtstag, für den es gedacht war.",
        "Arrivé une semaine entière après l'anniversaire pour lequel c'était.",
        "Llegó una semana entera después del cumpleaños para el que era.",
    ),
    Complaint(
        "delivery_delay",
        "How much longer will it take until my order gets here?",
        "Wie lange dauert es denn noch, bis meine Bestellung hier ist?",
        "Combien de temps faut-il encore attendre ma commande ?",
        "¿Cuánto más va a tardar en llegar mi pedido?",
    ),
    Complaint(
        "delivery_damage",
        "The vase was in a thousand pieces when I opened the parcel.",
        "Die Vase lag in tausend Stücken, als ich das Paket aufgemacht habe.",
        "Le vase était en mille morceaux quand j'ai ouvert le colis.",
        "El jarrón estaba hecho pedazos cuando abrí el paquete.",
    ),
    Complaint(
        "delivery_damage",
        "The carton was soaked and torn on one side.",
        "Der Karton war durchnässt und auf einer Seite aufgerissen.",
        "Le carton était trempé et déchiré d'un côté.",
        "La caja llegó mojada y rota por un lado.",
    ),
    Complaint(
        "delivery_missing",
        "Tracking says it was handed over, but nobody here has it.",
        "Laut Sendungsverfolgung wurde es übergeben, aber hier hat es niemand.",
        "Le suivi dit qu'il a été remis, mais personne ici ne l'a.",
        "El seguimiento dice que se entregó, pero aquí no lo tiene nadie.",
    ),
    Complaint(
        "delivery_missing",
        "My parcel never came, it must have gone astray.",
        "Mein Paket ist nie gekommen, es muss verloren gegangen sein.",
        "Mon colis n'est jamais venu, il a dû se perdre.",
        "Mi paquete nunca llegó, se habrá perdido.",
    ),
    Complaint(
        "courier_conduct",
        "The man who brought it threw the parcel over the fence.",
        "Der Mann, der es brachte, hat das Paket über den Zaun geworfen.",
        "L'homme qui l'a apporté a jeté le colis par-dessus la clôture.",
        "El hombre que lo trajo tiró el paquete por encima de la valla.",
    ),
    Complaint(
        "courier_conduct",
        "Your driver shouted at my mother.",
        "Ihr Fahrer hat meine Mutter angeschrien.",
        "Votre chauffeur a crié sur ma mère.",
        "Vuestro conductor le gritó a mi madre.",
    ),
    Complaint(
        "wrong_item",
        "I ordered blue shoes and got a red jumper.",
        "Ich habe blaue Schuhe bestellt und einen roten Pullover bekommen.",
        "J'ai commandé des chaussures bleues et reçu un pull rouge.",
        "Pedí unos zapatos azules y me llegó un jersey rojo.",
    ),
    Complaint(
        "wrong_item",
        "There were only two of the three books in it.",
        "Von drei Büchern waren nur zwei darin.",
        "Il n'y avait que deux livres sur trois dedans.",
        "Solo venían dos de los tres libros.",
    ),
    Complaint(
        "refund_delay",
        "I sent it back a month ago and have not seen a penny.",
        "Ich habe es vor einem Monat zurückgeschickt und noch keinen Cent gesehen.",
        "Je l'ai renvoyé il y a un mois et je n'ai pas revu un centime.",
        "Lo devolví hace un mes y no he visto ni un céntimo.",
    ),
    Complaint(
        "refund_delay",
        "When do I get my money back?",
        "Wann bekomme ich mein Geld zurück?",
        "Quand est-ce que je serai remboursé ?",
        "¿Cuándo me vais a devolver el dinero?",
    ),
    Complaint(
        "return_label",
        "The sticker for sending it back cannot be printed.",
        "Der Aufkleber für die Rücksendung lässt sich nicht drucken.",
        "L'étiquette pour le renvoi ne s'imprime pas.",
        "La pegatina para la devolución no se puede imprimir.",
    ),
    Complaint(
        "return_refused",
        "The shop would not take the coat back although it was unworn.",
        "Das Geschäft wollte den Mantel nicht zurücknehmen, obwohl er ungetragen war.",
        "Le magasin n'a pas voulu reprendre le manteau alors qu'il n'a pas été porté.",
        "La tienda no quiso aceptar la vuelta del abrigo aunque estaba sin usar.",
    ),
    Complaint(
        "warranty",
        "It is only a year old and you will not mend it for free.",
        "Es ist erst ein Jahr alt, und Sie wollen es nicht kostenlos reparieren.",
        "Il n'a qu'un an et vous refusez de le réparer gratuitement.",
        "Solo tiene un año y no queréis arreglarlo gratis.",
    ),
    Complaint(
        "warranty",
        "The guarantee should cover this.",
        "Das müsste doch die Garantie abdecken.",
        "La garantie devrait couvrir ça.",
        "Esto debería cubrirlo la garantía.",
    ),
    Complaint(
        "pickup_wait",
        "Forty minutes in line at the shop just to get my parcel.",
        "Vierzig Minuten im Laden angestanden, nur um mein Paket zu holen.",
        "Quarante minutes de file au magasin juste pour prendre mon colis.",
        "Cuarenta minutos de cola en la tienda solo para coger mi paquete.",
    ),
    Complaint(
        "pickup_not_ready",
        "You wrote that I could come, and then nobody could find my order.",
        "Sie haben geschrieben, ich könne kommen, und dann fand niemand meine Bestellung.",
        "Vous m'avez écrit de venir et personne n'a trouvé ma commande.",
        "Me escribisteis que podía ir y luego nadie encontró mi pedido.",
    ),
    Complaint(
        "locker_fault",
        "I typed the code and the little door stayed shut.",
        "Ich habe den Code eingegeben, und das Türchen blieb zu.",
        "J'ai tapé le code et la petite porte est restée fermée.",
        "Metí el código y la puertecita no se abrió.",
    ),
    Complaint(
        "points_missing",
        "My last purchase was not credited to my loyalty card.",
        "Mein letzter Einkauf wurde der Kundenkarte nicht gutgeschrieben.",
        "Mon dernier achat n'a pas été crédité sur ma carte de fidélité.",
        "Mi última compra no se ha sumado a la tarjeta de cliente.",
    ),
    Complaint(
        "points_missing",
        "I had 400 points and now it says zero.",
        "Ich hatte 400 Punkte, und jetzt steht da null.",
        "J'avais 400 points et maintenant c'est zéro.",
        "Tenía 400 puntos y ahora pone cero.",
    ),
    Complaint(
        "voucher_rejected",
        "The ten pound coupon from your letter does not work.",
        "Der Zehn-Euro-Coupon aus Ihrem Brief funktioniert nicht.",
        "Le coupon de dix euros de votre lettre ne marche pas.",
        "El vale de diez euros de vuestra carta no funciona.",
    ),
    Complaint(
        "account_access",
        "I cannot sign in any more since the last update.",
        "Seit dem letzten Update komme ich nicht mehr in mein Konto.",
        "Je n'arrive plus à me connecter depuis la dernière mise à jour.",
        "No puedo entrar en mi cuenta desde la última actualización.",
    ),
    Complaint(
        "care_wait",
        "An hour of music on the telephone before anybody answered.",
        "Eine Stunde Musik am Telefon, bis jemand abnahm.",
        "Une heure de musique au téléphone avant que quelqu'un réponde.",
        "Una hora de música al teléfono hasta que alguien contestó.",
    ),
    Complaint(
        "care_attitude",
        "The lady at the counter treated me like a thief.",
        "Die Dame an der Kasse hat mich wie einen Dieb behandelt.",
        "La dame au comptoir m'a traité comme un voleur.",
        "La señora del mostrador me trató como a un ladrón.",
    ),
    Complaint(
        "care_attitude",
        "Very impolite staff.",
        "Sehr unhöfliches Personal.",
        "Personnel très impoli.",
        "Personal muy maleducado.",
    ),
    Complaint(
        "care_unresolved",
        "This is my fourth e-mail about the same problem.",
        "Das ist meine vierte Mail zum selben Problem.",
        "C'est mon quatrième mail pour le même problème.",
        "Este es mi cuarto correo por el mismo problema.",
    ),
    Complaint(
        "product_quality",
        "The zip came off on the first day.",
        "Der Reißverschluss ging am ersten Tag ab.",
        "La fermeture éclair a lâché le premier jour.",
        "La cremallera se soltó el primer día.",
    ),
    Complaint(
        "product_quality",
        "Cheap plastic that falls apart.",
        "Billiges Plastik, das auseinanderfällt.",
        "Du plastique bon marché qui tombe en morceaux.",
        "Plástico barato que se cae a trozos.",
    ),
    Complaint(
        "product_safety",
        "The charger got so hot that it scorched the table.",
        "Das Ladegerät wurde so heiß, dass es den Tisch angesengt hat.",
        "Le chargeur a tellement chauffé qu'il a brûlé la table.",
        "El cargador se calentó tanto que quemó la mesa.",
    ),
    Complaint(
        "product_safety",
        "Sparks flew out of the toaster.",
        "Aus dem Toaster flogen Funken.",
        "Des étincelles sont sorties du grille-pain.",
        "Del tostador salieron chispas.",
    ),
    Complaint(
        "legal_threat",
        "If this is not settled by Friday you will hear from my solicitor.",
        "Wenn das bis Freitag nicht geklärt ist, hören Sie von meinem Anwalt.",
        "Si ce n'est pas réglé vendredi, vous entendrez parler de mon avocat.",
        "Si esto no se arregla antes del viernes, tendréis noticias de mi abogado.",
    ),
    Complaint(
        "data_privacy",
        "I was sent somebody else's address and order.",
        "Mir wurden Adresse und Bestellung einer fremden Person geschickt.",
        "On m'a envoyé l'adresse et la commande de quelqu'un d'autre.",
        "Me enviaron la dirección y el pedido de otra persona.",
    ),
    Complaint(
        "discrimination",
        "The guard followed only my black friend around the shop.",
        "Der Wachmann ist im Laden nur meinem schwarzen Freund gefolgt.",
        "Le vigile n'a suivi que mon ami noir dans le magasin.",
        "El guardia solo siguió a mi amigo negro por la tienda.",
    ),
    Complaint(
        "fraud_suspicion",
        "Somebody ordered a television in my name.",
        "Jemand hat auf meinen Namen einen Fernseher bestellt.",
        "Quelqu'un a commandé un téléviseur à mon nom.",
        "Alguien ha pedido un televisor a mi nombre.",
    ),
)
