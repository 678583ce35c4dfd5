package org.secateur.profilers.core.probe;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.secateur.profilers.core.rapl.Rapl;
import org.secateur.profilers.core.rapl.RaplCounter;
import org.secateur.results.core.SecateurException;

/** The processor's own energy counters. A reading is the energy since the probe was made, by zone. */
public final class RaplProbe implements Probe {
    private final Status status;
    private final List<RaplCounter> counters;
    private final Map<String, String> facts = new TreeMap<>();
    private final OptionalDouble callSeconds;

    /** The counters below {@code powercap}, on a real machine {@link Rapl#POWERCAP}. */
    public RaplProbe(Path powercap) {
        this(powercap, System::nanoTime);
    }

    RaplProbe(Path powercap, LongSupplier nanoTime) {
        Status found = Status.AVAILABLE;
        List<RaplCounter> opened = List.of();
        try {
            Rapl rapl = Rapl.open(powercap, nanoTime);
            opened = rapl.counters();
            if (!rapl.leftOut().isEmpty()) {
                facts.put("leftOut", String.join("; ", rapl.leftOut()));
            }
            facts.put("zones", opened.stream().map(c -> c.zone().name()).collect(Collectors.joining(", ")));
        } catch (SecateurException e) {
            found = new Status.Unavailable(e.what() + ": " + e.on(), e.fix());
        }
        this.status = found;
        this.counters = opened;
        readings(); // the first one loads classes
        long start = System.nanoTime();
        readings();
        this.callSeconds = opened.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of((System.nanoTime() - start) / 1e9 / opened.size());
    }

    @Override
    public String id() {
        return "rapl";
    }

    @Override
    public Status status() {
        return status;
    }

    @Override
    public OptionalDouble periodSeconds() {
        return counters.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(RaplCounter.PERIOD_SECONDS);
    }

    /** What one zone costs. */
    @Override
    public OptionalDouble callSeconds() {
        return callSeconds;
    }

    @Override
    public Map<String, Double> resolution() {
        OptionalDouble coarsest =
                counters.stream().mapToDouble(RaplCounter::resolutionJoules).max();
        return coarsest.isPresent() ? Map.of("energyJoules", coarsest.getAsDouble()) : Map.of();
    }

    /** The names of the {@code zones}, and those {@code leftOut} with the reasons. */
    @Override
    public Map<String, String> facts() {
        return Map.copyOf(facts);
    }

    /** Joules by zone, for example {@code package-0.energyJoules} and {@code package-0.core.energyJoules}. */
    @Override
    public Map<String, Double> readings() {
        Map<String, Double> joules = new TreeMap<>();
        for (RaplCounter counter : counters) {
            joules(counter).ifPresent(value -> joules.put(counter.zone().name() + ".energyJoules", value));
        }
        return joules;
    }

    /** What was readable once and cannot be read now is unknown. */
    private static OptionalDouble joules(RaplCounter counter) {
        try {
            return OptionalDouble.of(counter.read().joules());
        } catch (SecateurException e) {
            return OptionalDouble.empty();
        }
    }
}
