package org.secateur.harness.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Request;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.history.Point;
import org.secateur.results.core.history.Series;
import org.secateur.results.store.JsonDocument;
import org.secateur.results.store.QuantityJson;
import org.secateur.results.store.Run;
import org.secateur.results.store.RunStatus;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableJson;

/**
 * What stands in a store or in files, as series: all versions of the rows of tables, and the results of runs and
 * comparisons. Modelled numbers are left out: they repeat what they are modelled by.
 */
final class HistoryReader {
    /** Whose documents are read. */
    private static final Set<String> COMMANDS = Set.of("run", "prune", "train", "compare");
    /** What a run tells of each of its networks. */
    private static final List<String> OF_ARM = List.of("stepSeconds", "latencySeconds", "trainSeconds", "energyJoules");
    /** A document names its command in its first lines; a table has none. */
    private static final int HEAD = 1000;

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    /** What tells one series from another; the fingerprint's id is empty where series go on across fingerprints. */
    private record Name(String device, String fingerprint, String subject, String quantity) {}

    /** A row that may stand in several exports of one table. */
    private record Row(String fingerprint, WorkloadKey key, Instant measuredAt) {}

    /** What is the same of all points that one measurement or document gives. */
    private record Origin(String device, Fingerprint fingerprint, String source, Optional<Instant> measuredAt) {}

    private final boolean across;
    private final Map<Name, List<Point>> points = new LinkedHashMap<>();
    private final Set<Row> rows = new HashSet<>();

    /**
     * A reader that has read nothing yet.
     *
     * @param across whether a series goes on when the fingerprint changes and the device's name does not
     */
    HistoryReader(boolean across) {
        this.across = across;
    }

    /** Reads all rows and all results of finished runs. */
    void read(Store store) {
        String file = store.file().toString();
        store.tables()
                .forEach(table -> store.history(table.fingerprint())
                        .forEach(stored -> row(
                                stored.measurement(),
                                stored.context(),
                                new Origin(
                                        table.device(),
                                        table.fingerprint(),
                                        file,
                                        Optional.of(stored.measurement().measuredAt())))));
        for (Run run : store.runs().runs().reversed()) {
            if (run.status() == RunStatus.DONE) {
                store.runs().result(run.id()).ifPresent(json -> document(json, run.id(), Optional.of(run.startedAt())));
            }
        }
    }

