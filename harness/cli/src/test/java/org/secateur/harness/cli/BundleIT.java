package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.harness.cli.bundle.Bundle;
import org.secateur.harness.cli.bundle.JavaRuntime;

/** A bundle made from the program's jars, unpacked by tar, and run without Java, without PATH, without anything else. */
@Tag("process")
@Timeout(300)
final class BundleIT {
    /** 48 MiB is what is promised. */
    private static final long LARGEST_BYTES = 46L << 20;

    /** A module that jars of others mention and nothing here reaches. */
    private static final Set<String> MENTIONED = Set.of("java.datatransfer");

    @TempDir
    static Path made;

    private static Run packed;
    private static Path home;

    @TempDir
    Path directory;

    /** Where the bundled program finds the driver's libraries, where it shall find some. */
    private Optional<Path> libraries = Optional.empty();

    @BeforeAll
    static void packAndUnpack() throws Exception {
        packed = run(made, program("bundle", "--out", "new/bundle.tar.gz", "--json"));
        assertThat(packed.exit()).as(packed.err()).isZero();
        Run unpacked = run(Files.createDirectory(made.resolve("empty")), List.of("tar", "xzf", "../new/bundle.tar.gz"));
        assertThat(unpacked.exit()).as(unpacked.err()).isZero();
        assertThat(unpacked.err()).isEmpty();
        home = made.resolve("empty").resolve(Bundle.DIRECTORY);
    }

    /** The program as an installation starts it: from its jars. */
    private static List<String> program(String... arguments) {
        return java(List.of(), arguments);
    }

