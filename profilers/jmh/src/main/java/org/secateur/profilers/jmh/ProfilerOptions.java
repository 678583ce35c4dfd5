package org.secateur.profilers.jmh;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.openjdk.jmh.profile.ProfilerException;

/**
 * What stands behind the colon of {@code -prof CLASS:name=value;name=value}.
 *
 * @param values by name
 */
record ProfilerOptions(Map<String, String> values) {
    ProfilerOptions {
        values = Map.copyOf(values);
    }

    /**
     * Reads options; an empty line has none.
     *
     * @param known what each option means, by name
     * @throws ProfilerException for an option that is not known, given twice or without a value, and with the meaning of
     *     all for {@code help}
     */
    static ProfilerOptions parse(String line, Map<String, String> known) throws ProfilerException {
        Map<String, String> values = new LinkedHashMap<>();
        for (String part : line.split(";", -1)) {
            String option = part.strip();
            if (option.isEmpty()) {
                continue;
            }
            if (option.equals("help")) {
                throw new ProfilerException(help(known));
            }
            int at = option.indexOf('=');
            String name = at < 0 ? option : option.substring(0, at);
            if (!known.containsKey(name)) {
                throw new ProfilerException("unknown option " + name + ": "
                        + (known.isEmpty() ? "there are none" : "expected " + String.join(", ", sorted(known))));
            }
            if (at < 0 || at == option.length() - 1) {
                throw new ProfilerException("option " + name + " has no value: write " + name + "=VALUE");
            }
            if (values.put(name, option.substring(at + 1)) != null) {
                throw new ProfilerException("option " + name + " is given twice");
            }
        }
        return new ProfilerOptions(values);
    }

    private static Iterable<String> sorted(Map<String, String> known) {
        return new TreeMap<>(known).keySet();
    }

    private static String help(Map<String, String> known) {
        if (known.isEmpty()) {
            return "this profiler has no options";
        }
        StringBuilder text = new StringBuilder("options, as name=value, separated by semicolons:");
        new TreeMap<>(known).forEach((name, meaning) -> text.append(String.format("%n  %-10s %s", name, meaning)));
        return text.toString();
    }

    /** The value of an option. */
    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /**
     * The value of an option as a number.
     *
     * @throws ProfilerException when it is none, or lies outside the range
     */
    double number(String name, double otherwise, double least, double most) throws ProfilerException {
        String value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        double number;
        try {
            number = Double.parseDouble(value);
        } catch (NumberFormatException e) {
            number = Double.NaN;
        }
        if (!(number >= least && number <= most)) {
            throw new ProfilerException(
                    "option " + name + "=" + value + ": expected a number from " + least + " to " + most);
        }
        return number;
    }
}
