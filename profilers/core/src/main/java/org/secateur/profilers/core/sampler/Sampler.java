package org.secateur.profilers.core.sampler;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.EnergyGauge;
import org.secateur.profilers.core.energy.ModelledEnergy;
import org.secateur.profilers.core.energy.PairedEnergy;
import org.secateur.profilers.core.sampler.SamplerOptions.Extension;
import org.secateur.profilers.core.sampler.Subject.Observed;
import org.secateur.results.core.Block;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.AlphaSpending;
import org.secateur.results.core.statistics.Pair;
import org.secateur.results.core.statistics.Pair.First;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.core.statistics.Verdict;

/**
 * Measures kernels of one device. Every kernel is warmed up until it is steady; then all open ones are visited in
 * rounds of random order, one block a visit, so that drift of the machine hits all alike; each is done when its exact
 * interval is narrow enough or its time is up. Blocks are rejected by recorded cause only, never by their value.
 *
 * <p>Used by one thread. The order of visits follows from the seed.
 */
public final class Sampler {
    /** The energy of a device without a counter. */
    public static final UnaryOperator<Quantity> NO_ENERGY =
            seconds -> Quantity.unavailable("this device has no energy counter that can be read");

    private final SamplerOptions options;
    private final Surroundings surroundings;
    private final EnergyGauge energy;
    private final RandomGenerator random;

    /**
     * A sampler of a device without an energy counter.
     *
     * @param energy the joules of a launch from its seconds: {@link #NO_ENERGY}, or a model of the device's power
     * @param seed of the order of visits
     */
    public Sampler(SamplerOptions options, Surroundings surroundings, UnaryOperator<Quantity> energy, long seed) {
        this(options, surroundings, new ModelledEnergy(energy), seed);
    }

