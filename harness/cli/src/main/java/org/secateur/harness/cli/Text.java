package org.secateur.harness.cli;

import java.util.Locale;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.statistics.Estimate;

/** Numbers for people. */
final class Text {
    private static final String[] LARGE = {"", "k", "M", "G", "T", "P"};

    private Text() {}

    /** For example {@code 41.2M}: four significant characters with an SI prefix. */
    static String si(double value) {
        int power = 0;
        double scaled = value;
        while (Math.abs(scaled) >= 1000 && power < LARGE.length - 1) {
            scaled /= 1000;
            power++;
        }
        return (power == 0 && scaled == Math.rint(scaled) ? String.format(Locale.ROOT, "%.0f", scaled) : three(scaled))
                + LARGE[power];
    }

    /** A held-out error, or why there is none. */
    static String heldOut(HeldOutError error) {
        return switch (error.median()) {
            case Quantity.Missing missing -> "none: " + missing.reason();
            case Quantity.Known known ->
                "median " + percent(known.number().value()) + ", 95th percentile "
                        + error.p95()
                                .estimate()
                                .map(Estimate::value)
                                .map(Text::percent)
                                .orElse("-") + " over "
                        + error.predicted() + " of " + error.asked() + " rows, " + error.from();
        };
    }

    /** Seconds in the unit that suits them, for example {@code 12.3 ms}. */
    static String seconds(double seconds) {
        return small(seconds, "s");
    }

    /** What is seldom above 1 in the unit that suits it, down to billionths, for example {@code 61.0 uJ}. */
    static String small(double value, String unit) {
        double size = Math.abs(value);
        if (size == 0 || size >= 1) {
            return three(value) + " " + unit;
        }
        if (size >= 1e-3) {
            return three(value * 1e3) + " m" + unit;
        }
        return size >= 1e-6 ? three(value * 1e6) + " u" + unit : three(value * 1e9) + " n" + unit;
    }

    /** A time with its interval, for example {@code 12.3 ms [12.1, 12.5 ms]}, or why there is none. */
    static String seconds(Quantity quantity) {
        return switch (quantity) {
            case Quantity.Missing missing -> "unavailable: " + missing.reason();
            case Quantity.Known known -> {
                Estimate e = known.number();
                yield seconds(e.value()) + " [" + seconds(e.low()) + ", " + seconds(e.high()) + "]";
            }
        };
    }

    /** Joules in the unit that suits them, for example {@code 12.3 mJ}. */
    static String joules(double joules) {
        double size = Math.abs(joules);
        if (size == 0 || size >= 1) {
            return three(joules) + " J";
        }
        return size >= 1e-3 ? three(joules * 1e3) + " mJ" : three(joules * 1e6) + " uJ";
    }

    /** An energy with its provenance where that is a model, or why there is none. */
    static String joules(Quantity quantity) {
        return switch (quantity) {
            case Quantity.Missing missing -> "unavailable: " + missing.reason();
            case Quantity.Known known ->
                joules(known.number().value())
                        + (known.provenance() instanceof Provenance.Modelled m ? " (modelled: " + m.model() + ")" : "");
        };
    }

    /** A share, for example {@code 12.3 %}. */
    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    private static String three(double value) {
        double size = Math.abs(value);
        int digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
