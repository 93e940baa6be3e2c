package race;

import java.time.OffsetDateTime;

/** What became of one record. */
sealed interface Outcome {
    record Refused(String reason, String detail, byte[] value) implements Outcome {}

    /** One event as it is written; `document`, `explanation` and `classified` are JSON, an unknown region is "". */
    record Judged(
            String source,
            String eventId,
            String subject,
            OffsetDateTime occurredAt,
            String customer,
            String process,
            String category,
            String region,
            String team,
            int severity,
            boolean negative,
            boolean alerts,
            String document,
            String explanation,
            String classified)
            implements Outcome {
        AlertKey alertKey() {
            return new AlertKey(process, category, region);
        }
    }

    record AlertKey(String process, String category, String region) {
        @Override
        public String toString() {
            return process + "|" + category + "|" + region;
        }
    }
}
