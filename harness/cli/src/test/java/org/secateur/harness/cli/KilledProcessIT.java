package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.libtorch.Checkpoint;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.TableCheck;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableSummary;

/** The real program in processes of its own, killed at work. */
@Tag("process")
@Timeout(300)
class KilledProcessIT {
    private final Path directory;
    private final Program program;

    KilledProcessIT(@TempDir Path directory) {
        this.directory = directory;
        this.program = new Program(directory);
    }

    @BeforeEach
    void drawImages() throws IOException {
        program.drawImages();
    }

    @Test
    void aRunKilledInTrainingIsContinuedAndReported() throws Exception {
        Process first = program.start(run("1"));
        try (BufferedReader lines = first.errorReader()) {
            until(lines, line -> line.startsWith("epoch 1 of 3, pruned"));
            Run second = program.run(run("2"));
            assertThat(second.exit()).as(second.err()).isEqualTo(3);
            assertThat(second.err()).contains("process " + first.pid() + " (secateur run)", "secateur.db");
            first.destroyForcibly();
            assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertRowsAreWhole();
        Path run = onlyRun();
        String layout = Files.readString(run.resolve("layout.json"));

        Run again = program.run(run("1"));
        assertThat(again.exit()).as(again.err()).isZero();
        assertThat(again.err())
                .contains("continuing the run in runs/run-resnet8-cifar10-")
                .doesNotContain("epoch 1 of 3");
        assertThat(again.err()).contains("epoch 3 of 3, dense", "epoch 3 of 3, pruned");
        assertThat(again.json("run").at("/plans").isEmpty()).isFalse();
        assertRowsAreWhole();

        assertThat(again.json("run").at("/layoutChoice/by").asText()).isEqualTo("MEASURED");
        assertThat(onlyRun()).isEqualTo(run);
        assertThat(run.resolve("layout.json")).as("measured once").hasContent(layout);
        Path report = run.resolve("report.html");
        String written = Files.readString(report);
        Files.delete(report);
        Run reported = program.run(List.of("report", "--json"));
        assertThat(reported.exit()).as(reported.err()).isZero();
        reported.json("report");
        assertThat(Files.readString(report)).isEqualTo(written);
        assertSameBits(run, again.json("run").at("/arithmetic/layout").asText());
    }

    /** The numbers of a run without interruption, by the same plans and in the same layout, are those of the run. */
    private void assertSameBits(Path run, String layout) throws Exception {
        List<String> arguments = new ArrayList<>(run("1"));
        arguments.addAll(List.of("--plan", run.resolve("plans.json").toString(), "--layout", layout));
        Run whole = program.run(arguments);
        assertThat(whole.exit()).as(whole.err()).isZero();
        Path checkpoint =
                directory.resolve(whole.json("run").at("/files/checkpoint").asText());
        assertThat(checkpoint).isNotEqualTo(run.resolve("pruned.safetensors"));
        for (String file : List.of("dense.safetensors", "pruned.safetensors")) {
            Checkpoint expected = Checkpoint.read(checkpoint.resolveSibling(file));
            Checkpoint continued = Checkpoint.read(run.resolve(file));
            assertThat(continued.network()).as(file).isEqualTo(expected.network());
            assertThat(continued.state()).as(file).isEqualTo(expected.state());
        }
    }

    /**
     * The lines are read by the first process's pipe, which the others write their troubles to as well. Of three, the first
     * does not always hear of the third by itself.
     */
    @Test
    void aTrainingThatLosesAProcessSaysSoAndIsContinued() throws Exception {
        List<String> train = List.of(
                "train",
                "--network",
                "resnet8",
                "--data",
                "cifar10:.",
                "--epochs",
                "3",
                "--batch",
                "16",
                "--workers",
                "3");
        Process first = program.start(train);
        try (BufferedReader lines = first.errorReader()) {
            until(lines, line -> line.startsWith("epoch 1 of 3, dense"));
            List<ProcessHandle> others = first.children().toList();
            assertThat(others).hasSize(2);
            others.stream()
                    .max(Comparator.comparing(ProcessHandle::pid))
                    .orElseThrow()
                    .destroyForcibly();
            assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
            String told = String.join("\n", lines.lines().toList());
            assertThat(first.waitFor()).as(told).isEqualTo(1);
            assertThat(told).contains("ended with exit code 137", "continues from its last checkpoint");
        }
        Run again = program.run(train);
        assertThat(again.exit()).as(again.err()).isZero();
        assertThat(again.err())
                .contains("continuing the run in runs/train-resnet8-cifar10-", "epoch 3 of 3, dense")
                .doesNotContain("epoch 1 of 3");
    }

    @Test
    void aProfileKilledAtWorkGoesOnWhereItWas() throws Exception {
        List<String> profile =
                List.of("profile", "--network", "resnet8", "--input", "1x8x8", "--batch", "2", "--rough");
        Process first = program.start(profile);
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
        Run again = program.run(fast);
        assertThat(again.exit()).as(again.err()).isZero();
        assertThat(again.err()).contains(kept + " of ").contains("points are there already");
        assertThat(rows(store)).isGreaterThan(kept);
        assertRowsAreWhole();
    }

    @Test
    void withoutAFinishedRunThereIsNoReport() throws Exception {
        for (List<String> arguments : List.of(List.of("report"), List.of("report", "nonesuch"))) {
            Run report = program.run(arguments);
            assertThat(report.exit()).as(report.err()).isEqualTo(2);
            assertThat(report.err()).contains("finished run").hasLineCount(1);
        }
    }

    private List<String> run(String seed) {
        return List.of(
                "run", "--quick", "--data", "cifar10:.", "--epochs", "3", "--batch", "16", "--seed", seed, "--json");
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
            TableCheck.Result check = TableCheck.of(table);
            assertThat(check.mismatches()).isEmpty();
            assertThat(check.rowsWithoutRun()).isZero();
        }
    }

    private static void assertWhole(Measurement row) {
        assertThat(row.seconds().estimate().isPresent() || row.flags().contains(Flag.BIMODAL))
                .as("%s: %s", row.key(), row.seconds())
                .isTrue();
        assertThat(row.blocks()).isNotEmpty();
    }

    @AfterEach
    void endChildren() throws InterruptedException {
        program.close();
    }
}
