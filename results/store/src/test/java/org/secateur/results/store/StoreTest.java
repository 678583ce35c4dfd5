package org.secateur.results.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.secateur.results.store.Samples.DEVICE;
import static org.secateur.results.store.Samples.HERE;
import static org.secateur.results.store.Samples.NOON;
import static org.secateur.results.store.Samples.THERE;
import static org.secateur.results.store.Samples.key;
import static org.secateur.results.store.Samples.measurement;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.Evidence;
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.cost.MeasuringRun;

class StoreTest {
    @TempDir
    Path directory;

    @Test
    void whatIsAppendedComesBackExactlyAfterReopening() {
        CostTable table = Samples.table(5);
        try (Store store = Store.open(file());
                TableWriter writer = store.writer(DEVICE, HERE, "profile")) {
            table.rows().values().forEach(writer::append);
            assertThat(writer.table()).isEqualTo(table);
        }
        try (Store store = Store.open(file())) {
            assertThat(store.table(DEVICE, HERE)).isEqualTo(table);
            assertThat(store.table(HERE.id().substring(0, 6))).contains(table);
            assertThat(store.table("no such id")).isEmpty();
        }
    }

    @Test
    void theNewestMeasurementOfAKeyIsTheRowAndOlderVersionsAreKept() {
        Measurement old = measurement(16, 1, NOON);
        Measurement renewed = measurement(16, 2, NOON.plusNanos(1));
        try (Store store = Store.open(file())) {
            try (TableWriter writer = store.writer(DEVICE, HERE, "profile")) {
                writer.append(renewed);
                writer.append(old);
            }
            assertThat(store.table(DEVICE, HERE).row(key(16))).contains(renewed);
            assertThat(store.history(HERE))
                    .containsExactly(
                            new StoredMeasurement(old, HERE.context()), new StoredMeasurement(renewed, HERE.context()));
            assertThat(store.history(THERE)).isEmpty();
        }
    }

    @Test
    void tablesOfTwoFingerprintsDoNotMix() {
        try (Store store = Store.open(file())) {
            store.add(Samples.table(2));
            store.add(CostTable.of("Other", THERE, List.of(measurement(16, 9, NOON.plusSeconds(5)))));
            assertThat(store.table(DEVICE, HERE)).isEqualTo(Samples.table(2));
            assertThat(store.tables())
                    .containsExactly(
                            new TableSummary("Other", THERE, 1, 1, NOON.plusSeconds(5)),
                            new TableSummary(DEVICE, HERE, 2, 2, NOON.plusMillis(1)));
        }
    }

    @Test
    void addingATableTwiceAddsItOnce() {
        try (Store store = Store.open(file())) {
            assertThat(store.add(Samples.table(3))).isEqualTo(3);
            assertThat(store.add(Samples.table(4))).isEqualTo(1);
            assertThat(store.tables().getFirst().measurements()).isEqualTo(4);
        }
    }

    @Test
    void aTableIsListedWithTheContextOfItsNewestMeasurement() {
        Fingerprint later = Fingerprint.of(HERE.identity(), Map.of("jvm", "25"));
        try (Store store = Store.open(file())) {
            store.add(CostTable.of(DEVICE, later, List.of(measurement(16, 1, NOON.plusSeconds(1)))));
            store.add(CostTable.of(DEVICE, HERE, List.of(measurement(32, 2, NOON))));
            assertThat(store.tables()).extracting(TableSummary::fingerprint).containsExactly(later);
            assertThat(store.tables().getFirst().rows()).isEqualTo(2);
        }
    }

    @Test
    void aForeignTableIsRefusedWithTheFieldsThatDiffer() {
        CostTable foreign = CostTable.of("Other", THERE, List.of());
        assertThatThrownBy(() -> Store.requireSame(HERE, foreign))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("device Test 9000 / Other")
                .hasMessageNotContaining("threads")
                .extracting(e -> ((SecateurException) e).exit())
                .isEqualTo(ExitCode.BAD_INPUT);
        Store.requireSame(HERE, CostTable.of(DEVICE, HERE, List.of()));
    }

