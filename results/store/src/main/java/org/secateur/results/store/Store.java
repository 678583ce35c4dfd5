package org.secateur.results.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.Evidence;
import org.secateur.results.core.cost.MeasuringRun;

/**
 * The SQLite file in which everything measured is kept: one cost table per fingerprint with the runs that measured it,
 * the runs of trainings with their events, and plans. Measurements are only ever added; what is read is the newest of each key.
 *
 * <p>A store is used by one thread and closed by whoever opened it. Any number of processes may read one file; a
 * process that measures into it holds it through {@link #writer}. All failures are {@link SecateurException}s with
 * exit code 3.
 */
public final class Store implements AutoCloseable {
    private final Path file;
    private final Database database;

    Store(Path file, Database database) {
        this.file = file;
        this.database = database;
    }

    /**
     * Opens a store, creating file and directories when they are absent and bringing an older one to this version.
     *
     * @throws SecateurException when it is corrupt, newer than this tool, not a store, or cannot be written
     */
    public static Store open(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        if (Files.isDirectory(absolute)) {
            throw SecateurException.environment("the store is a directory", file.toString(), "name a file");
        }
        try {
            Path directory = absolute.getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "the store's directory cannot be created",
                    file.toString(),
                    "make the directory above it writable, or name another with --store FILE",
                    e);
        }
        Database database = Database.open(absolute);
        try {
            Migrations.apply(database, absolute);
            return new Store(absolute, database);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** The file. */
    public Path file() {
        return file;
    }

    /**
     * Takes the store for measuring into the table of one device, until the writer is closed.
     *
     * @param device the device's own name
     * @param command what this process is doing, for the message that another one gets
     * @throws SecateurException when another process holds it, naming that process and its command
     */
    public TableWriter writer(String device, Fingerprint fingerprint, String command) {
        return new TableWriter(this, device, fingerprint, lock(command));
    }

    private ProcessLock lock(String command) {
        try {
            Path real = file.toRealPath();
            return ProcessLock.acquire(
                    real.resolveSibling(real.getFileName() + ".lock"),
                    command,
                    holder -> SecateurException.environment(
                            "process " + holder + " is measuring into the store",
                            file.toString(),
                            "wait until it has finished, or name another with --store FILE"));
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "the store's lock file cannot be written",
                    file + ".lock",
                    "make the file and its directory writable, or name another store with --store FILE",
                    e);
        }
    }

    /**
     * Adds all rows of a table and the runs that measured them, its own fingerprint kept, in one transaction: all of it or
     * nothing. A row that is there already, of the same key and moment, is not added again, nor is a run.
     *
     * @return how many rows were new
     */
    public int add(CostTable table) {
        int[] added = {0};
        database.transaction(() -> {
            Map<MeasuringRun, Long> ids = new HashMap<>();
            for (MeasuringRun run : table.evidence().runs()) {
                ids.put(run, keep(table.device(), table.fingerprint(), run));
            }
            for (Measurement measurement : table.rows().values()) {
                if (!holds(table.fingerprint(), measurement)) {
                    append(
                            table.device(),
                            table.fingerprint(),
                            measurement,
                            table.evidence().of(measurement.key()).map(ids::get));
                    added[0]++;
                }
            }
        });
        return added[0];
    }

    /** Keeps a run that measures into a table, and returns its id; one that is there already is not kept again. */
    long keep(String device, Fingerprint fingerprint, MeasuringRun run) {
        long[] id = {0};
        database.transaction(() -> {
            long context = context(device, fingerprint);
            String document = JsonDocument.text(MeasuringRunJson.of(run));
            id[0] = database
                    .query(
                            "select id from measuringRuns where context = ? and document = ?",
                            List.of(context, document),
                            row -> row.getLong(1))
                    .stream()
                    .findFirst()
                    .orElseGet(() -> database.query(
                                    "insert into measuringRuns (context, command, startedAt, document)"
                                            + " values (?, ?, ?, ?) returning id",
                                    List.of(context, run.command(), MeasurementRow.time(run.startedAt()), document),
                                    row -> row.getLong(1))
                            .getFirst());
        });
        return id[0];
    }

    /** Replaces what is known of a run that is kept. */
    void replace(long id, MeasuringRun run) {
        database.update(
                "update measuringRuns set document = ? where id = ?",
                List.of(JsonDocument.text(MeasuringRunJson.of(run)), id));
    }

    /** The id of a fingerprint with its context, which are added where they are new. */
    private long context(String device, Fingerprint fingerprint) {
        database.update(
                "insert or ignore into fingerprints (id, device, identity) values (?, ?, ?)",
                List.of(fingerprint.id(), device, JsonDocument.text(fingerprint.identity())));
        String context = JsonDocument.text(fingerprint.context());
        database.update(
                "insert or ignore into contexts (fingerprint, fields) values (?, ?)",
                List.of(fingerprint.id(), context));
        return database.query(
                        "select id from contexts where fingerprint = ? and fields = ?",
                        List.of(fingerprint.id(), context),
                        row -> row.getLong(1))
                .getFirst();
    }

