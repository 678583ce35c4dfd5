package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.secateur.harness.loop.OnDemandCosts;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.cost.CostTable;

/** A trial of which some steps have two modes. */
final class PredictionTrialTest {
    private static final Network NETWORK = Zoo.network("resnet8", Optional.of(new Shape(1, 8, 8)), OptionalInt.of(2));
    private static final int BATCH = 2;

    private SimulatedDevice device = new SimulatedDevice(w -> 1e-4, Disturbance.NONE, 1);
    private int steps;
    private int measured;

    private PredictionTrial.Result run(int count, int fit, IntPredicate bimodal) {
        OnDemandCosts costs = new OnDemandCosts(
                device,
                CostTable.of(device.name(), device.fingerprint(), List.of()),
                device.surroundings(),
                Optional.empty(),
                1,
                (row, how) -> {});
        return new PredictionTrial(
                        NETWORK,
                        BATCH,
                        Arithmetic.DEFAULT,
                        costs,
                        SamplerOptions.rough(),
                        cut -> step(cut, bimodal.test(steps++)),
                        line -> {})
                .run(count, fit, 1);
    }

    private Timing step(Network cut, boolean bimodal) {
        Timing step = new Sampler(SamplerOptions.rough(), device.surroundings(), Sampler.NO_ENERGY, 1)
                .time(device, () -> device.open(Arithmetic.DEFAULT.training(cut, BATCH)));
        measured++;
        return bimodal
                ? new Timing(
                        step.variant(),
                        Quantity.unavailable("two modes"),
                        step.joules(),
                        step.blocks(),
                        step.energySamples(),
                        step.discarded(),
                        step.before(),
                        step.after(),
                        Set.of(Flag.BIMODAL),
                        step.measuredAt())
                : step;
    }

    @Test
    void aStepOfTwoModesIsLeftOutAndTold() {
        PredictionTrial.Result result = run(3, 2, step -> step == 1 || step == 3);
        assertThat(result.fitted()).hasSize(1);
        assertThat(result.judged()).hasSize(2);
        assertThat(result.skipped()).containsExactly("pruning 2 of 5: two modes", "pruning 4 of 5: two modes");
        assertThat(result.plain().worst()).isLessThan(0.05);
    }

    @Test
    void aPruningWithoutAKernelIsLeftOutWithTheReason() {
        device = new SimulatedDevice(
                w -> {
                    if (measured == 1 && w.operation() instanceof Convolution) {
                        throw new IllegalArgumentException("no kernel");
                    }
                    return 1e-4;
                },
                Disturbance.NONE,
                1);
        PredictionTrial.Result result = run(3, 0, step -> false);
        assertThat(result.judged()).hasSize(1);
        assertThat(result.skipped()).containsExactly("pruning 2 of 3: no kernel", "pruning 3 of 3: no kernel");
    }

    @Test
    void withoutASingleStepThereIsNothingToTell() {
        assertThatThrownBy(() -> run(2, 0, step -> true))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("no pruning has a single time");
    }
}
