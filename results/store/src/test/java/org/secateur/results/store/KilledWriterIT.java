package org.secateur.results.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.SecateurException;

@Tag("process")
@Timeout(120)
class KilledWriterIT {
    @TempDir
    Path directory;

    @Test
    void aProcessKilledWhileItAppendsLosesNoCommittedRowAndFreesTheStore() throws Exception {
        Path file = directory.resolve("store.db");
        int acknowledged = 0;
        for (int life = 0; life < (Boolean.getBoolean("secateur.campaign") ? 30 : 3); life++) {
            Process child = start(file);
            try (BufferedReader lines = child.inputReader();
                    Store store = Store.open(file)) {
                for (int i = 0; i < 20 * (life % 3 + 1); i++) {
                    assertThat(lines.readLine()).isEqualTo("appended " + i);
                    acknowledged++;
                }
                assertThatThrownBy(() -> store.writer("d", Samples.HERE, "run"))
                        .isInstanceOf(SecateurException.class)
                        .hasMessageContainingAll("process " + child.pid() + " (append for ever)", file.toString())
                        .extracting(e -> ((SecateurException) e).exit())
                        .isEqualTo(ExitCode.ENVIRONMENT);
            } finally {
                child.destroyForcibly();
                assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            }
            try (Store store = Store.open(file);
                    TableWriter writer = store.writer("d", Samples.HERE, "run")) {
                List<Measurement> rows = store.history(Samples.HERE).stream()
                        .map(StoredMeasurement::measurement)
                        .toList();
                assertThat(rows)
                        .hasSizeGreaterThanOrEqualTo(acknowledged)
                        .allSatisfy(row -> assertThat(row)
                                .isEqualTo(Samples.measurement(
                                        16,
                                        row.measuredAt().getEpochSecond() - Samples.NOON.getEpochSecond(),
                                        row.measuredAt())));
                acknowledged = rows.size();
                writer.append(rows.getLast());
                acknowledged++;
            }
        }
    }

    private static Process start(Path file) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classes,
                        AppendForever.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Appends and says so, until it is killed. */
    static final class AppendForever {
        private AppendForever() {}

        public static void main(String[] args) {
            try (Store store = Store.open(Path.of(args[0]));
                    TableWriter writer = store.writer("d", Samples.HERE, "append for ever")) {
                for (int i = 0; ; i++) {
                    writer.append(Samples.measurement(16, i, Samples.NOON.plusSeconds(i)));
                    System.out.println("appended " + i);
                    System.out.flush();
                }
            }
        }
    }
}
