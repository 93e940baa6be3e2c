package race;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Writes what became of events, in the transaction of the connection; what was known already is dropped. */
interface Store {
    void save(Connection connection, List<Outcome> outcomes) throws SQLException;
}
