package race;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Text without e-mail addresses, bank accounts, payment cards (by their check digit) and telephones. */
final class Redaction {
    private static final Pattern EMAIL = unicode("[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+");
    private static final Pattern IBAN =
            unicode("\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\\b");
    private static final Pattern CARD = unicode("(?<![\\w-])\\d(?:[ -]?\\d){12,18}(?![\\w-])");
    private static final Pattern PHONE = unicode("(?<![\\w-])\\+?\\d(?:[ ()/.-]{0,2}\\d){7,14}(?![\\w-])");

    private Redaction() {}

    static String redact(String text) {
        String left = text.indexOf('@') < 0 ? text : EMAIL.matcher(text).replaceAll("[email]");
        left = IBAN.matcher(left).replaceAll("[iban]");
        left = CARD.matcher(left).replaceAll(Redaction::card);
        return PHONE.matcher(left).replaceAll("[phone]");
    }

    private static String card(MatchResult found) {
        return luhn(found.group().codePoints().filter(Character::isDigit).map(Character::getNumericValue).toArray())
                ? "[card]"
                : found.group();
    }

    private static boolean luhn(int[] digits) {
        int sum = 0;
        for (int at = 0; at < digits.length; at++) {
            int digit = digits[digits.length - 1 - at];
            int doubled = 2 * digit;
            sum += at % 2 == 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
        }
        return sum % 10 == 0;
    }

    private static Pattern unicode(String text) {
        return Pattern.compile(text, Pattern.UNICODE_CHARACTER_CLASS);
    }
}
