package org.secateur.results.store;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;

/**
 * JSON documents as maps of JDK values: text, finite numbers, booleans, maps, collections, enums, instants and paths;
 * a {@link Quantity} becomes what {@link QuantityJson} makes of it. There is no null: what is not known is an
 * UNAVAILABLE quantity or an absent field.
 */
public final class JsonDocument {
    private JsonDocument() {}

    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .build();

    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    /** Writes a document over several lines, its fields in the map's order, and ends the line. */
    public static void write(Map<String, ?> document, Writer out) throws IOException {
        indented().writeValue(out, plain(document, "document"));
        out.write('\n');
        out.flush();
    }

    /** The document on one line. */
    public static String text(Map<String, ?> document) {
        try {
            return MAPPER.writeValueAsString(plain(document, "document"));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a document of plain values cannot be written: " + document, e);
        }
    }

    /**
     * Reads an object: whole numbers become {@code Integer} or {@code Long}, others {@code Double}.
     *
     * @param name what is read, for the message
     * @throws SecateurException with exit code 2 when it is not one JSON object, naming line and column
     */
    public static Map<String, Object> read(String json, String name) {
        try {
            return parse(json);
        } catch (IllegalArgumentException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT, String.valueOf(e.getMessage()), name, "name a JSON document", e);
        }
    }

    /** The same, for text that this tool has written itself. */
    static Map<String, Object> parse(String json) {
        try {
            @Nullable
            Map<String, Object> read = MAPPER.readerFor(OBJECT)
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readValue(json);
            if (read == null) {
                throw new IllegalArgumentException("not a JSON object: null");
            }
            return read;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a JSON object: " + problem(e), e);
        }
    }

    /** The command whose document a file holds, where it begins as such a document does; empty for any other file. */
    public static Optional<String> command(Path file) {
        try (Reader in = Files.newBufferedReader(file);
                JsonParser parser = MAPPER.createParser(in)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("command")) {
                    return Optional.of(parser.getText());
                }
                if (!field.equals("schema")) {
                    return Optional.empty();
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // who reads it as something else says what is wrong with it
        }
    }

    /** The text, when it is a JSON object. */
    static String requireObject(String json) {
        parse(json);
        return json;
    }

    static JsonObject object(String json, String path) {
        return new JsonObject(parse(json), path);
    }

    static ObjectWriter indented() {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        return MAPPER.writer(printer);
    }

    /** One line without the parser's own references to its source. */
    static String problem(JsonProcessingException e) {
        String message = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
        return message + at(e.getLocation());
    }

    static String at(@Nullable JsonLocation location) {
        return location == null ? "" : ", at line " + location.getLineNr() + " column " + location.getColumnNr();
    }

    private static Object plain(@Nullable Object value, String path) {
        return switch (value) {
            case null ->
                throw new IllegalArgumentException(path + " is null: write an UNAVAILABLE quantity or leave it out");
            case Quantity quantity -> QuantityJson.of(quantity);
            case Map<?, ?> map -> {
                Map<String, Object> copy = new LinkedHashMap<>();
                map.forEach((name, v) -> copy.put(String.valueOf(name), plain(v, path + "." + name)));
                yield copy;
            }
            case Iterable<?> values
            when !(values instanceof Path) -> {
                List<Object> copy = new ArrayList<>();
                values.forEach(v -> copy.add(plain(v, path + "[" + copy.size() + "]")));
                yield copy;
            }
            case double[] values -> {
                for (double v : values) {
                    plain(v, path);
                }
                yield values;
            }
            case Double number
            when !Double.isFinite(number) ->
                throw new IllegalArgumentException(path + " is " + number + ": JSON has finite numbers only");
            case Float number -> plain((double) number, path);
            case Enum<?> constant -> constant.name();
            case Path file -> file.toString();
            case Instant instant -> instant.toString();
            case Number number -> number;
            case String text -> text;
            case Boolean truth -> truth;
            default -> throw new IllegalArgumentException(path + " is a " + value.getClass() + ": not a JSON value");
        };
    }
}
