package org.secateur.profilers.core.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.profilers.core.Campaign;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.sampler.SamplerOptions.Extension;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.core.statistics.Verdict;

/**
 * The checks of the measuring guide that need no hardware (E-5, E-7 to E-10, E-19, E-23, E-24), against devices whose
 * truth is known. In a campaign each has many times as many seeds.
 */
class MeasuringChecksTest {
    private static final double TRUTH = 2e-3;

    /** Blocks just short of ten launches, so that they have ten samples of one launch also where drift makes it faster. */
    private static final SamplerOptions PAIRS = SamplerOptions.thorough().withPairs(20, 0.0185);

    /** The noise of a pair over that of a sample: of two medians of ten. */
    private static final double PAIR_PER_SAMPLE = 0.372 * Math.sqrt(2);

    private static Sampler sampler(SimulatedDevice device, SamplerOptions options, long seed) {
        return new Sampler(options, device.surroundings(), Sampler.NO_ENERGY, seed);
    }

    /** White noise that gives pairs so much, and a drift of 1 % that forgets 0.5 % of itself every 20 ms (E-9). */
    private static Disturbance noise(double pairNoise, long seed) {
        return Disturbance.NONE.withNoise(pairNoise / PAIR_PER_SAMPLE).withDrift(drift(seed));
    }

    private static DoubleUnaryOperator drift(long seed) {
        double rho = 0.995;
        double sigma = 0.01;
        SplittableRandom random = new SplittableRandom(seed);
        double[] path = new double[1000];
        path[0] = sigma * random.nextGaussian();
        for (int i = 1; i < path.length; i++) {
            path[i] = rho * path[i - 1] + sigma * Math.sqrt(1 - rho * rho) * random.nextGaussian();
        }
        return t -> Math.exp(path[Math.min(path.length - 1, (int) (t / 0.02))]);
    }

    private static PairedComparison compare(
            Disturbance disturbance, double factor, double delta, SamplerOptions options, long seed) {
        SimulatedDevice device = new SimulatedDevice(w -> TRUTH, disturbance, seed);
        return sampler(device, options, seed)
                .compare(device, () -> device.kernel(TRUTH), () -> device.kernel(TRUTH * factor), delta)
                .comparison();
    }

    /** E-5: what is added to a kernel is added to its time. */
    @Test
    void timesAreLinearInTheWork() {
        for (int seed = 0; seed < Campaign.size(2, 300); seed++) {
            SimulatedDevice device = new SimulatedDevice(w -> TRUTH, Disturbance.NONE.withNoise(0.004), seed);
            List<Supplier<Kernel>> kernels = new ArrayList<>();
            for (int i = 0; i <= 10; i++) {
                double seconds = TRUTH + i * 0.4e-3;
                kernels.add(() -> device.kernel(seconds));
            }
            SimpleRegression line = new SimpleRegression();
            sampler(device, SamplerOptions.thorough().withHalfWidth(0.001).withOpenKernels(11), seed)
                    .time(device, kernels, (timing, i) -> line.addData(i * 0.4e-3, timing.typicalSeconds()));

            assertThat(line.getN()).isEqualTo(11);
            assertThat(line.getSlope()).as("seed %d", seed).isCloseTo(1, within(0.005));
        }
    }

    /** E-7, with the drift of E-9. */
    @ParameterizedTest
    @ValueSource(doubles = {0.004, 0.008, 0.02})
    void ofEqualThingsFewAreToldApart(double pairNoise) {
        int runs = Campaign.size(200, 5000);
        int wrong = 0;
        int same = 0;
        for (int seed = 0; seed < runs; seed++) {
            Verdict verdict =
                    compare(noise(pairNoise, seed), 1, 0.01, PAIRS, seed).verdict();
            wrong += verdict == Verdict.FASTER || verdict == Verdict.SLOWER ? 1 : 0;
            same += verdict == Verdict.SAME ? 1 : 0;
        }
        assertThat(wrong).isLessThanOrEqualTo(upTo(0.05, runs));
        if (pairNoise <= 0.008) {
            assertThat(same).isGreaterThanOrEqualTo(runs * 90 / 100);
        }
    }

