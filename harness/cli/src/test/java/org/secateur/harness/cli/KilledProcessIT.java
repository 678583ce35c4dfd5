package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableSummary;

/** The real program in processes of its own, killed at work. */
@Tag("process")
@Timeout(300)
class KilledProcessIT {
    private static final int IMAGE_BYTES = 3073;
    private static final Pattern PLOTS = Pattern.compile("id=\"plots\">(.*?)</script>", Pattern.DOTALL);

    @TempDir
    Path directory;

    private final List<Process> children = new ArrayList<>();

    /** Noise in the format of CIFAR-10: nothing to learn, much to compute. */
    @BeforeEach
    void drawImages() throws IOException {
        write("data_batch_1.bin", 128, 1);
        write("test_batch.bin", 32, 2);
    }

    private void write(String name, int images, long seed) throws IOException {
        byte[] bytes = new byte[images * IMAGE_BYTES];
        Random random = new Random(seed);
        random.nextBytes(bytes);
        for (int i = 0; i < images; i++) {
            bytes[i * IMAGE_BYTES] = (byte) random.nextInt(10);
        }
        Files.write(directory.resolve(name), bytes);
    }

    @Test
    void aRunKilledInTrainingIsContinuedAndReported() throws Exception {
        Process first = start(run("1"));
        try (BufferedReader lines = first.errorReader()) {
            until(lines, line -> line.startsWith("epoch 1 of 3, pruned"));
            Process second = start(run("2"));
            String told = all(second);
            assertThat(second.waitFor()).as(told).isEqualTo(3);
            assertThat(told).contains("process " + first.pid() + " (secateur run)", "secateur.db");
            first.destroyForcibly();
            assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertRowsAreWhole();

        Process again = start(run("1"));
        String told = all(again);
        assertThat(again.waitFor()).as(told).isZero();
        assertThat(told)
                .contains("continuing the run in runs/run-resnet8-cifar10-")
                .doesNotContain("epoch 1 of 3");
        assertThat(told).contains("epoch 3 of 3, dense", "epoch 3 of 3, pruned");
        assertRowsAreWhole();

        Path run = onlyRun();
        Path report = run.resolve("report.html");
        String written = Files.readString(report);
        Files.delete(report);
        Process reported = start(List.of("report"));
        told = all(reported);
        assertThat(reported.waitFor()).as(told).isZero();
        String rewritten = Files.readString(report);
        assertThat(PLOTS.matcher(rewritten).replaceFirst(""))
                .isEqualTo(PLOTS.matcher(written).replaceFirst(""));
        assertThat(plots(rewritten)).isEqualTo(plots(written));
    }

    @Test
    void aProfileKilledAtWorkGoesOnWhereItWas() throws Exception {
        List<String> profile = List.of("profile", "--network", "resnet8", "--batch", "2", "--cap", "0.1");
        Process first = start(profile);
        Path store = directory.resolve("runs").resolve("secateur.db");
        int rows = 0;
        while (rows < 10 && !first.waitFor(100, TimeUnit.MILLISECONDS)) {
            rows = Files.exists(store) ? rows(store) : 0;
        }
        assertThat(first.isAlive()).isTrue();
        first.destroyForcibly();
        assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertRowsAreWhole();
        int kept = rows(store);
        assertThat(kept).isGreaterThanOrEqualTo(rows);

        List<String> fast = new ArrayList<>(profile);
        fast.add("--fast");
        Process again = start(fast);
        String told = all(again);
        assertThat(again.waitFor()).as(told).isZero();
        assertThat(told).contains(kept + " of ").contains("points are there already");
        assertThat(rows(store)).isGreaterThan(kept);
        assertRowsAreWhole();
    }

    @Test
    void withoutAFinishedRunThereIsNoReport() throws Exception {
        for (List<String> arguments : List.of(List.of("report"), List.of("report", "nonesuch"))) {
            Process report = start(arguments);
            String told = all(report);
            assertThat(report.waitFor()).as(told).isEqualTo(2);
            assertThat(told).contains("finished run").hasLineCount(1);
        }
    }

    /** The plots' data, whose fields come in any order. */
    private static JsonNode plots(String report) throws IOException {
        Matcher plots = PLOTS.matcher(report);
        assertThat(plots.find()).isTrue();
        return new ObjectMapper().readTree(plots.group(1));
    }

    private List<String> run(String seed) {
        return List.of("run", "--quick", "--data", "cifar10:.", "--epochs", "3", "--batch", "16", "--seed", seed);
    }

    private static void until(BufferedReader lines, Predicate<String> wanted) throws IOException {
        StringBuilder told = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (wanted.test(line)) {
                return;
            }
            told.append(line).append('\n');
        }
        throw new AssertionError("the process ended before:\n" + told);
    }

    private Path onlyRun() throws IOException {
        try (Stream<Path> entries = Files.list(directory.resolve("runs"))) {
            List<Path> runs = entries.filter(Files::isDirectory).toList();
            assertThat(runs).hasSize(1);
            return runs.getFirst();
        }
    }

    private static int rows(Path file) {
        try (Store store = Store.open(file)) {
            return store.tables().stream().mapToInt(TableSummary::rows).sum();
        }
    }

    private void assertRowsAreWhole() {
        try (Store store = Store.open(directory.resolve("runs").resolve("secateur.db"))) {
            CostTable table = store.table("").orElseThrow();
            assertThat(table.rows().values()).isNotEmpty().allSatisfy(KilledProcessIT::assertWhole);
        }
    }

    private static void assertWhole(Measurement row) {
        assertThat(row.seconds().estimate()).isPresent();
        assertThat(row.blocks()).isNotEmpty();
    }

    /** All of standard error, which ends with the process. */
    private static String all(Process process) throws IOException {
        try (BufferedReader lines = process.errorReader()) {
            return String.join("\n", lines.lines().toList());
        }
    }

    private Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx2g",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        children.add(process);
        return process;
    }

    @AfterEach
    void endChildren() throws InterruptedException {
        for (Process child : children) {
            child.destroyForcibly();
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
