package org.secateur.results.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds the published schema and what is written together. */
class TableSchemaTest {
    private static final Path DOCS = Path.of(System.getProperty("secateur.home", "../.."), "docs", "schema");

    @Test
    void anExportedTableIsWhatItsSchemaSays() throws IOException {
        JsonNode table = JsonDocument.MAPPER.readTree(TableJsonTest.write(Samples.told(4)));
        assertThat(problems(table)).isEmpty();
    }

    @Test
    void theCheckFindsWhatIsMissingUnknownOrOfAnotherType() throws IOException {
        JsonNode table = JsonDocument.MAPPER.readTree(TableJsonTest.write(Samples.table(2)));
        ObjectNode row = (ObjectNode) table.at("/rows/1");
        row.remove("regime");
        row.put("colour", "red");
        ((ObjectNode) row.at("/timeSeconds")).put("blocks", 0);
        ((ObjectNode) table).put("schema", 2);
        assertThat(problems(table))
                .hasSize(4)
                .anyMatch(p -> p.contains("regime"))
                .anyMatch(p -> p.contains("colour"))
                .anyMatch(p -> p.contains("timeSeconds"))
                .anyMatch(p -> p.contains("/schema"));
    }

    private static List<String> problems(JsonNode table) throws IOException {
        List<String> problems = new ArrayList<>();
        JsonNode schema = schema("table.schema.json");
        check(table, schema, schema, "", problems);
        return problems;
    }

    private static JsonNode schema(String name) throws IOException {
        return JsonDocument.MAPPER.readTree(Files.readString(DOCS.resolve(name)));
    }

    /** The keywords of JSON Schema that the two schemas use, and no others. */
    private static void check(JsonNode value, JsonNode rule, JsonNode root, String path, List<String> problems)
            throws IOException {
        for (var keyword : rule.properties()) {
            JsonNode wanted = keyword.getValue();
            switch (keyword.getKey()) {
                case "$schema", "$id", "$defs", "title", "description", "format" -> {}
                case "$ref" -> {
                    String[] reference = wanted.asText().split("#", 2);
                    JsonNode target = reference[0].isEmpty() ? root : schema(reference[0]);
                    check(value, reference.length == 1 ? target : target.at(reference[1]), target, path, problems);
                }
                case "type" -> report(isType(value, wanted.asText()), path + " is not " + wanted, problems);
                case "const" -> report(value.equals(wanted), path + " is not " + wanted, problems);
                case "enum" -> {
                    boolean found = false;
                    for (JsonNode option : wanted) {
                        found |= option.equals(value);
                    }
                    report(found, path + " is not one of " + wanted, problems);
                }
                case "pattern" ->
                    report(Pattern.matches(wanted.asText(), value.asText()), path + " is not " + wanted, problems);
                case "minimum" -> report(value.asDouble() >= wanted.asDouble(), path + " is too small", problems);
                case "exclusiveMaximum" ->
                    report(value.asDouble() < wanted.asDouble(), path + " is too large", problems);
                case "minItems" -> report(value.size() >= wanted.asInt(), path + " is too short", problems);
                case "required" -> {
                    for (JsonNode name : wanted) {
                        report(value.has(name.asText()), path + " lacks " + name, problems);
                    }
                }
                case "items" -> {
                    int i = 0;
                    for (JsonNode item : value) {
                        check(item, wanted, root, path + "/" + i++, problems);
                    }
                }
                case "properties" -> {
                    for (var property : wanted.properties()) {
                        JsonNode field = value.get(property.getKey());
                        if (field != null) {
                            check(field, property.getValue(), root, path + "/" + property.getKey(), problems);
                        }
                    }
                }
                case "additionalProperties" -> {
                    for (var property : value.properties()) {
                        String name = path + "/" + property.getKey();
                        if (rule.path("properties").has(property.getKey())) {
                            continue;
                        }
                        if (wanted.isBoolean()) {
                            report(wanted.asBoolean(), name + " is unknown", problems);
                        } else {
                            check(property.getValue(), wanted, root, name, problems);
                        }
                    }
                }
                case "oneOf" -> {
                    int matches = 0;
                    for (JsonNode option : wanted) {
                        List<String> inside = new ArrayList<>();
                        check(value, option, root, path, inside);
                        matches += inside.isEmpty() ? 1 : 0;
                    }
                    report(matches == 1, path + " matches " + matches + " of the alternatives", problems);
                }
                default -> throw new AssertionError("the schema uses " + keyword.getKey() + ", unknown here");
            }
        }
    }

    private static boolean isType(JsonNode value, String type) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            default -> throw new AssertionError("unknown type " + type);
        };
    }

    private static void report(boolean right, String problem, List<String> problems) {
        if (!right) {
            problems.add(problem);
        }
    }
}
