package org.secateur.harness.loop;

import org.secateur.models.core.graph.Network;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.statistics.Verdict;

/** Measures what plans minimise of whole networks: a training step, an inference, or a mix of the two, in seconds. */
final class ObjectiveMeter {
    private static final SamplerOptions ROUGH = SamplerOptions.rough();

    private final StepMeter meter;
    private final double stepWeight;

    /**
     * A meter.
     *
     * @param stepWeight the training step's weight, 0 to 1; the rest is the inference's
     */
    ObjectiveMeter(StepMeter meter, double stepWeight) {
        this.meter = meter.timeOnly();
        this.stepWeight = stepWeight;
    }

    /** Seconds of a network alone. Ratios matter more than this, so that few launches do. */
    double seconds(Network network) {
        SamplerOptions options = ROUGH.withHalfWidth(0.02).withCapSeconds(1);
        double seconds = 0;
        if (stepWeight > 0) {
            seconds += stepWeight * meter.step(network, options).typicalSeconds();
        }
        if (stepWeight < 1) {
            seconds += (1 - stepWeight) * meter.latency(network, options).typicalSeconds();
        }
        return seconds;
    }

    /** Candidate / baseline in pairs next to each other, so that drift of the machine cancels. */
    Ratio compare(Network baseline, Network candidate, int pairs) {
        SamplerOptions options = ROUGH.withPairs(pairs, 0.02);
        if (stepWeight == 1) {
            return Ratio.of(meter.compareSteps(baseline, candidate, options));
        }
        Ratio inference = Ratio.of(meter.compareLatencies(baseline, candidate, options));
        return stepWeight == 0
                ? inference
                : Ratio.of(meter.compareSteps(baseline, candidate, options)).mixed(inference, stepWeight);
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
