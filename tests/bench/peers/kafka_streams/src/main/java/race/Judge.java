package race;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The bytes of a record -> what is written of it, or why it is refused: tests/bench/peers/job/judge.py in Java. */
record Judge(Rules rules) {
    private static final int FOUND = 15;
    private static final int ANGER = 5;
    private static final int ANGRIEST = 4;
    private static final int MOST = 100;
    private static final String UNMAPPED = "unmapped";
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Pattern ANGRY = Pattern.compile(
            "(?<!\\w)(?:angry|awful|disappointed|never again|ridiculous|terrible|unacceptable"
                    + "|enttäuscht|unmöglich|wütend|déçue?|inadmissible|scandaleux|furioso|inaceptable|vergüenza)(?!\\w)",
            Pattern.UNICODE_CHARACTER_CLASS);
    private static final DateTimeFormatter PLAIN = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'+00:00'");
    private static final DateTimeFormatter FINE = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 6, 6, true)
            .appendLiteral("+00:00")
            .toFormatter();

    Outcome judge(byte[] value) {
        try {
            JsonNode node = JSON.readTree(value);
            if (node.isMissingNode()) {
                throw new RefusedException("json_invalid", "");
            }
            return judged(Heard.of(node));
        } catch (RefusedException refused) {
            return new Outcome.Refused(refused.reason, refused.detail, value);
        } catch (IOException broken) {
            return new Outcome.Refused("json_invalid", "", value);
        }
    }

    static String levelOf(int severity) {
        if (severity >= 75) {
            return "critical";
        }
        return severity >= 60 ? "high" : severity >= 45 ? "medium" : "low";
    }

    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private Outcome.Judged judged(Heard heard) {
        String folded = Rules.fold(heard.text());
        List<String> words = rules.find(folded);
        String category = category(words);
        List<String> angry = angry(folded);
        int forCategory = words.isEmpty() ? 0 : FOUND;
        int severity = Math.min(MOST, heard.weight() + forCategory + ANGER * Math.min(ANGRIEST, angry.size()));
        boolean negative = heard.negative() || (heard.type().equals(Heard.TICKET) && !category.equals(UNMAPPED));
        boolean alerts = negative && severity >= rules.floor;
        String region = heard.region() == null ? "" : heard.region();
        String team = rules.teamOf(heard.process());

        Map<String, Object> head = object(
                "source", heard.source(),
                "event_id", heard.id(),
                "subject", heard.subject(),
                "type", heard.type(),
                "occurred_at", written(heard.time()),
                "customer", heard.customer(),
                "process", heard.process(),
                "category", category,
                "region", region,
                "severity", object("points", severity, "level", levelOf(severity)),
                "negative", negative);
        Map<String, Object> document = new LinkedHashMap<>(head);
        document.putAll(object(
                "tier", heard.tier(),
                "channel", heard.channel(),
                "business_key", heard.businessKey(),
                "metrics", heard.metrics(),
                "text", heard.text(),
                "languages", heard.languages(),
                "team", team));
        Map<String, Object> explanation = object(
                "category", object("method", words.isEmpty() ? "none" : "keywords", "words", words, "found", category),
                "severity",
                        object("from", heard.weight(), "for_category", forCategory, "angry", angry, "points", severity),
                "verdict", object("alerts", alerts, "floor", rules.floor, "reason", reason(negative, alerts)),
                "route", object("team", team, "because", because(heard.process())));
        Map<String, Object> classified = new LinkedHashMap<>(head);
        classified.putAll(object("team", team, "alerts", alerts));
        return new Outcome.Judged(
                heard.source(), heard.id(), heard.subject(), heard.time(), heard.customer(), heard.process(), category,
                region, team, severity, negative, alerts, json(document), json(explanation), json(classified));
    }

    /** Returns the category with the most hits, the first of several. */
    private String category(List<String> words) {
        Map<String, Integer> hits = new LinkedHashMap<>();
        words.forEach(word -> rules.categoriesOf(word).forEach(category -> hits.merge(category, 1, Integer::sum)));
        return hits.keySet().stream()
                .min(Comparator.<String>comparingInt(one -> -hits.get(one)).thenComparingInt(rules.order::get))
                .orElse(UNMAPPED);
    }

    private static List<String> angry(String folded) {
        List<String> found = new ArrayList<>();
        Matcher matcher = ANGRY.matcher(folded);
        while (matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }

    private static String reason(boolean negative, boolean alerts) {
        if (alerts) {
            return "negative and not below the floor";
        }
        return negative ? "below the floor" : "not negative";
    }

    private String because(String process) {
        return rules.hasTeam(process) ? "team of " + process : "no team has this process";
    }

    private static String written(OffsetDateTime at) {
        return (at.getNano() == 0 ? PLAIN : FINE).format(at);
    }

    /** Names and values in turn; fields keep their order, and a value may be null. */
    private static Map<String, Object> object(Object... pairs) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (int at = 0; at < pairs.length; at += 2) {
            found.put((String) pairs[at], pairs[at + 1]);
        }
        return found;
    }
}
