package org.secateur.models.core.pruning;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.secateur.results.core.SecateurException;

/** What a pruned network may cost. */
public sealed interface Budget {
    /** What is limited. */
    enum Kind {
        /** Seconds of a training step. */
        TRAIN_STEP("train-step", "s"),
        /** Seconds of an inference. */
        LATENCY("latency", "s"),
        /** Joules of a training step. */
        ENERGY("energy", "J"),
        /** Multiply-accumulates of an inference of one image. */
        MACS("macs", ""),
        /** Trained numbers. */
        PARAMS("params", "");

        private final String text;
        private final String unit;

        Kind(String text, String unit) {
            this.text = text;
            this.unit = unit;
        }

        /** The name on the command line. */
        public String text() {
            return text;
        }

        private Map<String, Double> units() {
            return switch (this) {
                case TRAIN_STEP, LATENCY -> Map.of("s", 1.0, "ms", 1e-3, "us", 1e-6, "µs", 1e-6, "ns", 1e-9);
                case ENERGY -> Map.of("J", 1.0, "mJ", 1e-3, "kJ", 1e3);
                case MACS, PARAMS -> Map.of("K", 1e3, "k", 1e3, "M", 1e6, "G", 1e9);
            };
        }

        private String example() {
            return switch (this) {
                case TRAIN_STEP, LATENCY -> text + "=0.65 or " + text + "=12ms";
                case ENERGY -> text + "=0.65 or " + text + "=1.5J";
                case MACS, PARAMS -> text + "=0.65 or " + text + "=20M";
            };
        }
    }

    /** No budget: the saliency caps alone rule. */
    record None() implements Budget {
        @Override
        public String text() {
            return "none";
        }
    }

    /**
     * A share of what the dense network costs.
     *
     * @param share above 0, at most 1
     */
    record Relative(Kind kind, double share) implements Budget {
        public Relative {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("relative budget " + share + ": expected above 0 and at most 1");
            }
        }

        @Override
        public String text() {
            return kind.text + "=" + share;
        }
    }

    /**
     * A cost.
     *
     * @param amount in seconds, joules or counts, positive
     */
    record Absolute(Kind kind, double amount) implements Budget {
        public Absolute {
            if (!(amount > 0 && amount < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "budget " + amount + " " + kind.unit + ": expected a positive number");
            }
        }

        @Override
        public String text() {
            return kind.unit.isEmpty() ? kind.text + "=" + amount / 1e6 + "M" : kind.text + "=" + amount + kind.unit;
        }
    }

    /** The budget as it may be written on the command line. */
    String text();

    /** The limit in the kind's SI unit, given what the dense network costs; empty without a budget. */
    default Optional<Double> limit(double dense) {
        return switch (this) {
            case None none -> Optional.empty();
            case Relative relative -> Optional.of(relative.share * dense);
            case Absolute absolute -> Optional.of(absolute.amount);
        };
    }

    /**
     * Reads {@code none}, or a kind, an equals sign and a number: relative to the dense network without a unit,
     * absolute with one.
     *
     * @throws SecateurException if it is none of these, or impossible
     */
    static Budget parse(String text) {
        if (text.equals("none")) {
            return new None();
        }
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        Kind kind = Arrays.stream(Kind.values())
                .filter(k -> k.text.equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> refused(
                        "unknown budget",
                        text,
                        "write none, or one of "
                                + Arrays.stream(Kind.values()).map(k -> k.text).collect(Collectors.joining(", "))
                                + " with a value, for example train-step=0.65"));
        Matcher matcher = Pattern.compile("([+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\\s*(\\p{L}*)")
                .matcher(equals < 0 ? "" : text.substring(equals + 1).strip());
        if (!matcher.matches()) {
            throw refused("the budget has no number", text, "write for example " + kind.example());
        }
        double value = Double.parseDouble(matcher.group(1));
        String unit = matcher.group(2);
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw refused("a budget must be above zero", text, "write for example " + kind.example());
        }
        if (unit.isEmpty()) {
            if (value > 1) {
                throw refused(
                        "a budget without a unit is a share of the dense network and at most 1",
                        text,
                        "write for example " + kind.example());
            }
            return new Relative(kind, value);
        }
        Double factor = kind.units().get(unit);
        if (factor == null) {
            throw refused(
                    "unknown unit " + unit + " for " + kind.text,
                    text,
                    "use one of " + kind.units().keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        double amount = value * factor;
        if (!(amount > 0 && amount < Double.POSITIVE_INFINITY)) {
            throw refused("the budget is too small or too large to count", text, "write for example " + kind.example());
        }
        return new Absolute(kind, amount);
    }

    private static SecateurException refused(String what, String text, String fix) {
        return SecateurException.badInput(what, "--budget " + text, fix);
    }
}
