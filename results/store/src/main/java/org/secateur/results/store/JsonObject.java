package org.secateur.results.store;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object read strictly: every field that is asked for is there and of its type, else an
 * {@link IllegalArgumentException} names its path.
 */
record JsonObject(Map<String, ?> fields, String path) {

    /** Refuses fields of other names: what is not understood is not dropped silently. */
    JsonObject only(String... names) {
        Set<String> unknown = new TreeSet<>(fields.keySet());
        unknown.removeAll(Set.of(names));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown field " + at(unknown.iterator().next()));
        }
        return this;
    }

    String text(String name) {
        return typed(name, String.class, "text");
    }

    boolean truth(String name) {
        return typed(name, Boolean.class, "true or false");
    }

    double number(String name) {
        double value = typed(name, Number.class, "a number").doubleValue();
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(at(name) + " is too large for a number");
        }
        return value;
    }

    long integer(String name) {
        Number value = typed(name, Number.class, "a whole number");
        if (!(value instanceof Integer) && !(value instanceof Long)) {
            throw new IllegalArgumentException(at(name) + " is " + value + ": expected a whole number");
        }
        return value.longValue();
    }

    int count(String name) {
        long value = integer(name);
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(at(name) + " is " + value + ": expected 0 to " + Integer.MAX_VALUE);
        }
        return (int) value;
    }

    @SuppressWarnings("unchecked") // a JSON object's keys are text
    JsonObject object(String name) {
        return new JsonObject((Map<String, ?>) typed(name, Map.class, "an object"), at(name));
    }

    List<?> list(String name) {
        return typed(name, List.class, "a list");
    }

    /** The objects of a list. */
    List<JsonObject> objects(String name) {
        List<?> values = list(name);
        List<JsonObject> objects = new java.util.ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            objects.add(new JsonObject(Map.of("", values.get(i)), at(name) + "[" + i + "]").object(""));
        }
        return objects;
    }

    /** The numbers of a list. */
    double[] numbers(String name) {
        List<?> values = list(name);
        double[] numbers = new double[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = new JsonObject(Map.of("", values.get(i)), at(name) + "[" + i + "]").number("");
        }
        return numbers;
    }

    /** All fields, as text. */
    Map<String, String> texts() {
        Map<String, String> texts = new TreeMap<>();
        fields.keySet().forEach(name -> texts.put(name, text(name)));
        return texts;
    }

    /** All fields, as numbers. */
    Map<String, Double> numbers() {
        Map<String, Double> numbers = new TreeMap<>();
        fields.keySet().forEach(name -> numbers.put(name, number(name)));
        return numbers;
    }

    /** All fields, as counts. */
    Map<String, Integer> counts() {
        Map<String, Integer> counts = new TreeMap<>();
        fields.keySet().forEach(name -> counts.put(name, count(name)));
        return counts;
    }

    /** One of an enumeration's names. */
    <E extends Enum<E>> E value(String name, Class<E> type) {
        return value(text(name), at(name), type);
    }

    /** The names of a list, each one of an enumeration's. */
    <E extends Enum<E>> Set<E> values(String name, Class<E> type) {
        Set<E> values = java.util.EnumSet.noneOf(type);
        list(name).forEach(value -> values.add(value(String.valueOf(value), at(name), type)));
        return values;
    }

    private static <E extends Enum<E>> E value(String text, String path, Class<E> type) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(
                path + " is \"" + text + "\": expected one of " + java.util.Arrays.toString(type.getEnumConstants()));
    }

    private <T> T typed(String name, Class<T> type, String expected) {
        @Nullable Object value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException(at(name) + " is missing");
        }
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(at(name) + " is not " + expected);
        }
        return type.cast(value);
    }

    private String at(String name) {
        if (path.isEmpty() || name.isEmpty()) {
            return path + name;
        }
        return path + "." + name;
    }
}
