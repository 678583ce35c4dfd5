package org.secateur.results.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** One connection to a SQLite file; every failure becomes one sentence that names the file. Used by one thread. */
final class Database implements AutoCloseable {
    /** How long a statement waits for another process's commit, which takes milliseconds. */
    private static final int BUSY_MILLISECONDS = 10_000;

    private static final long RETRY_NANOS = 5_000_000;

    private final Path file;
    private final Connection connection;
    private boolean inTransaction;

    private Database(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /** Opens the file, creating it when it is absent, and changes nothing in it. */
    static Database open(Path file) {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLISECONDS);
        config.enforceForeignKeys(true);
        // With WAL a commit outlives the process in this mode too; only a power failure may lose the last ones, and
        // no disk is waited for between two measurements.
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        try {
            return new Database(file, config.createConnection("jdbc:sqlite:" + file));
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    /** Reads one row as a value. */
    interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Sets the journal mode WAL. While another process sets it too, SQLite does not wait by itself. */
    void writeAhead() {
        long deadline = System.nanoTime() + BUSY_MILLISECONDS * 1_000_000L;
        while (true) {
            try (var statement = connection.createStatement()) {
                statement.execute("pragma journal_mode = wal");
                return;
            } catch (SQLException e) {
                boolean busy = (e.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code;
                if (!busy || System.nanoTime() - deadline > 0) {
                    throw failure(file, e);
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /** Runs one or several statements without parameters. */
    void execute(String sql) {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    /** Runs one statement and returns the number of rows it changed. */
    int update(String sql, List<?> parameters) {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    <T> List<T> query(String sql, List<?> parameters, Reader<T> reader) {
        try (PreparedStatement statement = prepare(sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            List<T> values = new ArrayList<>();
            while (rows.next()) {
                values.add(reader.read(rows));
            }
            return values;
        } catch (SQLException e) {
            throw failure(file, e);
        } catch (IllegalArgumentException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT, "the store holds a row that cannot be read", file.toString(), DAMAGED, e);
        }
    }

    /** The value of a pragma or another query of one number. */
    long number(String sql) {
        return query(sql, List.of(), row -> row.getLong(1)).getFirst();
    }

    /** Runs the work as one transaction: all of it is kept, or nothing. */
    void transaction(Runnable work) {
        if (inTransaction) {
            work.run();
            return;
        }
        execute("begin immediate");
        inTransaction = true;
        boolean done = false;
        try {
            work.run();
            execute("commit");
            done = true;
        } finally {
            inTransaction = false;
            if (!done) {
                rollback();
            }
        }
    }

    /** Leaves the failure that caused it as the one that is reported; SQLite may have rolled back already. */
    private void rollback() {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("rollback");
        } catch (SQLException e) {
            // no transaction is open any more: there is nothing to undo
        }
    }

    private PreparedStatement prepare(String sql, List<?> parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            for (int i = 0; i < parameters.size(); i++) {
                statement.setObject(i + 1, parameters.get(i) == Absent.VALUE ? null : parameters.get(i));
            }
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    /** The parameter that stands for SQL's null. */
    enum Absent {
        VALUE
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    private static final String DAMAGED =
            "move it away and start with an empty store, or name another with --store FILE";

    private static SecateurException failure(Path file, SQLException e) {
        String on = file.toString();
        if (!(e instanceof SQLiteException sqlite)) {
            return new SecateurException(
                    ExitCode.ENVIRONMENT, "the store failed: " + oneLine(e), on, "name another with --store FILE", e);
        }
        // The low byte is the primary result code (SQLite, "Result and Error Codes").
        String what;
        String fix;
        switch (sqlite.getResultCode().code & 0xff) {
            case 5, 6 -> {
                what = "the store stays locked by another process";
                fix = "wait until that process has finished";
            }
            case 8, 3, 23 -> {
                what = "the store cannot be written";
                fix = "make the file and its directory writable, or name another with --store FILE";
            }
            case 10 -> {
                what = "the disk failed or is full while the store was used; nothing was half-written";
                fix = "free space or check the disk, then run the same command again";
            }
            case 13 -> {
                what = "the disk is full; nothing was half-written";
                fix = "free space, then run the same command again";
            }
            case 14 -> {
                what = "the store cannot be opened";
                fix = "check that its directory exists and is writable, or name another with --store FILE";
            }
            case 11, 26 -> {
                what = "the store is corrupt or is not a database";
                fix = DAMAGED;
            }
            default -> {
                what = "the store failed: " + oneLine(e);
                fix = "name another with --store FILE";
            }
        }
        return new SecateurException(ExitCode.ENVIRONMENT, what, on, fix, e);
    }

    private static String oneLine(SQLException e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    }
}
