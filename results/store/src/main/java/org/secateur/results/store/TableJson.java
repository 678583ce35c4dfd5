package org.secateur.results.store;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.EnergySample;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.Evidence;
import org.secateur.results.core.cost.MeasuringRun;

/**
 * A cost table as a JSON document with its fingerprint, the runs that measured it and all raw samples, row after row;
 * reading gives back exactly what was written, to the last bit. Its schema is {@code docs/schema/table.schema.json}.
 */
public final class TableJson {
    private TableJson() {}

    private static final int SCHEMA = 1;
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};
    private static final Set<String> FIELDS = Set.of("schema", "device", "fingerprint", "runs", "rows");

    /** Writes a table and leaves the writer open. */
    public static void write(CostTable table, Writer out) throws IOException {
        JsonGenerator json = JsonDocument.indented().createGenerator(out);
        json.writeStartObject();
        json.writeNumberField("schema", SCHEMA);
        json.writePOJOField("device", device(table));
        json.writePOJOField("fingerprint", fingerprint(table.fingerprint()));
        Evidence evidence = table.evidence();
        if (!evidence.runs().isEmpty()) {
            json.writeArrayFieldStart("runs");
            for (MeasuringRun run : evidence.runs()) {
                json.writePOJO(MeasuringRunJson.of(run));
            }
            json.writeEndArray();
        }
        json.writeArrayFieldStart("rows");
        for (Measurement measurement : table.rows().values()) {
            Map<String, Object> row = row(measurement);
            Integer place = evidence.places().get(measurement.key());
            if (place != null) {
                row.put("run", place);
            }
            json.writePOJO(row);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
        json.flush();
    }

    /**
     * Reads a table.
     *
     * @param name the file's name, for messages
     * @throws SecateurException with exit code 2 when it is of another schema, lacks a field or has an unknown one,
     *     holds a value that cannot be, or ends early; it names file, line and column
     */
    public static CostTable read(Reader in, String name) throws IOException {
        try (JsonParser parser = JsonDocument.MAPPER.createParser(in)) {
            return read(parser, name);
        } catch (JsonProcessingException e) {
            throw refused(JsonDocument.problem(e), name, e);
        }
    }

    /** Reads a table from a file; one that is missing or unreadable is bad input too. */
    public static CostTable read(Path file) {
        try (Reader in = Files.newBufferedReader(file)) {
            return read(in, file.toString());
        } catch (NoSuchFileException e) {
            throw refused("the file does not exist", file.toString(), e);
        } catch (IOException e) {
            throw refused("the file cannot be read: " + e.getMessage(), file.toString(), e);
        }
    }

    private static CostTable read(JsonParser parser, String name) throws IOException {
        String device = "";
        Map<String, Object> header = new LinkedHashMap<>();
        List<Measurement> rows = new ArrayList<>();
        List<MeasuringRun> runs = new ArrayList<>();
        Map<WorkloadKey, Integer> places = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        JsonLocation start = parser.currentLocation();
        try {
            require(parser.nextToken() == JsonToken.START_OBJECT, "a table is a JSON object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                start = parser.currentTokenLocation();
                require(FIELDS.contains(field), "unknown field " + field);
                seen.add(field);
                parser.nextToken();
                switch (field) {
                    case "schema" ->
                        require(
                                parser.currentToken() == JsonToken.VALUE_NUMBER_INT && parser.getLongValue() == SCHEMA,
                                "schema " + parser.getText() + " is not known: expected " + SCHEMA);
                    case "runs" -> {
                        require(parser.currentToken() == JsonToken.START_ARRAY, "runs is not a list");
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            start = parser.currentTokenLocation();
                            require(parser.currentToken() == JsonToken.START_OBJECT, "a run is an object");
                            runs.add(MeasuringRunJson.read(
                                    new JsonObject(parser.readValueAs(OBJECT), "runs[" + runs.size() + "]")));
                        }
                    }
                    case "rows" -> {
                        require(parser.currentToken() == JsonToken.START_ARRAY, "rows is not a list");
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            start = parser.currentTokenLocation();
                            require(parser.currentToken() == JsonToken.START_OBJECT, "a row is an object");
                            JsonObject json = new JsonObject(parser.readValueAs(OBJECT), "rows[" + rows.size() + "]");
                            Measurement row = row(json);
                            rows.add(row);
                            if (json.fields().containsKey("run")) {
                                places.put(row.key(), json.count("run"));
                            }
                        }
                    }
                    default -> {
                        require(parser.currentToken() == JsonToken.START_OBJECT, field + " is not an object");
                        header.put(field, parser.readValueAs(OBJECT));
                    }
                }
            }
            for (String field : List.of("schema", "device", "fingerprint", "rows")) {
                require(seen.contains(field), field + " is missing");
            }
            require(parser.nextToken() == null, "something follows the table");
            JsonObject document = new JsonObject(header, "");
            Fingerprint fingerprint = fingerprint(document.object("fingerprint"));
            JsonObject about = document.object("device").only("name", "fingerprint");
            device = about.text("name");
            require(about.text("fingerprint").equals(fingerprint.id()), "device.fingerprint is not fingerprint.id");
            CostTable table = CostTable.of(device, fingerprint, rows).with(new Evidence(runs, places));
            require(table.rows().size() == rows.size(), "a workload has two rows");
            return table;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw refused(e.getMessage() + JsonDocument.at(start), name, e);
        }
    }

    private static void require(boolean right, String message) {
        if (!right) {
            throw new IllegalArgumentException(message);
        }
    }

    private static SecateurException refused(String what, String name, Exception cause) {
        return new SecateurException(
                ExitCode.BAD_INPUT,
                "not a table: " + what,
                name,
                "name a table written by secateur table export",
                cause);
    }

    private static Map<String, Object> device(CostTable table) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", table.device());
        json.put("fingerprint", table.fingerprint().id());
        return json;
    }

    /** A fingerprint as documents carry it: {@code id}, {@code identity}, {@code context}. */
    public static Map<String, Object> fingerprint(Fingerprint fingerprint) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", fingerprint.id());
        json.put("identity", fingerprint.identity());
        json.put("context", fingerprint.context());
        return json;
    }

    private static Fingerprint fingerprint(JsonObject json) {
        json.only("id", "identity", "context");
        Fingerprint fingerprint = Fingerprint.of(
                json.object("identity").texts(), json.object("context").texts());
        require(
                fingerprint.id().equals(json.text("id")),
                "fingerprint.id is " + json.text("id") + " but its identity fields give " + fingerprint.id());
        return fingerprint;
    }

    private static Map<String, Object> row(Measurement m) {
        Request request = m.key().request();
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put("workspaceLimitBytes", request.workspaceLimitBytes());
        asked.put("deterministic", request.deterministic());
        asked.put("dataDistribution", request.dataDistribution());
        Map<String, Object> variant = new LinkedHashMap<>();
        variant.put("algorithm", m.variant().algorithm());
        variant.put("workspaceBytes", m.variant().workspaceBytes());
        variant.put("deterministic", m.variant().deterministic());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("workload", m.key().workload().text());
        json.put("regime", m.key().regime().name());
        json.put("request", asked);
        json.put("variant", variant);
        json.put("timeSeconds", QuantityJson.of(m.seconds(), Flag.ofSeconds(m.flags())));
        json.put("energyJoules", QuantityJson.of(m.joules(), Flag.ofJoules(m.flags(), m.joules())));
        json.put("flags", m.flags().stream().sorted().map(Flag::name).toList());
        json.put("blocks", m.blocks().stream().map(TableJson::block).toList());
        if (!m.energySamples().isEmpty()) {
            json.put(
                    "energySamples",
                    m.energySamples().stream().map(TableJson::energySample).toList());
        }
        json.put("discarded", m.discarded());
        json.put("before", m.before().readings());
        json.put("after", m.after().readings());
        json.put("measuredAt", m.measuredAt().toString());
        return json;
    }

    private static Map<String, Object> energySample(EnergySample sample) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("launches", sample.launches());
        json.put("joules", sample.joules());
        json.put("seconds", sample.seconds());
        return json;
    }

    private static Map<String, Object> block(Block block) {
        for (double seconds : block.sampleSeconds()) {
            require(Double.isFinite(seconds), "a sample of " + seconds + " seconds: JSON has finite numbers only");
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("launchesPerSample", block.launchesPerSample());
        json.put("sampleSeconds", block.sampleSeconds());
        return json;
    }

    private static Measurement row(JsonObject json) {
        json.only(
                "workload",
                "regime",
                "request",
                "variant",
                "timeSeconds",
                "energyJoules",
                "flags",
                "blocks",
                "energySamples",
                "discarded",
                "before",
                "after",
                "measuredAt",
                "run");
        JsonObject asked = json.object("request").only("workspaceLimitBytes", "deterministic", "dataDistribution");
        JsonObject variant = json.object("variant").only("algorithm", "workspaceBytes", "deterministic");
        Set<Flag> flags = json.values("flags", Flag.class);
        JsonObject time = json.object("timeSeconds");
        Set<Flag> ofTime = time.fields().containsKey("flags") ? time.values("flags", Flag.class) : flags;
        require(
                ofTime.equals(flags) || ofTime.equals(Flag.ofSeconds(flags)),
                "timeSeconds has other flags than its row");
        return new Measurement(
                new WorkloadKey(
                        Workload.parse(json.text("workload")),
                        json.value("regime", Regime.class),
                        new Request(
                                asked.integer("workspaceLimitBytes"),
                                asked.truth("deterministic"),
                                asked.text("dataDistribution"))),
                new Variant(
                        variant.text("algorithm"), variant.integer("workspaceBytes"), variant.truth("deterministic")),
                QuantityJson.read(time),
                QuantityJson.read(json.object("energyJoules")),
                json.objects("blocks").stream().map(TableJson::block).toList(),
                energySamples(json),
                json.object("discarded").counts(),
                new Conditions(json.object("before").numbers()),
                new Conditions(json.object("after").numbers()),
                flags,
                Instant.parse(json.text("measuredAt")));
    }

    /** Rows whose energy was not measured have none. */
    private static List<EnergySample> energySamples(JsonObject json) {
        return json.fields().containsKey("energySamples")
                ? json.objects("energySamples").stream()
                        .map(sample -> sample.only("launches", "joules", "seconds"))
                        .map(sample -> new EnergySample(
                                sample.number("launches"), sample.number("joules"), sample.number("seconds")))
                        .toList()
                : List.of();
    }

    private static Block block(JsonObject json) {
        json.only("launchesPerSample", "sampleSeconds");
        return new Block(json.count("launchesPerSample"), json.numbers("sampleSeconds"));
    }
}
