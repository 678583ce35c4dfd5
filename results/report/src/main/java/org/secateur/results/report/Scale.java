package org.secateur.results.report;

import java.util.Locale;
import java.util.stream.DoubleStream;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

/** A unit with its SI prefix: numbers are divided by {@code factor} and followed by {@code symbol}. */
record Scale(double factor, String symbol) {
    private static final String[] PREFIXES = {"p", "n", "µ", "m", "", "k", "M", "G", "T", "P"};
    private static final int NO_PREFIX = 4;

    /** The prefix that brings the largest magnitude into 1 to 1000. */
    static Scale of(Unit unit, DoubleStream values) {
        return switch (unit) {
            case FRACTION -> new Scale(0.01, "%");
            case RATIO -> new Scale(1, "");
            case SECONDS, JOULES, COUNT -> {
                double largest = values.map(Math::abs).max().orElse(1);
                int least = unit == Unit.COUNT ? NO_PREFIX : 0;
                int prefix = largest == 0
                        ? NO_PREFIX
                        : Math.clamp((int) Math.floor(Math.log10(largest) / 3) + NO_PREFIX, least, PREFIXES.length - 1);
                // 0.01 s more than 1 ks reads worse than seconds do.
                if (unit == Unit.SECONDS) {
                    prefix = Math.min(prefix, NO_PREFIX);
                }
                yield new Scale(Math.pow(10, 3.0 * (prefix - NO_PREFIX)), PREFIXES[prefix] + unit.symbol());
            }
        };
    }

    double apply(double value) {
        return value / factor;
    }

    /** The number with its interval and unit, for example {@code 12.3 ms [12.1, 12.6]}, or a dash. */
    static String text(Quantity quantity, Unit unit) {
        return quantity.estimate().map(e -> text(e, unit)).orElse("–");
    }

    private static String text(Estimate e, Unit unit) {
        Scale scale = of(unit, DoubleStream.of(e.value()));
        int digits = decimals(scale.apply(e.value()), scale.apply(e.halfWidth()));
        String space = scale.symbol.isEmpty() ? "" : "\u202f" + scale.symbol;
        String value = number(scale.apply(e.value()), digits) + space;
        if (e.low() == e.high()) {
            return value;
        }
        return value + " [" + number(scale.apply(e.low()), digits) + ", " + number(scale.apply(e.high()), digits) + "]";
    }

    /** A single number with its unit and three significant digits. */
    static String text(double value, Unit unit) {
        return text(Estimate.exact(value), unit);
    }

    /** Decimals so that the interval's half-width keeps two digits, a number without interval three; six at most. */
    private static int decimals(double value, double halfWidth) {
        if (halfWidth == 0 && value == Math.rint(value)) {
            return 0;
        }
        int leading = value == 0 ? 0 : (int) Math.floor(Math.log10(Math.abs(value)));
        int wanted = halfWidth > 0 ? 1 - (int) Math.floor(Math.log10(halfWidth)) : 2 - leading;
        return Math.clamp(Math.min(wanted, 5 - leading), 0, 12);
    }

    private static String number(double value, int decimals) {
        String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
        return text.startsWith("-") ? "\u2212" + text.substring(1) : text;
    }
}
