package race;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * The job of the race on Kafka Streams; the environment is that of all peers, and -Drace.batch=true asks for batches.
 *
 * <p>Guarantee: at least once, and an event's rows once, since its identity is written with them. exactly_once_v2 makes
 * offsets, state stores and output topics one Kafka transaction; a database is no part of it, so a JDBC commit may be
 * repeated after it all the same ("Streams developer guide", processing.guarantee). It would only add its own cost.
 *
 * <p>Tuned by "Configuring a Streams application": num.stream.threads as many as there are tasks, one a partition, since
 * each waits for the database most of its time; commit.interval.ms stays at the 30 s that it recommends for at least
 * once; statestore.cache.max.bytes holds all that the batches keep, so that a batch's slots reach the changelog once a
 * commit; producer and consumer buffers stay as Streams sets them (1,000 records a poll). The heap is given to the
 * command: see jvm.options.
 */
public final class Main {
    private static final int THREADS = 4;
    private static final Duration STOP = Duration.ofSeconds(4);

    private Main() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Map<String, String> environment = System.getenv();
        Rules rules = Rules.load(Path.of(environment.get("RACE_RULES")));
        try (HikariDataSource database = Database.pool(environment.get("RACE_DSN"), THREADS)) {
            boolean batched = Boolean.getBoolean("race.batch");
            Store store = Database.store(environment.get("RACE_SQL"));
            Topologies topologies = new Topologies(environment.get("RACE_TOPIC"), new Judge(rules), database, store);
            KafkaStreams streams = new KafkaStreams(
                    batched ? topologies.batched() : topologies.perEvent(), settings(environment));
            System.exit(run(streams));
        }
    }

    /** Runs until SIGTERM, or until something fails, which the exit status says. */
    private static int run(KafkaStreams streams) throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(fault -> {
            fault.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                System.out.println("ready");
            } else if (now == KafkaStreams.State.ERROR) {
                stopped.countDown();
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(STOP)));
        streams.start();
        stopped.await();
        return 1;
    }

    private static Properties settings(Map<String, String> environment) throws IOException {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, environment.get("RACE_GROUP"));
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, environment.get("RACE_BROKERS"));
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, THREADS);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 32 << 20);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("race-streams").toString());
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "zstd");
        return settings;
    }
}
