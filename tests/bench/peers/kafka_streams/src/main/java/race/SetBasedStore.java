package race;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The statements of tests/bench/peers/job/sql.py, one for each table; a test compares their texts. Rows go in the order
 * of their keys, so that two writers wait and do not deadlock.
 */
final class SetBasedStore implements Store {
    private static final String REFUSE =
            "INSERT INTO refused (reason, detail, value) SELECT * FROM unnest(?::text[], ?::text[], ?::bytea[])";
    private static final String ADMIT =
            """
            INSERT INTO event_identity (source, id) SELECT * FROM unnest(?::text[], ?::text[])
            ON CONFLICT DO NOTHING RETURNING source, id""";
    private static final String FEEDBACK =
            """
            INSERT INTO feedback (source, event_id, occurred_at, document, explanation)
            SELECT * FROM unnest(?::text[], ?::text[], ?::timestamptz[], ?::json[], ?::json[])""";
    private static final String CONTRIBUTE =
            """
            INSERT INTO contribution (source, subject, customer, process, category, region, day, negative, points)
            SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::date[], ?::boolean[],
                ?::smallint[])
            ON CONFLICT (source, subject) DO UPDATE SET customer = excluded.customer, process = excluded.process,
                category = excluded.category, region = excluded.region, day = excluded.day, negative = excluded.negative,
                points = excluded.points""";
    private static final String ALERT =
            """
            INSERT INTO alert (process, category, region, team, events, worst, last_seen)
            SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::smallint[], ?::timestamptz[])
            ON CONFLICT (process, category, region) DO UPDATE SET events = alert.events + excluded.events, previous = alert.worst,
                worst = greatest(alert.worst, excluded.worst), last_seen = greatest(alert.last_seen, excluded.last_seen)
            RETURNING process, category, region, team, events, worst, previous""";
    private static final String JOIN =
            """
            INSERT INTO member (source, subject, process, category, region, event_id, customer, severity)
            SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::smallint[])
            ON CONFLICT (source, subject, process, category, region) DO UPDATE SET event_id = excluded.event_id,
                customer = excluded.customer, severity = excluded.severity""";
    private static final String OUTBOX =
            "INSERT INTO outbox (topic, key, value) SELECT * FROM unnest(?::text[], ?::text[], ?::text[])";
    private static final Comparator<Outcome.AlertKey> BY_KEY = Comparator.comparing(Outcome.AlertKey::process)
            .thenComparing(Outcome.AlertKey::category)
            .thenComparing(Outcome.AlertKey::region);

    private record Identity(String source, String id) implements Comparable<Identity> {
        private static final Comparator<Identity> ORDER =
                Comparator.comparing(Identity::source).thenComparing(Identity::id);

        @Override
        public int compareTo(Identity other) {
            return ORDER.compare(this, other);
        }
    }

    private record Membership(Identity subject, Outcome.AlertKey alert) {}

    /** What the events of one alert add to it. */
    private record Added(String team, long events, int worst, OffsetDateTime lastSeen) {
        Added and(Added more) {
            OffsetDateTime last = lastSeen.isAfter(more.lastSeen) ? lastSeen : more.lastSeen;
            return new Added(team, events + more.events, Math.max(worst, more.worst), last);
        }
    }

