package race;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A row of the outbox. */
record Outgoing(String topic, String key, String value) {
    static Outgoing classified(Outcome.Judged judged) {
        return new Outgoing("feedback.classified", judged.customer(), judged.classified());
    }

    /** Tells of an alert after a write that opened it or raised its severity; of what it was before, null is nothing. */
    static Optional<Outgoing> notice(Outcome.AlertKey key, String team, long events, int worst, Integer previous) {
        if (previous != null && worst <= previous) {
            return Optional.empty();
        }
        Map<String, Object> severity = new LinkedHashMap<>();
        severity.put("points", worst);
        severity.put("level", Judge.levelOf(worst));
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("process", key.process());
        said.put("category", key.category());
        said.put("region", key.region());
        said.put("team", team);
        said.put("reason", previous == null ? "opened" : "rose");
        said.put("severity", severity);
        said.put("events", events);
        return Optional.of(new Outgoing("team." + team, key.toString(), Judge.json(said)));
    }
}
