package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.PairedComparison;

/** Counts published numbers that were computed again, and keeps those that differ. Used by one thread. */
public final class Recomputation {
    /** Two computations of one number may differ by rounding. */
    private static final double ROUNDING = 1e-9;

    /** No comparison asks for less: looking again takes a part of the 5 % each time. */
    private static final double LEAST_CONFIDENCE = 0.95;

    private int numbers;
    private final List<Mismatch> mismatches = new ArrayList<>();

    /**
     * Something published that does not follow from the samples.
     *
     * @param key of its row; empty for what is not of one row
     * @param recomputed the number, or why there is none
     */
    public record Mismatch(Optional<WorkloadKey> key, String field, String published, String recomputed) {}

    /** How many numbers were computed again. */
    public int numbers() {
        return numbers;
    }

    /** Those that differ. */
    public List<Mismatch> mismatches() {
        return List.copyOf(mismatches);
    }

    /** Holds a number against what it follows to be. */
    public void number(Optional<WorkloadKey> key, String field, double published, double recomputed) {
        double scale = Math.max(Math.abs(published), Math.abs(recomputed));
        boolean same = Math.abs(published - recomputed) <= ROUNDING * scale;
        judge(same, key, field, Double.toString(published), Double.toString(recomputed));
    }

    /** Holds a word against what it follows to be. */
    public void text(Optional<WorkloadKey> key, String field, String published, String recomputed) {
        judge(published.equals(recomputed), key, field, published, recomputed);
    }

    /** Holds an estimate against what it follows to be. */
    public void estimate(Optional<WorkloadKey> key, String field, Estimate published, Estimate recomputed) {
        number(key, field + ".value", published.value(), recomputed.value());
        number(key, field + ".low", published.low(), recomputed.low());
        number(key, field + ".high", published.high(), recomputed.high());
        number(key, field + ".confidence", published.confidence(), recomputed.confidence());
        number(key, field + ".blocks", published.blocks(), recomputed.blocks());
    }

    /** Holds a comparison against what follows from its pairs. */
    public void comparison(String field, PairedComparison published) {
        Optional<WorkloadKey> none = Optional.empty();
        PairedComparison recomputed =
                PairedComparison.of(published.samples(), published.delta(), published.confidence());
        estimate(none, field + "ratio", published.ratio(), recomputed.ratio());
        text(
                none,
                field + "verdict",
                published.verdict().name(),
                recomputed.verdict().name());
        number(none, field + "pairNoise", published.pairNoise(), recomputed.pairNoise());
        number(none, field + "pValue", published.pValue(), recomputed.pValue());
        if (published.confidence() < LEAST_CONFIDENCE - ROUNDING) {
            number(none, field + "askedConfidence", published.confidence(), LEAST_CONFIDENCE);
        }
    }

    /** Holds a held-out error against what follows from the errors of its rows. */
    public void heldOut(String field, HeldOutError published) {
        if (published.errors().isEmpty() && published.unpredicted() == 0) {
            return;
        }
        Optional<WorkloadKey> none = Optional.empty();
        int all = published.errors().size() + published.unpredicted();
        if (published.unpredicted() > 0 || published.asked() < all) {
            number(none, field + "asked", published.asked(), all);
        }
        HeldOutError recomputed = HeldOutError.of(
                published.of(), published.errors(), published.unpredicted(), published.asked(), published.from());
        quantity(field + "median", published.median(), recomputed.median());
        quantity(field + "p95", published.p95(), recomputed.p95());
    }

    private void quantity(String field, Quantity published, Quantity recomputed) {
        if (published instanceof Quantity.Known a && recomputed instanceof Quantity.Known b) {
            estimate(Optional.empty(), field, a.number(), b.number());
        } else {
            text(Optional.empty(), field, text(published), text(recomputed));
        }
    }

    private static String text(Quantity quantity) {
        return switch (quantity) {
            case Quantity.Known known -> Double.toString(known.number().value());
            case Quantity.Missing missing -> missing.reason();
        };
    }

    private void judge(boolean same, Optional<WorkloadKey> key, String field, String published, String recomputed) {
        numbers++;
        if (!same) {
            mismatches.add(new Mismatch(key, field, published, recomputed));
        }
    }
}
