package org.secateur.results.core.cost;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.EnergySample;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Rejections;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.Recomputation.Mismatch;
import org.secateur.results.core.statistics.Autocorrelation;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Modes;
import org.secateur.results.core.statistics.OrderStatistics;
import org.secateur.results.core.statistics.Precision;
import org.secateur.results.core.statistics.Verdict;

/**
 * What a table publishes, computed again from its raw samples. Of each row: the time with its interval, autocorrelation,
 * effective count and modes, counted joules, and modelled ones: one power times the seconds, or what the memory hierarchy's
 * accesses come to. Of rows that tell by which run they were measured also the counts of blocks, the shares that were
 * disturbed and discarded, and the flags WIDE, BIMODAL, CONTENDED, THROTTLED and INVALID. Of each run its control and its
 * held-out error. The flags NO_STEADY_STATE, DISAGREE, IMPLAUSIBLE and those of the joules rest on what no table holds:
 * blocks of the warm-up, both ways of metering energy, the peaks of the day, and rejected windows.
 */
public final class TableCheck {
    /** The confidence of intervals whose run is not known. */
    private static final double USUAL_CONFIDENCE = 0.95;

    private static final MemoryHierarchyEnergy HIERARCHY = MemoryHierarchyEnergy.eyeriss();

    private final Recomputation all = new Recomputation();
    private int withoutRun;

    private TableCheck() {}

    /**
     * What came of it.
     *
     * @param rows checked
     * @param rowsWithoutRun how many of them do not tell how they were measured, so that most flags cannot be checked
     * @param numbers computed again, flags included
     */
    public record Result(int rows, int rowsWithoutRun, int numbers, List<Mismatch> mismatches) {
        public Result {
            mismatches = List.copyOf(mismatches);
        }
    }

    /** Checks every row and every run. */
    public static Result of(CostTable table) {
        TableCheck check = new TableCheck();
        Evidence evidence = table.evidence();
        for (int i = 0; i < evidence.runs().size(); i++) {
            MeasuringRun run = evidence.runs().get(i);
            String field = "runs[" + i + "].";
            run.control().ifPresent(control -> check.all.comparison(field + "control.", control.comparison()));
            run.heldOut().ifPresent(error -> check.all.heldOut(field + "heldOutError.", error));
        }
        table.rows().values().forEach(row -> check.row(row, evidence.of(row.key())));
        return new Result(table.rows().size(), check.withoutRun, check.all.numbers(), check.all.mismatches());
    }

    private void row(Measurement row, Optional<MeasuringRun> run) {
        double[] medians =
                row.blocks().stream().mapToDouble(Block::medianSeconds).toArray();
        if (medians.length == 0) {
            row.seconds()
                    .estimate()
                    .ifPresent(
                            e -> all.text(key(row), "timeSeconds.value", Double.toString(e.value()), "no raw samples"));
            return;
        }
        double confidence = run.map(r -> r.option(MeasuringRun.CONFIDENCE).orElse(USUAL_CONFIDENCE))
                .orElse(USUAL_CONFIDENCE);
        row.seconds()
                .estimate()
                .ifPresent(published ->
                        all.estimate(key(row), "timeSeconds", published, OrderStatistics.median(medians, confidence)));
        double rho = Autocorrelation.lag1(medians);
        reading(row, "autocorrelation", rho);
        reading(row, "effectiveBlocks", Autocorrelation.effectiveCount(medians.length, rho));
        if (run.isPresent()) {
            measured(row, medians, run.get());
        } else {
            withoutRun++;
            if (row.flags().contains(Flag.BIMODAL)) {
                modes(row, Modes.of(medians));
            }
        }
        if (row.joules() instanceof Quantity.Known joules && joules.provenance() instanceof Provenance.Measured) {
            counted(row, joules.number());
        }
        if (row.joules() instanceof Quantity.Known joules
                && joules.provenance() instanceof Provenance.Modelled modelled) {
            if (modelled.model().equals(HIERARCHY.name())) {
                all.estimate(
                        key(row),
                        "energyJoules",
                        joules.number(),
                        Estimate.exact(HIERARCHY.joules(row.key().workload())));
            } else if (row.seconds() instanceof Quantity.Known seconds) {
                energy(row, joules.number(), seconds.number());
            }
        }
    }

    /** What follows from how a row was measured. */
    private void measured(Measurement row, double[] medians, MeasuringRun run) {
        Map<String, Double> readings = row.after().readings();
        boolean told = true;
        for (String name : List.of(
                Conditions.MEASURED_BLOCKS,
                Conditions.FIRST_BLOCK_SAMPLES,
                Conditions.DISTURBED_FRACTION,
                Conditions.DISCARD_FRACTION)) {
            if (!readings.containsKey(name)) {
                all.text(key(row), "after." + name, "absent", "every row of a run has it");
                told = false;
            }
        }
        if (run.control().isEmpty()) {
            all.text(key(row), "runs.control", "absent", "every run that stores rows has one");
            told = false;
        }
        for (String name : List.of(MeasuringRun.HALF_WIDTH, MeasuringRun.CONFIDENCE, MeasuringRun.FLAG_FRACTION)) {
            if (!run.options().containsKey(name)) {
                all.text(key(row), "runs.options." + name, "absent", "every run that stores rows has it");
                told = false;
            }
        }
        if (told) {
            flags(row, medians, run);
        }
    }