    @Override
    public void save(Connection connection, List<Outcome> outcomes) throws SQLException {
        List<Outcome.Refused> refused = new ArrayList<>();
        Map<Identity, Outcome.Judged> given = new LinkedHashMap<>();
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Outcome.Refused one) {
                refused.add(one);
            } else if (outcome instanceof Outcome.Judged one) {
                given.putIfAbsent(new Identity(one.source(), one.eventId()), one);
            }
        }
        if (!refused.isEmpty()) {
            refuse(connection, refused);
        }
        if (!given.isEmpty()) {
            Set<Identity> admitted = admit(connection, given.keySet());
            given.keySet().retainAll(admitted);
            write(connection, given.values());
        }
    }

    private static void write(Connection connection, Collection<Outcome.Judged> fresh) throws SQLException {
        if (fresh.isEmpty()) {
            return;
        }
        contribute(connection, fresh);
        List<Outgoing> outgoing = new ArrayList<>();
        fresh.forEach(one -> outgoing.add(Outgoing.classified(one)));
        List<Outcome.Judged> alerting = fresh.stream().filter(Outcome.Judged::alerts).toList();
        if (!alerting.isEmpty()) {
            outgoing.addAll(alert(connection, alerting));
            join(connection, alerting);
        }
        new Columns<>(connection, FEEDBACK, fresh)
                .texts(Outcome.Judged::source)
                .texts(Outcome.Judged::eventId)
                .of("timestamptz", Outcome.Judged::occurredAt)
                .of("json", Outcome.Judged::document)
                .of("json", Outcome.Judged::explanation)
                .update();
        new Columns<>(connection, OUTBOX, outgoing)
                .texts(Outgoing::topic)
                .texts(Outgoing::key)
                .texts(Outgoing::value)
                .update();
    }

    private static void refuse(Connection connection, List<Outcome.Refused> refused) throws SQLException {
        new Columns<>(connection, REFUSE, refused)
                .texts(Outcome.Refused::reason)
                .texts(Outcome.Refused::detail)
                .bytes(Outcome.Refused::value)
                .update();
    }

    private static Set<Identity> admit(Connection connection, Set<Identity> wanted) throws SQLException {
        List<Identity> sorted = wanted.stream().sorted().toList();
        return new HashSet<>(new Columns<>(connection, ADMIT, sorted)
                .texts(Identity::source)
                .texts(Identity::id)
                .read(row -> new Identity(row.getString(1), row.getString(2))));
    }

    private static void contribute(Connection connection, Collection<Outcome.Judged> fresh) throws SQLException {
        Map<Identity, Outcome.Judged> latest = new TreeMap<>();
        fresh.forEach(one -> latest.put(new Identity(one.source(), one.subject()), one));
        new Columns<>(connection, CONTRIBUTE, latest.values())
                .texts(Outcome.Judged::source)
                .texts(Outcome.Judged::subject)
                .texts(Outcome.Judged::customer)
                .texts(Outcome.Judged::process)
                .texts(Outcome.Judged::category)
                .texts(Outcome.Judged::region)
                .of("date", one -> one.occurredAt().toLocalDate())
                .of("bool", Outcome.Judged::negative)
                .of("int2", Outcome.Judged::severity)
                .update();
    }

    private static List<Outgoing> alert(Connection connection, List<Outcome.Judged> alerting) throws SQLException {
        Map<Outcome.AlertKey, Added> folded = new TreeMap<>(BY_KEY);
        for (Outcome.Judged one : alerting) {
            folded.merge(one.alertKey(), new Added(one.team(), 1, one.severity(), one.occurredAt()), Added::and);
        }
        return new Columns<>(connection, ALERT, folded.entrySet())
                .texts(one -> one.getKey().process())
                .texts(one -> one.getKey().category())
                .texts(one -> one.getKey().region())
                .texts(one -> one.getValue().team())
                .of("int8", one -> one.getValue().events())
                .of("int2", one -> one.getValue().worst())
                .of("timestamptz", one -> one.getValue().lastSeen())
                .read(row -> Outgoing.notice(
                        new Outcome.AlertKey(row.getString(1), row.getString(2), row.getString(3)),
                        row.getString(4), row.getLong(5), row.getInt(6), row.getObject(7, Integer.class)))
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    private static void join(Connection connection, List<Outcome.Judged> alerting) throws SQLException {
        Map<Membership, Outcome.Judged> latest = new TreeMap<>(
                Comparator.comparing(Membership::subject).thenComparing(Membership::alert, BY_KEY));
        alerting.forEach(one ->
                latest.put(new Membership(new Identity(one.source(), one.subject()), one.alertKey()), one));
        new Columns<>(connection, JOIN, latest.values())
                .texts(Outcome.Judged::source)
                .texts(Outcome.Judged::subject)
                .texts(Outcome.Judged::process)
                .texts(Outcome.Judged::category)
                .texts(Outcome.Judged::region)
                .texts(Outcome.Judged::eventId)
                .texts(Outcome.Judged::customer)
                .of("int2", Outcome.Judged::severity)
                .update();
    }

    private interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** A statement and rows -> an array for each of its places. */
    private static final class Columns<T> {
        private final Connection connection;
        private final PreparedStatement statement;
        private final Collection<T> rows;
        private int places;

        Columns(Connection connection, String sql, Collection<T> rows) throws SQLException {
            this.connection = connection;
            this.statement = connection.prepareStatement(sql);
            this.rows = rows;
        }

        Columns<T> texts(Function<T, String> column) throws SQLException {
            return of("text", column);
        }

        Columns<T> bytes(Function<T, byte[]> column) throws SQLException {
            byte[][] values = rows.stream().map(column).toArray(byte[][]::new);
            statement.setArray(++places, connection.createArrayOf("bytea", values));
            return this;
        }

        Columns<T> of(String type, Function<T, ?> column) throws SQLException {
            statement.setArray(++places, connection.createArrayOf(type, rows.stream().map(column).toArray()));
            return this;
        }

        void update() throws SQLException {
            try (statement) {
                statement.executeUpdate();
            }
        }

        <R> List<R> read(Row<R> reader) throws SQLException {
            List<R> found = new ArrayList<>();
            try (statement;
                    ResultSet answer = statement.executeQuery()) {
                while (answer.next()) {
                    found.add(reader.read(answer));
                }
            }
            return found;
        }
    }
}
