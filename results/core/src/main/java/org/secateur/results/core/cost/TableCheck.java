package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.secateur.results.core.Block;
import org.secateur.results.core.EnergySample;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Autocorrelation;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Modes;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * What a table publishes, computed again from its raw samples: each time with its interval, the modes of a bimodal row,
 * autocorrelation and effective count, counted joules, and modelled ones: one power times the seconds, or what the
 * memory hierarchy's accesses come to.
 */
public final class TableCheck {
    /** The confidence of every published interval. */
    private static final double CONFIDENCE = 0.95;

    /** Two computations of one number may differ by rounding. */
    private static final double ROUNDING = 1e-9;

    private static final MemoryHierarchyEnergy HIERARCHY = MemoryHierarchyEnergy.eyeriss();

    private int numbers;
    private final List<Mismatch> mismatches = new ArrayList<>();

    private TableCheck() {}

    /** A number that does not follow from the samples; {@code recomputed} says why where there is no other number. */
    public record Mismatch(WorkloadKey key, String field, String published, String recomputed) {}

    /**
     * What came of it.
     *
     * @param rows checked
     * @param numbers computed again
     */
    public record Result(int rows, int numbers, List<Mismatch> mismatches) {
        public Result {
            mismatches = List.copyOf(mismatches);
        }
    }

    /** Checks every row. */
    public static Result of(CostTable table) {
        TableCheck check = new TableCheck();
        table.rows().values().forEach(check::row);
        return new Result(table.rows().size(), check.numbers, check.mismatches);
    }

    private void row(Measurement row) {
        double[] medians =
                row.blocks().stream().mapToDouble(Block::medianSeconds).toArray();
        if (medians.length == 0) {
            row.seconds()
                    .estimate()
                    .ifPresent(e -> mismatch(row.key(), "timeSeconds.value", e.value(), "no raw samples"));
            return;
        }
        row.seconds()
                .estimate()
                .ifPresent(published ->
                        estimate(row.key(), "timeSeconds", published, OrderStatistics.median(medians, CONFIDENCE)));
        if (row.flags().contains(Flag.BIMODAL)) {
            modes(row, Modes.of(medians));
        }
        double rho = Autocorrelation.lag1(medians);
        reading(row, "autocorrelation", rho);
        reading(row, "effectiveBlocks", Autocorrelation.effectiveCount(medians.length, rho));
        if (row.joules() instanceof Quantity.Known joules && joules.provenance() instanceof Provenance.Measured) {
            counted(row, joules.number());
        }
        if (row.joules() instanceof Quantity.Known joules
                && joules.provenance() instanceof Provenance.Modelled modelled) {
            if (modelled.model().equals(HIERARCHY.name())) {
                estimate(
                        row.key(),
                        "energyJoules",
                        joules.number(),
                        Estimate.exact(HIERARCHY.joules(row.key().workload())));
            } else if (row.seconds() instanceof Quantity.Known seconds) {
                energy(row.key(), joules.number(), seconds.number());
            }
        }
    }

    private void estimate(WorkloadKey key, String field, Estimate published, Estimate recomputed) {
        number(key, field + ".value", published.value(), recomputed.value());
        number(key, field + ".low", published.low(), recomputed.low());
        number(key, field + ".high", published.high(), recomputed.high());
        number(key, field + ".confidence", published.confidence(), recomputed.confidence());
        number(key, field + ".blocks", published.blocks(), recomputed.blocks());
    }

    private void counted(Measurement row, Estimate published) {
        double[] joules = row.energySamples().stream()
                .mapToDouble(EnergySample::joulesPerLaunch)
                .toArray();
        if (joules.length == 0) {
            mismatch(row.key(), "energyJoules.value", published.value(), "no raw samples");
            return;
        }
        estimate(row.key(), "energyJoules", published, OrderStatistics.median(joules, CONFIDENCE));
    }

    private void modes(Measurement row, Optional<Modes> modes) {
        if (modes.isEmpty()) {
            numbers++;
            mismatches.add(new Mismatch(row.key(), "flags", Flag.BIMODAL.name(), "one mode"));
            return;
        }
        reading(row, "fastModeSeconds", modes.get().fast());
        reading(row, "slowModeSeconds", modes.get().slow());
        reading(row, "slowModeShare", modes.get().slowShare());
    }

    private void energy(WorkloadKey key, Estimate joules, Estimate seconds) {
        double watts = joules.value() / seconds.value();
        number(key, "energyJoules.low", joules.low(), watts * seconds.low());
        number(key, "energyJoules.high", joules.high(), watts * seconds.high());
        number(key, "energyJoules.blocks", joules.blocks(), seconds.blocks());
    }

    /** A reading that the row need not have: rows of older versions lack some. */
    private void reading(Measurement row, String name, double recomputed) {
        Map<String, Double> readings = row.after().readings();
        if (readings.containsKey(name)) {
            number(row.key(), "after." + name, readings.getOrDefault(name, recomputed), recomputed);
        }
    }

    private void number(WorkloadKey key, String field, double published, double recomputed) {
        numbers++;
        double scale = Math.max(Math.abs(published), Math.abs(recomputed));
        if (!(Math.abs(published - recomputed) <= ROUNDING * scale)) {
            mismatches.add(new Mismatch(key, field, Double.toString(published), Double.toString(recomputed)));
        }
    }

    private void mismatch(WorkloadKey key, String field, double published, String recomputed) {
        numbers++;
        mismatches.add(new Mismatch(key, field, Double.toString(published), recomputed));
    }
}
