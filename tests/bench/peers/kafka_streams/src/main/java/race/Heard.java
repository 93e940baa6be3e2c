package race;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A checked event; `weight` is what the metric or the priority adds to the severity, `text` is redacted. */
record Heard(
        String id,
        String source,
        String subject,
        OffsetDateTime time,
        String type,
        String customer,
        String region,
        String tier,
        String channel,
        String process,
        String businessKey,
        String text,
        List<String> languages,
        List<Map<String, Object>> metrics,
        int weight,
        boolean negative) {
    static final String TICKET = "feedback.ticket.created.v1";
    private static final String SURVEY = "feedback.survey.response.v1";
    private static final Set<String> VERSIONS = Set.of("1.0");
    private static final Set<String> KINDS = Set.of("nps", "csat", "ces", "stars");
    private static final Set<String> ORIENTATIONS = Set.of("higher_better", "lower_better");
    private static final Set<String> STATUSES = Set.of("new", "open", "pending", "hold", "solved", "closed");
    private static final Map<String, Integer> BY_PRIORITY = Map.of("low", 10, "normal", 25, "high", 50, "urgent", 70);
    private static final int MANY = 16;
    private static final int WORST = 60;
    private static final double MIDDLE = 0.5;

    static Heard of(JsonNode node) throws RefusedException {
        if (!node.isObject()) {
            throw new RefusedException("dict_type", "");
        }
        JsonNode kind = node.get("type");
        if (kind == null) {
            throw new RefusedException("union_tag_not_found", "");
        }
        if (!kind.isTextual() || !Set.of(SURVEY, TICKET).contains(kind.textValue())) {
            throw new RefusedException("union_tag_invalid", "");
        }
        Fields event = new Fields(node, kind.textValue());
        event.oneOf("specversion", VERSIONS);
        String id = event.ref("id");
        String source = event.ref("source");
        String subject = event.refOrNull("subject");
        OffsetDateTime time = event.time("time");
        Fields data = event.object("data");
        return kind.textValue().equals(SURVEY)
                ? survey(id, source, subject, time, data)
                : ticket(id, source, subject, time, data);
    }

    private static Heard survey(String id, String source, String subject, OffsetDateTime time, Fields data)
            throws RefusedException {
        String response = data.ref("response_id");
        List<Map<String, Object>> metrics = new ArrayList<>();
        double lowest = 1;
        JsonNode given = data.list("metrics", 1, MANY);
        for (int at = 0; at < given.size(); at++) {
            Fields metric = Fields.of(given.get(at), data.place() + ".metrics." + at);
            Map<String, Object> read = new LinkedHashMap<>();
            read.put("kind", metric.oneOf("kind", KINDS));
            read.put("raw", metric.number("raw"));
            read.put("scale_min", metric.number("scale_min"));
            read.put("scale_max", metric.number("scale_max"));
            read.put("orientation", metric.oneOf("orientation", ORIENTATIONS, "higher_better"));
            metrics.add(read);
            lowest = Math.min(lowest, place(read));
        }
        Fields customer = data.object("customer");
        String ref = customer.ref("ref");
        String region = customer.refOrNull("region");
        String tier = customer.refOrNull("tier");
        String channel = data.refOrNull("channel");
        Fields correlation = data.object("correlation");
        String process = correlation.ref("process");
        String businessKey = correlation.refOrNull("business_key");
        List<String> texts = new ArrayList<>();
        List<String> languages = new ArrayList<>();
        JsonNode verbatims = data.list("verbatims", 0, MANY);
        for (int at = 0; at < verbatims.size(); at++) {
            Fields verbatim = Fields.of(verbatims.get(at), data.place() + ".verbatims." + at);
            texts.add(verbatim.text("text"));
            languages.add(verbatim.refOrNull("language"));
        }
        String about = subject != null && !subject.isEmpty() ? subject : "response/" + response;
        String text = Redaction.redact(String.join(" ", texts));
        int weight = (int) (WORST * (1 - lowest) + 0.5);
        return new Heard(
                id, source, about, time, SURVEY, ref, region, tier, channel, process, businessKey, text, languages,
                metrics, weight, lowest < MIDDLE);
    }

    private static Heard ticket(String id, String source, String subject, OffsetDateTime time, Fields data)
            throws RefusedException {
        String ticket = data.ref("ticket_id");
        data.oneOf("status", STATUSES);
        String title = data.ref("subject");
        String body = data.text("body");
        String priority = data.node().path("priority").isNull() || data.node().path("priority").isMissingNode()
                ? null
                : data.oneOf("priority", BY_PRIORITY.keySet());
        String channel = data.refOrNull("channel");
        String language = data.refOrNull("language");
        if (data.node().hasNonNull("created_at")) {
            data.time("created_at");
        }
        Fields customer = data.object("customer");
        String ref = customer.ref("ref");
        String region = customer.refOrNull("region");
        String tier = customer.refOrNull("tier");
        Fields correlation = data.object("correlation");
        String process = correlation.ref("process");
        String businessKey = correlation.refOrNull("business_key");
        List<String> languages = new ArrayList<>();
        languages.add(language);
        String about = subject != null ? subject : "ticket/" + ticket;
        int weight = priority == null ? 30 : BY_PRIORITY.get(priority);
        boolean pressing = "high".equals(priority) || "urgent".equals(priority);
        return new Heard(
                id, source, about, time, TICKET, ref, region, tier, channel, process, businessKey,
                Redaction.redact(title + "\n" + body), languages, List.of(), weight, pressing);
    }

    /** Returns where a score stands on its scale, 0 the worst and 1 the best. */
    private static double place(Map<String, Object> metric) {
        double low = (double) metric.get("scale_min");
        double high = (double) metric.get("scale_max");
        if (high <= low) {
            return MIDDLE;
        }
        double place = Math.min(1.0, Math.max(0.0, ((double) metric.get("raw") - low) / (high - low)));
        return metric.get("orientation").equals("higher_better") ? place : 1 - place;
    }
}
