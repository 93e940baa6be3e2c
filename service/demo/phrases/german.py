"""What German-speaking customers write."""

from service.demo.phrases.book import Phrasebook

GERMAN = Phrasebook(
    complaints={
        "checkout_error": (
            "Der Bestellvorgang bricht immer ab, wenn ich {product} kaufen will.",
            "Mein Warenkorb war plötzlich leer, als ich meine Adresse eingab.",
        ),
        "payment_failed": (
            "Die Zahlung für {order} ging dreimal nicht durch.",
            "Es wurde doppelt abgebucht, {amount} € zu viel.",
            "Meine Karte wurde abgelehnt, obwohl sie gedeckt ist.",
        ),
        "invoice_error": (
            "Die Rechnung zu {order} trägt den falschen Firmennamen.",
            "Ich bitte nun zum vierten Mal um die Rechnung für {product}.",
        ),
        "price_error": (
            "Falscher Preis: Auf der Seite stand {product} für {amount} € weniger.",
            "Der Preis war höher als auf der Seite angegeben.",
        ),
        "stock_unavailable": (
            "Erst bestellt, dann hieß es, {product} sei ausverkauft.",
            "Geld genommen, und jetzt ist {product} nicht mehr lieferbar.",
        ),
        "site_fault": (
            "Die App stürzt ab, sobald ich meine Bestellungen öffne.",
            "Ihre Website ist langsam, die Suche dauert ewig.",
            "Seit dem Update geht nichts: Die Seite lädt nicht.",
        ),
        "delivery_delay": (
            "Meine Bestellung {order} ist seit {days} Tagen überfällig und noch nicht angekommen.",
            "Die Lieferung kam {days} Tage zu spät.",
            "Ich warte noch auf mein Paket, die Sendungsverfolgung steht seit {days} Tagen still.",
            "Schon wieder Verspätung, diesmal {days} Tage, und ich hatte mir extra freigenommen.",
        ),
        "delivery_damage": (
            "Das Gerät kam beschädigt an, ein Riss geht quer durch.",
            "Der Karton war zerdrückt und der Inhalt in Stücken.",
        ),
        "delivery_missing": (
            "{order} ist als zugestellt markiert, aber hier ist nichts, auch nicht bei den Nachbarn.",
            "Ich habe {product} nie erhalten, und doch hat jemand unterschrieben.",
        ),
        "courier_conduct": (
            "Der Zusteller hat den Karton in {city} über den Zaun geworfen.",
            "Ihr Fahrer wollte die Ware nicht bis zur Tür tragen.",
        ),
        "wrong_item": (
            "Sie haben mir den falschen Artikel geschickt, bestellt war {product}.",
            "Wieder die falsche Größe, obwohl das Etikett stimmte.",
        ),
        "refund_delay": (
            "Seit {days} Tagen warte ich auf die Erstattung für {product}.",
            "Ich habe alles zurückgeschickt und will mein Geld zurück: {amount} €.",
            "Die Rückerstattung zu {order} war für letzte Woche versprochen.",
        ),
        "return_label": (
            "Das Rücksendeetikett im Karton ist für einen anderen Paketdienst.",
            "Das Retourenportal kennt {order} nicht.",
        ),
        "return_refused": ("Meine Rücksendung wurde abgelehnt, weil ein Aufkleber fehlte.",),
        "warranty": (
            "Die Garantie für {product} wurde ohne Begründung abgelehnt.",
            "Die Reparatur dauert {days} Wochen, ohne Ersatzgerät.",
        ),
        "pickup_wait": (
            "Am Abholschalter in {city} saß eine Person für zwanzig Leute.",
            "Ich stand {amount} Minuten in der Schlange zum Abholen.",
        ),
        "pickup_not_ready": ("{order} war trotz Ihrer Nachricht nicht abholbereit.",),
        "locker_fault": (
            "Das Abholfach in {city} ging mit dem Code zu {order} nicht auf.",
            "Meine Ware steckt im Schließfach fest, die Tür klemmt.",
        ),
        "points_missing": (
            "Die Punkte für {order} fehlen auf meiner Karte.",
            "Über Nacht sind {amount} Bonuspunkte weg, keiner weiß warum.",
        ),
        "voucher_rejected": (
            "Mein Gutschein zum Geburtstag wird nicht angenommen.",
            "Der Rabattcode aus dem Newsletter gilt angeblich nicht für {product}.",
        ),
        "account_access": (
            "Ich kann mich seit dem Update nicht mehr anmelden.",
            "Die Mail für ein neues Passwort kommt nie an.",
        ),
        "care_wait": (
            "{amount} Minuten Warteschleife, und dann war die Leitung tot.",
            "Vierzig Minuten Wartezeit im Chat für eine einzige Auskunft.",
        ),
        "care_attitude": (
            "Die Dame am Telefon war unhöflich und hat aufgelegt.",
            "Ich fand Ihren Kollegen herablassend, als wäre ich schuld.",
        ),
        "care_unresolved": (
            "Dritter Anruf wegen {order}, und es ist immer noch nicht gelöst.",
            "Freitag wollten Sie anrufen, es hat niemand zurückgerufen.",
        ),
        "product_quality": (
            "Das Teil ging kaputt, nach zwei Wochen.",
            "Schlechte Qualität für {amount} €, die Nähte lösen sich.",
        ),
        "product_safety": ("Das Gerät gab mir beim Einstecken einen Stromschlag, mein Sohn stand daneben.",),
        "legal_threat": ("Wenn die {amount} € nicht bis Freitag da sind, meldet sich mein Anwalt.",),
        "data_privacy": (
            "Ich habe im Frühjahr die Löschung verlangt, Stichwort Datenschutz, und bekomme noch immer Post.",
        ),
        "discrimination": ("In Ihrem Laden in {city} wurde ich diskriminiert: Tasche auf, wegen meiner Hautfarbe.",),
        "fraud_suspicion": ("Jemand hat meine Karte bei Ihnen benutzt, ich habe nie {product} bestellt.",),
    },
    openings=(
        "Hallo,",
        "Guten Tag,",
        "Sehr geehrte Damen und Herren,",
        "Zweite Nachricht von mir.",
        "Nur zur Kenntnis:",
    ),
    feelings=(
        "Das ist inakzeptabel.",
        "Ich bin sehr enttäuscht.",
        "Wirklich frustrierend.",
        "Eine Frechheit.",
        "Ich bin verärgert.",
        "Lächerlich.",
        "So etwas ist ärgerlich.",
    ),
    closings=(
        "Meine Bestellnummer ist {order}.",
        "Bitte rufen Sie mich unter {phone} an.",
        "Sie erreichen mich unter {email}.",
        "Gruß aus {city}.",
        "Ich warte auf Ihre Antwort.",
    ),
    hot=(
        "Sonst werde ich mein Konto kündigen.",
        "Sonst veranlasse ich eine Rückbuchung.",
        "Ich wende mich an die Verbraucherzentrale.",
    ),
    vague=("So kenne ich Sie nicht.", "Für {amount} € hatte ich mehr erwartet.", "Früher war das besser."),
    praise=(
        "Super Service, {product} war am nächsten Tag da.",
        "Alles perfekt, danke!",
        "Sehr freundlich in {city}.",
        "Bin rundum zufrieden.",
        "Toll, genau wie beschrieben.",
        "Hervorragend, gerne wieder.",
        "Reibungslos von Anfang bis Ende.",
    ),
    neutral=("Ok.", "In Ordnung, nichts Besonderes.", "Passt.", "Wie beschrieben.", "Durchschnitt.", "Kein Kommentar."),
    questions=(
        "Kann ich die Adresse von {order} noch ändern?",
        "Gibt es das auch in Blau: {product}?",
        "Wie sind die Öffnungszeiten in {city}?",
        "Wie trage ich einen zweiten Namen in mein Konto ein?",
    ),
    chasers=(
        "Gibt es etwas Neues zu {order}?",
        "Hallo? Liest das jemand?",
        "Das Foto hängt an.",
        "Ich noch einmal wegen {order}.",
    ),
    replies=(
        "Wir prüfen {order} und melden uns.",
        "Ich habe es an die Kollegen weitergegeben.",
        "Können Sie uns bitte ein Foto senden?",
    ),
    subjects=("{order}", "Frage zu {order}", "Bitte um Hilfe", "Filiale {city}", "{product}"),
    products=(
        "Wasserkocher",
        "Toaster",
        "Schreibtischlampe",
        "Laufschuhe",
        "Wintermantel",
        "Tablet",
        "Kopfhörer",
        "Gartenstuhl",
        "Rucksack",
    ),
    cities=("Köln", "Leipzig", "Bremen", "Augsburg", "Kassel", "Rostock"),
    phone="030 23125{n:03d}",
)
