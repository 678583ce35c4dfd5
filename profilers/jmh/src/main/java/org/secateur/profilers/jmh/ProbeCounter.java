package org.secateur.profilers.jmh;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.openjdk.jmh.profile.ProfilerException;
import org.secateur.profilers.core.probe.Probe;

/** The sum of a probe's readings of energy. */
final class ProbeCounter implements EnergyCounter {
    /** NVML's counter is updated about every 100 ms (docs of ml.energy; seen on several boards). */
    private static final double LONGEST_PERIOD_SECONDS = 0.1;

    private final Probe probe;
    private final Collection<String> readings;

    private ProbeCounter(Probe probe, Collection<String> readings) {
        this.probe = probe;
        this.readings = List.copyOf(readings);
    }

    /**
     * Counts what a probe reads.
     *
     * @param counted which of its readings, all in joules, add up to the device's energy
     * @throws ProfilerException when the probe cannot be read, or has no such reading
     */
    static ProbeCounter of(Probe probe, Predicate<String> counted) throws ProfilerException {
        if (probe.status() instanceof Probe.Status.Unavailable no) {
            throw new ProfilerException(no.reason() + ": " + no.fix());
        }
        List<String> readings =
                probe.readings().keySet().stream().filter(counted).sorted().toList();
        if (readings.isEmpty()) {
            throw new ProfilerException("the probe " + probe.id() + " reads no energy of a whole device");
        }
        return new ProbeCounter(probe, readings);
    }

    @Override
    public String name() {
        return probe.id();
    }

    @Override
    public double joules() {
        Map<String, Double> now = probe.readings();
        double sum = 0;
        for (String reading : readings) {
            Double joules = now.get(reading);
            if (joules == null) {
                return Double.NaN;
            }
            sum += joules;
        }
        return sum;
    }

    @Override
    public double periodSeconds() {
        return probe.periodSeconds().orElse(LONGEST_PERIOD_SECONDS);
    }
}
