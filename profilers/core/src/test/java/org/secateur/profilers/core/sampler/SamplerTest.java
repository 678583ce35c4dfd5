package org.secateur.profilers.core.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.profilers.core.Campaign;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.sampler.SamplerOptions.Extension;
import org.secateur.profilers.core.simulation.BoardModel;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedBoard;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.profilers.core.simulation.VirtualClock;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.MeasuringRun;
import org.secateur.results.core.cost.Plausibility;
import org.secateur.results.core.cost.Recomputation;
import org.secateur.results.core.cost.Roofline;
import org.secateur.results.core.cost.TableCheck;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Pair;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.core.statistics.Verdict;

class SamplerTest {
    private static final SamplerOptions THOROUGH = SamplerOptions.thorough();
    private static final double TRUTH = 2e-3;

    private static Sampler sampler(SimulatedDevice device, SamplerOptions options, long seed) {
        return new Sampler(options, device.surroundings(), Sampler.NO_ENERGY, seed);
    }

    private static SimulatedDevice device(Disturbance disturbance, long seed) {
        return new SimulatedDevice(w -> w.macs() * 1e-6, disturbance, seed);
    }

    private static Timing time(Disturbance disturbance, SamplerOptions options, long seed) {
        SimulatedDevice device = device(disturbance, seed);
        Timing timing = sampler(device, options, seed).time(device, () -> device.kernel(TRUTH));
        assertThat(device.open()).isZero();
        return timing;
    }

    private static Estimate seconds(Timing timing) {
        return timing.seconds().estimate().orElseThrow();
    }

    private static WorkloadKey key(int width) {
        return WorkloadKey.cold(Workload.of(new Linear(1, 1, width), Pass.FORWARD));
    }

    @Test
    void withoutDisturbanceTheTruthIsFoundExactlyInTheFewestBlocks() {
        Timing timing = time(Disturbance.NONE, THOROUGH, 1);

        assertThat(seconds(timing).value()).isCloseTo(TRUTH, withPercentage(1e-6));
        assertThat(timing.blocks()).hasSize(THOROUGH.minBlocks());
        assertThat(timing.flags()).isEmpty();
        assertThat(timing.discarded()).isEmpty();
    }

    @Test
    void underNoiseTheIntervalHoldsTheTruthAsOftenAsItSays() {
        int held = 0;
        int runs = Campaign.size(500, 5000);
        for (int seed = 0; seed < runs; seed++) {
            Estimate seconds = seconds(time(Disturbance.NONE.withNoise(0.03), THOROUGH, seed));
            if (seconds.low() <= TRUTH && TRUTH <= seconds.high()) {
                held++;
            }
        }
        // At least 93 of 100 (measuring, E-1); looking every four blocks costs some of the nominal 95 to 99.
        assertThat(held).isGreaterThanOrEqualTo(runs * 93 / 100);
    }

    @Test
    void aNoisierKernelGetsMoreBlocksUntilItIsAsPrecise() {
        Timing quiet = time(Disturbance.NONE.withNoise(0.005), THOROUGH, 3);
        Timing noisy = time(Disturbance.NONE.withNoise(0.05), THOROUGH, 3);

        assertThat(noisy.blocks()).hasSizeGreaterThan(quiet.blocks().size());
        assertThat(noisy.flags()).doesNotContain(Flag.WIDE);
        assertThat(seconds(noisy).relativeHalfWidth()).isLessThan(0.011);
    }

    @Test
    void atTheCapTheResultIsKeptAndFlaggedWide() {
        Timing timing = time(Disturbance.NONE.withNoise(0.4), THOROUGH.withCapSeconds(0.3), 4);

        assertThat(timing.flags()).contains(Flag.WIDE);
        assertThat(timing.blocks()).hasSizeBetween(20, 40);
        assertThat(seconds(timing).relativeHalfWidth()).isGreaterThan(0.01);
    }

