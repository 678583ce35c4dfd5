package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.secateur.harness.loop.PruningSettings.CostKind;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.CpuPowerModel;
import org.secateur.results.core.cost.Roofline;

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
                Optional.empty(),
                1,
                (row, how) -> sink.accept(row));
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

    /** Of 1e11 multiply-accumulates a second, but for one layer that claims to be a hundred times as fast. */
    @Test
    void rowsAreJudgedByPeaksThatAreMeasuredOnce() {
        Workload sane = Workload.of(new Operation.Linear(64, 512, 512), Pass.FORWARD);
        Workload mad = Workload.of(new Operation.Linear(64, 512, 513), Pass.FORWARD);
        SimulatedDevice fast = new SimulatedDevice(
                w -> Math.max(1e-7, w.macs() / (w.equals(mad) ? 1e13 : 1e11) + w.bytesMoved() / 1e12),
                Disturbance.NONE,
                1);
        List<Measurement> kept = new ArrayList<>();
        OnDemandCosts costs = new OnDemandCosts(
                fast,
                CostTable.of("SIMULATED", fast.fingerprint(), List.of()),
                fast.surroundings(),
                Optional.empty(),
                1,
                (row, how) -> kept.add(row));
        costs.measurePeaks(Roofline.references());
        assertThat(kept).hasSize(Roofline.references().size());
        costs.measurePeaks(Roofline.references());
        assertThat(kept).hasSize(Roofline.references().size());
        costs.measure(List.of(sane, mad), SamplerOptions.rough(), 1e9);
        assertThat(costs.row(sane).orElseThrow().flags()).doesNotContain(Flag.IMPLAUSIBLE);
        assertThat(costs.row(mad).orElseThrow().flags()).contains(Flag.IMPLAUSIBLE);
        assertThat(kept).contains(costs.row(mad).orElseThrow());
    }

    @Test
    void newRowsHaveTheJoulesOfAModel() {
        OnDemandCosts costs = new OnDemandCosts(
                device,
                CostTable.of("SIMULATED", device.fingerprint(), List.of()),
                device.surroundings(),
                Optional.of(new CpuPowerModel(10, 65)),
                1,
                (row, how) -> {});
        assertThat(costs.watts()).as("at full utilisation").hasValue(65);
        costs.measure(WORKLOADS.subList(0, 1), SamplerOptions.rough(), 1e9);
        Measurement row = costs.row(WORKLOADS.get(0)).orElseThrow();
        assertThat(row.joules().estimate().orElseThrow().value())
                .isCloseTo(65 * row.seconds().estimate().orElseThrow().value(), within(1e-6));
        assertThat(costs.watts().orElseThrow()).isCloseTo(65, within(1e-4));
        assertThat(costs.counted(CostKind.JOULES)).isEmpty();
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
                Optional.empty(),
                1,
                (row, how) -> {});
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
