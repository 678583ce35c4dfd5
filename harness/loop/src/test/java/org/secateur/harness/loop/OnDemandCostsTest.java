package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;

class OnDemandCostsTest {
    private static final List<Workload> WORKLOADS = IntStream.rangeClosed(1, 20)
            .mapToObj(i -> Workload.of(new Operation.Linear(1, i, 10), Pass.FORWARD))
            .toList();

    private final List<String> events = new ArrayList<>();
    private final SimulatedDevice device = new SimulatedDevice(
            w -> {
                events.add("open " + w);
                return 1e-3;
            },
            Disturbance.NONE,
            1);

    private OnDemandCosts costs(java.util.function.Consumer<org.secateur.results.core.Measurement> sink) {
        return new OnDemandCosts(
                device,
                CostTable.of("SIMULATED", device.fingerprint(), List.of()),
                device.surroundings(),
                Sampler.NO_ENERGY,
                1,
                sink);
    }

    @Test
    void everyMeasurementIsKeptBeforeTheNextBegins() {
        OnDemandCosts costs = costs(m -> events.add("keep " + m.key().workload()));
        assertThat(costs.measure(WORKLOADS, SamplerOptions.rough().withOpenKernels(1), 1e9))
                .isTrue();
        assertThat(events)
                .isEqualTo(WORKLOADS.stream()
                        .flatMap(w -> List.of("open " + w, "keep " + w).stream())
                        .toList());
    }

    @Test
    void aGroupOfKernelsIsKeptBeforeTheNextBegins() {
        OnDemandCosts costs = costs(m -> events.add("keep"));
        costs.measure(WORKLOADS, SamplerOptions.rough().withOpenKernels(8), 1e9);
        assertThat(events.subList(8, 16)).containsOnly("keep");
        assertThat(events.subList(24, 32)).containsOnly("keep");
        assertThat(events).hasSize(40);
        assertThat(costs.snapshot().rows()).hasSize(20);
        assertThat(costs.secondsSpent()).isPositive();
        assertThat(costs.row(WORKLOADS.get(3))).isPresent();
    }

    @Test
    void whatIsKnownIsNotMeasuredAgain() {
        OnDemandCosts costs = costs(m -> {});
        costs.measure(WORKLOADS.subList(0, 5), SamplerOptions.rough(), 1e9);
        assertThat(costs.missing(WORKLOADS)).isEqualTo(WORKLOADS.subList(5, 20));
        costs.measure(WORKLOADS, SamplerOptions.rough(), 1e9);
        assertThat(events).hasSize(20).doesNotHaveDuplicates();
    }

    @Test
    void whatTheDeviceHasNoKernelForIsLeftOutAndNotAskedForAgain() {
        Workload odd = WORKLOADS.get(3);
        SimulatedDevice picky = new SimulatedDevice(
                w -> {
                    events.add("open " + w);
                    if (w.equals(odd) || w.equals(WORKLOADS.get(8))) {
                        throw new IllegalArgumentException("no kernel");
                    }
                    return 1e-3;
                },
                Disturbance.NONE,
                1);
        OnDemandCosts costs = new OnDemandCosts(
                picky,
                CostTable.of("SIMULATED", picky.fingerprint(), List.of()),
                picky.surroundings(),
                Sampler.NO_ENERGY,
                1,
                m -> {});
        assertThat(costs.refusals()).isEmpty();
        assertThat(costs.measure(WORKLOADS.subList(0, 6), SamplerOptions.rough(), 1e9))
                .isTrue();
        assertThat(costs.missing(WORKLOADS.subList(0, 6))).isEmpty();
        assertThat(costs.snapshot().rows()).hasSize(5);
        assertThat(costs.refusal(odd)).contains("no kernel");
        assertThat(costs.isRefused(WORKLOADS.get(2))).isFalse();
        assertThat(costs.refusals().orElseThrow())
                .startsWith("simulated has no kernel for one workload")
                .contains(odd.text() + ": no kernel");
        costs.probe(WORKLOADS.subList(6, 10));
        assertThat(costs.refusals().orElseThrow()).contains("for 2 of the workloads", "the first is " + odd.text());
        assertThat(costs.snapshot().rows()).hasSize(5);
        events.clear();
        costs.measure(WORKLOADS.subList(0, 6), SamplerOptions.rough(), 1e9);
        assertThat(events).isEmpty();
        assertThat(picky.open()).isZero();
    }

    @Test
    void measuringStopsWhenItsTimeIsUp() {
        OnDemandCosts costs = costs(m -> {});
        SamplerOptions options = SamplerOptions.rough().withOpenKernels(2);
        assertThat(costs.measure(WORKLOADS, options, 0)).isFalse();
        assertThat(events).isEmpty();
        assertThat(costs.measure(WORKLOADS, options, 1e-6)).isFalse();
        assertThat(events).hasSize(2);
    }

    @Test
    void aSinkThatFailsStopsMeasuring() {
        OnDemandCosts costs = costs(m -> {
            events.add("keep");
            throw SecateurException.environment("the disk is full", "store", "free some space");
        });
        assertThatThrownBy(() -> costs.measure(WORKLOADS, SamplerOptions.rough().withOpenKernels(2), 1e9))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("the disk is full");
        assertThat(events).hasSize(3).endsWith("keep");
        assertThat(device.open()).isZero();
        assertThat(costs.snapshot().row(WorkloadKey.cold(WORKLOADS.get(0)))).isEmpty();
    }
}
