package org.secateur.profilers.jmh;

import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.simulation.BoardModel;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SensorFault;
import org.secateur.profilers.core.simulation.SensorModel;
import org.secateur.profilers.core.simulation.SimulatedBoard;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.profilers.core.simulation.VirtualClock;

/** A simulated board of 60 W idle under a load of 250 W, and the counter of it that is tested. */
final class Bench {
    /** An H100's, as third parties measured it. */
    static final double PERIOD_SECONDS = 0.1;

    static final double IDLE_WATTS = 60;
    static final double LOAD_WATTS = 250;

    private static final double LONG_SECONDS = 10;

    final HostTime time;
    final EnergyCounter counter;
    private final SimulatedDevice device;
    private double stopped = Double.POSITIVE_INFINITY;
    private double wattsAfter = IDLE_WATTS;

    Bench(long seed) {
        this(seed, 0);
    }

    /** A board whose counter lags by so many seconds. */
    Bench(long seed, double lagSeconds) {
        BoardModel model = BoardModel.PLAIN.withForeign(
                t -> t >= stopped && t < stopped + LONG_SECONDS ? wattsAfter - IDLE_WATTS : 0, false);
        SimulatedBoard board = new SimulatedBoard(model, new VirtualClock(), seed);
        time = board.hostTime();
        counter = board.counter(
                SensorModel.COUNTER.withTiming(PERIOD_SECONDS, PERIOD_SECONDS, lagSeconds), SensorFault.none());
        device = new SimulatedDevice(workload -> 1, workload -> 0, Disturbance.NONE, board, seed);
        time.sleep(1);
    }

    /** What a profiler reads here. */
    EnergyProfiler.Source source() {
        return new EnergyProfiler.Source(counter, PERIOD_SECONDS);
    }

    /** Runs a load to its end, after which the board takes {@code watts} for a while. */
    void load(double seconds, double watts) {
        device.kernel(seconds, LOAD_WATTS - IDLE_WATTS).launch();
        stopped = device.now();
        wattsAfter = watts;
    }

    /** Runs a load to its end, after which the board idles. */
    void load(double seconds) {
        load(seconds, IDLE_WATTS);
    }
}
