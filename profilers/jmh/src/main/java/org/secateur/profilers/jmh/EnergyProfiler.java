package org.secateur.profilers.jmh;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ScalarResult;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.host.ProcessUsage;
import org.secateur.profilers.core.nvml.Nvml;
import org.secateur.profilers.core.nvml.NvmlCounter;
import org.secateur.profilers.core.rapl.Rapl;
import org.secateur.profilers.core.rapl.RaplCounter;
import org.secateur.results.core.SecateurException;

/**
 * Joules per operation: {@code -prof org.secateur.profilers.jmh.EnergyProfiler[:name=value;...]}.
 *
 * <p>The energy of an iteration, from a change of the counter before it to its end, is divided by all operations of the
 * iteration, those of ramp-up and ramp-down included, since they took energy too. What waiting for the counter takes
 * after the load is subtracted at the power seen then. Results of each iteration, where {@code X} is the source:
 *
 * <ul>
 *   <li>{@code energy.X}: joules per operation of the whole device, idle power included;
 *   <li>{@code energy.X.net}: the same without the idle power before the first iteration;
 *   <li>{@code energy.X.power}: mean watts; {@code energy.X.idle}: watts right after the load;
 *   <li>{@code energy.X.wide}: how many iterations were shorter than 5 s, below which a power sensor's own averaging
 *       biases the energy.
 * </ul>
 *
 * What could not be measured is NaN, never 0. A model's name begins with {@code modelled} and holds its assumptions.
 */
public final class EnergyProfiler implements InternalProfiler {
    /** Shorter windows are biased: by 26 % at 0.5 s, 4 % at 2 s and nothing at 5 s on one board. */
    static final double WIDE_BELOW_SECONDS = 5;

    /** Twenty changes of a counter of 100 ms. */
    private static final double IDLE_SECONDS = 2;

    /** NVML's counter is updated every 20 to 100 ms (docs of ml.energy; seen on several boards). */
    private static final double NVML_PERIOD_SECONDS = 0.1;

    private static final double IDLE_WATTS = 10;
    private static final double MOST_WATTS = 100_000;

    private static final Map<String, String> OPTIONS = Map.of(
            "source", "auto (rapl, else nvml), rapl, nvml or modelled",
            "watts", "with source=modelled: the assumed power with all processors busy",
            "idleWatts", "with source=modelled: the assumed power without work (default 10)",
            "idle", "seconds for the idle power before the first iteration (default 2)");

    private final EnergyCounter counter;
    private final IterationMeter meter;
    private final double idleSeconds;
    private double idleWatts = Double.NaN;

    /**
     * For JMH.
     *
     * @param options {@code source}, {@code watts}, {@code idleWatts} and {@code idle}; {@code help} tells them
     * @throws ProfilerException when no energy can be had here, or for a wrong option
     */
    public EnergyProfiler(String options) throws ProfilerException {
        this(ProfilerOptions.parse(options, OPTIONS));
    }

    private EnergyProfiler(ProfilerOptions options) throws ProfilerException {
        this(
                source(options, EnergyProfiler::packages, EnergyProfiler::boards),
                HostTime.system(),
                options.number("idle", IDLE_SECONDS, 0.1, 600));
    }

    EnergyProfiler(Source source, HostTime time, double idleSeconds) {
        this.counter = source.counter();
        this.meter = new IterationMeter(source.counter(), source.periodSeconds(), time);
        this.idleSeconds = idleSeconds;
    }

    /** A counter with how often its total changes, as {@link IterationMeter} takes it. */
    record Source(EnergyCounter counter, double periodSeconds) {}

    /** All processor packages. */
    private static Source packages() {
        return new Source(Rapl.open(Rapl.POWERCAP, System::nanoTime), RaplCounter.PERIOD_SECONDS);
    }

    /** All boards, for as long as the process lives: JMH does not say when a profiler is not needed any more. */
    private static Source boards() {
        return new Source(NvmlCounter.ofAll(Nvml.open(Nvml.LIBRARY)), NVML_PERIOD_SECONDS);
    }

