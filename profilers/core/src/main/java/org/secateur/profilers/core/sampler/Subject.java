package org.secateur.profilers.core.sampler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.host.Contention;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Rejections;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Autocorrelation;
import org.secateur.results.core.statistics.Modes;
import org.secateur.results.core.statistics.OrderStatistics;
import org.secateur.results.core.statistics.Precision;

/** One open kernel on its way from warm-up to its timing. Closes the kernel. */
final class Subject implements AutoCloseable {
    /** A guard against calibrating on a clock that stands still. */
    private static final int MOST_LAUNCHES = 1_000_000;

    /** Blocks that every kernel has beyond its cap, unless they take long. */
    private static final int LEAST_BLOCKS = 3;

    /** Disturbances last some tens of milliseconds: a block of a second needs no others beside it. */
    private static final double LONG_SECONDS = 1;

    /** Blocks more alike than this to their neighbours are too short: they become twice as long. */
    private static final double MOST_AUTOCORRELATION = 0.3;

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
    private int samplesAtFirst = 1;
    private double spentSeconds;
    private double highestClock;
    private double ownSeconds;
    private double watchedSeconds;
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
        samplesAtFirst = samples;
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
        Conditions undisturbed = device.disturbances();
        double from = surroundings.seconds();
        Optional<Contention> earlier = surroundings.contention().get();
        double collected = surroundings.collectionSeconds().getAsDouble();
        Block block = block();
        collected = surroundings.collectionSeconds().getAsDouble() - collected;
        Optional<Contention> later = surroundings.contention().get();
        double until = surroundings.seconds();
        spentSeconds += until - start;
        @Nullable String cause = cause(undisturbed, device.disturbances());
        if (cause == null && earlier.isPresent() && later.isPresent()) {
            cause = cause(earlier.get(), later.get(), until - from);
        }
        if (earlier.isPresent() && later.isPresent()) {
            ownSeconds += later.get().ownLoad(earlier.get(), until - from) * (until - from);
            watchedSeconds += until - from;
        }
        if (cause == null && collected > options.rejection().collectionFraction() * (until - from)) {
            cause = Rejections.COLLECTION;
        }
        return new Observed(block, cause);
    }

    void keep(Block block, @Nullable String cause) {
        visits.add(block, cause);
    }

    /** What disturbed the device itself. A clock is judged only where no total tells for how long it was lowered. */
    private @Nullable String cause(Conditions earlier, Conditions later) {
        if (earlier.contended() || later.contended()) {
            return Rejections.FOREIGN;
        }
        if (later.countsThrottling()) {
            return later.throttledSince(earlier) ? Rejections.THROTTLED : null;
        }
        double before = clock(earlier);
        double after = clock(later);
        highestClock = Math.max(highestClock, Math.max(before, after));
        return Math.min(before, after) < (1 - options.rejection().clockDrop()) * highestClock
                ? Rejections.THROTTLED
                : null;
    }

    /** The highest one seen where the device does not tell. */
    private double clock(Conditions state) {
        return state.readings().getOrDefault(Conditions.CORE_CLOCK, highestClock);
    }

    private @Nullable String cause(Contention earlier, Contention later, double seconds) {
        if (later.stealFraction(earlier, seconds) > options.rejection().stealFraction()) {
            return Rejections.STEAL;
        }
        if (later.switchesPerSecond(earlier, seconds) > options.rejection().switchesPerSecond()) {
            return Rejections.SWITCHES;
        }
        // While a GPU works its host only waits.
        boolean stopped =
                later.ownSeconds() - earlier.ownSeconds() < options.rejection().leastRunning() * seconds;
        return stopped && !device.kind().equals("cuda") ? Rejections.STOPPED : null;
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

    /**
     * Whether precision is reached, or the cap with enough blocks for a median that one disturbed block cannot move far. Lengthens
     * the blocks where neighbours are too much alike.
     */
    boolean done() {
        if (spentSeconds >= options.capSeconds()) {
            return visits.counted().size() >= LEAST_BLOCKS || spentSeconds >= LONG_SECONDS;
        }
        List<Block> blocks = visits.joined(samples);
        int beyond = blocks.size() - options.minBlocks();
        if (beyond < 0 || beyond % options.checkEvery() != 0) {
            return false;
        }
        double[] medians = medians(blocks);
        if (Autocorrelation.lag1(medians) > MOST_AUTOCORRELATION && leavesTimeForLongerBlocks(blocks.size())) {
            samples *= 2;
            return false;
        }
        return !isWide(medians);
    }

    /** Whether, when pairs of blocks become one, the least number of such blocks is still reached before the cap. */
    private boolean leavesTimeForLongerBlocks(int blocks) {
        int missing = Math.max(0, options.minBlocks() - blocks / 2);
        return spentSeconds + missing * 2 * spentSeconds / blocks <= options.capSeconds();
    }

    private boolean isWide(double[] medians) {
        return Precision.isWide(medians, options.halfWidth(), options.confidence());
    }

    private static double[] medians(List<Block> blocks) {
        return blocks.stream().mapToDouble(Block::medianSeconds).toArray();
    }

    /** Of the blocks that count the place among all that were kept. */
    List<Integer> counted() {
        return visits.counted();
    }

    /** What is measured; this stays its owner. */
    Kernel kernel() {
        return kernel;
    }

    /** What was found, without energy. Of two modes both are told, and no single number. */
    Timing timing() {
        List<Block> pieces = visits.split(samplesAtFirst);
        Optional<Modes> modes = Modes.of(medians(pieces));
        List<Block> blocks = modes.isPresent() ? pieces : visits.joined(samples);
        double[] medians = medians(blocks);
        Quantity seconds = modes.isPresent()
                ? Quantity.unavailable(modes.get().reason())
                : Quantity.measured(OrderStatistics.median(medians, options.confidence()));
        Conditions after = after(medians, modes);
        return new Timing(
                kernel.variant(),
                seconds,
                Quantity.unavailable("the energy was not asked for"),
                blocks,
                List.of(),
                visits.rejections().named(),
                before,
                after,
                flags(medians, modes.isPresent()),
                surroundings.wallClock().instant());
    }

    private Set<Flag> flags(double[] medians, boolean bimodal) {
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        Rejections rejections = visits.rejections();
        if (isWide(medians)) {
            flags.add(Flag.WIDE);
        }
        if (bimodal) {
            flags.add(Flag.BIMODAL);
        }
        if (!steady) {
            flags.add(Flag.NO_STEADY_STATE);
        }
        if (rejections.contendedFraction() > options.rejection().flagFraction()) {
            flags.add(Flag.CONTENDED);
        }
        if (rejections.throttledFraction() > options.rejection().flagFraction()) {
            flags.add(Flag.THROTTLED);
        }
        if (rejections.disturbedFraction() > options.rejection().flagFraction()) {
            flags.add(Flag.INVALID);
        }
        return flags;
    }

    private Conditions after(double[] medians, Optional<Modes> modes) {
        Map<String, Double> readings = new TreeMap<>(device.conditions().readings());
        double rho = Autocorrelation.lag1(medians);
        readings.put("autocorrelation", rho);
        readings.put("effectiveBlocks", Autocorrelation.effectiveCount(medians.length, rho));
        Rejections rejections = visits.rejections();
        readings.put(Conditions.MEASURED_BLOCKS, (double) rejections.blocks());
        readings.put(Conditions.FIRST_BLOCK_SAMPLES, (double) samplesAtFirst);
        readings.put(Conditions.DISTURBED_FRACTION, rejections.disturbedFraction());
        readings.put(Conditions.DISCARD_FRACTION, rejections.discardFraction());
        if (watchedSeconds > 0) {
            readings.put(Conditions.UTILISATION, ownSeconds / watchedSeconds);
        }
        modes.ifPresent(two -> {
            readings.put("fastModeSeconds", two.fast());
            readings.put("slowModeSeconds", two.slow());
            readings.put("slowModeShare", two.slowShare());
        });
        return new Conditions(readings);
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
