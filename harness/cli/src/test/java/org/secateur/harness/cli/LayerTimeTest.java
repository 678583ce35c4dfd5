package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.secateur.harness.cli.LayerTime.Rank;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.Cost;
import org.secateur.results.core.cost.CostModel;
import org.secateur.results.core.cost.Roofline;
import org.secateur.results.core.statistics.Estimate;

final class LayerTimeTest {
    private static final StepProgram STEP = Arithmetic.DEFAULT.training(Zoo.network("resnet8"), 4);

    private static final Roofline PEAKS =
            new Roofline(Estimate.exact(1e10), Estimate.exact(1e9), Estimate.exact(1e10), Estimate.exact(1e-6));

    /** Each launch takes 2 ms, 20 % about, but for those of which only the reason is known. */
    private record Costs(Set<Workload> unknown) implements CostModel {
        @Override
        public String name() {
            return "two milliseconds";
        }

        @Override
        public Cost predict(Workload workload) {
            Quantity seconds = unknown.contains(workload)
                    ? Quantity.unavailable("two modes")
                    : Quantity.measured(new Estimate(0.002, 0.0016, 0.0024, 0.95, 7));
            double joules = workload.operation() instanceof Operation.Linear ? 3 : 1;
            return new Cost(
                    seconds,
                    Quantity.measured(new Estimate(joules, joules, joules, 0, 1)),
                    workload.operation() instanceof Operation.Linear
                            ? Set.of(Flag.WIDE, Flag.ENERGY_WIDE)
                            : Set.of(Flag.ENERGY_WIDE));
        }
    }

    private static List<LayerTime> ranked(Set<Workload> unknown) {
        return LayerTime.ranked(STEP, new Costs(unknown), new Costs(unknown), PEAKS, Rank.SECONDS);
    }

    private static LayerTime layer(List<LayerTime> layers, String name) {
        return layers.stream()
                .filter(layer -> layer.layer().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static double value(Quantity quantity) {
        return quantity.estimate().orElseThrow().value();
    }

    @Test
    void aLayersRatesAreItsWorkOverItsTimeWithTheTimesInterval() {
        List<StepProgram.Instruction> own = STEP.instructions().stream()
                .filter(instruction -> instruction.layer().equals("conv1"))
                .toList();
        LayerTime conv = layer(ranked(Set.of()), "conv1");
        double work = own.stream().mapToDouble(i -> 2.0 * i.workload().macs()).sum();
        double seconds = 0.002 * own.size();
        assertThat(value(conv.flopsPerSecond())).isCloseTo(work / seconds, withPercentage(1e-9));
        Estimate rate = conv.flopsPerSecond().estimate().orElseThrow();
        double relative = 0.2 / Math.sqrt(own.size()); // of a sum of independent times
        assertThat(rate.low()).isCloseTo(work / seconds / (1 + relative), withPercentage(1e-9));
        assertThat(rate.high()).isCloseTo(work / seconds / (1 - relative), withPercentage(1e-9));
        assertThat(value(conv.peakFlops(PEAKS))).isCloseTo(work / seconds / 1e10, withPercentage(1e-9));
        assertThat(value(conv.share()))
                .isCloseTo((double) own.size() / STEP.instructions().size(), withPercentage(1e-9));
    }

    @Test
    void layersRankByTheirJoulesToo() {
        List<LayerTime> layers = LayerTime.ranked(STEP, new Costs(Set.of()), new Costs(Set.of()), PEAKS, Rank.JOULES);
        assertThat(layers)
                .isSortedAccordingTo(Comparator.comparingDouble((LayerTime layer) -> value(layer.energyShare()))
                        .reversed());
        assertThat(layers.stream()
                        .mapToDouble(layer -> value(layer.energyShare()))
                        .sum())
                .isCloseTo(1, withPercentage(1e-9));
        assertThat(layers.get(0).layer()).isEqualTo("fc");
        assertThat(ranked(Set.of()).get(0).layer()).isNotEqualTo("fc");
        assertThat(LayerTime.ranked(ranked(Set.of()), Rank.JOULES).get(0).layer())
                .isEqualTo("fc");
    }

    @Test
    void secondsAndJoulesOfALayerHaveFlagsOfTheirOwn() {
        Map<String, Object> json = layer(ranked(Set.of()), "fc").json(PEAKS);
        assertThat(String.valueOf(json.get("share"))).contains("flags=[WIDE]");
        assertThat(String.valueOf(json.get("energyJoules"))).contains("flags=[ENERGY_WIDE]");
        assertThat(String.valueOf(json.get("energyShare"))).contains("flags=[ENERGY_WIDE]");
    }

    @Test
    void aLayerWithALaunchOfUnknownTimeComesLastAndSaysWhy() {
        Workload unknown = STEP.instructions().stream()
                .filter(instruction -> instruction.layer().equals("conv1"))
                .findFirst()
                .orElseThrow()
                .workload();
        List<LayerTime> layers = ranked(Set.of(unknown));
        LayerTime last = layers.get(layers.size() - 1);
        assertThat(last.layer()).isEqualTo("conv1");
        assertThat(List.of(
                        last.share(),
                        last.flopsPerSecond(),
                        last.bytesPerSecond(),
                        last.peakFlops(PEAKS),
                        last.peakBytes(PEAKS)))
                .containsOnly(Quantity.unavailable("two modes"));
        assertThat(layers.subList(0, layers.size() - 1).stream()
                        .mapToDouble(layer -> value(layer.share()))
                        .sum())
                .isCloseTo(1, withPercentage(10));
    }
}
