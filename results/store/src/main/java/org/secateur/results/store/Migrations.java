package org.secateur.results.store;

import java.nio.file.Path;
import java.util.List;
import org.secateur.results.core.SecateurException;

/**
 * The numbered steps that make a store: step i leads from version i to i + 1. A step that has been released never
 * changes; the next change of the tables is a further step.
 */
final class Migrations {
    private Migrations() {}

    /** Says in the file's header whose database it is: the letters SECA. */
    private static final int APPLICATION_ID = 0x53454341;

    private static final List<String> STEPS = List.of("""
            create table fingerprints (
                id text primary key,
                device text not null,
                identity text not null
            ) strict;
            create table contexts (
                id integer primary key,
                fingerprint text not null references fingerprints (id),
                fields text not null,
                unique (fingerprint, fields)
            ) strict;
            create table measurements (
                id integer primary key,
                context integer not null references contexts (id),
                fingerprint text not null references fingerprints (id),
                workload text not null,
                regime text not null,
                workspaceLimitBytes integer not null,
                deterministicAsked integer not null,
                dataDistribution text not null,
                algorithm text not null,
                workspaceBytes integer not null,
                deterministic integer not null,
                seconds real, secondsLow real, secondsHigh real, secondsConfidence real, secondsBlocks integer,
                secondsProvenance text not null, secondsDetail text not null,
                joules real, joulesLow real, joulesHigh real, joulesConfidence real, joulesBlocks integer,
                joulesProvenance text not null, joulesDetail text not null,
                flags text not null,
                samples blob not null,
                discarded text not null,
                conditionsBefore text not null,
                conditionsAfter text not null,
                measuredAt text not null
            ) strict;
            create index measurementKeys on measurements
                (fingerprint, workload, regime, workspaceLimitBytes, deterministicAsked, dataDistribution, measuredAt);
            create table runs (
                id text primary key,
                command text not null,
                subject text not null,
                seed integer not null,
                arguments text not null,
                startedAt text not null,
                status text not null,
                result text
            ) strict;
            create table runEvents (
                run text not null references runs (id),
                sequence integer not null,
                kind text not null,
                json text not null,
                primary key (run, sequence)
            ) strict;
            create table plans (
                id text primary key,
                run text not null references runs (id),
                json text not null,
                predictedSeconds text not null,
                measuredSeconds text
            ) strict;
            """, """
            alter table measurements add column energySamples blob not null default x'00000000';
            """, """
            create table measuringRuns (
                id integer primary key,
                context integer not null references contexts (id),
                command text not null,
                startedAt text not null,
                document text not null
            ) strict;
            alter table measurements add column run integer references measuringRuns (id);
            """);

    /** The version that this tool writes. */
    static int version() {
        return STEPS.size();
    }

    /** Makes an empty store of an earlier version, for trying whether it is brought forward. */
    static void create(Database database, int version) {
        STEPS.subList(0, version).forEach(database::execute);
        database.execute("pragma application_id = " + APPLICATION_ID);
        database.execute("pragma user_version = " + version);
    }

    /**
     * Brings the store to this tool's version.
     *
     * @throws SecateurException when the store is newer than this tool, or the database is somebody else's
     */
    static void apply(Database database, Path file) {
        if (check(database, file) == version()) {
            return;
        }
        // From here on the file is ours. The journal mode stays with the file.
        database.writeAhead();
        database.transaction(() -> {
            // Another process may have done it meanwhile.
            for (int step = check(database, file); step < STEPS.size(); step++) {
                database.execute(STEPS.get(step));
            }
            database.execute("pragma application_id = " + APPLICATION_ID);
            database.execute("pragma user_version = " + version());
        });
    }

    private static int check(Database database, Path file) {
        // One statement sees one state of the file; another process may be creating it.
        record Header(long version, long application, long objects) {}
        Header header = database.query(
                        "select user_version, application_id, (select count(*) from sqlite_schema)"
                                + " from pragma_user_version, pragma_application_id",
                        List.of(),
                        row -> new Header(row.getLong(1), row.getLong(2), row.getLong(3)))
                .getFirst();
        long found = header.version();
        if (header.application() != APPLICATION_ID && header.objects() > 0) {
            throw SecateurException.environment(
                    "the file is another program's database", file.toString(), "name another with --store FILE");
        }
        if (found > version()) {
            throw SecateurException.environment(
                    "the store is newer (version " + found + ") than this tool knows (version " + version() + ")",
                    file.toString(),
                    "upgrade the tool, or name another store with --store FILE");
        }
        return Math.toIntExact(found);
    }
}
