package org.secateur.profilers.jmh;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.secateur.profilers.core.probe.Probe;

/** A probe with whatever readings. */
final class FakeProbe implements Probe {
    final Map<String, Double> readings = new TreeMap<>();

    private final String id;
    private final Status status;

    private FakeProbe(String id, Status status) {
        this.id = id;
        this.status = status;
    }

    static FakeProbe of(String id, Map<String, Double> readings) {
        FakeProbe probe = new FakeProbe(id, Status.AVAILABLE);
        probe.readings.putAll(readings);
        return probe;
    }

    static FakeProbe absent(String id, String reason, String fix) {
        return new FakeProbe(id, new Status.Unavailable(reason, fix));
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Status status() {
        return status;
    }

    @Override
    public OptionalDouble periodSeconds() {
        return OptionalDouble.of(1e-3);
    }

    @Override
    public OptionalDouble callSeconds() {
        return OptionalDouble.empty();
    }

    @Override
    public Map<String, Double> readings() {
        return Map.copyOf(readings);
    }
}
