package race;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A DSN as libpq reads it, by TCP or with `host` as the folder of a Unix socket -> connections. */
final class Database {
    private static final String SOCKET_FACTORY = "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg";

    private Database() {}

    static Store store(String sql) {
        return sql.equals("ours") ? new SetBasedStore() : new RowStore();
    }

    /** A pool as HikariCP advises: of a fixed size, a connection for each thread; statements are prepared once each. */
    static HikariDataSource pool(String dsn, int connections) {
        URI place = URI.create(dsn);
        Map<String, String> asked = query(place);
        HikariConfig config = new HikariConfig();
        String folder = asked.get("host");
        int port = place.getPort() > 0 ? place.getPort() : Integer.parseInt(asked.getOrDefault("port", "5432"));
        String host = Optional.ofNullable(place.getHost()).orElse("localhost");
        config.setJdbcUrl("jdbc:postgresql://%s:%d%s".formatted(host, port, place.getPath()));
        if (folder != null && folder.startsWith("/")) {
            config.addDataSourceProperty("socketFactory", SOCKET_FACTORY);
            config.addDataSourceProperty("socketFactoryArg", "%s/.s.PGSQL.%d".formatted(folder, port));
            config.addDataSourceProperty("sslmode", "disable");
        }
        String[] user = userInfo(place).split(":", 2);
        config.setUsername(user[0]);
        config.setPassword(user.length > 1 ? user[1] : "");
        config.setMaximumPoolSize(connections);
        config.setAutoCommit(false);
        config.addDataSourceProperty("prepareThreshold", "1");
        config.addDataSourceProperty("reWriteBatchedInserts", "true");
        return new HikariDataSource(config);
    }

    /** Java reads no user where the host is empty. */
    private static String userInfo(URI place) {
        if (place.getUserInfo() != null) {
            return place.getUserInfo();
        }
        String authority = Optional.ofNullable(place.getAuthority()).orElse("");
        return authority.contains("@") ? authority.substring(0, authority.lastIndexOf('@')) : "postgres";
    }

    private static Map<String, String> query(URI place) {
        return place.getQuery() == null
                ? new HashMap<>()
                : Stream.of(place.getQuery().split("&"))
                        .map(pair -> pair.split("=", 2))
                        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }
}
