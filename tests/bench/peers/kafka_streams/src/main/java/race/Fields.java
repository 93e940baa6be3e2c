package race;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/** One object of an event -> its fields, each checked as the contract says; `place` is the path to the object. */
record Fields(JsonNode node, String place) {
    private static final int LONGEST = 255;
    private static final int LONGEST_TEXT = 65_536;

    static Fields of(JsonNode node, String place) throws RefusedException {
        if (!node.isObject()) {
            throw new RefusedException("model_type", place);
        }
        return new Fields(node, place);
    }

    Fields object(String name) throws RefusedException {
        return of(given(name), at(name));
    }

    /** Returns a list that may be left out, of so many at most. */
    JsonNode list(String name, int least, int most) throws RefusedException {
        JsonNode list = node.path(name);
        if (list.isMissingNode() && least == 0) {
            return list;
        }
        if (!given(name).isArray()) {
            throw new RefusedException("list_type", at(name));
        }
        if (list.size() < least) {
            throw new RefusedException("too_short", at(name));
        }
        if (list.size() > most) {
            throw new RefusedException("too_long", at(name));
        }
        return list;
    }

    String ref(String name) throws RefusedException {
        String value = string(given(name), name, LONGEST);
        if (value.isEmpty()) {
            throw new RefusedException("string_too_short", at(name));
        }
        return value;
    }

    /** Returns null where the field is null or left out. */
    String refOrNull(String name) throws RefusedException {
        return node.path(name).isMissingNode() || node.path(name).isNull() ? null : ref(name);
    }

    String text(String name) throws RefusedException {
        return string(given(name), name, LONGEST_TEXT);
    }

    String oneOf(String name, Set<String> known) throws RefusedException {
        JsonNode value = given(name);
        if (!value.isTextual() || !known.contains(value.textValue())) {
            throw new RefusedException("literal_error", at(name));
        }
        return value.textValue();
    }

    String oneOf(String name, Set<String> known, String otherwise) throws RefusedException {
        return node.path(name).isMissingNode() ? otherwise : oneOf(name, known);
    }

    double number(String name) throws RefusedException {
        JsonNode value = given(name);
        if (value.isNumber()) {
            return value.doubleValue();
        }
        if (!value.isTextual()) {
            throw new RefusedException("float_type", at(name));
        }
        try {
            return Double.parseDouble(value.textValue());
        } catch (NumberFormatException fault) {
            throw new RefusedException("float_parsing", at(name));
        }
    }

    /** Returns a time of whole microseconds in UTC. */
    OffsetDateTime time(String name) throws RefusedException {
        JsonNode value = given(name);
        if (!value.isTextual()) {
            throw new RefusedException("datetime_type", at(name));
        }
        try {
            return OffsetDateTime.parse(value.textValue())
                    .withOffsetSameInstant(ZoneOffset.UTC)
                    .truncatedTo(ChronoUnit.MICROS);
        } catch (DateTimeParseException fault) {
            throw new RefusedException(isNaive(value.textValue()) ? "timezone_aware" : "datetime_from_date_parsing", at(name));
        }
    }

    private static boolean isNaive(String text) {
        try {
            LocalDateTime.parse(text);
            return true;
        } catch (DateTimeParseException fault) {
            return false;
        }
    }

    private String string(JsonNode value, String name, int longest) throws RefusedException {
        if (!value.isTextual()) {
            throw new RefusedException("string_type", at(name));
        }
        String text = value.textValue();
        if (text.length() > longest && text.codePointCount(0, text.length()) > longest) {
            throw new RefusedException("string_too_long", at(name));
        }
        return text;
    }

    private JsonNode given(String name) throws RefusedException {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new RefusedException("missing", at(name));
        }
        return value;
    }

    private String at(String name) {
        return place.isEmpty() ? name : place + "." + name;
    }
}
