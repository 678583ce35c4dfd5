package org.secateur.harness.cli;

import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * A progress line with the time left. It appears after two seconds; on a terminal it rewrites itself, elsewhere it is a
 * new line every ten seconds. Close it before anything else is printed.
 */
final class Progress implements AutoCloseable {
    private static final double FIRST_SECONDS = 2;
    private static final double TERMINAL_SECONDS = 0.2;
    private static final double LINE_SECONDS = 10;
    private static final int BAR = 20;

    private final Console console;
    private final LongSupplier nanoTime;
    private final String what;
    private final long start;
    private double nextSeconds = FIRST_SECONDS;
    private boolean shown;

    /** Progress of {@code what}, a word or two, from now on. */
    Progress(Console console, LongSupplier nanoTime, String what) {
        this.console = console;
        this.nanoTime = nanoTime;
        this.what = what;
        this.start = nanoTime.getAsLong();
    }

    /**
     * Tells how far it is.
     *
     * @param fraction of the expected time that is over, 0 to 1
     * @param detail what is being done, in a few words; may be empty
     */
    void at(double fraction, String detail) {
        double elapsed = (nanoTime.getAsLong() - start) / 1e9;
        if (elapsed < nextSeconds) {
            return;
        }
        nextSeconds = elapsed + (console.terminal() ? TERMINAL_SECONDS : LINE_SECONDS);
        shown = true;
        console.progress(line(Math.clamp(fraction, 0.0, 1.0), elapsed, detail));
    }

    private String line(double fraction, double elapsed, String detail) {
        int filled = (int) Math.round(fraction * BAR);
        String left = fraction > 0 ? duration(elapsed / fraction - elapsed) + " left" : "time left unknown";
        return String.format(
                        Locale.ROOT,
                        "%s [%s%s] %.0f %%, %s  %s",
                        what,
                        "#".repeat(filled),
                        ".".repeat(BAR - filled),
                        fraction * 100,
                        left,
                        detail)
                .strip();
    }

    /** For example {@code 12 s}, {@code 3 min 20 s} or {@code 1 h 5 min}. */
    static String duration(double seconds) {
        long whole = Math.round(Math.max(0, seconds));
        if (whole < 60) {
            return whole + " s";
        }
        return whole < 3600
                ? whole / 60 + " min " + whole % 60 + " s"
                : whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }

    @Override
    public void close() {
        if (shown) {
            console.endProgress();
        }
    }
}
