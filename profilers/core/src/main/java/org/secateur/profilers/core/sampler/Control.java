package org.secateur.profilers.core.sampler;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.secateur.profilers.core.sampler.SamplerOptions.Extension;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.MeasuringRun.Reference;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.core.statistics.Verdict;

/**
 * A run's comparison of a reference kernel with itself. Where it does not end with SAME, the machine makes differences
 * of its own, and no number of the run is valid.
 */
public record Control(PairedComparison comparison) {
    /** A convolution of resnet20's first stage at batch 32: some milliseconds on a processor, and never pruned. */
    public static final WorkloadKey REFERENCE = WorkloadKey.cold(Workload.of(
            new Convolution(32, 16, 32, 32, 16, 3, 3, Extent.of(1), Extent.of(1), Extent.of(1), 1), Pass.FORWARD));

    /** What finds a change of 1 % at a pair noise up to 1 %. */
    static final int PAIRS = 20;

    /** The fewest with an interval: of seconds, where only joules are asked for. */
    static final int FEWEST_PAIRS = 6;

    /** On a noisy machine three times as many pairs may still tell. */
    static final Extension EXTENSION = new Extension(3, Double.POSITIVE_INFINITY);

    /** What a table's run keeps of this. */
    public Reference reference() {
        return new Reference(REFERENCE.workload(), comparison);
    }

    /** Whether the kernel was SAME as itself. */
    public boolean valid() {
        return comparison.verdict() == Verdict.SAME;
    }

    /** The half-width of equivalence for this run's comparisons: 1 %, or twice what the control could not exclude. */
    public double delta() {
        return comparison.equivalence();
    }

    /** The row, flagged INVALID where the control failed. */
    public Measurement judged(Measurement row) {
        return valid() ? row : row.flagged(invalid(row.flags()));
    }

    /** The timing, flagged INVALID where the control failed. */
    public Timing judged(Timing timing) {
        return valid() ? timing : timing.flagged(invalid(timing.flags()));
    }

    /** The comparison, its joules flagged ENERGY_INVALID where this control of joules failed. */
    public PairedTiming judgedJoules(PairedTiming timing) {
        return valid() ? timing : timing.with(judgedJoules(timing.baseline()), judgedJoules(timing.candidate()));
    }

    private static Timing judgedJoules(Timing timing) {
        Set<Flag> flags = EnumSet.of(Flag.ENERGY_INVALID);
        flags.addAll(timing.flags());
        return timing.flagged(flags);
    }

    private static Set<Flag> invalid(Set<Flag> others) {
        Set<Flag> flags = EnumSet.of(Flag.INVALID);
        flags.addAll(others);
        return flags;
    }

    /** What is to be said where the control failed, in one sentence. */
    public Optional<String> warning() {
        return valid()
                ? Optional.empty()
                : Optional.of("the reference kernel was " + comparison.verdict() + found()
                        + ": this run is INVALID; use a quieter machine");
    }

    /** The same of a control of joules. */
    public Optional<String> energyWarning() {
        return valid()
                ? Optional.empty()
                : Optional.of("the joules of the reference kernel were " + comparison.verdict() + found()
                        + ": the run's joules are ENERGY_INVALID; use a quieter machine");
    }

    private String found() {
        return String.format(
                Locale.ROOT,
                " against itself, ratio %.3f [%.3f, %.3f], pair noise %.1f %%",
                comparison.ratio().value(),
                comparison.ratio().low(),
                comparison.ratio().high(),
                100 * comparison.pairNoise());
    }
}
