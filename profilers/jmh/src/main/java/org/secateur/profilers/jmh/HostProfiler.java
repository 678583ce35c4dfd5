package org.secateur.profilers.jmh;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ScalarResult;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.host.Contention;
import org.secateur.profilers.core.host.HostCounters;
import org.secateur.profilers.core.host.ProcessUsage;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.SamplerOptions.Rejection;

/**
 * Who else took the processors: {@code -prof org.secateur.profilers.jmh.HostProfiler}. Has no options.
 *
 * <p>Results of each iteration: {@code host.steal}, {@code host.foreign} and {@code host.own}, the shares of all
 * processors' time that the hypervisor gave to others, that other processes used and that this one used (0 to 1);
 * {@code host.switches}, how often a second and processor a thread of this process was put aside while it could have
 * gone on; and {@code host.contended}, how many iterations exceeded 1 % of steal or 100 such switches, beyond which this
 * project's own sampler rejects a block. What could not be read is NaN.
 */
public final class HostProfiler implements InternalProfiler {
    private final Supplier<Optional<Contention>> counters;
    private final HostTime time;
    private final Rejection limits = SamplerOptions.thorough().rejection();
    private Optional<Contention> before = Optional.empty();
    private double beforeSeconds;

    /**
     * For JMH.
     *
     * @throws ProfilerException when the kernel's counters cannot be read, or for any option
     */
    public HostProfiler(String options) throws ProfilerException {
        this(options, new HostCounters(Path.of("/proc"), ProcessUsage.reader())::contention, HostTime.system());
    }

    HostProfiler(String options, Supplier<Optional<Contention>> counters, HostTime time) throws ProfilerException {
        ProfilerOptions.parse(options, Map.of());
        if (counters.get().isEmpty()) {
            throw new ProfilerException(
                    "the kernel's counters of processor time (/proc/stat, getrusage) cannot be read: run on Linux");
        }
        this.counters = counters;
        this.time = time;
    }

    @Override
    public String getDescription() {
        return "Contention on the host: steal, foreign load, involuntary switches";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmarkParams, IterationParams iterationParams) {
        begin();
    }

    @Override
    public Collection<ScalarResult> afterIteration(
            BenchmarkParams benchmarkParams, IterationParams iterationParams, IterationResult result) {
        return end();
    }

    void begin() {
        before = counters.get();
        beforeSeconds = time.seconds();
    }

    Collection<ScalarResult> end() {
        Optional<Contention> after = counters.get();
        double seconds = time.seconds() - beforeSeconds;
        double steal = Double.NaN;
        double foreign = Double.NaN;
        double own = Double.NaN;
        double switches = Double.NaN;
        double contended = Double.NaN;
        if (before.isPresent() && after.isPresent() && seconds > 0) {
            Contention earlier = before.get();
            Contention later = after.get();
            steal = later.stealFraction(earlier, seconds);
            foreign = later.foreignLoad(earlier, seconds);
            own = (later.ownSeconds() - earlier.ownSeconds()) / seconds / later.processors();
            switches = later.switchesPerSecond(earlier, seconds);
            contended = steal > limits.stealFraction() || switches > limits.switchesPerSecond() ? 1 : 0;
        }
        return List.of(
                average("steal", steal, "share"),
                average("foreign", foreign, "share"),
                average("own", own, "share"),
                average("switches", switches, "1/s"),
                new ScalarResult("host.contended", contended, "iterations", AggregationPolicy.SUM));
    }

    private static ScalarResult average(String name, double value, String unit) {
        return new ScalarResult("host." + name, value, unit, AggregationPolicy.AVG);
    }
}
