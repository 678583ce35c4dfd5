package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.harness.cli.Cookbook.Block;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.training.Scores;
import org.secateur.results.store.TableJson;

/** Every recipe of the cookbook, run as its reader would in a directory of its own; see {@link Cookbook}. */
@Tag("process")
@Timeout(300)
class CookbookIT {
    private static final String PRUNE = "Prune my ONNX model and deploy it";
    private static final String PHOTOS = "Photographs of my own";
    private static final String OWN = "A model and data of my own, in Java";
    private static final String GPU = "A table for my GPU box";
    private static final String GATE = "A gate in CI";
    private static final String JOULES = "Joules beside a benchmark's score";

    private static final Pattern CLASS = Pattern.compile("public final class (\\w+)");

    private final Cookbook cookbook;
    private final Path directory;
    private final Path libraries;
    private final Path log;

    CookbookIT(@TempDir Path directory, @TempDir Path beside) throws IOException {
        this.cookbook = Cookbook.read(Run.home().resolve("docs/cookbook.md"));
        this.directory = directory;
        this.libraries = beside.resolve("libraries");
        this.log = beside.resolve("log");
        Path launcher = directory.resolve("secateur");
        Files.writeString(launcher, """
                #!/bin/sh
                main=%3$s
                [ "$1" != java ] || { shift; main=; }
                exec '%1$s' --enable-native-access=ALL-UNNAMED -Xmx2g -Djmh.ignoreLock=true -cp '%2$s' $main "$@"
                """.formatted(
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        Objects.requireNonNull(System.getProperty("secateur.application"), "secateur.application"),
                        Main.class.getName()));
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void everyRecipeIsRunHere() {
        assertThat(cookbook.recipes().keySet()).containsExactly(PRUNE, PHOTOS, OWN, GPU, GATE, JOULES);
    }

    @Test
    void aModelIsPrunedAndDeployed() throws Exception {
        Path images = Files.createDirectory(directory.resolve("small"));
        Program.drawSmallImages(images);
        cook(PRUNE);
        JsonNode result = pruned();
        Batches test = Batches.test(Dataset.open("fashion-mnist:" + images), 12);
        // One image of 12 may stand between two classes.
        assertThat(accuracy(directory.resolve("pruned.onnx"), test))
                .isCloseTo(result.at("/pruned/top1/value").asDouble(), within(1.01 / 12));
    }

    /** What the only run came to. */
    private JsonNode result() throws IOException {
        try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
            Path run = runs.filter(Files::isDirectory).findFirst().orElseThrow();
            return new ObjectMapper().readTree(Files.readString(run.resolve("result.json")));
        }
    }

    /** The same, in which something was pruned. */
    private JsonNode pruned() throws IOException {
        JsonNode result = result();
        assertThat(result.at("/pruned/macs/total").asLong())
                .isPositive()
                .isLessThan(result.at("/dense/macs/total").asLong());
        return result;
    }

    /** The fraction of the images of one batch that ONNX Runtime classifies rightly. */
    private static double accuracy(Path file, Batches batches) throws OrtException {
        float[] images = new float[batches.largestSize() * 8 * 8];
        long[] labels = new long[batches.largestSize()];
        int count = batches.fill(0, images, labels);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
                OrtSession session = environment.createSession(file.toString(), options);
                OnnxTensor input =
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), new long[] {count, 1, 8, 8});
                OrtSession.Result result = session.run(Map.of("input", input))) {
            float[][] logits = (float[][]) result.get(0).getValue();
            int right = 0;
            for (int i = 0; i < count; i++) {
                right += Scores.winner(logits[i], 0, logits[i].length) == labels[i] ? 1 : 0;
            }
            return (double) right / count;
        }
    }

    @Test
    void photographsAreTrainedOn() throws Exception {
        Program.drawPhotographs(Files.createDirectory(directory.resolve("photos")));
        cook(PHOTOS);
        assertThat(result().at("/images").asText())
                .startsWith("photos: 40 training and 20 test images of 3x8x8, 2 classes");
    }

    /** Chance is 0.5. */
    @Test
    void aModelOfOnesOwnLearnsAndIsPruned() throws Exception {
        cook(OWN);
        JsonNode result = pruned();
        assertThat(result.at("/data").asText()).isEqualTo("bars");
        assertThat(result.at("/pruned/top1/value").asDouble()).isGreaterThan(0.8);
    }

    @Test
    void aTableIsTakenOnAGpuAndPredictsAtHome() throws Exception {
        int built = new ProcessBuilder(
                        "sh",
                        Run.home().resolve("profilers/cuda/src/test/c/build.sh").toString(),
                        libraries.toString())
                .inheritIO()
                .start()
                .waitFor();
        assumeTrue(built != 77, "skipped: no C compiler (cc, gcc or clang) on PATH for the stand-in libraries");
        assertThat(built).isZero();
        Files.writeString(
                libraries.resolve("libcuda.so.1.txt"),
                "macs_per_second 1e8\nbytes_per_second 1e9\nl2_bytes 4096\nno_arithmetic 1\n");
        Files.deleteIfExists(libraries.resolve("libnvidia-ml.so.1")); // its windows of energy take real minutes
        cook(GPU);
        assertThat(TableJson.read(directory.resolve("gpu.json")).device()).isEqualTo("STAND-IN");
        assertThat(directory.resolve("runs/secateur.db")).exists();
    }

    @Test
    void aGateTellsByItsExitCode() throws Exception {
        cook(GATE);
        assertThat(Run.problems(Files.readString(directory.resolve("verdict.json")), "compare"))
                .isEmpty();
    }

    @Test
    void joulesStandBesideTheScore() throws Exception {
        for (Block block : cookbook.recipe(JOULES)) {
            assertThat(run(block)).contains("energy.modelled");
        }
    }

    private void cook(String recipe) throws IOException, InterruptedException {
        for (Block block : cookbook.recipe(recipe)) {
            run(block);
        }
    }

    /** Saves Java; runs what stands for another block, if anything does; what it printed on both streams. */
    private String run(Block block) throws IOException, InterruptedException {
        if (block.language().equals("java")) {
            Matcher name = CLASS.matcher(block.text());
            assertThat(name.find()).isTrue();
            Files.writeString(directory.resolve(name.group(1) + ".java"), block.text());
        }
        if (block.script().isEmpty()) {
            return "";
        }
        ProcessBuilder builder = new ProcessBuilder(
                        "sh", "-e", "-c", block.script().get())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("STAND_IN_GPU", libraries.toString());
        Process process = builder.start();
        try {
            boolean ended = process.waitFor(200, TimeUnit.SECONDS);
            String printed = Files.readString(log);
            assertThat(ended).as(printed).isTrue();
            assertThat(block.exits())
                    .as("exit code of\n%s\n%s", block.script().get(), printed)
                    .contains(process.exitValue());
            return printed;
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
