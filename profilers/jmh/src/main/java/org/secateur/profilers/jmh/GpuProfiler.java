package org.secateur.profilers.jmh;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ScalarResult;
import org.secateur.profilers.core.probe.NvmlProbe;
import org.secateur.profilers.core.probe.Probe;

/**
 * The state of an NVIDIA GPU: {@code -prof org.secateur.profilers.jmh.GpuProfiler}. Has no options.
 *
 * <p>Clocks and temperature are read right after each iteration, when they are still those of the load. Throttling is
 * the difference of the driver's cumulative counters over the iteration, which misses nothing. Energy is left to
 * {@link EnergyProfiler}. What could not be read is NaN.
 */
public final class GpuProfiler implements InternalProfiler {
    private static final String CUMULATIVE = "Seconds";
    private static final String ENERGY = "Joules";

    /** Units by the ending of a reading's name. */
    private static final Map<String, String> UNITS =
            Map.of("Hertz", "Hz", "Celsius", "degC", "Watts", "W", "Bytes", "B", CUMULATIVE, "s");

    private final Probe probe;
    private final List<String> names;
    private Map<String, Double> before = Map.of();

    /**
     * For JMH.
     *
     * @throws ProfilerException when there is no such GPU here, or for any option
     */
    public GpuProfiler(String options) throws ProfilerException {
        this(options, new NvmlProbe(NvmlProbe.LIBRARY));
    }

    GpuProfiler(String options, Probe probe) throws ProfilerException {
        ProfilerOptions.parse(options, Map.of());
        if (probe.status() instanceof Probe.Status.Unavailable no) {
            throw new ProfilerException(no.reason() + ": " + no.fix());
        }
        this.probe = probe;
        this.names = probe.readings().keySet().stream()
                .filter(name -> !name.endsWith(ENERGY))
                .sorted()
                .toList();
        if (names.isEmpty()) {
            throw new ProfilerException("the probe " + probe.id() + " reads neither clocks nor temperature here");
        }
    }

    @Override
    public String getDescription() {
        return "Clocks, temperature and throttling of the GPU (" + probe.id() + ")";
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
        before = new TreeMap<>(probe.readings());
    }

    Collection<ScalarResult> end() {
        Map<String, Double> after = probe.readings();
        List<ScalarResult> results = new ArrayList<>();
        for (String name : names) {
            double value = after.getOrDefault(name, Double.NaN);
            boolean cumulative = name.endsWith(CUMULATIVE);
            results.add(new ScalarResult(
                    "gpu." + bare(name),
                    cumulative ? value - before.getOrDefault(name, Double.NaN) : value,
                    unit(name),
                    cumulative ? AggregationPolicy.SUM : AggregationPolicy.AVG));
        }
        return results;
    }

    /** The name without its unit, which stands beside it. */
    private static String bare(String name) {
        return UNITS.keySet().stream()
                .filter(name::endsWith)
                .findFirst()
                .map(unit -> name.substring(0, name.length() - unit.length()))
                .orElse(name);
    }

    private static String unit(String name) {
        return UNITS.entrySet().stream()
                .filter(unit -> name.endsWith(unit.getKey()))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse("1");
    }
}
