package org.secateur.harness.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.PairedComparison;

/**
 * A ratio that was measured in pairs, candidate / baseline, and the most that it may be.
 *
 * @param most above 0
 */
record AskedRatio(PairedTiming timing, double most) {
    /** What the interval says of the limit. */
    enum Outcome {
        /** All of it is below. */
        REACHED,
        /** All of it is above. */
        MISSED,
        /** The limit lies in it. */
        UNDECIDED
    }

    AskedRatio {
        if (!(most > 0)) {
            throw new IllegalArgumentException("the most of a ratio " + most + ": expected above 0");
        }
    }

    Outcome outcome() {
        Estimate ratio = timing.comparison().ratio();
        return ratio.high() <= most ? Outcome.REACHED : ratio.low() > most ? Outcome.MISSED : Outcome.UNDECIDED;
    }

    /** The exit code where outcomes count: what cannot be trusted before what was found. */
    static ExitCode exit(Control control, List<AskedRatio> all) {
        if (!control.valid()) {
            return ExitCode.ENVIRONMENT;
        }
        if (all.stream().anyMatch(asked -> asked.outcome() == Outcome.MISSED)) {
            return ExitCode.FAILED;
        }
        boolean undecided = all.stream().anyMatch(asked -> asked.outcome() == Outcome.UNDECIDED);
        return undecided ? ExitCode.UNDECIDED : ExitCode.DONE;
    }

    /** The ratio with its interval, for people. */
    String ratioText() {
        Estimate ratio = timing.comparison().ratio();
        return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", ratio.value(), ratio.low(), ratio.high());
    }

    Map<String, Object> json() {
        PairedComparison comparison = timing.comparison();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("baselineSeconds", timing.baseline().seconds());
        json.put("seconds", timing.candidate().seconds());
        json.put("ratio", Quantity.derived(comparison.ratio()));
        json.put("verdict", comparison.verdict().name());
        json.put("pairs", comparison.pairs());
        json.put("pairNoise", comparison.pairNoise());
        json.put("atMost", most);
        json.put("outcome", outcome().name());
        return json;
    }
}