    /**
     * A sampler.
     *
     * @param energy tells the joules of each kernel when it has been timed
     * @param seed of the order of visits
     */
    public Sampler(SamplerOptions options, Surroundings surroundings, EnergyGauge energy, long seed) {
        this.options = options;
        this.surroundings = surroundings;
        this.energy = energy;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Measures the rows of a table and hands each over as soon as it is final, so that it can be stored at once. Opens
     * kernels when they are due, at most {@link SamplerOptions#openKernels()} at a time, and closes them on every path.
     * Rows arrive in the order in which they are done.
     */
    public void measure(Device device, List<WorkloadKey> keys, Consumer<Measurement> sink) {
        measure(device, keys, sink, (key, reason) -> {
            throw reason;
        });
    }

    /**
     * The same without the rows for which the device has no kernel.
     *
     * @param refused learns each of them, and why
     */
    public void measure(
            Device device,
            List<WorkloadKey> keys,
            Consumer<Measurement> sink,
            BiConsumer<WorkloadKey, IllegalArgumentException> refused) {
        List<Supplier<Kernel>> kernels = new ArrayList<>();
        keys.forEach(key -> kernels.add(() -> device.open(key)));
        time(
                device,
                kernels,
                (timing, i) -> sink.accept(timing.of(keys.get(i))),
                (reason, i) -> refused.accept(keys.get(i), reason));
    }

    /** Measures one kernel, for example a whole step. */
    public Timing time(Device device, Supplier<? extends Kernel> kernel) {
        List<Timing> timings = new ArrayList<>();
        time(device, List.of(kernel), (timing, i) -> timings.add(timing));
        return timings.get(0);
    }

    /** Measures kernels of any kind as {@link #measure} does; the sink learns the place of each in the list. */
    public void time(Device device, List<? extends Supplier<? extends Kernel>> kernels, ObjIntConsumer<Timing> sink) {
        time(device, kernels, sink, (reason, i) -> {
            throw reason;
        });
    }

    private void time(
            Device device,
            List<? extends Supplier<? extends Kernel>> kernels,
            ObjIntConsumer<Timing> sink,
            ObjIntConsumer<IllegalArgumentException> refused) {
        for (int from = 0; from < kernels.size(); from += options.openKernels()) {
            int to = Math.min(kernels.size(), from + options.openKernels());
            timeTogether(device, kernels, from, to, sink, refused);
        }
    }

    private void timeTogether(
            Device device,
            List<? extends Supplier<? extends Kernel>> kernels,
            int from,
            int to,
            ObjIntConsumer<Timing> sink,
            ObjIntConsumer<IllegalArgumentException> refused) {
        record Placed(int place, Subject subject) {}
        try (OpenSubjects open = new OpenSubjects()) {
            List<Placed> active = new ArrayList<>();
            for (int i = from; i < to; i++) {
                Kernel kernel;
                try {
                    kernel = kernels.get(i).get();
                } catch (IllegalArgumentException e) {
                    refused.accept(e, i);
                    continue;
                }
                active.add(new Placed(i, open.add(subject(device, kernel))));
            }
            active.forEach(placed -> placed.subject().warmUp());
            while (!active.isEmpty()) {
                Collections.shuffle(active, random);
                for (Placed placed : List.copyOf(active)) {
                    Subject subject = placed.subject();
                    Observed observed = subject.observe();
                    subject.keep(observed.block(), observed.cause());
                    if (subject.done()) {
                        Timing timing = subject.timing();
                        timing = timing.with(energy.energy(subject.kernel(), timing.seconds()));
                        subject.close();
                        active.remove(placed);
                        sink.accept(timing, placed.place());
                    }
                }
            }
        }
    }

    /**
     * Compares two kernels in pairs of adjacent blocks, each pair in random order. A pair is rejected, and measured
     * again, when either of its blocks is; after twice as many pairs as asked for, all count, flagged CONTENDED. What is
     * UNDECIDED then goes on as {@link SamplerOptions#extension()} says; the verdict's error rate stays that of one look.
     *
     * @param delta the half-width of equivalence on the log scale, for example 0.01
     */
    public PairedTiming compare(
            Device device, Supplier<? extends Kernel> baseline, Supplier<? extends Kernel> candidate, double delta) {
        return compare(device, baseline, candidate, delta, delta);
    }

    /** The same with another half-width for the joules. */
    public PairedTiming compare(
            Device device,
            Supplier<? extends Kernel> baseline,
            Supplier<? extends Kernel> candidate,
            double delta,
            double energyDelta) {
        try (OpenSubjects open = new OpenSubjects()) {
            Subject a = open.add(subject(device, baseline.get()));
            Subject b = open.add(subject(device, candidate.get()));
            for (Subject side : List.of(a, b)) {
                side.warmUp();
                side.size(options.pairBlockSeconds());
            }
            List<First> order = new ArrayList<>();
            double start = surroundings.seconds();
            double errorRate = 1 - options.confidence();
            double spent = 0;
            for (int look = 1; ; look++) {
                int clean = 0;
                for (int attempt = 0; clean < options.pairs() && attempt < 2 * options.pairs(); attempt++) {
                    clean += pair(a, b, order) ? 1 : 0;
                }
                int looks = options.extension().looks();
                boolean last = look == looks
                        || surroundings.seconds() - start >= options.extension().limitSeconds();
                double now = AlphaSpending.spent(errorRate, last ? 1 : (double) look / looks);
                Timing first = a.timing();
                Timing second = b.timing();
                PairedComparison comparison = PairedComparison.of(
                        pairs(first.blocks(), second.blocks(), a.counted(), order), delta, 1 - (now - spent));
                spent = now;
                if (last || comparison.verdict() != Verdict.UNDECIDED) {
                    PairedEnergy joules =
                            energy.compare(a.kernel(), first.seconds(), b.kernel(), second.seconds(), energyDelta);
                    return new PairedTiming(
                            comparison,
                            first.with(joules.baseline()),
                            second.with(joules.candidate()),
                            joules.comparison());
                }
            }
        }
    }

    /**
     * Compares a reference kernel with itself, in at least 20 pairs of these options' length: what a run is worth.
     * Every run that publishes numbers makes one before its first.
     */
    public Control control(Device device) {
        SamplerOptions pairing = options.withPairs(Math.max(Control.PAIRS, options.pairs()), options.pairBlockSeconds())
                .withExtension(Control.EXTENSION);
        Supplier<Kernel> reference = () -> device.open(Control.REFERENCE);
        return new Control(new Sampler(pairing, surroundings, NO_ENERGY, random.nextLong())
                .compare(device, reference, reference, PairedComparison.LEAST_DELTA)
                .comparison());
    }

    /**
     * Compares the joules of a reference kernel with themselves, in the rounds of this sampler's energy gauge: what its
     * comparisons of joules are worth. Empty where no counter tells any.
     */
    public Optional<Control> energyControl(Device device) {
        if (energy instanceof ModelledEnergy) {
            return Optional.empty();
        }
        SamplerOptions few = options.withPairs(Control.FEWEST_PAIRS, options.pairBlockSeconds())
                .withExtension(Extension.NONE);
        Supplier<Kernel> reference = () -> device.open(Control.REFERENCE);
        return new Sampler(few, surroundings, energy, random.nextLong())
                .compare(device, reference, reference, PairedComparison.LEAST_DELTA)
                .energy()
                .map(Control::new);
    }

    private boolean pair(Subject a, Subject b, List<First> order) {
        boolean swapped = random.nextBoolean();
        order.add(swapped ? First.CANDIDATE : First.BASELINE);
        Observed first = (swapped ? b : a).observe();
        Observed second = (swapped ? a : b).observe();
        @Nullable String cause = first.cause() != null ? first.cause() : second.cause();
        (swapped ? b : a).keep(first.block(), cause);
        (swapped ? a : b).keep(second.block(), cause);
        return cause == null;
    }

    /** Block i of one side was measured next to block i of the other, and both are of the same attempt. */
    private static List<Pair> pairs(
            List<Block> baseline, List<Block> candidate, List<Integer> attempts, List<First> order) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < attempts.size(); i++) {
            pairs.add(new Pair(
                    baseline.get(i).medianSeconds(), candidate.get(i).medianSeconds(), order.get(attempts.get(i))));
        }
        return pairs;
    }

    private Subject subject(Device device, Kernel kernel) {
        return new Subject(device, kernel, options, surroundings);
    }
}
