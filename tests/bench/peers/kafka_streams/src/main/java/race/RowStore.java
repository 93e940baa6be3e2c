package race;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** A statement for each row, as users of JDBC write them; a connection keeps them prepared. */
final class RowStore implements Store {
    private static final String REFUSE = "INSERT INTO refused (reason, detail, value) VALUES (?, ?, ?)";
    private static final String ADMIT = "INSERT INTO event_identity (source, id) VALUES (?, ?) ON CONFLICT DO NOTHING";
    private static final String CONTRIBUTE =
            """
            INSERT INTO contribution (source, subject, customer, process, category, region, day, negative, points)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, subject) DO UPDATE SET customer = excluded.customer, process = excluded.process,
                category = excluded.category, region = excluded.region, day = excluded.day,
                negative = excluded.negative, points = excluded.points""";
    private static final String ALERT =
            """
            INSERT INTO alert (process, category, region, team, events, worst, last_seen)
            VALUES (?, ?, ?, ?, 1, ?, ?)
            ON CONFLICT (process, category, region) DO UPDATE SET events = alert.events + 1, previous = alert.worst,
                worst = greatest(alert.worst, excluded.worst), last_seen = greatest(alert.last_seen, excluded.last_seen)
            RETURNING events, worst, previous""";
    private static final String JOIN =
            """
            INSERT INTO member (source, subject, process, category, region, event_id, customer, severity)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, subject, process, category, region) DO UPDATE SET event_id = excluded.event_id,
                customer = excluded.customer, severity = excluded.severity""";
    private static final String FEEDBACK =
            """
            INSERT INTO feedback (source, event_id, occurred_at, document, explanation)
            VALUES (?, ?, ?, ?::json, ?::json)""";
    private static final String OUTBOX = "INSERT INTO outbox (topic, key, value) VALUES (?, ?, ?)";

    @Override
    public void save(Connection connection, List<Outcome> outcomes) throws SQLException {
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Outcome.Refused refused) {
                update(connection, REFUSE, refused.reason(), refused.detail(), refused.value());
            } else if (outcome instanceof Outcome.Judged judged) {
                save(connection, judged);
            }
        }
    }

    private static void save(Connection connection, Outcome.Judged judged) throws SQLException {
        if (update(connection, ADMIT, judged.source(), judged.eventId()) == 0) {
            return;
        }
        update(connection, CONTRIBUTE, judged.source(), judged.subject(), judged.customer(), judged.process(),
                judged.category(), judged.region(), judged.occurredAt().toLocalDate(), judged.negative(),
                judged.severity());
        Optional<Outgoing> told = judged.alerts() ? alert(connection, judged) : Optional.empty();
        update(connection, FEEDBACK, judged.source(), judged.eventId(), judged.occurredAt(), judged.document(),
                judged.explanation());
        // The driver sends both rows as one.
        try (PreparedStatement statement = connection.prepareStatement(OUTBOX)) {
            add(statement, Outgoing.classified(judged));
            if (told.isPresent()) {
                add(statement, told.get());
            }
            statement.executeBatch();
        }
    }

    private static Optional<Outgoing> alert(Connection connection, Outcome.Judged judged) throws SQLException {
        Optional<Outgoing> told;
        try (PreparedStatement statement = connection.prepareStatement(ALERT)) {
            bind(statement, judged.process(), judged.category(), judged.region(), judged.team(), judged.severity(),
                    judged.occurredAt());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                told = Outgoing.notice(
                        judged.alertKey(), judged.team(), row.getLong(1), row.getInt(2), row.getObject(3, Integer.class));
            }
        }
        update(connection, JOIN, judged.source(), judged.subject(), judged.process(), judged.category(),
                judged.region(), judged.eventId(), judged.customer(), judged.severity());
        return told;
    }

    private static void add(PreparedStatement statement, Outgoing outgoing) throws SQLException {
        bind(statement, outgoing.topic(), outgoing.key(), outgoing.value());
        statement.addBatch();
    }

    private static int update(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            return statement.executeUpdate();
        }
    }

    private static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int at = 0; at < values.length; at++) {
            statement.setObject(at + 1, values[at]);
        }
    }
}