    /** A share of the runs and two standard deviations. */
    private static int upTo(double share, int runs) {
        return (int) (share * runs + 2 * Math.sqrt(share * (1 - share) * runs));
    }

    /** E-7 where what is undecided gets further pairs: looking again raises no error rate. */
    @Test
    void furtherPairsTellNoMoreEqualThingsApart() {
        int runs = Campaign.size(200, 5000);
        int wrong = 0;
        for (int seed = 0; seed < runs; seed++) {
            Verdict verdict = compare(
                            noise(0.03, seed),
                            1,
                            0.01,
                            PAIRS.withExtension(new Extension(3, Double.POSITIVE_INFINITY)),
                            seed)
                    .verdict();
            wrong += verdict == Verdict.FASTER || verdict == Verdict.SLOWER ? 1 : 0;
        }
        assertThat(wrong).isLessThanOrEqualTo(upTo(0.05, runs));
    }

    /** E-8, with the drift of E-9: planted slowdowns at a pair noise of 0.4 % and 20 pairs. */
    @ParameterizedTest
    @CsvSource({"1.005, 0.0025, 0.95", "1.01, 0.005, 0.99", "1.02, 0.005, 0.999"})
    void plantedSlowdownsAreFound(double factor, double delta, double share) {
        int runs = Campaign.size(1000, 10_000);
        int found = 0;
        double pairNoise = 0;
        for (int seed = 0; seed < runs; seed++) {
            PairedComparison comparison = compare(noise(0.004, seed), factor, delta, PAIRS, seed);
            found += comparison.verdict() == Verdict.SLOWER ? 1 : 0;
            pairNoise += comparison.pairNoise() / runs;
        }
        assertThat(pairNoise).as("what the simulation plants").isCloseTo(0.004, within(0.0005));
        assertThat(found).isGreaterThanOrEqualTo((int) Math.ceil(share * runs));
    }

    /** E-10: the interval holds the truth under tails as heavy as Student's with three degrees of freedom. */
    @Test
    void underHeavyTailsIntervalsHoldTheTruth() {
        int runs = Campaign.size(1000, 10_000);
        int ratios = 0;
        int times = 0;
        for (int seed = 0; seed < runs; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Disturbance tails = Disturbance.NONE.withDrift(t -> Math.exp(0.01 * studentT3(random)));
            Estimate ratio = compare(tails, 1.02, 0.01, PAIRS, seed).ratio();
            ratios += ratio.low() <= 1.02 && 1.02 <= ratio.high() ? 1 : 0;
            SimulatedDevice device = new SimulatedDevice(w -> TRUTH, tails, seed);
            Estimate seconds = sampler(device, SamplerOptions.thorough(), seed)
                    .time(device, () -> device.kernel(TRUTH))
                    .seconds()
                    .estimate()
                    .orElseThrow();
            times += seconds.low() <= TRUTH && TRUTH <= seconds.high() ? 1 : 0;
        }
        assertThat(ratios).isGreaterThanOrEqualTo(runs * 94 / 100);
        assertThat(times).isGreaterThanOrEqualTo(runs * 94 / 100);
    }

    private static double studentT3(SplittableRandom random) {
        double chiSquared = 0;
        for (int i = 0; i < 3; i++) {
            double z = random.nextGaussian();
            chiSquared += z * z;
        }
        return random.nextGaussian() / Math.sqrt(chiSquared / 3);
    }

    /** E-19: the wall clock only stamps. */
    @ParameterizedTest
    @ValueSource(longs = {-3600, 3600})
    void aStepOfTheWallClockChangesNoNumber(long stepSeconds) {
        for (int seed = 0; seed < Campaign.size(1, 200); seed++) {
            Timing still = stepped(0, seed);
            Timing stepped = stepped(stepSeconds, seed);

            assertThat(stepped.seconds()).isEqualTo(still.seconds());
            assertThat(stepped.blocks()).isEqualTo(still.blocks());
            assertThat(stepped.flags()).isEqualTo(still.flags());
            assertThat(stepped.discarded()).isEqualTo(still.discarded());
            assertThat(stepped.measuredAt()).isEqualTo(still.measuredAt().plusSeconds(stepSeconds));
        }
    }