    /** The source that the options ask for, of these two, which fail where they are not there. */
    static Source source(String options, Supplier<Source> rapl, Supplier<Source> nvml) throws ProfilerException {
        return source(ProfilerOptions.parse(options, OPTIONS), rapl, nvml);
    }

    private static Source source(ProfilerOptions options, Supplier<Source> rapl, Supplier<Source> nvml)
            throws ProfilerException {
        String source = options.text("source").orElse("auto");
        if (!source.equals("modelled")
                && (options.text("watts").isPresent()
                        || options.text("idleWatts").isPresent())) {
            throw new ProfilerException(
                    "watts and idleWatts are for source=modelled only, and the source is " + source);
        }
        return switch (source) {
            case "auto" -> firstOf(rapl, nvml);
            case "rapl" -> opened(rapl);
            case "nvml" -> opened(nvml);
            case "modelled" -> new Source(modelled(options), 0);
            default -> throw new ProfilerException("source=" + source + ": expected auto, rapl, nvml or modelled");
        };
    }

    private static Source firstOf(Supplier<Source> rapl, Supplier<Source> nvml) throws ProfilerException {
        try {
            return opened(rapl);
        } catch (ProfilerException noPackages) {
            try {
                return opened(nvml);
            } catch (ProfilerException noBoard) {
                throw new ProfilerException("no energy can be measured here: " + noPackages.getMessage() + "; "
                        + noBoard.getMessage() + "; source=modelled;watts=W gives joules by a model of the processor");
            }
        }
    }

    /** Opens a counter and reads it once. */
    private static Source opened(Supplier<Source> source) throws ProfilerException {
        try {
            Source opened = source.get();
            opened.counter().joules();
            return opened;
        } catch (SecateurException e) {
            throw new ProfilerException(e.what() + ": " + e.fix());
        }
    }

    private static EnergyCounter modelled(ProfilerOptions options) throws ProfilerException {
        if (options.text("watts").isEmpty()) {
            throw new ProfilerException("source=modelled needs the processor's power: add watts=W");
        }
        return new ModelledCounter(
                options.number("idleWatts", IDLE_WATTS, 0, MOST_WATTS),
                options.number("watts", IDLE_WATTS, 0, MOST_WATTS),
                Runtime.getRuntime().availableProcessors(),
                ProcessUsage.reader(),
                HostTime.system());
    }

    @Override
    public String getDescription() {
        return "Energy per operation (" + counter.id() + ")";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmarkParams, IterationParams iterationParams) {
        begin();
    }

    @Override
    public Collection<ScalarResult> afterIteration(
            BenchmarkParams benchmarkParams, IterationParams iterationParams, IterationResult result) {
        return end(result);
    }

    void begin() {
        if (Double.isNaN(idleWatts)) {
            idleWatts = meter.idleWatts(idleSeconds);
        }
        meter.open();
    }

    Collection<ScalarResult> end(IterationResult result) {
        IterationMeter.Energy energy = meter.close();
        double operations = result.getMetadata().getAllOps();
        double perOperation = operations > 0 ? 1 / operations : Double.NaN;
        List<ScalarResult> results = new ArrayList<>();
        results.add(average("", energy.joules() * perOperation, "J/op"));
        results.add(average(".net", (energy.joules() - idleWatts * energy.seconds()) * perOperation, "J/op"));
        results.add(average(".power", energy.watts(), "W"));
        results.add(average(".idle", energy.idleWatts(), "W"));
        results.add(new ScalarResult(
                label(".wide"), energy.seconds() < WIDE_BELOW_SECONDS ? 1 : 0, "iterations", AggregationPolicy.SUM));
        return results;
    }

    private ScalarResult average(String part, double value, String unit) {
        return new ScalarResult(label(part), value, unit, AggregationPolicy.AVG);
    }

    private String label(String part) {
        return "energy." + counter.id() + part;
    }
}