    private void flags(Measurement row, double[] medians, MeasuringRun run) {
        int first = (int) reading(row, Conditions.FIRST_BLOCK_SAMPLES);
        if (first < 1) {
            all.text(key(row), "after." + Conditions.FIRST_BLOCK_SAMPLES, Integer.toString(first), "at least 1");
            return;
        }
        Optional<Modes> modes = Modes.of(row.blocks().stream()
                .flatMap(block -> block.pieces(first).stream())
                .mapToDouble(Block::medianSeconds)
                .toArray());
        modes(row, modes);
        if (modes.isEmpty() && row.seconds() instanceof Quantity.Missing missing) {
            all.text(key(row), "timeSeconds.value", missing.reason(), Double.toString(OrderStatistics.median(medians)));
        }
        Rejections rejections = Rejections.of(row.discarded(), (int) reading(row, Conditions.MEASURED_BLOCKS));
        rejections(row, rejections, first, modes.isPresent());
        double most = run.option(MeasuringRun.FLAG_FRACTION).orElseThrow();
        flag(
                row,
                Flag.WIDE,
                Precision.isWide(
                        medians,
                        run.option(MeasuringRun.HALF_WIDTH).orElseThrow(),
                        run.option(MeasuringRun.CONFIDENCE).orElseThrow()));
        flag(
                row,
                Flag.INVALID,
                rejections.disturbedFraction() > most
                        || run.control().orElseThrow().comparison().verdict() != Verdict.SAME);
        flag(row, Flag.CONTENDED, rejections.contendedFraction() > most);
        flag(row, Flag.THROTTLED, rejections.throttledFraction() > most);
    }

    /**
     * The counts of blocks. Blocks that were never lengthened are those that were measured and not thrown away; longer ones
     * are as many samples, or more.
     */
    private void rejections(Measurement row, Rejections rejections, int first, boolean bimodal) {
        reading(row, Conditions.DISTURBED_FRACTION, rejections.disturbedFraction());
        reading(row, Conditions.DISCARD_FRACTION, rejections.discardFraction());
        all.text(
                key(row),
                "discarded",
                row.discarded().toString(),
                rejections.named().toString());
        int counted = rejections.blocks() - (rejections.allCount() ? 0 : rejections.disturbed());
        int blocks = row.blocks().size();
        int pieces = row.blocks().stream()
                .mapToInt(block -> (block.samples() + first - 1) / first)
                .sum();
        boolean possible =
                bimodal ? counted > 0 && counted <= pieces : counted >= blocks && counted <= Math.max(blocks, pieces);
        if (!possible) {
            all.text(
                    key(row),
                    "after." + Conditions.MEASURED_BLOCKS,
                    counted + " blocks that count",
                    bimodal || blocks < pieces ? "up to " + pieces : Integer.toString(blocks));
        }
    }

    private void flag(Measurement row, Flag flag, boolean follows) {
        boolean published = row.flags().contains(flag);
        all.text(key(row), "flags", told(flag, published), told(flag, follows));
    }

    private static String told(Flag flag, boolean there) {
        return (there ? "" : "not ") + flag.name();
    }

    private void modes(Measurement row, Optional<Modes> modes) {
        flag(row, Flag.BIMODAL, modes.isPresent());
        modes.ifPresent(two -> {
            reading(row, "fastModeSeconds", two.fast());
            reading(row, "slowModeSeconds", two.slow());
            reading(row, "slowModeShare", two.slowShare());
            row.seconds()
                    .estimate()
                    .ifPresent(e -> all.text(key(row), "timeSeconds.value", Double.toString(e.value()), "two modes"));
        });
    }

    private void counted(Measurement row, Estimate published) {
        double[] joules = row.energySamples().stream()
                .mapToDouble(EnergySample::joulesPerLaunch)
                .toArray();
        if (joules.length == 0) {
            all.text(key(row), "energyJoules.value", Double.toString(published.value()), "no raw samples");
            return;
        }
        all.estimate(key(row), "energyJoules", published, OrderStatistics.median(joules, USUAL_CONFIDENCE));
        reading(
                row,
                Plausibility.WATTS,
                OrderStatistics.median(row.energySamples().stream()
                        .mapToDouble(sample -> sample.joules() / sample.seconds())
                        .toArray()));
    }

    private void energy(Measurement row, Estimate joules, Estimate seconds) {
        double watts = joules.value() / seconds.value();
        all.number(key(row), "energyJoules.low", joules.low(), watts * seconds.low());
        all.number(key(row), "energyJoules.high", joules.high(), watts * seconds.high());
        all.number(key(row), "energyJoules.blocks", joules.blocks(), seconds.blocks());
    }

    /** A reading that the row need not have: rows of older versions lack some. */
    private void reading(Measurement row, String name, double recomputed) {
        if (row.after().readings().containsKey(name)) {
            all.number(key(row), "after." + name, reading(row, name), recomputed);
        }
    }

    private static double reading(Measurement row, String name) {
        return row.after().readings().getOrDefault(name, Double.NaN);
    }

    private static Optional<WorkloadKey> key(Measurement row) {
        return Optional.of(row.key());
    }
}
