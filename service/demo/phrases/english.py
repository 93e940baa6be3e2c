"""What English-speaking customers write."""

from service.demo.phrases.book import Phrasebook

ENGLISH = Phrasebook(
    complaints={
        "checkout_error": (
            "The checkout keeps spinning when I try to buy the {product}.",
            "I tried three times to place my order for the {product} and got an error page each time.",
            "My basket emptied itself twice while I was entering my address.",
        ),
        "payment_failed": (
            "The payment failed although there is enough money on the account.",
            "I was charged twice for {order}, that is £{amount} too much.",
            "My card was declined for no reason at all, the bank says it is not them.",
        ),
        "invoice_error": (
            "The invoice for {order} carries the wrong company name.",
            "I have asked for the invoice of the {product} four times now.",
            "Our VAT number is not on the bill, so accounting sends it back.",
        ),
        "price_error": (
            "I paid the wrong price: the page said £{amount} less for the {product}.",
            "The price was higher in the confirmation than on the page.",
            "Nobody can explain the price difference on {order}.",
        ),
        "stock_unavailable": (
            "The {product} was shown as in stock, and a day later you tell me it is out of stock.",
            "You took my money for a {product} that is no longer available.",
        ),
        "site_fault": (
            "The app crashes every time I open the list of my orders.",
            "Your website is slow in the evening, the search takes half a minute.",
            "The page does not load on my phone since the update.",
        ),
        "delivery_delay": (
            "My {product} is {days} days late and nobody can say where it is.",
            "Order {order} was promised for Monday and has not arrived.",
            "I am still waiting for my parcel, the tracking has said 'in transit' for {days} days.",
            "Delayed again! {days} days, and I took the day off for it.",
            "Late delivery of the {product}: it missed the birthday it was meant for.",
        ),
        "delivery_damage": (
            "The {product} arrived damaged, there is a crack right across it.",
            "The box was crushed and half the {product} was in pieces.",
        ),
        "delivery_missing": (
            "{order} is marked as delivered but nothing is here, not even with the neighbours.",
            "I never received the {product}, and yet somebody signed for it.",
        ),
        "courier_conduct": (
            "The courier threw the box over the fence in {city}.",
            "Your driver refused to carry the {product} to the door.",
        ),
        "wrong_item": (
            "I got the wrong item: a phone case instead of the {product}.",
            "You sent the wrong size again although the label was right.",
        ),
        "refund_delay": (
            "It has been {days} days and the refund for the {product} is not on my account.",
            "I sent everything back weeks ago and I want my money back: £{amount}.",
            "I was told that I would be refunded within five days for {order}.",
        ),
        "return_label": (
            "The return label in the box is for another parcel service.",
            "The returns portal does not know {order}.",
        ),
        "return_refused": (
            "My return was refused because of a missing sticker, which was never in the box.",
            "The shop in {city} rejected my return although I had the receipt.",
        ),
        "warranty": (
            "My warranty claim for the {product} was turned down without a word.",
            "The repair of the {product} takes {days} weeks, and there is no replacement meanwhile.",
        ),
        "pickup_wait": (
            "There was one person at the collection desk in {city} and a line out of the door.",
            "I queued to collect the {product} for {amount} minutes.",
        ),
        "pickup_not_ready": (
            "I came for {order} and it was not ready for collection, in spite of your message.",
            "The mail said ready to collect but the shop in {city} had not even unpacked it.",
        ),
        "locker_fault": (
            "The locker in {city} did not open with the code for {order}.",
            "My {product} is stuck in one of your lockers, the door is jammed.",
            "Locker screen dead, no code accepted, and it was raining in {city}.",
        ),
        "points_missing": (
            "The points for {order} are not on my card.",
            "I lost {amount} bonus points over night and nobody knows why.",
        ),
        "voucher_rejected": (
            "My birthday voucher is not accepted although it is valid until June.",
            "The discount code in your newsletter does not work for the {product}.",
        ),
        "account_access": (
            "I can not log in any more since the update.",
            "The mail to reset my password never comes.",
        ),
        "care_wait": (
            "I was on hold for {amount} minutes and then the line went dead.",
            "Forty minutes waiting in the chat for somebody to answer one thing.",
        ),
        "care_attitude": (
            "The person on the phone was rude and hung up on me.",
            "I found your colleague dismissive, as if it was my fault.",
        ),
        "care_unresolved": (
            "Third call about {order} and it is still not solved.",
            "I was promised a call on Friday and nobody called back.",
        ),
        "product_quality": (
            "The {product} broke after two weeks.",
            "Poor quality for £{amount}, the seams of the {product} come apart.",
        ),
        "product_safety": (
            "The {product} gave me an electric shock when I plugged it in, my son was standing next to me.",
        ),
        "legal_threat": ("If the £{amount} are not here by Friday you will hear from my lawyer.",),
        "data_privacy": ("I asked you to delete my personal data in spring and still get your letters.",),
        "discrimination": (
            "I was discriminated against in your shop in {city}: the guard searched only me because of my skin colour.",
        ),
        "fraud_suspicion": ("Someone used my card in your shop, I never ordered a {product}.",),
    },
    openings=(
        "Hello,",
        "Hi there,",
        "Good morning,",
        "To whom it may concern:",
        "Second message from me.",
        "Just to let you know:",
    ),
    feelings=(
        "This is unacceptable.",
        "I am really disappointed.",
        "So frustrating.",
        "Frankly, this is a joke.",
        "I am fed up.",
        "I feel let down.",
        "Ridiculous.",
        "I am quite upset about this.",
    ),
    closings=(
        "My order number is {order}.",
        "Please call me on {phone}.",
        "You can write to {email}.",
        "Reference {order}, name on the account: {email}.",
        "Regards from {city}.",
        "Waiting for your answer.",
    ),
    hot=(
        "I will cancel my account if this goes on.",
        "Otherwise I will ask my bank for a chargeback.",
        "The ombudsman will hear of this.",
    ),
    vague=("Not what I expect from you.", "You used to be better than this.", "I expected more for £{amount}."),
    praise=(
        "Great service, the {product} was here the next day.",
        "Everything perfect, thank you!",
        "Very friendly people in {city}.",
        "Easy to order, and exactly what I wanted.",
        "I love the {product}.",
        "Excellent, as always.",
        "Really helpful on the phone, all done in two minutes.",
        "Smooth from start to finish, very pleased.",
    ),
    neutral=(
        "Ok.",
        "Fine, nothing special.",
        "It was all right.",
        "As described.",
        "Average.",
        "No comment.",
        "Does what it should.",
    ),
    questions=(
        "Can I change the address of {order}?",
        "Do you also sell the {product} in blue?",
        "What are the opening hours in {city} on Sunday?",
        "How do I add a second name to my account?",
        "Is the {product} also sold without batteries?",
    ),
    chasers=(
        "Any news about {order}?",
        "Hello? Is anybody reading this?",
        "I have attached the photo that you asked for.",
        "It is me again, about {order}.",
    ),
    replies=(
        "We are looking into {order} and will come back to you.",
        "I have passed this on to the team in charge.",
        "Could you please send us a photo?",
    ),
    subjects=("{order}", "Question about {order}", "My {product}", "Please help", "Shop in {city}"),
    products=(
        "kettle",
        "toaster",
        "desk lamp",
        "running shoes",
        "winter coat",
        "tablet",
        "headphones",
        "garden chair",
        "coffee machine",
        "backpack",
    ),
    cities=("Leeds", "Bristol", "Glasgow", "Cardiff", "Norwich", "Sheffield"),
    phone="07700 900{n:03d}",
)
