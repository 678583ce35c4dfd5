package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.EnergySample;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Variant;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.MeasuringRun.Reference;
import org.secateur.results.core.cost.Recomputation.Mismatch;
import org.secateur.results.core.statistics.Autocorrelation;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Modes;
import org.secateur.results.core.statistics.OrderStatistics;
import org.secateur.results.core.statistics.Pair;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.core.statistics.Verdict;

class TableCheckTest {
    private static List<Block> blocks(double slowFactor) {
        SplittableRandom random = new SplittableRandom(1);
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            double seconds = i % 2 == 0 ? 1e-3 : 1e-3 * slowFactor;
            blocks.add(new Block(3, random.doubles(5, seconds, seconds * 1.005).toArray()));
        }
        return blocks;
    }

    private static double[] medians(List<Block> blocks) {
        return blocks.stream().mapToDouble(Block::medianSeconds).toArray();
    }

    private static Measurement row(
            List<Block> blocks, Quantity seconds, Quantity joules, Map<String, Double> after, Set<Flag> flags) {
        return new Measurement(
                WorkloadKey.cold(Tables.relu(16)),
                new Variant("test", 0, true),
                seconds,
                joules,
                blocks,
                Map.of(),
                Conditions.NONE,
                new Conditions(after),
                flags,
                Instant.EPOCH);
    }

    private static Measurement right() {
        List<Block> blocks = blocks(1);
        Quantity seconds = Quantity.measured(OrderStatistics.median(medians(blocks), 0.95));
        double rho = Autocorrelation.lag1(medians(blocks));
        return row(
                blocks,
                seconds,
                new CpuPowerModel(15, 65).joules(List.of(), seconds, OptionalDouble.of(0.5)),
                Map.of("autocorrelation", rho, "effectiveBlocks", Autocorrelation.effectiveCount(12, rho)),
                Set.of());
    }

    private static List<String> wrong(Measurement row) {
        CostTable table = CostTable.of("a test", Fingerprint.of(Map.of(), Map.of()), List.of(row));
        return TableCheck.of(table).mismatches().stream().map(Mismatch::field).toList();
    }

    @Test
    void whatFollowsFromItsSamplesPasses() {
        CostTable table = CostTable.of("a test", Fingerprint.of(Map.of(), Map.of()), List.of(right()));

        TableCheck.Result result = TableCheck.of(table);

        assertThat(result.mismatches()).isEmpty();
        assertThat(result.rows()).isEqualTo(1);
        assertThat(result.numbers()).isEqualTo(5 + 2 + 3);
    }

    @Test
    void joulesByAccessesAreThoseOfTheWorkloadWhateverItsSeconds() {
        MemoryHierarchyEnergy model = MemoryHierarchyEnergy.eyeriss();
        Measurement right = model.applied(right());
        assertThat(wrong(right)).isEmpty();
        Quantity more = right.joules().map(joules -> joules.times(1.001));
        assertThat(wrong(right.withJoules(more)))
                .containsExactly("energyJoules.value", "energyJoules.low", "energyJoules.high");
    }

    @Test
    void everyNumberThatIsChangedIsReported() {
        Measurement right = right();
        Estimate e = right.seconds().estimate().orElseThrow();
        Quantity value =
                Quantity.measured(new Estimate(e.value() * 1.000001, e.low(), e.high(), e.confidence(), e.blocks()));
        Quantity low =
                Quantity.measured(new Estimate(e.value(), e.low() * 0.999, e.high(), e.confidence(), e.blocks()));
        Quantity high =
                Quantity.measured(new Estimate(e.value(), e.low(), e.high() * 1.001, e.confidence(), e.blocks()));
        Quantity sure = Quantity.measured(new Estimate(e.value(), e.low(), e.high(), 0.99, e.blocks()));
        Quantity many = Quantity.measured(new Estimate(e.value(), e.low(), e.high(), e.confidence(), 99));
        Quantity none = Quantity.unavailable("not asked for");
        List<Block> blocks = right.blocks();

        assertThat(wrong(row(blocks, value, none, Map.of(), Set.of()))).containsExactly("timeSeconds.value");
        assertThat(wrong(row(blocks, low, none, Map.of(), Set.of()))).containsExactly("timeSeconds.low");
        assertThat(wrong(row(blocks, high, none, Map.of(), Set.of()))).containsExactly("timeSeconds.high");
        assertThat(wrong(row(blocks, sure, none, Map.of(), Set.of()))).containsExactly("timeSeconds.confidence");
        assertThat(wrong(row(blocks, many, none, Map.of(), Set.of()))).containsExactly("timeSeconds.blocks");
        assertThat(wrong(row(blocks, right.seconds(), none, Map.of("autocorrelation", 0.9), Set.of())))
                .containsExactly("after.autocorrelation");
        Quantity wide = Quantity.modelled(
                new Estimate(65 * e.value(), 65 * e.low(), 66 * e.high(), e.confidence(), e.blocks()), "65 W");
        assertThat(wrong(row(blocks, right.seconds(), wide, Map.of(), Set.of())))
                .containsExactly("energyJoules.high");
    }

    @Test
    void aSampleThatIsChangedIsReportedToo() {
        Measurement right = right();
        List<Block> blocks = new ArrayList<>(right.blocks());
        blocks.set(0, new Block(3, new double[] {9e-4}));

        assertThat(wrong(row(
                        blocks, right.seconds(), right.joules(), right.after().readings(), Set.of())))
                .isNotEmpty();
    }

    @Test
    void aNumberWithoutSamplesIsReported() {
        assertThat(wrong(row(List.of(), right().seconds(), right().joules(), Map.of(), Set.of())))
                .containsExactly("timeSeconds.value");
    }

    @Test
    void countedJoulesFollowFromTheirWindows() {
        List<EnergySample> samples =
                List.of(new EnergySample(10, 20, 1), new EnergySample(20, 42, 2), new EnergySample(10, 22, 1));
        Quantity joules = Quantity.measured(OrderStatistics.median(new double[] {2, 2.1, 2.2}, 0.95));
        Estimate e = joules.estimate().orElseThrow();
        Quantity other = Quantity.measured(new Estimate(2.15, e.low(), e.high(), e.confidence(), e.blocks()));

        assertThat(wrong(counted(joules, samples))).isEmpty();
        assertThat(wrong(counted(other, samples))).containsExactly("energyJoules.value");
        assertThat(wrong(counted(joules, List.of()))).containsExactly("energyJoules.value");
    }

    private static Measurement counted(Quantity joules, List<EnergySample> samples) {
        Measurement right = right();
        return new Measurement(
                right.key(),
                right.variant(),
                right.seconds(),
                joules,
                right.blocks(),
                samples,
                right.discarded(),
                right.before(),
                right.after(),
                right.flags(),
                right.measuredAt());
    }

    @Test
    void theModesOfABimodalRowAreChecked() {
        List<Block> blocks = blocks(1.1);
        Modes modes = Modes.of(medians(blocks)).orElseThrow();
        Quantity refused = Quantity.unavailable(modes.reason());
        Map<String, Double> readings = new TreeMap<>(Map.of(
                "fastModeSeconds", modes.fast(),
                "slowModeSeconds", modes.slow(),
                "slowModeShare", modes.slowShare()));

        assertThat(wrong(row(blocks, refused, refused, readings, Set.of(Flag.BIMODAL))))
                .isEmpty();
        readings.put("slowModeSeconds", modes.slow() * 1.01);
        assertThat(wrong(row(blocks, refused, refused, readings, Set.of(Flag.BIMODAL))))
                .containsExactly("after.slowModeSeconds");
        assertThat(wrong(row(blocks(1), refused, refused, Map.of(), Set.of(Flag.BIMODAL))))
                .containsExactly("flags");
    }

    /** Twenty pairs of 1 ms, the candidate's slower by a factor, of 0.1 % noise. */
    private static PairedComparison control(double factor) {
        SplittableRandom random = new SplittableRandom(3);
        return PairedComparison.of(
                random.doubles(20, 1e-3, 1.001e-3).toArray(),
                random.doubles(20, factor * 1e-3, factor * 1.001e-3).toArray(),
                0.01,
                0.95);
    }

    private static final Map<String, Double> OPTIONS =
            Map.of(MeasuringRun.HALF_WIDTH, 0.01, MeasuringRun.CONFIDENCE, 0.95, MeasuringRun.FLAG_FRACTION, 0.2);

    private static final HeldOutError ERROR = HeldOutError.of(
            "a network", List.of(0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08), 1, 9, "drawn at random");

    private static MeasuringRun run(PairedComparison control) {
        return run(OPTIONS, Optional.of(control), ERROR);
    }

    private static MeasuringRun run(
            Map<String, Double> options, Optional<PairedComparison> control, HeldOutError error) {
        return new MeasuringRun(
                "profile",
                1,
                Instant.EPOCH,
                Map.of(),
                options,
                Map.of(),
                control.map(comparison -> new Reference(Tables.relu(16), comparison)),
                Optional.of(error));
    }

    private static final Map<String, Integer> DISCARDED = Map.of("steal", 2);

    /** Fourteen blocks of five samples, of which two were thrown away. */
    private static Map<String, Double> readings() {
        return new TreeMap<>(Map.of(
                Conditions.MEASURED_BLOCKS,
                14.0,
                Conditions.FIRST_BLOCK_SAMPLES,
                5.0,
                Conditions.DISTURBED_FRACTION,
                2.0 / 14,
                Conditions.DISCARD_FRACTION,
                2.0 / 14));
    }

    private static Map<String, Double> readings(String name, double value) {
        Map<String, Double> changed = readings();
        changed.put(name, value);
        return changed;
    }

    private static Measurement kept(Map<String, Integer> discarded, Map<String, Double> after, Flag... flags) {
        return kept(blocks(1), right().seconds(), discarded, after, flags);
    }

    private static Measurement kept(
            List<Block> blocks,
            Quantity seconds,
            Map<String, Integer> discarded,
            Map<String, Double> after,
            Flag... flags) {
        return new Measurement(
                right().key(),
                right().variant(),
                seconds,
                Quantity.unavailable("not asked for"),
                blocks,
                discarded,
                Conditions.NONE,
                new Conditions(after),
                Set.of(flags),
                Instant.EPOCH);
    }

    private static List<String> wrong(Measurement row, MeasuringRun run) {
        CostTable table = CostTable.of("a test", Fingerprint.of(Map.of(), Map.of()), List.of())
                .with(List.of(row), run);
        return TableCheck.of(table).mismatches().stream().map(Mismatch::field).toList();
    }

    @Test
    void aRowWithItsRunIsDecidedWhollyAndPasses() {
        assertThat(wrong(kept(DISCARDED, readings()), run(control(1)))).isEmpty();
        assertThat(wrong(kept(DISCARDED, readings(), Flag.INVALID), run(control(1.05))))
                .isEmpty();
        CostTable without = CostTable.of("a test", Fingerprint.of(Map.of(), Map.of()), List.of(right()));
        assertThat(TableCheck.of(without).rowsWithoutRun()).isOne();
        assertThat(TableCheck.of(without.with(List.of(kept(DISCARDED, readings())), run(control(1))))
                        .rowsWithoutRun())
                .isZero();
    }

    @Test
    void everyFlagThatDoesNotFollowIsReported() {
        for (Flag flag : List.of(Flag.WIDE, Flag.BIMODAL, Flag.CONTENDED, Flag.THROTTLED, Flag.INVALID)) {
            assertThat(wrong(kept(DISCARDED, readings(), flag), run(control(1))))
                    .as("%s", flag)
                    .containsExactly("flags");
        }
        // These rest on what no table holds.
        assertThat(wrong(
                        kept(DISCARDED, readings(), Flag.NO_STEADY_STATE, Flag.DISAGREE, Flag.IMPLAUSIBLE),
                        run(control(1))))
                .isEmpty();
    }

    @Test
    void everyFlagThatIsTakenAwayIsReported() {
        Map<String, Double> narrow = new TreeMap<>(OPTIONS);
        narrow.put(MeasuringRun.HALF_WIDTH, 1e-6);
        assertThat(wrong(kept(DISCARDED, readings()), run(narrow, Optional.of(control(1)), ERROR)))
                .as("WIDE")
                .containsExactly("flags");
        assertThat(wrong(kept(DISCARDED, readings()), run(control(1.05))))
                .as("INVALID by the control")
                .containsExactly("flags");
        Map<String, Double> many = readings(Conditions.MEASURED_BLOCKS, 16);
        many.put(Conditions.DISTURBED_FRACTION, 0.25);
        many.put(Conditions.DISCARD_FRACTION, 0.25);
        Map<String, Integer> stolen = Map.of("steal", 3, "involuntary switches", 1);
        assertThat(wrong(kept(stolen, many, Flag.INVALID, Flag.CONTENDED), run(control(1))))
                .isEmpty();
        assertThat(wrong(kept(stolen, many), run(control(1))))
                .as("INVALID and CONTENDED by disturbed blocks")
                .containsExactly("flags", "flags");
        assertThat(wrong(kept(Map.of("garbage collection", 4), many, Flag.INVALID), run(control(1))))
                .isEmpty();
        assertThat(wrong(kept(Map.of("foreign process", 4), many, Flag.INVALID), run(control(1))))
                .as("CONTENDED by another process")
                .containsExactly("flags");
        assertThat(wrong(kept(Map.of("throttled", 4), many, Flag.INVALID), run(control(1))))
                .as("THROTTLED")
                .containsExactly("flags");
        assertThat(wrong(kept(Map.of("throttled", 4), many, Flag.INVALID, Flag.THROTTLED), run(control(1))))
                .isEmpty();
    }

    @Test
    void theFlagsOfJoulesRestOnWindowsThatNoTableHolds() {
        Map<String, Double> counted = readings("counterTickSeconds", 0.1);
        assertThat(wrong(kept(DISCARDED, counted, Flag.ENERGY_THROTTLED, Flag.ENERGY_CONTENDED), run(control(1))))
                .isEmpty();
    }

    @Test
    void everyCountAndShareOfBlocksThatIsChangedIsReported() {
        MeasuringRun run = run(control(1));
        assertThat(wrong(kept(Map.of("steal", 1), readings()), run))
                .contains("after.disturbedFraction", "after.discardFraction", "after.measuredBlocks");
        assertThat(wrong(kept(DISCARDED, readings(Conditions.DISCARD_FRACTION, 0.1)), run))
                .containsExactly("after.discardFraction");
        assertThat(wrong(kept(DISCARDED, readings(Conditions.DISTURBED_FRACTION, 0.1)), run))
                .containsExactly("after.disturbedFraction");
        Map<String, Double> more = readings(Conditions.MEASURED_BLOCKS, 15);
        more.put(Conditions.DISTURBED_FRACTION, 2.0 / 15);
        more.put(Conditions.DISCARD_FRACTION, 2.0 / 15);
        assertThat(wrong(kept(DISCARDED, more), run)).containsExactly("after.measuredBlocks");
        assertThat(wrong(kept(Map.of("steal (kept)", 2), readings()), run)).containsExactly("discarded");
    }

    @Test
    void blocksThatWereAllKeptOrLengthenedPass() {
        Map<String, Double> all = readings(Conditions.MEASURED_BLOCKS, 12);
        all.put(Conditions.DISTURBED_FRACTION, 7.0 / 12);
        all.put(Conditions.DISCARD_FRACTION, 0.0);
        assertThat(wrong(kept(Map.of("steal (kept)", 7), all, Flag.INVALID, Flag.CONTENDED), run(control(1))))
                .isEmpty();
        Map<String, Double> joined = readings(Conditions.FIRST_BLOCK_SAMPLES, 1);
        joined.put(Conditions.MEASURED_BLOCKS, 40.0);
        joined.put(Conditions.DISTURBED_FRACTION, 0.0);
        joined.put(Conditions.DISCARD_FRACTION, 0.0);
        assertThat(wrong(kept(Map.of(), joined), run(control(1)))).isEmpty();
        joined.put(Conditions.MEASURED_BLOCKS, 61.0);
        assertThat(wrong(kept(Map.of(), joined), run(control(1)))).containsExactly("after.measuredBlocks");
    }

    @Test
    void whatARowOfARunLacksIsReported() {
        Map<String, Double> less = readings();
        less.remove(Conditions.MEASURED_BLOCKS);
        assertThat(wrong(kept(DISCARDED, less), run(control(1)))).containsExactly("after.measuredBlocks");
        assertThat(wrong(kept(DISCARDED, readings()), run(OPTIONS, Optional.empty(), ERROR)))
                .containsExactly("runs.control");
        assertThat(wrong(kept(DISCARDED, readings()), run(Map.of(), Optional.of(control(1)), ERROR)))
                .hasSize(3)
                .allMatch(field -> field.startsWith("runs.options."));
    }

    @Test
    void aSecondModeThatIsHiddenIsReported() {
        List<Block> blocks = blocks(1.1);
        Quantity median = Quantity.measured(OrderStatistics.median(medians(blocks), 0.95));
        assertThat(wrong(kept(blocks, median, DISCARDED, readings(), Flag.WIDE), run(control(1))))
                .containsExactly("flags", "timeSeconds.value");
        assertThat(wrong(kept(blocks(1), Quantity.unavailable("not today"), DISCARDED, readings()), run(control(1))))
                .containsExactly("timeSeconds.value");
    }

    @Test
    void everyNumberOfTheControlThatIsChangedIsReported() {
        PairedComparison c = control(1.05);
        Estimate e = c.ratio();
        Estimate nearer = new Estimate(e.value(), e.low() * 0.99, e.high(), e.confidence(), e.blocks());
        assertThat(told(new PairedComparison(
                        nearer, c.verdict(), c.samples(), c.delta(), c.confidence(), c.pairNoise(), c.pValue())))
                .containsExactly("runs[0].control.ratio.low");
        assertThat(told(new PairedComparison(
                        e, Verdict.SAME, c.samples(), c.delta(), c.confidence(), c.pairNoise(), c.pValue())))
                .contains("runs[0].control.verdict");
        assertThat(told(new PairedComparison(
                        e, c.verdict(), c.samples(), c.delta(), c.confidence(), 0.5 * c.pairNoise(), c.pValue())))
                .containsExactly("runs[0].control.pairNoise");
        assertThat(told(new PairedComparison(
                        e, c.verdict(), c.samples(), c.delta(), c.confidence(), c.pairNoise(), 0.5)))
                .containsExactly("runs[0].control.pValue");
        assertThat(told(PairedComparison.of(c.samples(), c.delta(), 0.5)))
                .containsExactly("runs[0].control.askedConfidence");
        List<Pair> others = new ArrayList<>(c.samples());
        others.replaceAll(pair -> new Pair(pair.baseline(), pair.baseline(), pair.first()));
        assertThat(told(new PairedComparison(
                        e, c.verdict(), others, c.delta(), c.confidence(), c.pairNoise(), c.pValue())))
                .contains("runs[0].control.ratio.value", "runs[0].control.verdict");
    }

    private static List<String> told(PairedComparison control) {
        Flag[] flags = control.verdict() == Verdict.SAME ? new Flag[0] : new Flag[] {Flag.INVALID};
        return wrong(kept(DISCARDED, readings(), flags), run(control));
    }

    @Test
    void aHeldOutErrorFollowsFromThoseOfItsRows() {
        assertThat(ERROR.median().estimate().orElseThrow().value()).isEqualTo(0.05);
        assertThat(ERROR.p95()).isEqualTo(Quantity.unavailable("only 8 of 9 rows could be predicted"));
        assertThat(told(new HeldOutError(
                        "", Quantity.derived(Estimate.exact(0.01)), ERROR.p95(), ERROR.errors(), 1, 9, "")))
                .contains("runs[0].heldOutError.median.value");
        assertThat(told(new HeldOutError(
                        "", ERROR.median(), Quantity.derived(Estimate.exact(0.08)), ERROR.errors(), 1, 9, "")))
                .containsExactly("runs[0].heldOutError.p95");
        assertThat(told(new HeldOutError("", ERROR.median(), ERROR.p95(), ERROR.errors(), 1, 10, "")))
                .contains("runs[0].heldOutError.asked");
        assertThat(told(new HeldOutError("", ERROR.median(), ERROR.p95(), ERROR.errors(), 0, 9, "")))
                .contains("runs[0].heldOutError.median.value", "runs[0].heldOutError.p95");
        assertThat(told(HeldOutError.none("not asked for", 0))).isEmpty();
    }

    private static List<String> told(HeldOutError error) {
        return wrong(kept(DISCARDED, readings()), run(OPTIONS, Optional.of(control(1)), error));
    }
}
