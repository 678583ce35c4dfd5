package org.secateur.profilers.core.sampler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.host.Contention;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/** One open kernel on its way from warm-up to its timing. Closes the kernel. */
final class Subject implements AutoCloseable {
    /** A guard against calibrating on a clock that stands still. */
    private static final int MOST_LAUNCHES = 1_000_000;

    private final Device device;
    private final Kernel kernel;
    private final SamplerOptions options;
    private final Surroundings surroundings;
    private final Visits visits = new Visits();
    private Conditions before = Conditions.NONE;
    private boolean steady;
    private double secondsPerLaunch;
    private int launchesPerSample = 1;
    private int samples = 1;
    private double spentSeconds;
    private boolean closed;

    Subject(Device device, Kernel kernel, SamplerOptions options, Surroundings surroundings) {
        this.device = device;
        this.kernel = kernel;
        this.options = options;
        this.surroundings = surroundings;
    }

    /** Runs blocks until they are steady, and sizes the blocks to come by the fastest of the last ones. */
    void warmUp() {
        double start = surroundings.seconds();
        List<Double> medians = new ArrayList<>();
        secondsPerLaunch = timed(1); // the first launch allocates and compiles; it only sizes the next block
        double elapsed;
        do {
            size(options.blockSeconds());
            double median = block().medianSeconds();
            medians.add(median);
            secondsPerLaunch = median;
            elapsed = surroundings.seconds() - start;
            steady = isSteady(medians);
        } while (elapsed < options.warmUp().maxSeconds()
                && !(steady && elapsed >= options.warmUp().minSeconds()));
        secondsPerLaunch = Arrays.stream(last(medians)).min().orElseThrow();
        size(options.blockSeconds());
        before = device.conditions();
    }

    private double[] last(List<Double> medians) {
        int from = Math.max(0, medians.size() - options.warmUp().blocks());
        return medians.subList(from, medians.size()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    private boolean isSteady(List<Double> medians) {
        double[] last = last(medians);
        if (last.length < options.warmUp().blocks()) {
            return false;
        }
        double span = Arrays.stream(last).max().orElseThrow()
                - Arrays.stream(last).min().orElseThrow();
        return span < options.warmUp().span() * OrderStatistics.median(last) && Trend.pValue(last) > 0.05;
    }

    /** Sets launches per sample and samples per block so that a block lasts at least {@code blockSeconds}. */
    void size(double blockSeconds) {
        double launches = Math.ceil(blockSeconds / Math.max(secondsPerLaunch, 1e-9));
        int atLeast = (int) Math.clamp(Math.ceil(launches / options.samplesPerBlock()), 1, MOST_LAUNCHES);
        launchesPerSample = device.launchesPerTiming(kernel, atLeast);
        samples = (int) Math.clamp(Math.ceil(launches / launchesPerSample), 1, options.samplesPerBlock());
    }

    /** A block just measured, with the cause for which it is to be rejected, or null. */
    record Observed(Block block, @Nullable String cause) {}

    /** Measures one block, which counts only once {@link #keep} has it. */
    Observed observe() {
        double start = surroundings.seconds();
        for (int i = 0; i < options.leadInLaunches(); i++) {
            kernel.launch();
        }
        kernel.synchronize();
        double from = surroundings.seconds();
        Optional<Contention> earlier = surroundings.contention().get();
        Block block = block();
        Optional<Contention> later = surroundings.contention().get();
        double until = surroundings.seconds();
        spentSeconds += until - start;
        String cause =
                earlier.isPresent() && later.isPresent() ? cause(earlier.get(), later.get(), until - from) : null;
        return new Observed(block, cause);
    }

    void keep(Block block, @Nullable String cause) {
        visits.add(block, cause);
    }

    private @Nullable String cause(Contention earlier, Contention later, double seconds) {
        if (later.stealFraction(earlier, seconds) > options.rejection().stealFraction()) {
            return "steal";
        }
        boolean switched =
                later.switchesPerSecond(earlier, seconds) > options.rejection().switchesPerSecond();
        return switched ? "involuntary switches" : null;
    }

    private Block block() {
        double[] seconds = new double[samples];
        for (int i = 0; i < samples; i++) {
            seconds[i] = timed(launchesPerSample);
        }
        return new Block(launchesPerSample, seconds);
    }

    private double timed(int launches) {
        double seconds = device.secondsPerLaunch(kernel, launches);
        if (!(seconds > 0) || !Double.isFinite(seconds)) {
            throw SecateurException.environment(
                    "The clock gave " + seconds + " s a launch over " + launches + " launches",
                    device.id(),
                    "measure again; if it happens again, this clock cannot be used");
        }
        return seconds;
    }

    /** Whether precision or the cap is reached. */
    boolean done() {
        if (spentSeconds >= options.capSeconds()) {
            return true;
        }
        int blocks = visits.blocks().size();
        return blocks >= options.minBlocks()
                && (blocks - options.minBlocks()) % options.checkEvery() == 0
                && !isWide(visits.estimate(options.confidence()));
    }

    private boolean isWide(Estimate estimate) {
        return estimate.confidence() < options.confidence()
                || Math.log(estimate.high() / estimate.low()) / 2 > options.halfWidth();
    }

    Timing timing(UnaryOperator<Quantity> energy) {
        Estimate estimate = visits.estimate(options.confidence());
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        if (isWide(estimate)) {
            flags.add(Flag.WIDE);
        }
        if (!steady) {
            flags.add(Flag.NO_STEADY_STATE);
        }
        if (visits.contended(options.rejection())) {
            flags.add(Flag.CONTENDED);
        }
        Quantity seconds = Quantity.measured(estimate);
        return new Timing(
                kernel.variant(),
                seconds,
                energy.apply(seconds),
                visits.blocks(),
                visits.discarded(),
                before,
                device.conditions(),
                flags,
                surroundings.wallClock().instant());
    }

    /** Closes the kernel once. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            kernel.close();
        }
    }
}