    private static Timing stepped(long seconds, long seed) {
        SimulatedDevice device = new SimulatedDevice(w -> TRUTH, Disturbance.NONE.withNoise(0.01), seed);
        Surroundings real = device.surroundings();
        Surroundings surroundings = new Surroundings(
                real.nanoTime(),
                () -> Instant.EPOCH.plusSeconds(device.now() > 0.15 ? seconds : 0),
                real.contention(),
                real.collectionSeconds(),
                real.pause());
        return new Sampler(SamplerOptions.thorough(), surroundings, Sampler.NO_ENERGY, seed)
                .time(device, () -> device.kernel(TRUTH));
    }

    /** E-23: what comes over a block is its cause, and leaves no trace in the number. */
    @ParameterizedTest
    @CsvSource({"steal", "garbage collection", "process stopped"})
    void disturbedBlocksAreRejectedByTheirCause(String cause) {
        Disturbance noise = Disturbance.NONE.withNoise(0.05);
        Disturbance disturbed = switch (cause) {
            case "steal" -> noise.withSteal(t -> t % 0.4 < 0.02 ? 0.5 : 0);
            case "garbage collection" -> noise.withCollections(t -> t % 0.4 < 0.02 ? 0.5 : 0);
            default -> noise.withStops(t -> t % 0.5 >= 0.3 && t % 0.5 < 0.31 ? 0.99 : 0);
        };
        for (int seed = 0; seed < Campaign.size(2, 300); seed++) {
            SimulatedDevice device = new SimulatedDevice(w -> TRUTH, disturbed, seed);

            Timing timing = sampler(device, SamplerOptions.thorough().withHalfWidth(0.003), seed)
                    .time(device, () -> device.kernel(TRUTH));

            assertThat(timing.discarded()).as("seed %d", seed).containsOnlyKeys(cause);
            assertThat(timing.blocks())
                    .allSatisfy(block -> assertThat(block.medianSeconds()).isLessThan(1.3 * TRUTH));
            assertThat(timing.typicalSeconds()).as("seed %d", seed).isCloseTo(TRUTH, within(0.015 * TRUTH));
            assertThat(timing.after().readings().get("discardFraction")).isBetween(0.0, 0.2);
        }
    }

    /** E-24: readings out of order, or of no time at all, are an error and no number. */
    @ParameterizedTest
    @ValueSource(doubles = {-1e-3, 0, Double.NaN, Double.POSITIVE_INFINITY})
    void readingsThatCannotBeAreAnError(double elapsed) {
        for (int seed = 0; seed < Campaign.size(1, 50); seed++) {
            SimulatedDevice device = new SimulatedDevice(w -> TRUTH, Disturbance.NONE, seed);
            int wrong = 70 - seed;
            int[] calls = {0};
            Device broken = new Clocked(device, seconds -> ++calls[0] == wrong ? elapsed : seconds);
            Sampler sampler = sampler(device, SamplerOptions.thorough(), seed);

            assertThatThrownBy(() -> sampler.time(broken, () -> device.kernel(TRUTH)))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("clock gave " + elapsed + " s");
            assertThat(device.open()).isZero();
        }
    }

    /** A device whose clock tells something else. */
    private record Clocked(SimulatedDevice device, DoubleUnaryOperator clock) implements Device {
        @Override
        public String id() {
            return device.id();
        }

        @Override
        public String name() {
            return device.name();
        }

        @Override
        public String kind() {
            return device.kind();
        }

        @Override
        public Fingerprint fingerprint() {
            return device.fingerprint();
        }

        @Override
        public Kernel open(WorkloadKey key) {
            return device.open(key);
        }

        @Override
        public Kernel open(StepProgram program) {
            return device.open(program);
        }

        @Override
        public Conditions conditions() {
            return device.conditions();
        }

        @Override
        public double secondsPerLaunch(Kernel kernel, int launches) {
            return clock.applyAsDouble(device.secondsPerLaunch(kernel, launches));
        }

        @Override
        public void close() {
            device.close();
        }
    }
}
