"""Patterns and words of what customers write about, to put sentences together from that an encoder is probed with.

They need not be sensible, only to put words beside one another that real feedback does; what they mean is the encoder's
to say.
"""

PATTERNS = """\
how do i {v} my {t}?
how can i {v} a {t}
where can i {v} the {t}?
why was my {t} {p}?
why is my {t} {p}
why is the {t} still {p}?
why was i charged for the {t}?
my {t} is {p}
my {t} was {p} {w}
the {t} was {p}
i need to {v} my {t}
i want to {v} a {t}
i can't {v} my {t}
i cannot {v} the {t}
i was unable to {v} my {t} {w}
can i {v} my {t}?
can i {v} a {t} {w}?
can you {v} my {t}
could you please {v} my {t}?
please {v} my {t}
please help me {v} the {t}
what do i do if my {t} is {p}?
what should i do, my {t} was {p}
what is the {t} for?
what happens if i {v} my {t}
how long does it take to {v} a {t}?
how long does the {t} take
when will my {t} arrive?
when will i {v} my {t}
when can i {v} the {t}?
is it possible to {v} a {t}?
is there a {t} for {t2}?
is there a fee to {v} my {t}
do you {v} the {t}?
do i have to {v} my {t}?
does the {t} work {w}
did my {t} get {p}?
i tried to {v} my {t} but it was {p}
i tried to {v} the {t} {w} and the {t2} was {p}
i did not {v} this {t}
i didn't {v} my {t} and now the {t2} is {p}
i still have not received my {t}
i have been waiting for my {t} {w}
someone used my {t} {w}
there is a {t} on my {t2} that i don't recognise
there was no {t}
there was not enough {t}
too much {t}, not enough {t2}
more {t}
better {t}
less {t} and more {t2}
nothing
nothing, the {t} was {p}
the {s} was {p}
the {s} was {p} and {p2}
the {s} was very {p} but the {t} was {p2}
the {s} did not {v} my {t}
the {s} never told me about the {t}
the {s} explained the {t}
{t} {p}
{t} and {t2}
{p} {t}
{p} {s}
everything was {p}
it was {p} and {p2}
i was treated by a {p} {s}
very {p} {t}, {p2} {s}
the {t} should be {p}
the {t} could be improved
i had to {v} the {t} myself
i had to wait {w} for a {t}
we waited {w} for the {t}
they {v} the {t} without asking
no one could {v} my {t}
nobody answered when i tried to {v} the {t}
who can {v} my {t}?
which {t} can i {v}?
i would like to {v} my {t} with a {t2}
i would like a {t} please
tell me about the {t}
i am unhappy with the {t}
i am happy with the {t} and the {s}
thank you for the {t}
thanks to the {p} {s}
i think my {t} has been {p}
my {t} and my {t2} are {p}
it says my {t} is {p}
the app says the {t} is {p}
the {t} does not match the {t2}
i got the wrong {t}
i was given the wrong {t} {w}
i lost my {t} {w}
i found my {t}
i forgot my {t}
my {t} doesn't work
the {t} keeps getting {p}
the {t} i {v} is {p}
why can't i {v} my {t} {w}?
why do i need to {v} my {t}
am i able to {v} my {t}?
are there any {t} fees?
{v} {t}
{v} my {t} {w}
""".splitlines()
PEOPLE = """\
nurse|doctor|receptionist|driver|agent|advisor|assistant|manager|cashier|engineer|courier|teacher|clerk|technician|
consultant|midwife|surgeon|pharmacist|waiter|steward|staff|team|person on the phone|customer service|support""".replace(
    "\n", ""
).split("|")
THINGS = """\
card|debit card|credit card|virtual card|disposable card|bank card|new card|replacement card|account|bank account|
savings account|joint account|transfer|bank transfer|international transfer|top up|auto top-up|payment|
card payment|direct debit|standing order|refund|cash withdrawal|withdrawal|ATM|cash machine|cheque|deposit|PIN|
passcode|password|code|verification code|statement|balance|fee|charge|extra charge|exchange rate|currency|
foreign currency|euros|dollars|pounds|interest|loan|mortgage|overdraft|limit|salary|identity|passport|ID|
proof of address|app|website|phone|phone number|email|address|login|profile|personal details|name|contract|invoice|
bill|receipt|tax|premium|policy|claim|insurance|cover|appointment|referral|test results|blood test|scan|x-ray|
prescription|medicine|medication|tablets|pain relief|treatment|operation|surgery|diagnosis|ward|bed|room|
waiting room|waiting time|food|meal|drink|parking|car park|toilet|hospital|clinic|practice|pharmacy|ambulance|
transport|letter|discharge|follow up|care|care plan|therapy|counselling|visit|visiting hours|information|advice|
leaflet|communication|attitude|privacy|dignity|noise|temperature|cleanliness|equipment|wheelchair|building|lift|
delivery|parcel|package|order|item|product|size|colour|shoes|shirt|jacket|laptop|charger|battery|screen|router|
internet|wifi|signal|broadband|line|connection|speed|data plan|SIM card|roaming|subscription|membership|
account settings|order number|tracking number|voucher|coupon|discount|gift card|price|warranty|repair|return|
exchange|replacement|spare part|shop|store|checkout|queue|flight|ticket|booking|reservation|seat|luggage|baggage|
suitcase|boarding pass|gate|delay|cancellation|hotel|breakfast|bathroom|shower|towel|train|bus|taxi|car|rental|
driver's licence|fuel|timetable|course|lesson|school|exam|grade|teacher|classroom|form|application|permit|visa|
benefit|pension|council|rubbish|street light|road|housing|rent|landlord|heating|boiler|electricity|gas|meter|water|
leak|smart meter|tariff|energy|salary slip|shift|rota|holiday|training|workload|manager's support|meeting|tool|
software|update|feature|button|page|link|error message|crash|bug|server|printer|monitor|keyboard|VPN|ticket system|
licence key|backup|file|folder|attachment""".replace("\n", "").split("|")
VERBS = """\
activate|add|apply for|block|book|buy|cancel|cash|change|charge|check|close|complain about|confirm|contact|correct|
deactivate|decline|delete|deliver|deposit|dispute|download|edit|exchange|explain|extend|find|fix|forget|freeze|get|
give|hold|increase|install|link|locate|lose|miss|move|need|open|order|pay for|pay with|postpone|receive|recover|
reduce|refund|register|reject|remove|renew|repair|replace|report|request|reset|return|reverse|review|save|scan|see|
sell|send|set up|share|ship|start|stop|submit|swap|switch|terminate|top up|trace|track|transfer|trust|unblock|
unlock|update|upgrade|upload|use|validate|verify|view|wait for|withdraw""".replace("\n", "").split("|")
QUALITIES = """\
declined|rejected|charged|cancelled|delayed|lost|stolen|damaged|broken|blocked|frozen|late|missing|wrong|
duplicated|pending|reverted|refunded|not working|not recognised|not updated|not delivered|expired|compromised|
swallowed by the machine|closed|locked|too high|too low|too expensive|too slow|too cold|too small|too long|rude|
helpful|kind|friendly|dirty|clean|excellent|terrible|amazing|disappointing|confusing|easy|difficult|unfair|unsafe|
noisy|comfortable|fast|professional|useless|brilliant|unacceptable|fine|good|poor|ok|out of order|out of stock|
incomplete|not as described|faulty|leaking|offline|unavailable|full|cramped|explained well|not explained|cold|
rushed|ignored|well organised|badly organised""".replace("\n", "").split("|")
TIMES = """\
yesterday|today|this morning|last week|two weeks ago|on Monday|for days|for three hours|since last month|
a few days ago|twice|again|every time|immediately|at night|over the weekend|abroad|on holiday|online|at the shop|
in the app|by phone|by post|by mistake|without my permission|in another country""".replace("\n", "").split("|")
