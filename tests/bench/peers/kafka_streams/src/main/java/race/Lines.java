package race;

import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Records as lines of base64 -> their rows: the job without Kafka, by which a test compares it with Python's. */
public final class Lines {
    private Lines() {}

    public static void main(String[] arguments) throws IOException, SQLException {
        Map<String, String> environment = System.getenv();
        Judge judge = new Judge(Rules.load(Path.of(environment.get("RACE_RULES"))));
        Store store = Database.store(environment.get("RACE_SQL"));
        try (HikariDataSource database = Database.pool(environment.get("RACE_DSN"), 1);
                Connection connection = database.getConnection();
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            List<Outcome> outcomes = lines.lines()
                    .map(line -> judge.judge(Base64.getDecoder().decode(line)))
                    .toList();
            store.save(connection, outcomes);
            connection.commit();
        }
    }
}
