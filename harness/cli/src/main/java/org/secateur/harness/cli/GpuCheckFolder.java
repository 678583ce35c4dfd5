package org.secateur.harness.cli;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.secateur.harness.cli.GpuPhase.Status;
import org.secateur.profilers.core.Device;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.store.JsonDocument;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableJson;

/**
 * The files of a GPU's check: {@code summary.json}, {@code table.json.gz}, {@code samples-1.json.gz} and {@code log.txt}.
 * All but the log are replaced as a whole after each phase, so that a check which is killed leaves what it had.
 */
final class GpuCheckFolder {
    private static final String SUMMARY = "summary.json";
    private static final String TABLE = "table.json.gz";
    private static final String SAMPLES = "samples-1.json.gz";
    private static final String LOG = "log.txt";

    /** What a file that is carried around may have. */
    private static final int MOST_BYTES = 12 << 20;

    private final Path directory;
    private final Map<String, Map<String, Object>> phases = new LinkedHashMap<>();
    private final Map<String, Object> samples = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private CostTable table;

    private GpuCheckFolder(Path directory, CostTable table) {
        this.directory = directory;
        this.table = table;
    }

    /**
     * The folder of a new check, or of one that goes on.
     *
     * @param continued the folder of an earlier check of the same device, which may be the same
     * @throws SecateurException when there is a check already that is not to be continued, or one of another device
     */
    static GpuCheckFolder open(Path directory, Optional<Path> continued, Device device) {
        if (Files.exists(directory.resolve(SUMMARY)) && !isSame(directory, continued)) {
            throw SecateurException.badInput(
                    "there is a check already",
                    directory.toString(),
                    "add --continue " + directory + " to go on with it, or name another directory");
        }
        WholeFile.check(directory.resolve(SUMMARY));
        tidy(directory);
        Fingerprint fingerprint = device.fingerprint();
        GpuCheckFolder folder = new GpuCheckFolder(directory, new CostTable(device.name(), fingerprint, Map.of()));
        continued.ifPresent(earlier -> folder.take(earlier, fingerprint));
        return folder;
    }

    /** Removes what a check that was killed while it wrote has left. */
    private static void tidy(Path directory) {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(directory, ".*.part")) {
            for (Path part : parts) {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT, "the disk failed: " + e, directory.toString(), "name another directory", e);
        }
    }

    private static boolean isSame(Path directory, Optional<Path> continued) {
        Path absolute = directory.toAbsolutePath().normalize();
        return continued
                .map(Path::toAbsolutePath)
                .map(Path::normalize)
                .filter(absolute::equals)
                .isPresent();
    }

    private void take(Path earlier, Fingerprint here) {
        try {
            if (Files.exists(earlier.resolve(TABLE))) {
                try (Reader in = unpacked(earlier.resolve(TABLE))) {
                    table = TableJson.read(in, earlier.resolve(TABLE).toString());
                    Store.requireSame(here, table);
                }
            }
            if (Files.exists(earlier.resolve(SAMPLES))) {
                try (BufferedReader in = unpacked(earlier.resolve(SAMPLES))) {
                    StringWriter text = new StringWriter();
                    in.transferTo(text);
                    samples.putAll(JsonDocument.read(
                            text.toString(), earlier.resolve(SAMPLES).toString()));
                }
            }
            Path summary = earlier.resolve(SUMMARY);
            Map<String, Object> document = JsonDocument.read(Files.readString(summary), summary.toString());
            if (document.get("phases") instanceof List<?> list) {
                list.forEach(entry -> takePhase(entry));
            }
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT,
                    "the check cannot be read: " + e,
                    earlier.toString(),
                    "name the directory of an earlier gpu-check",
                    e);
        }
    }

    private void takePhase(Object entry) {
        if (entry instanceof Map<?, ?> phase && phase.get("name") instanceof String name) {
            Map<String, Object> copy = new LinkedHashMap<>();
            phase.forEach((key, value) -> copy.put(String.valueOf(key), value));
            phases.put(name, copy);
        }
    }

    private static BufferedReader unpacked(Path file) throws IOException {
        return new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8));
    }

    /** How a phase stands. */
    Status status(String phase) {
        Map<String, Object> known = phases.get(phase);
        return known != null && known.get("status") instanceof String status ? Status.valueOf(status) : Status.TODO;
    }

    /** What a phase found, as JSON has it; empty where there is nothing. */
    Map<String, Object> findings(String phase) {
        Map<String, Object> found = new LinkedHashMap<>();
        Map<String, Object> known = phases.get(phase);
        if (known != null && known.get("findings") instanceof Map<?, ?> findings) {
            findings.forEach((key, value) -> found.put(String.valueOf(key), value));
        }
        return found;
    }

    /** Takes what became of a phase. */
    void put(GpuPhase phase, Status status, double seconds, Optional<String> reason, GpuFindings findings) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", phase.name());
        entry.put("status", status.name());
        entry.put("seconds", seconds);
        reason.ifPresent(text -> entry.put("reason", text));
        // What was found before a failure is worth more than nothing.
        entry.put("findings", findings.facts().isEmpty() ? findings(phase.name()) : findings.facts());
        phases.put(phase.name(), entry);
        if (!findings.samples().isEmpty()) {
            samples.put(phase.name(), findings.samples());
        }
    }

    /** The rows measured so far. */
    CostTable table() {
        return table;
    }

    /** Takes a table with more rows. */
    void put(CostTable more) {
        table = more;
    }

    /** The phases, in the order in which they were first done. */
    List<Map<String, Object>> phases() {
        return List.copyOf(phases.values());
    }

    /** What is to be said beside. */
    List<String> warnings() {
        List<String> all = new ArrayList<>(warnings);
        if (findings("correctness").get("wrong") instanceof List<?> wrong && !wrong.isEmpty()) {
            all.add(wrong.size() + " kernels compute something else than their references, or fail");
        }
        return all;
    }

    /** Replaces the files. Raw samples that would make theirs too large are left out, with a warning. */
    void write(Map<String, Object> summary) {
        byte[] packed = packed(out -> TableJson.write(table, out));
        WholeFile.writeBytes(directory.resolve(TABLE), out -> out.write(packed));
        byte[] raw = packed(out -> JsonDocument.write(samples, out));
        if (raw.length <= MOST_BYTES) {
            WholeFile.writeBytes(directory.resolve(SAMPLES), out -> out.write(raw));
        } else {
            warnings.add(SAMPLES + " was not replaced: it would have " + raw.length + " bytes");
        }
        String json = Json.write(summary);
        WholeFile.write(directory.resolve(SUMMARY), out -> out.write(json));
    }

    private interface Content {
        void write(Writer out) throws IOException;
    }

    private static byte[] packed(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Writer out = new OutputStreamWriter(new GZIPOutputStream(bytes), StandardCharsets.UTF_8)) {
            content.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Adds a line to the log at once. */
    void log(String line) {
        try {
            Files.writeString(
                    directory.resolve(LOG), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT, "the disk failed or is full", directory.toString(), "free space there", e);
        }
    }
}