    /**
     * Reads a table, a result, the result in a run's directory, or all JSON files of a directory by their names.
     *
     * @throws SecateurException with exit code 2 when it is none of these
     */
    void read(Path path) {
        if (!Files.isDirectory(path)) {
            file(path);
            return;
        }
        Path result = path.resolve(RunExecution.RESULT);
        if (Files.exists(result)) {
            file(result);
            return;
        }
        try (Stream<Path> files = Files.list(path)) {
            List<Path> documents = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
            if (documents.isEmpty()) {
                throw SecateurException.badInput(
                        "the directory holds no JSON file", path.toString(), "name one of tables or results");
            }
            documents.forEach(this::file);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT, "the directory cannot be read", path.toString(), "make it readable", e);
        }
    }

    /** The series, those that were met first before others; each in order of time where all times are known, else as read. */
    List<Series> series() {
        List<Series> all = new ArrayList<>();
        points.forEach((name, found) -> {
            List<Point> ordered = new ArrayList<>(found);
            if (ordered.stream().allMatch(point -> point.measuredAt().isPresent())) {
                ordered.sort(Comparator.comparing(point -> point.measuredAt().orElseThrow()));
            }
            all.add(new Series(name.device, name.subject, name.quantity, ordered));
        });
        return all;
    }

    private void file(Path file) {
        try {
            if (isDocument(file)) {
                document(Files.readString(file), file.toString(), Optional.empty());
                return;
            }
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT, "the file cannot be read", file.toString(), "name a table or a result", e);
        }
        CostTable table = TableJson.read(file);
        for (Measurement row : table.rows().values()) {
            if (rows.add(new Row(table.fingerprint().id(), row.key(), row.measuredAt()))) {
                row(
                        row,
                        table.fingerprint().context(),
                        new Origin(
                                table.device(), table.fingerprint(), file.toString(), Optional.of(row.measuredAt())));
            }
        }
    }

    private static boolean isDocument(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false; // reading it as a table tells why
        }
        try (Reader in = Files.newBufferedReader(file)) {
            char[] head = new char[HEAD];
            int length = in.read(head);
            return length > 0 && new String(head, 0, length).contains("\"command\"");
        }
    }

    private void row(Measurement row, Map<String, String> context, Origin origin) {
        Map<String, String> beside = new TreeMap<>(context);
        beside.put("algorithm", row.variant().algorithm());
        String subject = row.key().workload().text() + " " + row.key().regime()
                + (row.key().request().equals(Request.DEFAULT)
                        ? ""
                        : " " + row.key().request());
        add(origin, subject, "timeSeconds", row.seconds(), Flag.ofSeconds(row.flags()), beside);
        add(origin, subject, "energyJoules", row.joules(), Flag.ofJoules(row.flags(), row.joules()), beside);
    }

    private void document(String json, String source, Optional<Instant> at) {
        try {
            JsonNode document = MAPPER.valueToTree(JsonDocument.read(json, source));
            String command = document.required("command").asText();
            if (!COMMANDS.contains(command)) {
                throw new IllegalArgumentException("it is of secateur " + command);
            }
            JsonNode device = document.required("device");
            JsonNode print = device.required("fingerprint");
            Origin origin = new Origin(
                    device.required("name").asText(),
                    Fingerprint.of(texts(print.required("identity")), texts(print.required("context"))),
                    source,
                    at);
            Map<String, String> beside = new TreeMap<>(origin.fingerprint.context());
            beside.put("commit", document.required("tool").required("commit").asText());
            if (command.equals("compare")) {
                comparisons(document, origin, beside);
            } else {
                run(document, origin, beside);
            }
        } catch (IllegalArgumentException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT,
                    "the file holds no result with a history: " + e.getMessage(),
                    source,
                    "name results of run, prune, train or compare, or tables by secateur table export",
                    e);
        }
    }

    private static Map<String, String> texts(JsonNode fields) {
        Map<String, String> texts = new TreeMap<>();
        fields.properties()
                .forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
        return texts;
    }

    private void run(JsonNode run, Origin origin, Map<String, String> beside) {
        JsonNode arithmetic = run.required("arithmetic");
        StringBuilder subject = new StringBuilder(run.required("command").asText());
        for (String field : List.of("network", "data", "epochs", "batch", "inferenceBatch", "seed")) {
            subject.append(' ')
                    .append(field)
                    .append('=')
                    .append(run.required(field).asText());
        }
        for (String field : List.of("dataType", "layout")) {
            subject.append(' ')
                    .append(field)
                    .append('=')
                    .append(arithmetic.required(field).asText());
        }
        if (run.has("budget")) {
            subject.append(" budget=").append(run.get("budget").required("text").asText());
        }
        String named = subject.toString();
        if (run.has("comparison")) {
            add(origin, named, "stepRatio", run.get("comparison").required("stepRatio"), Set.of(), beside);
            add(origin, named, "latencyRatio", run.get("comparison").required("latencyRatio"), Set.of(), beside);
        }
        for (String arm : List.of("pruned", "dense")) {
            if (run.has(arm)) {
                OF_ARM.forEach(field ->
                        add(origin, named, arm + "." + field, run.get(arm).required(field), Set.of(), beside));
            }
        }
    }

    private void comparisons(JsonNode document, Origin origin, Map<String, String> beside) {
        Set<Flag> flags = document.required("control").required("valid").asBoolean() ? Set.of() : Set.of(Flag.INVALID);
        List<JsonNode> compared = new ArrayList<>();
        if (document.has("comparisons")) {
            document.get("comparisons").forEach(compared::add);
        } else {
            compared.add(document);
        }
        for (JsonNode one : compared) {
            List<String> threads = new ArrayList<>();
            document.required("threads").forEach(number -> threads.add(number.asText()));
            String subject =
                    "compare " + one.required("baseline").required("name").asText() + " "
                            + one.required("candidate").required("name").asText() + " of="
                            + document.required("of").asText() + " batch="
                            + document.required("batch").asText()
                            + (threads.isEmpty() ? "" : " threads=" + String.join(",", threads));
            add(origin, subject, "ratio", one.required("ratio"), flags, beside);
            add(origin, subject, "energyRatio", one.required("energyRatio"), flags, beside);
            for (String side : List.of("candidate", "baseline")) {
                add(origin, subject, side + ".seconds", one.get(side).required("seconds"), flags, beside);
            }
        }
    }

    private void add(
            Origin origin,
            String subject,
            String quantity,
            JsonNode value,
            Set<Flag> more,
            Map<String, String> beside) {
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        flags.addAll(more);
        value.path("flags").forEach(flag -> flags.add(Flag.valueOf(flag.asText())));
        add(origin, subject, quantity, QuantityJson.read(MAPPER.convertValue(value, OBJECT)), flags, beside);
    }

    private void add(
            Origin origin,
            String subject,
            String quantity,
            Quantity value,
            Set<Flag> flags,
            Map<String, String> beside) {
        if (!(value instanceof Quantity.Known known)
                || known.provenance() instanceof Provenance.Modelled
                || !(known.number().low() > 0)) {
            return;
        }
        TreeMap<String, String> context = new TreeMap<>(beside);
        context.put("fingerprint", origin.fingerprint.id());
        if (across) {
            context.putAll(origin.fingerprint.identity());
        }
        points.computeIfAbsent(
                        new Name(origin.device, across ? "" : origin.fingerprint.id(), subject, quantity),
                        name -> new ArrayList<>())
                .add(new Point(known, flags, origin.source, origin.measuredAt, context));
    }
}
