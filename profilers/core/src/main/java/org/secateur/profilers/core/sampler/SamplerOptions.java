package org.secateur.profilers.core.sampler;

import java.util.Map;
import java.util.TreeMap;
import org.secateur.results.core.cost.MeasuringRun;

/**
 * How the sampler measures. Every default stands in {@link #thorough()} and {@link #rough()}, with its reason.
 *
 * @param blockSeconds what a block lasts at least
 * @param samplesPerBlock into how many samples a block is divided where single launches are short enough
 * @param minBlocks blocks before precision is judged at all
 * @param checkEvery precision is judged each time so many further blocks are there
 * @param halfWidth the interval's half-width on the log scale at which a kernel is done, for example 0.01
 * @param confidence of the interval, between 0 and 1
 * @param capSeconds time in blocks of one kernel after which it is done whatever its precision, once three count or a second is over
 * @param leadInLaunches untimed launches at the start of each block, which bring back what other kernels displaced
 * @param openKernels how many kernels are open, and interleaved, at a time
 * @param pairs of a paired comparison
 * @param pairBlockSeconds what a block of a pair lasts at least
 * @param extension how a paired comparison that is UNDECIDED goes on
 */
public record SamplerOptions(
        double blockSeconds,
        int samplesPerBlock,
        int minBlocks,
        int checkEvery,
        double halfWidth,
        double confidence,
        double capSeconds,
        int leadInLaunches,
        int openKernels,
        int pairs,
        double pairBlockSeconds,
        WarmUp warmUp,
        Rejection rejection,
        Extension extension) {

    /**
     * When a kernel counts as warm: the medians of its last {@code blocks} blocks show no trend (Kendall's tau, exact,
     * 5 %) and span less than {@code span} of their median; not before {@code minSeconds}, and at {@code maxSeconds}
     * anyway, then flagged NO_STEADY_STATE.
     */
    public record WarmUp(int blocks, double span, double minSeconds, double maxSeconds) {
        public WarmUp {
            if (blocks < 1 || !(span > 0) || !(minSeconds >= 0) || !(maxSeconds >= minSeconds)) {
                throw new IllegalArgumentException("warm-up of " + blocks + " blocks, span " + span + ", " + minSeconds
                        + " to " + maxSeconds + " s: expected at least 1 block, a positive span and min <= max");
            }
        }
    }

    /**
     * Which blocks are rejected: stolen time above {@code stealFraction} of all processors' time; more than
     * {@code switchesPerSecond} involuntary context switches per second and processor; more than
     * {@code collectionFraction} of the time in garbage collection; or this process running for less than
     * {@code leastRunning} of the time, as one that was stopped. On a device that tells it also those with another
     * process on the device, and those in which it lowered its clocks: by its own count, or where it has none by
     * {@code clockDrop} below the highest clock seen with this kernel. More than {@code flagFraction} of the blocks
     * rejected for steal, switches or another process flags the measurement CONTENDED, for lowered clocks THROTTLED, for
     * whatever cause INVALID.
     */
    public record Rejection(
            double stealFraction,
            double switchesPerSecond,
            double collectionFraction,
            double leastRunning,
            double clockDrop,
            double flagFraction) {
        public Rejection {
            if (!(stealFraction >= 0)
                    || !(switchesPerSecond >= 0)
                    || !(collectionFraction >= 0)
                    || !(leastRunning >= 0 && leastRunning <= 1)
                    || !(clockDrop >= 0 && clockDrop <= 1)
                    || !(flagFraction >= 0 && flagFraction <= 1)) {
                throw new IllegalArgumentException("rejection at steal " + stealFraction + ", " + switchesPerSecond
                        + " switches per second, collection " + collectionFraction + ", running " + leastRunning
                        + ", clocks lower by " + clockDrop + ", flagged at " + flagFraction
                        + ": none may be negative, shares at most 1");
            }
        }
    }

    /**
     * How a paired comparison that is UNDECIDED goes on: it is looked at up to {@code looks} times, each after as many
     * further pairs as it began with, and for the last time once the pairs have taken {@code limitSeconds}. The error
     * rate is spread over the looks by {@link org.secateur.results.core.statistics.AlphaSpending}.
     */
    public record Extension(int looks, double limitSeconds) {
        /** One look. */
        public static final Extension NONE = new Extension(1, Double.POSITIVE_INFINITY);

        public Extension {
            if (looks < 1 || !(limitSeconds > 0)) {
                throw new IllegalArgumentException(
                        looks + " looks within " + limitSeconds + " s: expected at least 1, and a positive time");
            }
        }
    }

    /**
     * One percent of steal; one involuntary switch per 10 ms and thread: stricter rules reject most blocks on a VM. One
     * percent of collection is the precision aimed at. The thread that launches runs throughout a block: half of the
     * time leaves room for the accounting of short blocks. Under one kernel a clock does not change by 5 % of itself.
     */
    private static final Rejection REJECTION = new Rejection(0.01, 100, 0.01, 0.5, 0.05, 0.2);

    public SamplerOptions {
        require(
                blockSeconds > 0 && pairBlockSeconds > 0,
                "blocks of " + blockSeconds + " and " + pairBlockSeconds + " s: both must be positive");
        require(
                samplesPerBlock >= 1 && minBlocks >= 1 && checkEvery >= 1 && openKernels >= 1 && pairs >= 1,
                "samples per block " + samplesPerBlock + ", least blocks " + minBlocks + ", check every " + checkEvery
                        + ", open kernels " + openKernels + ", pairs " + pairs + ": each must be at least 1");
        require(
                halfWidth > 0 && confidence > 0 && confidence < 1,
                "half-width " + halfWidth + " at confidence " + confidence + ": expected above 0, and between 0 and 1");
        require(
                capSeconds > 0 && leadInLaunches >= 0,
                "cap " + capSeconds + " s, lead-in " + leadInLaunches
                        + ": the cap must be positive, the lead-in at least 0");
    }

    private static void require(boolean right, String message) {
        if (!right) {
            throw new IllegalArgumentException(message);
        }
    }

    /**
     * For numbers that are kept: ±1 % at 95 %.
     *
     * <ul>
     *   <li>Blocks of 10 ms: the host clock's 25 ns are then below 1e-5. Ten samples each: enough for a median.
     *   <li>At least 8 blocks, since 6 are the fewest that admit a 95 % interval; judged every 4, so that looking often
     *       costs little coverage. At most 3 s a kernel: a network has some hundred of them.
     *   <li>Warm-up of 0.1 to 2 s until 5 medians span less than 5 %: quiet blocks on a shared virtual machine differ
     *       by up to 3 %, and the transient to be excluded (first launches, clocks) is larger.
     *   <li>Eight kernels open: rounds of about 0.1 s, against drift over seconds, in less than about 2 GiB.
     *   <li>Twenty pairs of 0.1 s: a change of 3 % is found at pair noise up to 2 %.
     * </ul>
     */
    public static SamplerOptions thorough() {
        return new SamplerOptions(
                0.010,
                10,
                8,
                4,
                0.01,
                0.95,
                3.0,
                1,
                8,
                20,
                0.1,
                new WarmUp(5, 0.05, 0.1, 2.0),
                REJECTION,
                Extension.NONE);
    }

    /**
     * For planning what to measure thoroughly: at most about 60 ms for a kernel that is faster than 5 ms, and about six
     * launches of a slower one; ±5 %, mostly WIDE. (With the one block that some slow kernels had, rows of vgg11 were up to seven times too high.) Two warm blocks of 4 ms that agree within 10 % suffice, or 20 ms.
     */
    public static SamplerOptions rough() {
        return new SamplerOptions(
                0.004,
                4,
                6,
                3,
                0.05,
                0.95,
                0.036,
                0,
                8,
                6,
                0.02,
                new WarmUp(2, 0.10, 0.004, 0.020),
                REJECTION,
                Extension.NONE);
    }

    /** All of these by name, with SI units, as they are stored with what was measured so; a limit without end is left out. */
    public Map<String, Double> numbers() {
        Map<String, Double> numbers = new TreeMap<>();
        numbers.put("blockSeconds", blockSeconds);
        numbers.put("samplesPerBlock", (double) samplesPerBlock);
        numbers.put("minBlocks", (double) minBlocks);
        numbers.put("checkEvery", (double) checkEvery);
        numbers.put(MeasuringRun.HALF_WIDTH, halfWidth);
        numbers.put(MeasuringRun.CONFIDENCE, confidence);
        numbers.put("capSeconds", capSeconds);
        numbers.put("leadInLaunches", (double) leadInLaunches);
        numbers.put("openKernels", (double) openKernels);
        numbers.put("pairs", (double) pairs);
        numbers.put("pairBlockSeconds", pairBlockSeconds);
        numbers.put("warmUpBlocks", (double) warmUp.blocks());
        numbers.put("warmUpSpan", warmUp.span());
        numbers.put("warmUpMinSeconds", warmUp.minSeconds());
        numbers.put("warmUpMaxSeconds", warmUp.maxSeconds());
        numbers.put("stealFraction", rejection.stealFraction());
        numbers.put("switchesPerSecond", rejection.switchesPerSecond());
        numbers.put("collectionFraction", rejection.collectionFraction());
        numbers.put("leastRunning", rejection.leastRunning());
        numbers.put(MeasuringRun.FLAG_FRACTION, rejection.flagFraction());
        numbers.put("looks", (double) extension.looks());
        numbers.put("limitSeconds", extension.limitSeconds());
        numbers.values().removeIf(number -> number.isInfinite());
        return numbers;
    }

    /** The same with another half-width. */
    public SamplerOptions withHalfWidth(double relative) {
        return new SamplerOptions(
                blockSeconds,
                samplesPerBlock,
                minBlocks,
                checkEvery,
                relative,
                confidence,
                capSeconds,
                leadInLaunches,
                openKernels,
                pairs,
                pairBlockSeconds,
                warmUp,
                rejection,
                extension);
    }

    /** The same with another cap, in seconds. */
    public SamplerOptions withCapSeconds(double seconds) {
        return new SamplerOptions(
                blockSeconds,
                samplesPerBlock,
                minBlocks,
                checkEvery,
                halfWidth,
                confidence,
                seconds,
                leadInLaunches,
                openKernels,
                pairs,
                pairBlockSeconds,
                warmUp,
                rejection,
                extension);
    }

    /** The same with so many kernels open at a time. */
    public SamplerOptions withOpenKernels(int kernels) {
        return new SamplerOptions(
                blockSeconds,
                samplesPerBlock,
                minBlocks,
                checkEvery,
                halfWidth,
                confidence,
                capSeconds,
                leadInLaunches,
                kernels,
                pairs,
                pairBlockSeconds,
                warmUp,
                rejection,
                extension);
    }

    /** The same with so many pairs of blocks of so many seconds. */
    public SamplerOptions withPairs(int count, double seconds) {
        return new SamplerOptions(
                blockSeconds,
                samplesPerBlock,
                minBlocks,
                checkEvery,
                halfWidth,
                confidence,
                capSeconds,
                leadInLaunches,
                openKernels,
                count,
                seconds,
                warmUp,
                rejection,
                extension);
    }

    /** The same with another way to go on from UNDECIDED. */
    public SamplerOptions withExtension(Extension further) {
        return new SamplerOptions(
                blockSeconds,
                samplesPerBlock,
                minBlocks,
                checkEvery,
                halfWidth,
                confidence,
                capSeconds,
                leadInLaunches,
                openKernels,
                pairs,
                pairBlockSeconds,
                warmUp,
                rejection,
                further);
    }
}
