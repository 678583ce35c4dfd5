package org.secateur.profilers.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A board in virtual time whose power is known and whose energy counter ticks, jitters, lags and takes time to read. */
final class SimulatedBoard implements EnergyCounter, Pace {
    /** An H100's, as third parties measured it. */
    static final double PERIOD_SECONDS = 0.1;

    static final double IDLE_WATTS = 60;

    private static final double JITTER_SECONDS = 0.002;
    private static final double CALL_SECONDS = 0.0024;
    private static final double QUANTUM_JOULES = 1e-3;

    private final long seed;
    private final double lagSeconds;
    private final List<Load> loads = new ArrayList<>();
    private double now;

    private record Load(double from, double until, double watts) {}

    SimulatedBoard(long seed, double lagSeconds) {
        this.seed = seed;
        this.lagSeconds = lagSeconds;
        this.now = 10 + new SplittableRandom(seed).nextDouble();
    }

    /** Lets a load run from now to its end. */
    void load(double seconds, double watts) {
        loads.add(new Load(now, now + seconds, watts));
        now += seconds;
    }

    /** Has the board take {@code watts} for the next {@code seconds}, while time stands still. */
    void afterwards(double seconds, double watts) {
        loads.add(new Load(now, now + seconds, watts));
    }

    private double energy(double until) {
        double joules = IDLE_WATTS * until;
        for (Load load : loads) {
            double seconds = Math.max(0, Math.min(until, load.until) - load.from);
            joules += (load.watts - IDLE_WATTS) * seconds;
        }
        return joules;
    }

    private double tick(long k) {
        double jitter = 2 * new SplittableRandom(seed * 1_000_003 + k).nextDouble() - 1;
        return k * PERIOD_SECONDS + JITTER_SECONDS * jitter;
    }

    @Override
    public double joules() {
        now += CALL_SECONDS;
        long k = (long) Math.ceil(now / PERIOD_SECONDS) + 1;
        while (tick(k) > now) {
            k--;
        }
        return Math.floor(energy(tick(k) - lagSeconds) / QUANTUM_JOULES) * QUANTUM_JOULES;
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public double periodSeconds() {
        return PERIOD_SECONDS;
    }

    @Override
    public double seconds() {
        return now;
    }

    @Override
    public void pause(double seconds) {
        now += seconds;
    }
}
