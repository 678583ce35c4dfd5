package org.secateur.harness.cli;

import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.sampler.SamplerOptions;
import picocli.CommandLine.Option;

/** How long and how closely a point is measured. */
final class PrecisionOptions {
    @Option(
            names = "--precision",
            paramLabel = "P",
            description = "Measure until the 95 %% interval's half-width is this share (default: 0.01; rough: 0.05).")
    @Nullable
    private Double precision;

    @Option(
            names = "--cap",
            paramLabel = "S",
            description = "Seconds after which a point is done however wide (default: 3; rough: 0.036).")
    @Nullable
    private Double cap;

    /** Whether the user gave any. */
    boolean given() {
        return precision != null || cap != null;
    }

    /** Options with what the user gave in place of their own. */
    SamplerOptions applied(SamplerOptions options) {
        SamplerOptions applied = options;
        if (precision != null) {
            if (!(precision > 0 && precision <= 0.5)) {
                throw new IllegalArgumentException("--precision " + precision + ": expected above 0, up to 0.5");
            }
            applied = applied.withHalfWidth(precision);
        }
        if (cap != null) {
            if (!(cap > 0 && cap <= 3600)) {
                throw new IllegalArgumentException("--cap " + cap + ": expected above 0, up to 3600 seconds");
            }
            applied = applied.withCapSeconds(cap);
        }
        return applied;
    }
}
