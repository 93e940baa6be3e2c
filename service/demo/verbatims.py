"""A customer and an occasion -> what the customer writes, in the customer's language.

Some texts carry an e-mail address, a phone number or an order number, all of them made up, so that redaction has work;
some of the order numbers are typed as people type, and a few of them wrong.
"""

from random import Random

from service.demo.customers import Customer
from service.demo.phrases import PHRASEBOOKS, Phrasebook

_OPENING, _FEELING, _CLOSING, _HOT = 0.4, 0.5, 0.45, 0.04
_MORE_PRAISE = 0.25
_TYPED_LOOSELY, _MISTYPED = 0.2, 0.1


class Writer:
    """Writes with one die, so that the same seed gives the same words."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def complaint(self, category: str, customer: Customer, order: str, *, feeling: bool) -> str:
        """A complaint about the category, or a vague one for a category that has no sentences.

        With `feeling` it holds a word of the negative lexicon for certain, without it about every second time.
        """
        book, dice = PHRASEBOOKS[customer.language], self._dice
        parts = [self._pick(book.complaints.get(category, book.vague))]
        if dice.random() < _OPENING:
            parts.insert(0, self._pick(book.openings))
        if feeling or dice.random() < _FEELING:
            parts.append(self._pick(book.feelings))
        if dice.random() < _HOT:
            parts.append(self._pick(book.hot))
        if dice.random() < _CLOSING:
            parts.append(self._pick(book.closings))
        return self._filled(" ".join(parts), book, customer, order)

    def praise(self, customer: Customer, order: str) -> str:
        book = PHRASEBOOKS[customer.language]
        text = self._pick(book.praise)
        if self._dice.random() < _OPENING:
            text = f"{self._pick(book.openings)} {text}"
        if self._dice.random() < _MORE_PRAISE:
            text = f"{text} {self._pick(book.praise)}"
        return self._filled(text, book, customer, order)

    def neutral(self, customer: Customer, order: str) -> str:
        return self._one_of(PHRASEBOOKS[customer.language].neutral, customer, order)

    def question(self, customer: Customer, order: str) -> str:
        return self._one_of(PHRASEBOOKS[customer.language].questions, customer, order)

    def chaser(self, customer: Customer, order: str) -> str:
        return self._one_of(PHRASEBOOKS[customer.language].chasers, customer, order)

    def reply(self, customer: Customer, order: str) -> str:
        return self._one_of(PHRASEBOOKS[customer.language].replies, customer, order)

    def subject(self, customer: Customer, order: str) -> str:
        return self._one_of(PHRASEBOOKS[customer.language].subjects, customer, order)

    def _one_of(self, sentences: tuple[str, ...], customer: Customer, order: str) -> str:
        return self._filled(self._pick(sentences), PHRASEBOOKS[customer.language], customer, order)

    def _pick(self, sentences: tuple[str, ...]) -> str:
        return sentences[int(self._dice.random() * len(sentences))]

    def _filled(self, text: str, book: Phrasebook, customer: Customer, order: str) -> str:
        if "{" not in text:
            return text
        random = self._dice.random
        return text.format(
            order=self._typed(order),
            days=2 + int(random() * 9),
            amount=15 + int(random() * 80),
            product=self._pick(book.products),
            city=self._pick(book.cities),
            email=customer.email,
            phone=book.phone.format(n=customer.phone),
        )

    def _typed(self, order: str) -> str:
        """Leave the hyphen out, write small or take O for 0; or leave out the last digit but one, or swap it."""
        drawn = self._dice.random()
        if order and drawn < _MISTYPED:
            return f"{order[:-2]}{order[-1]}" if drawn < _MISTYPED / 2 else f"{order[:-2]}{order[-1]}{order[-2]}"
        if drawn < _MISTYPED + _TYPED_LOOSELY:
            return self._pick((order.replace("-", " "), order.lower(), order.replace("0", "O", 1)))
        return order
