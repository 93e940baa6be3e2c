"""What Spanish-speaking customers write."""

from service.demo.phrases.book import Phrasebook

SPANISH = Phrasebook(
    complaints={
        "checkout_error": (
            "No consigo finalizar la compra, siempre sale una página de error.",
            "El carrito se vació dos veces mientras escribía mi dirección.",
        ),
        "payment_failed": (
            "Falla el pago de {order}, ya van tres intentos.",
            "Me han cobrado dos veces, {amount} € de más.",
            "Mi tarjeta fue rechazada aunque tiene saldo.",
        ),
        "invoice_error": (
            "La factura de {order} lleva mal el nombre de la empresa.",
            "Pido la factura ({product}) por cuarta vez.",
        ),
        "price_error": (
            "Precio equivocado: la página decía {amount} € menos ({product}).",
            "El precio era más alto que en la página.",
        ),
        "stock_unavailable": (
            "Lo pedí ayer y hoy me dicen que está agotado ({product}).",
            "Cobran y luego resulta que están sin existencias.",
        ),
        "site_fault": (
            "La app se cierra en cuanto abro mis pedidos.",
            "La web va lenta por la noche, la búsqueda tarda un minuto.",
            "Desde la actualización la página no carga.",
        ),
        "delivery_delay": (
            "Mi pedido {order} lleva {days} días de retraso y nadie sabe dónde está.",
            "El paquete todavía no ha llegado, el seguimiento no cambia desde hace {days} días.",
            "Sigo esperando mi paquete ({product}), prometido para el lunes.",
            "Otra vez {days} días de retraso, y había pedido el día libre.",
        ),
        "delivery_damage": (
            "Llegó dañado, una grieta lo cruza entero ({product}).",
            "La caja estaba aplastada y el contenido hecho pedazos.",
        ),
        "delivery_missing": (
            "{order} figura como entregado, pero aquí no hay nada, ni con los vecinos.",
            "Nunca recibí mi pedido, y sin embargo alguien firmó.",
        ),
        "courier_conduct": (
            "El repartidor tiró la caja por encima de la valla en {city}.",
            "Su conductor no quiso subir hasta la puerta.",
        ),
        "wrong_item": (
            "Me enviaron un artículo equivocado, yo quería: {product}.",
            "Otra vez la talla equivocada aunque la etiqueta era correcta.",
        ),
        "refund_delay": (
            "Hace {days} días que espero el reembolso ({product}).",
            "Lo envié todo y no me han devuelto el dinero: {amount} €.",
        ),
        "return_label": (
            "La etiqueta de devolución de la caja es de otra empresa de transporte.",
            "El portal de devoluciones no conoce {order}.",
        ),
        "return_refused": ("Mi devolución fue rechazada por una pegatina que faltaba.",),
        "warranty": (
            "Negaron la garantía sin decir palabra ({product}).",
            "La reparación tarda {days} semanas, sin aparato de sustitución.",
        ),
        "pickup_wait": (
            "Una sola persona en el mostrador de recogida de {city} para veinte clientes.",
            "Hice {amount} minutos de cola para recoger mi compra.",
        ),
        "pickup_not_ready": ("{order} no estaba preparado a pesar de su mensaje.",),
        "locker_fault": (
            "La taquilla de {city} no se abre con el código de {order}.",
            "Mi compra está atascada en una de sus taquillas, la puerta no cede.",
        ),
        "points_missing": (
            "Los puntos de {order} no están en mi tarjeta.",
            "Mis puntos desaparecieron por la noche, eran {amount}.",
        ),
        "voucher_rejected": (
            "Mi cupón de cumpleaños no se acepta aunque vale hasta junio.",
            "El código de descuento del boletín no funciona ({product}).",
        ),
        "account_access": (
            "No puedo iniciar sesión desde la actualización.",
            "El correo para cambiar la contraseña no llega nunca.",
        ),
        "care_wait": (
            "{amount} minutos de espera al teléfono y luego se cortó.",
            "Cuarenta minutos de espera en el chat para una sola respuesta.",
        ),
        "care_attitude": (
            "La persona al teléfono fue antipático puro, y me colgó.",
            "Su compañero me pareció despectivo, como si fuera culpa mía.",
        ),
        "care_unresolved": (
            "Tercera llamada por {order} y sigue sin resolverse.",
            "Quedaron en llamar el viernes y nadie me ha llamado.",
        ),
        "product_quality": (
            "El aparato se rompió a las dos semanas ({product}).",
            "Mala calidad por {amount} €, las costuras se abren.",
        ),
        "product_safety": ("El aparato me dio una descarga eléctrica al enchufarlo, mi hijo estaba al lado.",),
        "legal_threat": ("Si los {amount} € no están el viernes, hablará mi abogado.",),
        "data_privacy": ("En primavera pedí que borraran mis datos personales y sigo recibiendo sus cartas.",),
        "discrimination": (
            "Me han discriminado en su tienda de {city}: discriminado por mi color de piel, solo me registraron a mí.",
        ),
        "fraud_suspicion": ("Alguien usó mi tarjeta en su tienda, nunca pedí esto ({product}).",),
    },
    openings=("Hola,", "Buenos días,", "Buenas tardes,", "Segundo mensaje mío.", "Para su información:"),
    feelings=(
        "Es inaceptable.",
        "Estoy muy decepcionada.",
        "Muy frustrante.",
        "Es vergonzoso.",
        "Estoy enfadado.",
        "Ridículo.",
        "Un trato pésimo.",
    ),
    closings=(
        "Mi número de pedido es {order}.",
        "Llámenme al {phone}.",
        "Pueden escribirme a {email}.",
        "Un saludo desde {city}.",
        "Espero su respuesta.",
    ),
    hot=(
        "Si no, voy a cerrar mi cuenta.",
        "Si no, pediré un contracargo al banco.",
        "Pediré la hoja de reclamaciones.",
    ),
    vague=("No es lo que espero de ustedes.", "Antes eran mejores.", "Por {amount} € esperaba más."),
    praise=(
        "Excelente servicio, llegó al día siguiente.",
        "Todo perfecto, gracias.",
        "Gente muy amable en {city}.",
        "Estoy encantada con mi compra ({product}).",
        "Impecable, como siempre.",
        "Fácil y rápido, genial.",
    ),
    neutral=("Vale.", "Correcto, nada especial.", "Está bien.", "Según la descripción.", "Normal.", "Sin comentarios."),
    questions=(
        "¿Puedo cambiar la dirección de {order}?",
        "¿Lo tienen también en azul ({product})?",
        "¿Qué horario tienen en {city} los domingos?",
        "¿Cómo añado un segundo nombre a mi perfil?",
    ),
    chasers=(
        "¿Hay novedades de {order}?",
        "Hola, ¿alguien lee esto?",
        "Adjunto la foto que pidieron.",
        "Soy yo otra vez, por {order}.",
    ),
    replies=(
        "Estamos revisando {order} y le avisaremos.",
        "Lo he pasado al equipo responsable.",
        "¿Puede enviarnos una foto, por favor?",
    ),
    subjects=("{order}", "Pregunta sobre {order}", "Necesito ayuda", "Tienda de {city}", "{product}"),
    products=(
        "hervidor",
        "tostadora",
        "lámpara de mesa",
        "zapatillas",
        "abrigo",
        "tableta",
        "auriculares",
        "silla de jardín",
        "mochila",
    ),
    cities=("Sevilla", "Valencia", "Bilbao", "Zaragoza", "Málaga", "Gijón"),
    phone="+34 612 345 {n:03d}",
)