    /**
     * Adds a measurement.
     *
     * @param run the id of the run that made it, where it is kept
     */
    void append(String device, Fingerprint fingerprint, Measurement measurement, Optional<Long> run) {
        database.transaction(() -> {
            List<Object> values = new ArrayList<>(List.of(fingerprint.id(), context(device, fingerprint)));
            values.add(run.<Object>map(id -> id).orElse(Database.Absent.VALUE));
            values.addAll(MeasurementRow.write(measurement));
            database.update(MeasurementRow.INSERT, values);
        });
    }

    private boolean holds(Fingerprint fingerprint, Measurement measurement) {
        List<Object> values = new ArrayList<>(List.of(fingerprint.id()));
        values.addAll(MeasurementRow.key(measurement.key()));
        values.add(MeasurementRow.time(measurement.measuredAt()));
        return !database.query(
                        "select 1 from measurements where (fingerprint, " + MeasurementRow.KEY_COLUMNS
                                + ", measuredAt) = (?, ?, ?, ?, ?, ?, ?)",
                        values,
                        row -> true)
                .isEmpty();
    }

    /**
     * The table of a fingerprint: the newest measurement of each key, in the order first measured, and the runs that
     * measured into it; maybe empty.
     */
    public CostTable table(String device, Fingerprint fingerprint) {
        record Kept(Measurement measurement, long run) {}
        record Measuring(long id, MeasuringRun run) {}
        // The rows first: a run is kept before its rows, so that none of these lacks its run.
        List<Kept> rows = database.query(
                "select * from measurements where fingerprint = ? order by measuredAt, id",
                List.of(fingerprint.id()),
                row -> new Kept(MeasurementRow.read(row), row.getLong("run")));
        List<Measuring> runs = database.query(
                "select r.id, r.document from measuringRuns r join contexts c on c.id = r.context"
                        + " where c.fingerprint = ? order by r.startedAt, r.id",
                List.of(fingerprint.id()),
                row -> new Measuring(
                        row.getLong(1), MeasuringRunJson.read(JsonDocument.object(row.getString(2), "run"))));
        Map<Long, Integer> placeById = new HashMap<>();
        runs.forEach(run -> placeById.put(run.id(), placeById.size()));
        Map<WorkloadKey, Integer> places = new LinkedHashMap<>();
        for (Kept row : rows) {
            Integer place = placeById.get(row.run());
            if (place == null) {
                places.remove(row.measurement().key());
            } else {
                places.put(row.measurement().key(), place);
            }
        }
        return CostTable.of(
                        device,
                        fingerprint,
                        rows.stream().map(Kept::measurement).toList())
                .with(new Evidence(runs.stream().map(Measuring::run).toList(), places));
    }

    /** The table whose fingerprint's id is given or begins with these digits, when there is exactly one. */
    public Optional<CostTable> table(String idPrefix) {
        List<TableSummary> found = tables().stream()
                .filter(t -> t.fingerprint().id().startsWith(idPrefix))
                .toList();
        return found.size() == 1
                ? Optional.of(table(found.getFirst().device(), found.getFirst().fingerprint()))
                : Optional.empty();
    }

    /** All tables, the most recently measured first, each with its newest context. */
    public List<TableSummary> tables() {
        // With a lone max(), SQLite takes the other bare columns from the row that holds the maximum.
        return database.query(
                "select f.id, f.device, f.identity, c.fields, count(*) as measurements, max(m.measuredAt) as newest,"
                        + " (select count(*) from (select distinct " + MeasurementRow.KEY_COLUMNS
                        + " from measurements where fingerprint = f.id)) as keys"
                        + " from measurements m join fingerprints f on f.id = m.fingerprint"
                        + " join contexts c on c.id = m.context group by f.id order by newest desc, f.id",
                List.of(),
                row -> new TableSummary(
                        row.getString("device"),
                        Fingerprint.of(
                                JsonDocument.object(row.getString("identity"), "identity")
                                        .texts(),
                                JsonDocument.object(row.getString("fields"), "context")
                                        .texts()),
                        row.getInt("keys"),
                        row.getInt("measurements"),
                        Instant.parse(row.getString("newest"))));
    }

    /** All measurements of a table, older versions of rows included, the oldest first. */
    public List<StoredMeasurement> history(Fingerprint fingerprint) {
        return database.query(
                "select m.*, c.fields from measurements m join contexts c on c.id = m.context where m.fingerprint = ?"
                        + " order by m.measuredAt, m.id",
                List.of(fingerprint.id()),
                row -> new StoredMeasurement(
                        MeasurementRow.read(row),
                        new TreeMap<>(JsonDocument.object(row.getString("fields"), "context")
                                .texts())));
    }

    /** Runs, their events and their plans. */
    public RunLog runs() {
        return new RunLog(database);
    }

    /**
     * Refuses a table that was measured on something else than what is here, where mixing or comparing would be wrong.
     *
     * @throws SecateurException with exit code 2, naming the identity fields that differ
     */
    public static void requireSame(Fingerprint here, CostTable foreign) {
        Map<String, String> differences = here.differences(foreign.fingerprint());
        if (!differences.isEmpty()) {
            throw SecateurException.badInput(
                    "the table was measured on something else (here / there): "
                            + differences.entrySet().stream()
                                    .map(d -> d.getKey() + " " + d.getValue())
                                    .collect(Collectors.joining(", ")),
                    "table of " + foreign.device(),
                    "measure here, or use the table for predicting and pruning only");
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