    @Test
    void aSecondWriterIsToldWhoHoldsTheStoreAndReadersAreFree() {
        try (Store store = Store.open(file());
                Store other = Store.open(file())) {
            try (TableWriter writer = store.writer(DEVICE, HERE, "secateur profile resnet20")) {
                refused(
                        () -> other.writer(DEVICE, HERE, "run"),
                        String.valueOf(ProcessHandle.current().pid()));
                writer.append(measurement(16, 1, NOON));
                assertThat(other.table(DEVICE, HERE).rows()).hasSize(1);
            }
            other.writer(DEVICE, HERE, "run").close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aStoreOfAnEarlierVersionIsBroughtForward(int version) {
        Measurement kept = measurement(16, 1, NOON);
        Path newer = directory.resolve("newer.db");
        try (Store store = Store.open(newer);
                TableWriter writer = store.writer(DEVICE, HERE, "profile")) {
            writer.append(kept);
        }
        try (Database database = Database.open(file())) {
            Migrations.create(database, version);
            database.execute("attach '" + newer + "' as newer");
            for (String table : List.of("fingerprints", "contexts", "measurements")) {
                String columns = database.query(
                                "select group_concat(name) from pragma_table_info('" + table + "')",
                                List.of(),
                                row -> row.getString(1))
                        .getFirst();
                database.execute(
                        "insert into " + table + " (" + columns + ") select " + columns + " from newer." + table);
            }
        }
        try (Store store = Store.open(file());
                TableWriter writer = store.writer(DEVICE, HERE, "profile")) {
            assertThat(store.table(DEVICE, HERE)).isEqualTo(CostTable.of(DEVICE, HERE, List.of(kept)));
            Measurement more = measurement(32, 3, NOON);
            writer.append(more, Samples.run(1));
            assertThat(store.table(DEVICE, HERE).rows().values()).containsExactlyInAnyOrder(kept, more);
            assertThat(store.table(DEVICE, HERE).evidence())
                    .isEqualTo(Evidence.NONE.with(Samples.run(1), List.of(key(32))));
        }
    }

    @Test
    void aRowTellsTheRunThatMeasuredItLast() {
        MeasuringRun first = Samples.run(1);
        MeasuringRun second = Samples.bareRun();
        try (Store store = Store.open(file())) {
            try (TableWriter writer = store.writer(DEVICE, HERE, "profile")) {
                writer.append(measurement(16, 1, NOON), first);
                writer.append(measurement(32, 2, NOON), first);
                writer.append(measurement(48, 3, NOON));
                writer.append(measurement(32, 4, NOON.plusSeconds(1)), second);
            }
            Evidence evidence = store.table(DEVICE, HERE).evidence();
            assertThat(evidence.runs()).containsExactly(first, second);
            assertThat(evidence.of(key(16))).contains(first);
            assertThat(evidence.of(key(32))).contains(second);
            assertThat(evidence.of(key(48))).isEmpty();
            try (TableWriter writer = store.writer(DEVICE, HERE, "profile")) {
                writer.append(measurement(16, 5, NOON.plusSeconds(2)));
            }
            assertThat(store.table(DEVICE, HERE).evidence().of(key(16))).isEmpty();
            assertThat(store.table("Other", THERE).evidence()).isEqualTo(Evidence.NONE);
        }
    }

    @Test
    void whatARunFindsLaterReplacesWhatWasKeptOfIt() {
        MeasuringRun begun = Samples.bareRun();
        MeasuringRun judged = begun.judged(HeldOutError.of("a", List.of(0.1), 0, 1, "b"));
        try (Store store = Store.open(file());
                TableWriter writer = store.writer(DEVICE, HERE, "profile")) {
            writer.append(measurement(16, 1, NOON), begun);
            writer.replace(begun, judged);
            writer.append(measurement(32, 2, NOON), judged);
            assertThat(store.table(DEVICE, HERE).evidence())
                    .isEqualTo(Evidence.NONE.with(judged, List.of(key(16), key(32))));
            writer.replace(Samples.run(2), Samples.run(3));
            assertThat(store.table(DEVICE, HERE).evidence().runs()).containsExactly(Samples.run(3), judged);
        }
    }

    @Test
    void aTableBringsItsRunsAlongOnce() {
        CostTable told = Samples.told(4);
        try (Store store = Store.open(file())) {
            assertThat(store.add(told)).isEqualTo(4);
            assertThat(store.table(DEVICE, HERE)).isEqualTo(told);
            assertThat(store.add(told)).isZero();
            assertThat(store.table(DEVICE, HERE)).isEqualTo(told);
        }
    }

    @Test
    void aNewerStoreAsksForANewerTool() {
        Store.open(file()).close();
        try (Database database = Database.open(file())) {
            database.execute("pragma user_version = 999");
        }
        refused(() -> Store.open(file()), "the store is newer (version 999)", "upgrade the tool");
    }

    @Test
    void aFileThatIsNoDatabaseIsRefusedAndLeftAlone() throws IOException {
        Files.writeString(file(), "This is a letter, not a database. ".repeat(40));
        byte[] before = Files.readAllBytes(file());
        refused(() -> Store.open(file()), "corrupt or is not a database", "--store FILE");
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @Test
    void anotherProgramsDatabaseIsRefusedAndLeftAlone() throws IOException {
        try (Database database = Database.open(file())) {
            database.execute("create table bookmarks (url text)");
        }
        byte[] before = Files.readAllBytes(file());
        refused(() -> Store.open(file()), "another program's database");
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @Test
    void aStoreWithDamagedPagesIsRefused() throws IOException {
        try (Store store = Store.open(file())) {
            store.add(Samples.table(200));
        }
        byte[] bytes = Files.readAllBytes(file());
        java.util.Arrays.fill(bytes, 4096, bytes.length, (byte) 0x5a);
        Files.write(file(), bytes);
        refused(
                () -> {
                    try (Store store = Store.open(file())) {
                        store.table(DEVICE, HERE);
                    }
                },
                "corrupt");
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Store.open(directory.resolve("made/on/demand/store.db")).close();
        Path plain = Files.writeString(directory.resolve("plain"), "");
        refused(() -> Store.open(plain.resolve("store.db")), "cannot be created", "plain");
        refused(() -> Store.open(directory), "is a directory");
    }

    @Test
    void onAFullDiskTheRowIsRefusedWholeAndTheOthersStay() {
        CostTable table = Samples.table(400);
        Store.open(file()).close();
        try (Database full = Database.open(file())) {
            // The limit of pages makes SQLite report what a full disk does.
            full.execute("pragma max_page_count = 40");
            Store store = new Store(file(), full);
            refused(() -> store.add(table), "disk is full", "free space");
            assertThat(store.table(DEVICE, HERE).rows()).isEmpty();
            List<Measurement> one = table.rows().values().stream().limit(1).toList();
            assertThat(store.add(CostTable.of(DEVICE, HERE, one))).isEqualTo(1);
        }
        try (Store store = Store.open(file())) {
            assertThat(store.table(DEVICE, HERE).rows()).hasSize(1);
        }
    }

    /** Often enough to find what went wrong once in some thirty times. */
    @RepeatedTest(100)
    void manyMayOpenANewStoreAtOnce() throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Integer>> openings = IntStream.range(0, 8)
                    .<Callable<Integer>>mapToObj(i -> () -> {
                        try (Store store = Store.open(file())) {
                            return store.add(CostTable.of(DEVICE, HERE, List.of(measurement(16 + i, i, NOON))));
                        }
                    })
                    .toList();
            for (var opened : threads.invokeAll(openings)) {
                assertThat(opened.get()).isEqualTo(1);
            }
        }
        try (Store store = Store.open(file())) {
            assertThat(store.table(DEVICE, HERE).rows()).hasSize(8);
        }
    }

    private Path file() {
        return directory.resolve("store.db");
    }

    private static void refused(ThrowingCallable work, String... parts) {
        assertThatThrownBy(work)
                .isInstanceOf(SecateurException.class)
                .hasMessageContainingAll(parts)
                .message()
                .hasLineCount(1);
        assertThatThrownBy(work).extracting(e -> ((SecateurException) e).exit()).isEqualTo(ExitCode.ENVIRONMENT);
    }
}
