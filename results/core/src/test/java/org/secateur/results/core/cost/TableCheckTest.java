package org.secateur.results.core.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
import org.secateur.results.core.cost.TableCheck.Mismatch;
import org.secateur.results.core.statistics.Autocorrelation;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Modes;
import org.secateur.results.core.statistics.OrderStatistics;

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
}
