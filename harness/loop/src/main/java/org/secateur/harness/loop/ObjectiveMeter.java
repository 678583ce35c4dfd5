package org.secateur.harness.loop;

import java.util.Optional;
import org.secateur.models.core.graph.Network;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Verdict;

/**
 * Measures what plans minimise of whole networks: a training step, an inference, or a mix of the two, in seconds; or the
 * joules of a training step.
 */
final class ObjectiveMeter {
    private static final SamplerOptions ROUGH = SamplerOptions.rough();

    private final StepMeter meter;
    private final double stepWeight;
    private final boolean joules;

    /**
     * A meter of seconds.
     *
     * @param stepWeight the training step's weight, 0 to 1; the rest is the inference's
     */
    ObjectiveMeter(StepMeter meter, double stepWeight) {
        this(meter.timeOnly(), stepWeight, false);
    }

    private ObjectiveMeter(StepMeter meter, double stepWeight, boolean joules) {
        this.meter = meter;
        this.stepWeight = stepWeight;
        this.joules = joules;
    }

    /** A meter of the joules of training steps, which a counter tells in windows of some seconds. */
    static ObjectiveMeter ofJoules(StepMeter meter) {
        return new ObjectiveMeter(meter, 1, true);
    }

    /** Whether costs are joules. */
    boolean joules() {
        return joules;
    }

    /**
     * The cost of a network alone, in seconds or joules. Ratios matter more than this, so that few launches do.
     *
     * @throws SecateurException when its joules could not be counted
     */
    double cost(Network network) {
        SamplerOptions options = ROUGH.withHalfWidth(0.02).withCapSeconds(1);
        if (joules) {
            Quantity counted = meter.step(network, options).joules();
            return counted.estimate()
                    .map(Estimate::value)
                    .orElseThrow(() -> SecateurException.environment(
                            "the joules of a training step could not be counted"
                                    + (counted instanceof Quantity.Missing missing ? ": " + missing.reason() : ""),
                            network.name(),
                            "plan by seconds, or by modelled joules with --energy-model memory-hierarchy"));
        }
        double seconds = 0;
        if (stepWeight > 0) {
            seconds += stepWeight * meter.step(network, options).typicalSeconds();
        }
        if (stepWeight < 1) {
            seconds += (1 - stepWeight) * meter.latency(network, options).typicalSeconds();
        }
        return seconds;
    }

    /** Candidate / baseline in pairs next to each other, so that drift of the machine cancels; empty where joules were not counted. */
    Optional<Ratio> compare(Network baseline, Network candidate, int pairs) {
        SamplerOptions options = ROUGH.withPairs(pairs, 0.02);
        if (joules) {
            return Ratio.ofJoules(meter.compareSteps(baseline, candidate, options));
        }
        if (stepWeight == 1) {
            return Optional.of(Ratio.of(meter.compareSteps(baseline, candidate, options)));
        }
        Ratio inference = Ratio.of(meter.compareLatencies(baseline, candidate, options));
        return Optional.of(
                stepWeight == 0
                        ? inference
                        : Ratio.of(meter.compareSteps(baseline, candidate, options))
                                .mixed(inference, stepWeight));
    }

    /**
     * A measured ratio; below 1 the candidate is cheaper.
     *
     * @param baselineSeconds of the baseline, for weighing
     * @param verdict SLOWER and FASTER at 95 %; with fewer than 6 pairs always UNDECIDED
     */
    record Ratio(double value, double baselineSeconds, Verdict verdict) {
        private static Ratio of(PairedTiming timing) {
            return new Ratio(
                    timing.comparison().ratio().value(),
                    timing.baseline().typicalSeconds(),
                    timing.comparison().verdict());
        }

        /** Of one pair of windows there is no verdict. */
        private static Optional<Ratio> ofJoules(PairedTiming timing) {
            return timing.energy()
                    .map(energy ->
                            new Ratio(energy.ratio().value(), timing.baseline().typicalSeconds(), energy.verdict()));
        }

        /** The ratio of weighted sums; SLOWER or FASTER when one part is and the other is that or SAME. */
        private Ratio mixed(Ratio other, double weight) {
            double mine = weight * baselineSeconds;
            double others = (1 - weight) * other.baselineSeconds;
            double ratio = (mine * value + others * other.value) / (mine + others);
            boolean agree = verdict == other.verdict || other.verdict == Verdict.SAME;
            Verdict both = agree ? verdict : verdict == Verdict.SAME ? other.verdict : Verdict.UNDECIDED;
            return new Ratio(ratio, mine + others, both);
        }
    }
}
