package race;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The topic -> the database, an event at a time or in batches. */
record Topologies(String topic, Judge judge, DataSource database, Store store) {
    private static final int BATCH = 500;
    private static final Duration WAIT = Duration.ofMillis(100);
    private static final String SLOTS = "slots";

    /** Streams commits the offset of a record only after `process` returned, that is after the database's commit. */
    Topology perEvent() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(topic, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .process(() -> (Processor<byte[], byte[], Void, Void>) record -> save(List.of(judge.judge(valueOf(record)))));
        return builder.build();
    }

    Topology batched() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(SLOTS), Serdes.Integer(), Serdes.ByteArray())
                .withCachingEnabled());
        builder.stream(topic, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray())).process(Batches::new, SLOTS);
        return builder.build();
    }

    /** What has no value is refused as no JSON; null in a store would empty a slot. */
    private static byte[] valueOf(Record<byte[], byte[]> record) {
        return record.value() == null ? new byte[0] : record.value();
    }

    private void save(List<Outcome> outcomes) {
        // The pool rolls back what is given back without a commit.
        try (Connection connection = database.getConnection()) {
            store.save(connection, outcomes);
            connection.commit();
        } catch (SQLException fault) {
            throw new IllegalStateException(fault);
        }
    }

    /**
     * Streams may commit offsets between any two calls, of records too that wait here, and tells nobody. So each record
     * is put into a slot of a store before it waits: a commit first flushes the store's cache to the changelog and the
     * changelog to Kafka, and only then commits offsets. A committed record is in the database or in a slot; whoever
     * takes the task over saves what is in the slots, and what was saved before is dropped by its identity. Slots are
     * written over by the next batch, so nothing has to be deleted.
     */
    private final class Batches implements Processor<byte[], byte[], Void, Void> {
        private final List<Outcome> waiting = new ArrayList<>(BATCH);
        private KeyValueStore<Integer, byte[]> slots;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            slots = context.getStateStore(SLOTS);
            try (KeyValueIterator<Integer, byte[]> left = slots.all()) {
                left.forEachRemaining(slot -> waiting.add(judge.judge(slot.value)));
            }
            flush();
            context.schedule(WAIT, PunctuationType.WALL_CLOCK_TIME, now -> flush());
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            byte[] value = valueOf(record);
            slots.put(waiting.size(), value);
            waiting.add(judge.judge(value));
            if (waiting.size() == BATCH) {
                flush();
            }
        }

        private void flush() {
            if (!waiting.isEmpty()) {
                save(waiting);
                waiting.clear();
            }
        }
    }
}
