"""What French-speaking customers write."""

from service.demo.phrases.book import Phrasebook

FRENCH = Phrasebook(
    complaints={
        "checkout_error": (
            "Impossible de passer commande, la page d'erreur revient à chaque fois.",
            "Mon panier s'est vidé deux fois pendant que je saisissais mon adresse.",
        ),
        "payment_failed": (
            "Le paiement de {order} a échoué trois fois.",
            "J'ai été débité deux fois, soit {amount} € de trop.",
            "Ma carte a été refusée alors que le compte est approvisionné.",
        ),
        "invoice_error": (
            "La facture de {order} porte un nom de société erroné.",
            "Je demande la facture ({product}) pour la quatrième fois.",
        ),
        "price_error": (
            "Mauvais prix : la page annonçait {amount} € de moins ({product}).",
            "Le prix était plus élevé que sur la page.",
        ),
        "stock_unavailable": (
            "Commandé hier, et aujourd'hui on m'annonce une rupture de stock ({product}).",
            "Vous encaissez, puis vous dites que l'article n'est plus disponible.",
        ),
        "site_fault": (
            "L'application plante dès que j'ouvre mes commandes.",
            "Le site est lent le soir, la recherche dure une minute.",
            "La page ne charge pas depuis la mise à jour.",
        ),
        "delivery_delay": (
            "Ma commande {order} a {days} jours de retard et personne ne sait où elle est.",
            "Le colis n'est toujours pas arrivé, le suivi est figé depuis {days} jours.",
            "J'attends encore mon colis ({product}), promis pour lundi.",
            "Encore {days} jours de retard, et j'avais posé un congé pour cela.",
        ),
        "delivery_damage": (
            "L'objet est abîmé, une fissure le traverse ({product}).",
            "Le carton était écrasé et le contenu en morceaux.",
        ),
        "delivery_missing": (
            "{order} est indiqué comme livré, mais il n'y a rien ici, ni chez les voisins.",
            "Je n'ai jamais reçu ma commande, et pourtant quelqu'un a signé.",
        ),
        "courier_conduct": (
            "Le livreur a jeté le carton par-dessus la clôture à {city}.",
            "Votre chauffeur n'a pas voulu monter jusqu'à la porte.",
        ),
        "wrong_item": (
            "Vous m'avez envoyé le mauvais article, j'avais choisi : {product}.",
            "Encore la mauvaise taille alors que l'étiquette était bonne.",
        ),
        "refund_delay": (
            "Depuis {days} jours j'attends le remboursement ({product}).",
            "J'ai tout renvoyé et je ne suis pas remboursé : {amount} €.",
        ),
        "return_label": (
            "L'étiquette de retour dans le carton est celle d'un autre transporteur.",
            "Le portail de retours ne connaît pas {order}.",
        ),
        "return_refused": ("Mon retour a été refusé à cause d'un autocollant manquant.",),
        "warranty": (
            "La garantie a été rejetée sans un mot ({product}).",
            "La réparation dure {days} semaines, sans appareil de prêt.",
        ),
        "pickup_wait": (
            "Une seule personne au comptoir de retrait de {city} pour vingt clients.",
            "J'ai fait {amount} minutes de queue pour retirer mon achat.",
        ),
        "pickup_not_ready": ("{order} n'était pas prête au retrait malgré votre message.",),
        "locker_fault": (
            "Le casier de {city} ne s'ouvre pas avec le code de {order}.",
            "Mon achat est coincé dans un de vos casiers, la porte est bloquée.",
        ),
        "points_missing": (
            "Les points de fidélité de {order} ne sont pas sur ma carte.",
            "Mes points ont disparu pendant la nuit, il y en avait {amount}.",
        ),
        "voucher_rejected": (
            "Mon bon de réduction n'est pas accepté alors qu'il est valable jusqu'en juin.",
            "Le code promo de votre lettre ne marche pas ({product}).",
        ),
        "account_access": (
            "Je ne peux plus me connecter depuis la mise à jour.",
            "Le message pour changer de mot de passe n'arrive jamais.",
        ),
        "care_wait": (
            "{amount} minutes d'attente au téléphone, puis la ligne a coupé.",
            "Quarante minutes d'attente sur le chat pour une seule réponse.",
        ),
        "care_attitude": (
            "La personne au bout du fil a été impolie... impoli serait un mot faible.",
            "J'ai trouvé votre collègue méprisant, comme si c'était ma faute.",
        ),
        "care_unresolved": (
            "Troisième appel pour {order} et ce n'est toujours pas résolu.",
            "On devait m'appeler vendredi, personne ne m'a rappelé.",
        ),
        "product_quality": (
            "L'appareil s'est cassé au bout de deux semaines ({product}).",
            "Mauvaise qualité pour {amount} €, les coutures lâchent.",
        ),
        "product_safety": ("L'appareil m'a donné un choc électrique au branchement, mon fils était à côté.",),
        "legal_threat": ("Si les {amount} € ne sont pas là vendredi, vous entendrez mon avocat.",),
        "data_privacy": (
            "J'ai demandé au printemps l'effacement de mes données personnelles et je reçois encore vos lettres.",
        ),
        "discrimination": (
            "J'ai été victime de discrimination à {city} : le vigile n'a fouillé que moi, pour ma couleur de peau.",
        ),
        "fraud_suspicion": ("Quelqu'un a utilisé ma carte chez vous, je n'ai jamais commandé cela ({product}).",),
    },
    openings=("Bonjour,", "Madame, Monsieur,", "Bonsoir,", "Deuxième message de ma part.", "Pour information :"),
    feelings=(
        "C'est inacceptable.",
        "Je suis très déçue.",
        "Vraiment frustrant.",
        "C'est honteux.",
        "Je suis en colère.",
        "Ridicule.",
        "Je suis mécontent.",
    ),
    closings=(
        "Mon numéro de commande est {order}.",
        "Appelez-moi au {phone}.",
        "Vous pouvez m'écrire à {email}.",
        "Cordialement, depuis {city}.",
        "J'attends votre réponse.",
    ),
    hot=(
        "Sinon je vais fermer mon compte.",
        "Sinon je vais contester le débit.",
        "Je saisirai le médiateur de la consommation.",
    ),
    vague=("On m'avait habitué à mieux.", "J'espérais mieux pour {amount} €.", "Ce n'est plus comme avant."),
    praise=(
        "Excellent service, livré le lendemain.",
        "Tout est parfait, merci !",
        "Personnel très aimable à {city}.",
        "Je suis ravie de mon achat ({product}).",
        "Impeccable, comme toujours.",
        "Simple et facile, je suis content.",
    ),
    neutral=("Ok.", "Correct, sans plus.", "Ça va.", "Conforme à la description.", "Moyen.", "Sans commentaire."),
    questions=(
        "Puis-je changer l'adresse de {order} ?",
        "Existe-t-il aussi en bleu ({product}) ?",
        "Quels sont les horaires à {city} le dimanche ?",
        "Comment ajouter un second nom à mon compte ?",
    ),
    chasers=(
        "Du nouveau pour {order} ?",
        "Bonjour, quelqu'un lit ces messages ?",
        "La photo est jointe.",
        "C'est encore moi, pour {order}.",
    ),
    replies=(
        "Nous examinons {order} et revenons vers vous.",
        "J'ai transmis à l'équipe concernée.",
        "Pouvez-vous nous envoyer une photo ?",
    ),
    subjects=("{order}", "Question sur {order}", "Besoin d'aide", "Magasin de {city}", "{product}"),
    products=(
        "bouilloire",
        "grille-pain",
        "lampe de bureau",
        "chaussures de course",
        "manteau",
        "tablette",
        "écouteurs",
        "chaise de jardin",
        "sac à dos",
    ),
    cities=("Lyon", "Nantes", "Lille", "Rennes", "Dijon", "Tours"),
    phone="06 39 98 {n:03d} 4",
)