    @Test
    void aKernelSlowerThanItsCapIsMeasuredOnceAndFlaggedWide() {
        SimulatedDevice device = device(Disturbance.NONE, 5);

        Timing timing = sampler(device, THOROUGH, 5).time(device, () -> device.kernel(4.0));

        assertThat(timing.blocks()).hasSize(1);
        assertThat(timing.flags()).containsExactlyInAnyOrder(Flag.WIDE, Flag.NO_STEADY_STATE);
    }

    @Test
    void theTransientOfTheFirstLaunchesIsNotMeasured() {
        Timing timing = time(Disturbance.NONE.withWarmUp(300, 1.5, 0.05), THOROUGH, 6);

        assertThat(seconds(timing).value()).isCloseTo(TRUTH, withPercentage(1.5));
        assertThat(timing.flags()).isEmpty();
    }

    @Test
    void aTransientLongerThanTheWarmUpIsFlagged() {
        Timing timing = time(Disturbance.NONE.withWarmUp(1, 50, 3), THOROUGH, 7);

        assertThat(timing.flags()).contains(Flag.NO_STEADY_STATE);
    }

    @Test
    void interleavingGivesKernelsOfEqualCostEqualTimesUnderDriftAndMeasuringInTurnDoesNot() {
        Disturbance drift = Disturbance.NONE.withDrift(t -> 1 + 0.2 * t);

        // A precision that drift never lets them reach: every kernel is measured for as long.
        SamplerOptions options = THOROUGH.withHalfWidth(1e-4).withCapSeconds(0.5);

        assertThat(spread(drift, options.withOpenKernels(6))).isLessThan(0.05);
        assertThat(spread(drift, options.withOpenKernels(1))).isGreaterThan(0.3);
    }

