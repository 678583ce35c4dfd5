package org.secateur.harness.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.secateur.harness.cli.bundle.ApplicationJars;
import org.secateur.harness.cli.bundle.Bundle;
import org.secateur.harness.cli.bundle.JavaRuntime;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Packs the program for machines without Java. */
@Command(
        name = "bundle",
        description = {
            "Write the program, with a Java runtime of its own, as one archive for a Linux x86-64 machine without Java"
                    + " or internet.",
            "It has no libtorch: there it measures and trains on a GPU."
        },
        footer = {
            "",
            "Examples:",
            "  secateur bundle --out secateur.tar.gz",
            "",
            "There:",
            "  tar xzf secateur.tar.gz",
            "  secateur-bundle/secateur doctor"
        })
final class BundleCommand implements Callable<Integer> {
    private static final double MEBIBYTE = 1 << 20;

    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Option(names = "--out", paramLabel = "FILE.tar.gz", required = true, description = "The file to write.")
    private Path out = Path.of("");

    BundleCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        WholeFile.check(out);
        ApplicationJars jars = ApplicationJars.of(System.getProperty("java.class.path", ""));
        // Not beside the file: whatever happens, nothing is left there but a complete one.
        Path work = Files.createTempDirectory("secateur-bundle-");
        try {
            session.console().note("secateur: linking a Java runtime ...");
            Path runtime = work.resolve("runtime");
            JavaRuntime.link(ToolProvider.findFirst("jlink"), runtime);
            session.console().note("secateur: packing it with " + jars.taken().size() + " jars ...");
            Path archive = work.resolve("bundle.tar.gz");
            Bundle bundle =
                    Bundle.write(archive, runtime, jars.taken(), Version.commit(), System.currentTimeMillis() / 1000);
            long bytes = Files.size(archive);
            WholeFile.copy(archive, out);
            session.console().result(common.json ? Json.write(json(bundle, jars, bytes)) : text(bundle, jars, bytes));
            return ExitCode.DONE.code();
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "the disk failed or is full: " + e.getMessage(),
                    work.toString(),
                    "free 200 MB there",
                    e);
        } finally {
            delete(work);
        }
    }

    private Map<String, Object> json(Bundle bundle, ApplicationJars jars, long bytes) {
        Map<String, Object> document =
                Json.document("bundle", Json.noDevice(common.device, "this command uses no device"), List.of());
        document.put("path", out);
        document.put("bytes", bytes);
        document.put("java", Runtime.version().toString());
        document.put("modules", JavaRuntime.MODULES);
        List<Object> parts = new ArrayList<>();
        for (Bundle.Part part : bundle.parts()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", part.name());
            json.put("bytes", part.bytes());
            json.put("packedBytes", part.packedBytes());
            parts.add(json);
        }
        document.put("parts", parts);
        document.put("leftOut", leftOut(jars));
        return document;
    }

    private String text(Bundle bundle, ApplicationJars jars, long bytes) {
        Columns columns = new Columns("part", "MiB", "packed");
        for (Bundle.Part part : bundle.parts()) {
            columns.row(part.name(), mebibytes(part.bytes()), mebibytes(part.packedBytes()));
        }
        return columns.text() + "\nleft out: " + String.join(", ", leftOut(jars)) + "\nwrote " + mebibytes(bytes)
                + " MiB with Java " + Runtime.version() + " to " + out;
    }

    private static List<String> leftOut(ApplicationJars jars) {
        return jars.leftOut().stream()
                .map(jar -> String.valueOf(jar.getFileName()))
                .toList();
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f", (double) bytes / MEBIBYTE);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