    private static List<String> java(List<String> options, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                Objects.requireNonNull(System.getProperty("secateur.application"), "secateur.application"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** A process whose standard output goes to a file elsewhere. */
    private static ProcessBuilder process(Path directory, List<String> command) {
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(made.resolve("out").toFile());
    }

    private static Run run(Path directory, List<String> command) throws IOException, InterruptedException {
        return run(process(directory, command));
    }

    private static Run run(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.start();
        try (BufferedReader lines = process.errorReader()) {
            String err = String.join("\n", lines.lines().toList());
            return new Run(process.waitFor(), Files.readString(made.resolve("out")), err);
        } finally {
            process.destroyForcibly();
        }
    }

    /** The bundled program, from the directory of this test, with nothing in its environment but an empty PATH. */
    private Run bundled(String... arguments) throws IOException, InterruptedException {
        return bare(home.resolve("secateur"), arguments);
    }

    private Run bare(Path launcher, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(launcher.toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = process(directory, command);
        builder.environment().clear();
        builder.environment().put("PATH", "");
        libraries.ifPresent(path -> builder.environment().put("LD_LIBRARY_PATH", path.toString()));
        return run(builder);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static List<Path> jars() throws IOException {
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            return jars.sorted().toList();
        }
    }

    @Test
    void itIsSmallAndTellsWhatItConsistsOf() throws IOException {
        JsonNode document = packed.json("bundle");
        long bytes = document.at("/bytes").asLong();
        StringBuilder sizes = new StringBuilder("bundle: " + bytes + " bytes\n");
        long sum = 0;
        for (JsonNode part : document.at("/parts")) {
            sizes.append("%10d %10d %s%n"
                    .formatted(
                            part.at("/packedBytes").asLong(),
                            part.at("/bytes").asLong(),
                            part.at("/name").asText()));
            sum += part.at("/packedBytes").asLong();
        }
        System.out.print(sizes);
        assertThat(Files.size(made.resolve("new/bundle.tar.gz"))).isEqualTo(bytes);
        assertThat(bytes).as("%s", sizes).isLessThanOrEqualTo(LARGEST_BYTES);
        // All but the end of both formats.
        assertThat(bytes - sum).isBetween(0L, 1024L);
        assertThat(document.at("/leftOut").toString()).contains("pytorch-", "openblas-", "javacpp-");
        assertThat(files(made.resolve("new"))).hasSize(1);
    }

    @Test
    void itHoldsOneLauncherAndNothingForOtherPlatforms() throws IOException {
        assertThat(files(made.resolve("empty")))
                .filteredOn(file -> file.endsWith("secateur"))
                .containsExactly(home.resolve("secateur"));
        assertThat(jars()).hasSizeGreaterThan(20);
        for (Path jar : jars()) {
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                assertThat(zip.stream().map(ZipEntry::getName))
                        .as(jar.toString())
                        .noneMatch(name -> name.startsWith("org/bytedeco/"))
                        .filteredOn(name -> name.matches(".*\\.(so|dll|dylib|jnilib|a)"))
                        .allMatch(name -> name.matches("(?i).*linux[/-]x86[_-]64.*"));
            }
        }
    }

    @Test
    void itsRuntimeHasTheModulesThatItsJarsUse() throws IOException {
        StringWriter found = new StringWriter();
        PrintWriter out = new PrintWriter(found);
        List<String> arguments =
                new ArrayList<>(List.of("--multi-release", "21", "--ignore-missing-deps", "--list-deps"));
        jars().forEach(jar -> arguments.add(jar.toString()));
        ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
        assertThat(jdeps.run(out, out, arguments.toArray(String[]::new)))
                .as(found.toString())
                .isZero();
        Set<String> used = found.toString()
                .lines()
                .map(String::strip)
                // The rest are packages that one jar keeps to itself and jdeps shows all the same.
                .filter(line -> line.matches("(java|jdk)\\.[^/]+"))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> expected = new TreeSet<>(JavaRuntime.MODULES);
        expected.addAll(MENTIONED);
        assertThat(used).isEqualTo(expected);
    }

    @Test
    void theDoctorLooksAtABareMachine() throws Exception {
        Run run = bundled("doctor", "--seconds", "0.1", "--json");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        JsonNode json = run.json("doctor");
        assertThat(json.at("/devices/0/id").asText()).isEqualTo("cpu");
        assertThat(json.at("/devices/0/reason").asText()).contains("no libtorch");
        assertThat(json.at("/host").isEmpty()).isFalse();
        // Asks the C library by way of JNA, whose native library comes out of its jar.
        assertThat(json.at("/noise/foreignLoad").has("value")).isTrue();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aNetworkIsDescribed() throws Exception {
        Run run = bundled("network", "resnet20", "--json");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.json("network").at("/macs/convolution").asLong()).isEqualTo(40_550_400);
    }

    @Test
    void aTableIsTakenThereAndComesHomeAsItWas() throws Exception {
        String store = directory.resolve("home.db").toString();
        Path table = directory.resolve("table.json");
        assertThat(Run.simulated("profile", "--network", "resnet8", "--batch", "2", "--store", store)
                        .exit())
                .isZero();
        assertThat(Run.simulated("table", "export", "--out", table.toString(), "--store", store)
                        .exit())
                .isZero();
        Run taken = bundled("table", "import", "table.json", "--json");
        assertThat(taken.exit()).as(taken.err()).isZero();
        JsonNode there = taken.json("table-import");
        assertThat(there.at("/newRows").asInt())
                .isPositive()
                .isEqualTo(there.at("/rows").asInt());
        Run back = bundled("table", "export", "--out", "back.json", "--json");
        assertThat(back.exit()).as(back.err()).isZero();
        back.json("table-export");
        assertThat(directory.resolve("back.json")).hasSameTextualContentAs(table);
        Run again =
                Run.simulated("table", "import", directory.resolve("back.json").toString(), "--store", store, "--json");
        assertThat(again.json("table-import").at("/newRows").asInt()).isZero();
    }

    @Test
    void aRunIsReportedThere() throws Exception {
        Program program = new Program(directory);
        try {
            program.drawImages();
            Run trained = program.run(
                    List.of("train", "--data", "cifar10:.", "--network", "resnet8", "--epochs", "1", "--batch", "32"));
            assertThat(trained.exit()).as(trained.err()).isZero();
        } finally {
            program.close();
        }
        Run run = bundled("report", "--json");
        assertThat(run.exit()).as(run.err()).isZero();
        Path report = directory.resolve(run.json("report").at("/files/report").asText());
        assertThat(report).content().contains("<section id=\"results\"");
    }

    @Test
    void aGpuIsMeasuredThere() throws Exception {
        Path folder = directory.resolve("nvidia/cudnn/lib");
        int built = new ProcessBuilder(
                        "sh",
                        Run.home().resolve("profilers/cuda/src/test/c/build.sh").toString(),
                        folder.toString())
                .inheritIO()
                .start()
                .waitFor();
        assumeTrue(built != 77, "skipped: no C compiler (cc, gcc or clang) on PATH for the stand-in libraries");
        assertThat(built).isZero();
        Files.writeString(
                folder.resolve("libcuda.so.1.txt"),
                "macs_per_second 1e8\nbytes_per_second 1e9\nl2_bytes 4096\nno_arithmetic 1\n");
        libraries = Optional.of(folder);
        String[] network = "--network resnet8 --input 3x8x8 --batch 2 --device cuda:0 --json".split(" ", -1);
        for (String command : List.of("profile --rough", "predict --verify")) {
            Run run = bundled(Stream.of((command + " --cudnn .").split(" ", -1), network)
                    .flatMap(Stream::of)
                    .toArray(String[]::new));
            assertThat(run.exit()).as(run.err()).isZero();
            run.json(command.split(" ", -1)[0]);
        }
        Run check = bundled("gpu-check", "--out", "check", "--minutes", "0.7", "--cudnn", ".", "--json");
        assertThat(check.json("gpu-check").at("/phases/2/status").asText())
                .as(check.err())
                .isEqualTo("DONE");
        assertThat(files(directory.resolve("check"))).hasSize(4);
    }

    @Test
    void aDeviceThatIsNotInTheBundleIsOneSentence() throws Exception {
        for (String command :
                List.of("train --data shapes:200 --epochs 1", "profile --network resnet8", "compare resnet8 resnet8")) {
            Run run = bundled((command + " --json").split(" ", -1));
            assertThat(run.exit()).as(run.err()).isEqualTo(3);
            assertThat(run.json("error").at("/error/what").asText()).contains("no libtorch");
            assertThat(run.err().lines().filter(line -> line.startsWith("secateur: this")))
                    .as(run.err())
                    .hasSize(1);
            assertThat(run.err()).doesNotContain("\tat ");
        }
        assertThat(files(directory)).isEmpty();
    }

    /** On the stand-in, without libtorch: a bare machine with a driver and cuDNN, and photographs. */
    @Test
    void aNetworkIsTrainedThereByCudnn() throws Exception {
        Path libraries = directory.resolve("libraries");
        int built = new ProcessBuilder(
                        "sh",
                        Run.home().resolve("profilers/cuda/src/test/c/build.sh").toString(),
                        libraries.toString())
                .inheritIO()
                .start()
                .waitFor();
        assumeTrue(built != 77, "skipped: no C compiler (cc, gcc or clang) on PATH for the stand-in libraries");
        Files.writeString(
                libraries.resolve("libcuda.so.1.txt"), "macs_per_second 1e7\nbytes_per_second 1e7\nno_arithmetic 1\n");
        Files.deleteIfExists(libraries.resolve("libnvidia-ml.so.1")); // its windows of energy take real minutes
        Program.drawPhotographs(directory);
        ProcessBuilder builder = process(
                directory,
                List.of(
                        home.resolve("secateur").toString(),
                        "prune",
                        "--engine",
                        "cudnn",
                        "--device",
                        "cuda:0",
                        "--cudnn",
                        libraries.toString(),
                        "--data",
                        "folder:8:.",
                        "--batch",
                        "8",
                        "--epochs",
                        "2",
                        "--lambda",
                        "1e-4",
                        "--json"));
        builder.environment().clear();
        builder.environment().put("PATH", "");
        builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
        Run run = run(builder);
        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode json = run.json("run");
        assertThat(json.at("/device/name").asText()).isEqualTo("STAND-IN");
        assertThat(directory.resolve(json.at("/files/checkpoint").asText())).exists();
    }

    @Test
    void aBundleMakesNoBundle() throws Exception {
        Run run = bundled("bundle", "--out", "bundle.tar.gz", "--json");
        assertThat(run.exit()).as(run.err()).isEqualTo(3);
        assertThat(run.json("error").at("/error/what").asText()).contains("no jlink");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void theLauncherAloneSaysWhatIsMissing() throws Exception {
        Path copy = Files.copy(home.resolve("secateur"), directory.resolve("secateur"));
        assertThat(copy.toFile().setExecutable(true)).isTrue();
        Run run = bare(copy, "doctor");
        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.err())
                .startsWith("secateur: ")
                .contains("runtime/bin/java")
                .hasLineCount(1);
    }

    @Test
    void anUnwritableTargetIsToldBeforeTheWork() throws Exception {
        // Where not even root writes.
        Run run = run(directory, program("bundle", "--out", "/proc/bundle.tar.gz", "--json"));
        assertThat(run.exit()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains("the file cannot be written").hasLineCount(1);
        run.json("error");
    }

    @Test
    void killedAtWorkItLeavesAnOlderBundleAsItWasAndNothingBesideIt() throws Exception {
        Path temporary = Files.createDirectory(directory.resolve("temporary"));
        Path target = Files.createDirectory(directory.resolve("target")).resolve("bundle.tar.gz");
        Files.writeString(target, "an older one");
        Process process = process(
                        directory, java(List.of("-Djava.io.tmpdir=" + temporary), "bundle", "--out", target.toString()))
                .start();
        try (BufferedReader lines = process.errorReader()) {
            String line = lines.readLine();
            while (line != null && !line.contains("packing")) {
                line = lines.readLine();
            }
            assertThat(line).isNotNull();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(137);
        assertThat(target).hasContent("an older one");
        assertThat(files(directory.resolve("target"))).containsExactly(target);
    }
}