    private static double spread(Disturbance disturbance, SamplerOptions options) {
        SimulatedDevice device = device(disturbance, 8);
        List<Supplier<Kernel>> kernels = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            kernels.add(() -> device.kernel(TRUTH));
        }
        List<Double> values = new ArrayList<>();
        sampler(device, options, 8)
                .time(device, kernels, (timing, i) -> values.add(seconds(timing).value()));
        double least = values.stream().mapToDouble(v -> v).min().orElseThrow();
        return values.stream().mapToDouble(v -> v).max().orElseThrow() / least - 1;
    }

    @Test
    void stolenBlocksAreRejectedByCauseAndLeaveNoTrace() {
        // One tenth of the time half the processor is stolen, which doubles what a launch takes.
        Timing timing = time(Disturbance.NONE.withNoise(0.05).withSteal(t -> t % 0.2 < 0.02 ? 0.5 : 0), THOROUGH, 9);

        assertThat(timing.discarded()).containsOnlyKeys("steal");
        assertThat(timing.blocks())
                .allSatisfy(block -> assertThat(block.medianSeconds()).isLessThan(1.2 * TRUTH));
        assertThat(seconds(timing).value()).isCloseTo(TRUTH, withPercentage(1.5));
    }

    private static Timing onBoard(BoardModel model, long seed) {
        SimulatedBoard board = new SimulatedBoard(model, new VirtualClock(), seed);
        SimulatedDevice device =
                new SimulatedDevice(w -> TRUTH, w -> 100, Disturbance.NONE.withNoise(0.05), board, seed);
        return sampler(device, THOROUGH, seed).time(device, () -> device.kernel(TRUTH));
    }

    /** A tenth of the time; a clock lowered from 1980 to 1500 MHz lengthens a launch by a third. Check E-12. */
    private static double atTimes(double seconds) {
        return seconds % 0.2 < 0.02 ? 1500.0 / 1980 : 1;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void blocksUnderLoweredClocksAreRejectedByCauseAndLeaveNoTrace(boolean counted) {
        Timing timing = onBoard(BoardModel.PLAIN.withThrottling(SamplerTest::atTimes, counted), 41);

        assertThat(timing.discarded()).containsOnlyKeys("throttled");
        assertThat(timing.after().readings().get("discardFraction")).isBetween(0.05, 0.35);
        assertThat(timing.blocks())
                .allSatisfy(block -> assertThat(block.medianSeconds()).isLessThan(1.2 * TRUTH));
        assertThat(seconds(timing).value()).isCloseTo(TRUTH, withPercentage(1.5));
    }

    @Test
    void aDeviceThatAlwaysLowersItsClocksHasANumberThatIsInvalid() {
        Timing timing = onBoard(BoardModel.PLAIN.withThrottling(t -> 1500.0 / 1980, true), 42);

        assertThat(timing.discarded()).containsOnlyKeys("throttled (kept)");
        assertThat(seconds(timing).value()).isCloseTo(TRUTH * 1980 / 1500, withPercentage(1.5));
        assertThat(timing.flags()).contains(Flag.THROTTLED, Flag.INVALID).doesNotContain(Flag.CONTENDED);
    }

    @Test
    void blocksBesideAnotherProcessOnTheDeviceAreRejectedByCause() {
        Timing few = onBoard(BoardModel.PLAIN.withForeign(t -> t % 0.3 < 0.023 ? 50 : 0, true), 43);
        Timing all = onBoard(BoardModel.PLAIN.withForeign(t -> 50, true), 44);

        assertThat(few.discarded()).containsOnlyKeys("foreign process");
        assertThat(few.flags()).doesNotContain(Flag.CONTENDED, Flag.INVALID);
        assertThat(all.discarded()).containsOnlyKeys("foreign process (kept)");
        assertThat(all.flags()).contains(Flag.CONTENDED, Flag.INVALID).doesNotContain(Flag.THROTTLED);
    }

    @Test
    void manyInvoluntarySwitchesRejectABlockByCause() {
        Timing timing =
                time(Disturbance.NONE.withNoise(0.05).withSwitches(t -> t % 0.2 < 0.01 ? 1000 : 20), THOROUGH, 10);

        assertThat(timing.discarded()).containsOnlyKeys("involuntary switches");
        assertThat(timing.flags()).doesNotContain(Flag.CONTENDED);
    }

    @Test
    void moreThanAFifthOfRejectedBlocksFlagsTheNumberContended() {
        Timing timing = time(Disturbance.NONE.withNoise(0.03).withSteal(t -> t % 0.1 < 0.035 ? 0.3 : 0), THOROUGH, 11);

        assertThat(timing.flags()).contains(Flag.CONTENDED);
        assertThat(timing.discarded()).containsOnlyKeys("steal");
    }

    @Test
    void underConstantContentionAllBlocksAreKeptWithTheirCause() {
        Timing timing = time(Disturbance.NONE.withSteal(t -> 0.5), THOROUGH, 12);

        assertThat(timing.flags()).contains(Flag.CONTENDED);
        assertThat(timing.discarded())
                .isEqualTo(Map.of("steal (kept)", timing.blocks().size()));
        assertThat(seconds(timing).value()).isCloseTo(2 * TRUTH, withPercentage(0.1));
    }

    @Test
    void rowsArriveOneByOneAndOnlySoManyKernelsAreOpen() {
        SimulatedDevice device = device(Disturbance.NONE.withNoise(0.02), 13);
        List<WorkloadKey> keys = new ArrayList<>();
        for (int width = 1; width <= 10; width++) {
            keys.add(key(100 * width));
        }
        Map<WorkloadKey, Measurement> rows = new HashMap<>();
        List<Integer> stillOpen = new ArrayList<>();

        sampler(device, THOROUGH.withOpenKernels(4), 13).measure(device, keys, row -> {
            rows.put(row.key(), row);
            stillOpen.add(device.open());
        });

        assertThat(rows).hasSize(10);
        rows.forEach(
                (key, row) -> assertThat(row.seconds().estimate().orElseThrow().value())
                        .isCloseTo(key.workload().macs() * 1e-6, withPercentage(2)));
        assertThat(device.mostOpen()).isEqualTo(4);
        assertThat(stillOpen).containsExactly(3, 2, 1, 0, 3, 2, 1, 0, 1, 0);
    }

    @Test
    void rawSamplesConditionsAndTimeTravelWithTheRow() {
        SimulatedDevice device = device(Disturbance.NONE, 14);
        List<Measurement> rows = new ArrayList<>();

        sampler(device, THOROUGH, 14).measure(device, List.of(key(150)), rows::add);

        Measurement row = rows.get(0);
        assertThat(row.blocks().get(0).launchesPerSample()).isEqualTo(7);
        assertThat(row.blocks().get(0).sampleSeconds()).hasSize(10);
        assertThat(row.before().readings().get("virtualSeconds"))
                .isLessThan(row.after().readings().get("virtualSeconds"));
        assertThat(row.measuredAt()).isAfter("2025-01-01T00:00:00Z");
        assertThat(row.joules().provenance()).isInstanceOf(Provenance.Unavailable.class);
    }

    @Test
    void aModelOfEnergySeesTheMeasuredSeconds() {
        SimulatedDevice device = device(Disturbance.NONE, 15);

        Timing timing = new Sampler(
                        THOROUGH,
                        device.surroundings(),
                        seconds -> Quantity.modelled(
                                seconds.estimate().orElseThrow().times(50), "50 W"),
                        15)
                .time(device, () -> device.kernel(TRUTH));

        assertThat(timing.joules().estimate().orElseThrow().value()).isCloseTo(50 * TRUTH, withPercentage(1e-6));
    }

    @Test
    void theSameSeedGivesTheSameMeasurement() {
        Disturbance noise = Disturbance.NONE.withNoise(0.03);

        assertThat(time(noise, THOROUGH, 16)).isEqualTo(time(noise, THOROUGH, 16));
        assertThat(time(noise, THOROUGH, 16)).isNotEqualTo(time(noise, THOROUGH, 17));
    }

    @Test
    void kernelsAreClosedWhenOneCannotBeOpened() {
        SimulatedDevice device = device(Disturbance.NONE, 18);
        List<Supplier<Kernel>> kernels = List.of(() -> device.kernel(TRUTH), () -> {
            throw new IllegalArgumentException("no kernel for it");
        });

        assertThatThrownBy(() -> sampler(device, THOROUGH, 18).time(device, kernels, (timing, i) -> {}))
                .hasMessage("no kernel for it");
        assertThat(device.mostOpen()).isEqualTo(1);
        assertThat(device.open()).isZero();
    }

    @Test
    void kernelsAreClosedWhenTheStoreRefusesARow() {
        SimulatedDevice device = device(Disturbance.NONE, 19);

        assertThatThrownBy(() -> sampler(device, THOROUGH, 19).measure(device, List.of(key(1), key(2)), row -> {
                    throw new IllegalStateException("the disk is full");
                }))
                .hasMessage("the disk is full");
        assertThat(device.mostOpen()).isEqualTo(2);
        assertThat(device.open()).isZero();
    }

    @Test
    void aClockThatStandsStillIsAnErrorAndNoNumber() {
        SimulatedDevice device = device(Disturbance.NONE, 20);

        assertThatThrownBy(() -> sampler(device, THOROUGH, 20).time(device, () -> device.kernel(0)))
                .hasMessageContaining("clock gave 0.0 s");
        assertThat(device.open()).isZero();
    }

    @Test
    void aRoughMeasurementTakesAtMostSixtyMillisecondsAndIsClose() {
        for (double truth : new double[] {1e-6, 1e-4, 1e-3, 5e-3}) {
            SimulatedDevice device = device(Disturbance.NONE.withNoise(0.1), 21);

            Timing timing = sampler(device, SamplerOptions.rough(), 21).time(device, () -> device.kernel(truth));

            assertThat(device.now()).as("kernel of %s s", truth).isLessThan(0.070);
            assertThat(seconds(timing).value()).isCloseTo(truth, withPercentage(10));
        }
    }

    @Test
    void aPlantedSlowdownIsFoundUnderNoiseAndDriftAndANullChangeIsNot() {
        Disturbance drifting = Disturbance.NONE.withNoise(0.02).withDrift(t -> 1 + 0.05 * t);
        int slower = 0;
        int wrong = 0;
        for (int seed = 0; seed < 100; seed++) {
            slower += compare(drifting, 1.03, seed) == Verdict.SLOWER ? 1 : 0;
            Verdict same = compare(drifting, 1.0, seed);
            wrong += same == Verdict.SLOWER || same == Verdict.FASTER ? 1 : 0;
        }
        assertThat(slower).isGreaterThanOrEqualTo(98);
        assertThat(wrong).isLessThanOrEqualTo(9); // 4.1 % nominal, plus two standard deviations
    }

    private static Verdict compare(Disturbance disturbance, double factor, long seed) {
        SimulatedDevice device = device(disturbance, seed);
        PairedTiming timing = sampler(device, THOROUGH.withPairs(20, 0.02), seed)
                .compare(device, () -> device.kernel(TRUTH), () -> device.kernel(TRUTH * factor), 0.01);
        assertThat(device.open()).isZero();
        assertThat(timing.baseline().blocks()).hasSize(20);
        assertThat(timing.candidate().blocks()).hasSize(20);
        return timing.comparison().verdict();
    }

    @Test
    void aContendedPairIsMeasuredAgain() {
        SimulatedDevice device = device(Disturbance.NONE.withSteal(t -> t % 0.5 < 0.05 ? 0.5 : 0), 22);

        PairedTiming timing = sampler(device, THOROUGH.withPairs(20, 0.02), 22)
                .compare(device, () -> device.kernel(TRUTH), () -> device.kernel(TRUTH), 0.01);

        assertThat(timing.comparison().pairs()).isEqualTo(20);
        assertThat(timing.comparison().verdict()).isEqualTo(Verdict.SAME);
        assertThat(timing.baseline().discarded()).isEqualTo(timing.candidate().discarded());
        assertThat(timing.baseline().discarded()).containsOnlyKeys("steal");
    }

    @Test
    void withoutCountersOfContentionNothingIsRejected() {
        SimulatedDevice device = device(Disturbance.NONE.withSteal(t -> 0.5), 23);
        Surroundings blind = new Surroundings(
                device.surroundings().nanoTime(), device.surroundings().wallClock(), java.util.Optional::empty);

        Timing timing = new Sampler(THOROUGH, blind, Sampler.NO_ENERGY, 23).time(device, () -> device.kernel(TRUTH));

        assertThat(timing.discarded()).isEmpty();
        assertThat(timing.flags()).isEmpty();
    }

    /** A launch that takes seven times as long does not tell what the kernel takes, and its time is no reason to stop. */
    @Test
    void howeverLongAKernelTakesOneBlockDoesNotTell() {
        // Two launches of 50 ms warm it up; the next one is disturbed.
        Disturbance once = Disturbance.NONE.withDrift(t -> t > 0.09 && t < 0.14 ? 7 : 1);
        SimulatedDevice device = new SimulatedDevice(w -> 1, once, 25);

        Timing timing = new Sampler(SamplerOptions.rough(), device.surroundings(), Sampler.NO_ENERGY, 25)
                .time(device, () -> device.kernel(0.05));

        assertThat(timing.blocks()).hasSize(3);
        assertThat(timing.blocks().getFirst().medianSeconds()).isCloseTo(0.35, withPercentage(1));
        assertThat(seconds(timing).value()).isCloseTo(0.05, withPercentage(1));
    }

    @Test
    void blocksTooMuchAlikeTheirNeighboursBecomeLonger() {
        // Noise that holds for 60 ms, five blocks of five launches; a precision that takes the time up to the cap.
        Timing dependent = time(lasting(0.06, 0.03, 24), THOROUGH.withHalfWidth(1e-4), 24);

        assertThat(dependent.blocks().get(0).samples()).isGreaterThanOrEqualTo(4 * 5);
        assertThat(dependent.blocks()).hasSizeGreaterThanOrEqualTo(THOROUGH.minBlocks());
        assertThat(seconds(dependent).value()).isCloseTo(TRUTH, withPercentage(3));
        assertThat(seconds(dependent).blocks()).isEqualTo(dependent.blocks().size());
        assertThat(dependent.after().readings()).containsKeys("autocorrelation", "effectiveBlocks");
        assertThat(dependent.after().readings().get("effectiveBlocks"))
                .isLessThanOrEqualTo(dependent.blocks().size());
    }

    /** Noise that changes only each so many seconds. */
    private static Disturbance lasting(double seconds, double sigma, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] factors = DoubleStream.generate(() -> Math.exp(sigma * random.nextGaussian()))
                .limit(10_000)
                .toArray();
        return Disturbance.NONE.withDrift(t -> factors[(int) (t / seconds) % factors.length]);
    }

    @Test
    void underDependentNoiseTheNumberIsNotTakenForPreciseTooSoon() {
        int held = 0;
        int runs = 200;
        for (int seed = 0; seed < runs; seed++) {
            Estimate seconds = seconds(time(lasting(0.03, 0.02, seed), THOROUGH, seed));
            held += seconds.low() <= TRUTH && TRUTH <= seconds.high() ? 1 : 0;
        }
        assertThat(held).isGreaterThanOrEqualTo(runs * 88 / 100);
    }

    @Test
    void ofTwoClockStatesBothAreToldAndNoSingleNumber() {
        // Clocks change each second; a precision that is never reached.
        Disturbance states = Disturbance.NONE.withNoise(0.005).withDrift(t -> t % 2 < 1 ? 1 : 1.1);

        Timing timing = time(states, THOROUGH.withHalfWidth(1e-4), 26);

        assertThat(timing.flags()).contains(Flag.BIMODAL);
        assertThat(timing.seconds()).isInstanceOf(Quantity.Missing.class);
        assertThat(timing.seconds().provenance().toString()).contains("two modes");
        assertThat(timing.after().readings().get("fastModeSeconds")).isCloseTo(TRUTH, withPercentage(0.5));
        assertThat(timing.after().readings().get("slowModeSeconds")).isCloseTo(1.1 * TRUTH, withPercentage(0.5));
        assertThat(timing.after().readings().get("slowModeShare")).isBetween(0.2, 0.8);
        assertThat(timing.typicalSeconds()).isBetween(TRUTH, 1.11 * TRUTH);
    }

    @Test
    void oneStateIsNotTakenForTwo() {
        int bimodal = 0;
        for (int seed = 0; seed < 200; seed++) {
            bimodal += time(Disturbance.NONE.withNoise(0.05), THOROUGH, seed)
                            .flags()
                            .contains(Flag.BIMODAL)
                    ? 1
                    : 0;
        }
        assertThat(bimodal).isLessThanOrEqualTo(2);
    }

    @Test
    void theUtilisationOfTheProcessorsIsToldForModelsOfTheirPower() {
        Timing alone = time(Disturbance.NONE, THOROUGH, 45);
        Timing half = time(Disturbance.NONE.withSteal(t -> 0.5), THOROUGH, 46);

        assertThat(alone.after().utilisation().orElseThrow()).isCloseTo(1, within(1e-6));
        assertThat(half.after().utilisation().orElseThrow()).isCloseTo(0.5, within(1e-6));
    }

    @Test
    void theDiscardedFractionIsPublishedAndAboveAFifthInvalid() {
        Timing few = time(Disturbance.NONE.withNoise(0.05).withSteal(t -> t % 0.4 < 0.02 ? 0.5 : 0), THOROUGH, 27);
        Timing many = time(Disturbance.NONE.withNoise(0.03).withSteal(t -> t % 0.1 < 0.02 ? 0.3 : 0), THOROUGH, 28);
        Timing all = time(Disturbance.NONE.withSteal(t -> 0.5), THOROUGH, 29);

        assertThat(few.after().readings().get("discardFraction")).isBetween(0.01, 0.2);
        assertThat(few.flags()).doesNotContain(Flag.INVALID);
        assertThat(many.after().readings().get("discardFraction")).isBetween(0.2, 0.5);
        assertThat(many.flags()).contains(Flag.INVALID);
        assertThat(all.after().readings().get("discardFraction")).isZero(); // all were kept
        assertThat(all.flags()).contains(Flag.INVALID);
    }

    @Test
    void whatIsUndecidedGetsFurtherPairsUntilTheLastLook() {
        Disturbance noisy = Disturbance.NONE.withNoise(0.025);
        SamplerOptions once = THOROUGH.withPairs(20, 0.02);
        SamplerOptions thrice = once.withExtension(new Extension(3, Double.POSITIVE_INFINITY));
        int undecided = 0;
        int stillUndecided = 0;
        for (int seed = 0; seed < 100; seed++) {
            undecided += compared(noisy, 1.01, once, seed).verdict() == Verdict.UNDECIDED ? 1 : 0;
            PairedComparison more = compared(noisy, 1.01, thrice, seed);
            stillUndecided += more.verdict() == Verdict.UNDECIDED ? 1 : 0;
            assertThat(more.pairs()).isIn(20, 40, 60);
            assertThat(more.verdict() == Verdict.UNDECIDED && more.pairs() < 60).isFalse();
        }
        assertThat(stillUndecided).isLessThan(undecided - 10);
    }

    @Test
    void noFurtherPairsBeginAfterTheTimeLimit() {
        SamplerOptions limited = THOROUGH.withPairs(20, 0.02).withExtension(new Extension(50, 1.5));
        for (int seed = 0; seed < 20; seed++) {
            // Twenty pairs take about 0.9 s: there is a second look, and no third.
            assertThat(compared(Disturbance.NONE.withNoise(0.1), 1, limited, seed)
                            .pairs())
                    .isIn(20, 40);
        }
    }

    private static PairedComparison compared(
            Disturbance disturbance, double factor, SamplerOptions options, long seed) {
        SimulatedDevice device = device(disturbance, seed);
        return sampler(device, options, seed)
                .compare(device, () -> device.kernel(TRUTH), () -> device.kernel(TRUTH * factor), 0.01)
                .comparison();
    }

    @Test
    void theControlPassesOnAQuietMachineAndFailsOnANoisyOne() {
        SimulatedDevice quiet = new SimulatedDevice(w -> TRUTH, Disturbance.NONE.withNoise(0.003), 30);
        SimulatedDevice noisy = new SimulatedDevice(w -> TRUTH, Disturbance.NONE.withNoise(0.3), 30);

        Control passed = sampler(quiet, THOROUGH, 30).control(quiet);
        Control failed = sampler(noisy, THOROUGH, 30).control(noisy);

        assertThat(passed.valid()).isTrue();
        assertThat(passed.warning()).isEmpty();
        assertThat(passed.delta()).isEqualTo(0.01);
        assertThat(failed.valid()).isFalse();
        assertThat(failed.warning())
                .hasValueSatisfying(
                        why -> assertThat(why).contains("against itself").contains("INVALID"));
        assertThat(failed.delta()).isGreaterThan(0.01);
        List<Measurement> rows = new ArrayList<>();
        sampler(quiet, THOROUGH, 30).measure(quiet, List.of(key(150)), rows::add);
        assertThat(passed.judged(rows.get(0))).isEqualTo(rows.get(0));
        assertThat(failed.judged(rows.get(0)).flags()).contains(Flag.INVALID);
        assertThat(quiet.open()).isZero();
    }

    @Test
    void thePeaksOfADeviceJudgeItsRows() {
        SimulatedDevice device =
                new SimulatedDevice(w -> Math.max(2.0 * w.macs() / 1e11, w.bytesMoved() / 2e10), Disturbance.NONE, 31);
        CostTable empty = CostTable.of(device.name(), device.fingerprint(), List.of());
        List<Measurement> rows = new ArrayList<>();
        assertThat(Roofline.of(empty)).isEmpty();

        sampler(device, SamplerOptions.rough(), 31).measure(device, Roofline.references(), rows::add);

        CostTable table = empty.with(rows);
        Plausibility peaks = Roofline.of(table).orElseThrow().plausibility();
        assertThat(peaks.flopsPerSecond()).isCloseTo(1e11, withPercentage(1));
        assertThat(peaks.bytesPerSecond()).isCloseTo(2e10, withPercentage(1));
        assertThat(rows).allSatisfy(row -> assertThat(peaks.judged(row)).isEqualTo(row));
    }

    @Test
    void eachPairTellsWhichSideWasMeasuredFirst() {
        // Each block takes longer than the one before, and some pairs are thrown away.
        Disturbance slower = Disturbance.NONE.withDrift(t -> 1 + 0.5 * t).withSteal(t -> t % 0.5 < 0.05 ? 0.5 : 0);
        SimulatedDevice device = device(slower, 32);

        PairedTiming timing = sampler(device, THOROUGH.withPairs(20, 0.02), 32)
                .compare(device, () -> device.kernel(TRUTH), () -> device.kernel(TRUTH), 0.01);

        List<Pair> pairs = timing.comparison().samples();
        assertThat(timing.baseline().discarded()).isNotEmpty();
        assertThat(pairs).extracting(Pair::first).contains(Pair.First.BASELINE, Pair.First.CANDIDATE);
        assertThat(pairs)
                .allSatisfy(pair -> assertThat(pair.first())
                        .isEqualTo(pair.baseline() < pair.candidate() ? Pair.First.BASELINE : Pair.First.CANDIDATE));
        Recomputation found = new Recomputation();
        found.comparison("", timing.comparison());
        assertThat(found.mismatches()).isEmpty();
    }

    /** Quiet and noisy machines, blocks thrown away, kept and joined, two modes, and controls that fail. */
    @Test
    void whateverTheSamplerFlagsFollowsFromWhatItKeeps() {
        List<Disturbance> machines = List.of(
                Disturbance.NONE,
                Disturbance.NONE.withNoise(0.3),
                Disturbance.NONE.withNoise(0.05).withSteal(t -> t % 0.4 < 0.02 ? 0.5 : 0),
                Disturbance.NONE.withNoise(0.03).withSteal(t -> t % 0.1 < 0.02 ? 0.3 : 0),
                Disturbance.NONE.withSteal(t -> 0.5),
                Disturbance.NONE.withNoise(0.005).withDrift(t -> t % 2 < 1 ? 1 : 1.1),
                Disturbance.NONE.withNoise(0.01).withDrift(t -> 1 + 0.05 * Math.sin(t)));
        Set<Flag> seen = EnumSet.noneOf(Flag.class);
        int joined = 0;
        for (Disturbance machine : machines) {
            for (SamplerOptions options : List.of(THOROUGH, SamplerOptions.rough(), THOROUGH.withHalfWidth(1e-4))) {
                SimulatedDevice device = new SimulatedDevice(w -> TRUTH, machine, 33);
                Sampler sampler = sampler(device, options, 33);
                Control control = sampler.control(device);
                List<Measurement> rows = new ArrayList<>();
                sampler.measure(device, List.of(key(150), key(300), key(450)), row -> rows.add(control.judged(row)));
                MeasuringRun run = new MeasuringRun(
                                "test",
                                33,
                                Instant.EPOCH,
                                Map.of(),
                                options.numbers(),
                                Map.of(),
                                Optional.empty(),
                                Optional.empty())
                        .controlled(control.reference());
                CostTable table = CostTable.of(device.name(), device.fingerprint(), List.of())
                        .with(rows, run);

                assertThat(TableCheck.of(table).mismatches())
                        .as("%s %s", machine, options)
                        .isEmpty();
                for (Measurement row : rows) {
                    seen.addAll(row.flags());
                    joined +=
                            row.blocks().stream().mapToInt(Block::samples).min().orElseThrow()
                                            > row.after().readings().getOrDefault(Conditions.FIRST_BLOCK_SAMPLES, 1e9)
                                    ? 1
                                    : 0;
                }
            }
        }
        assertThat(seen).contains(Flag.WIDE, Flag.BIMODAL, Flag.CONTENDED, Flag.INVALID);
        assertThat(joined).isPositive();
    }

    @Test
    void optionsAreKeptByNameWithoutALimitThatHasNoEnd() {
        assertThat(THOROUGH.numbers())
                .containsEntry("halfWidth", 0.01)
                .containsEntry("blockSeconds", 0.01)
                .containsEntry("capSeconds", 3.0)
                .containsEntry("flagFraction", 0.2)
                .doesNotContainKey("limitSeconds");
        assertThat(THOROUGH.withExtension(new Extension(3, 7)).numbers())
                .containsEntry("looks", 3.0)
                .containsEntry("limitSeconds", 7.0);
    }
}
