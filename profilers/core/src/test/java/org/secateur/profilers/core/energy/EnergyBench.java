package org.secateur.profilers.core.energy;

import org.secateur.profilers.core.simulation.BoardModel;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SensorFault;
import org.secateur.profilers.core.simulation.SensorModel;
import org.secateur.profilers.core.simulation.SimulatedBoard;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.profilers.core.simulation.VirtualClock;
import org.secateur.results.core.Quantity;

/** A simulated board with a device on it, and what a test needs to measure its energy. */
final class EnergyBench {
    static final EnergyOptions STANDARD = EnergyOptions.standard();
    static final double IDLE = 60;

    /** The truth about {@link SensorModel#COUNTER} and {@link SensorModel#INSTANT}. */
    static final SensorCalibration CALIBRATION = new SensorCalibration(
            "SIMULATED",
            new SensorCalibration.Counter(0.1, 0.002, 0.0024, 200),
            new SensorCalibration.Power(0.1, 0, 0, 0.025, 0.5e-6),
            IDLE);

    /** A kernel of 2 ms and 240 W beyond idle: 0.6 J a launch. */
    static final double SECONDS = 0.002;

    static final double WATTS = 240;
    static final double TRUTH = (IDLE + WATTS) * SECONDS;

    private static final double STRETCH_SECONDS = 0.020;

    final SimulatedBoard board;
    final SimulatedDevice device;
    private final long seed;

    EnergyBench(BoardModel model, long seed) {
        this.board = new SimulatedBoard(model, new VirtualClock(), seed);
        this.device = new SimulatedDevice(w -> w.macs() * 1e-6, w -> WATTS, Disturbance.NONE, board, seed);
        this.seed = seed;
    }

    Load load(double seconds, double watts) {
        return device.load(device.kernel(seconds, watts), STRETCH_SECONDS, 0);
    }

    Load load() {
        return load(SECONDS, WATTS);
    }

    EnergyMeter meter(EnergyOptions options) {
        return meter(SensorModel.COUNTER, options);
    }

    EnergyMeter meter(SensorModel counter, EnergyOptions options) {
        return meter(board.source(counter, SensorModel.INSTANT), options);
    }

    EnergyMeter meter(SensorFault fault) {
        EnergyCounter counter = board.counter(SensorModel.COUNTER, fault);
        return meter(board.source(counter, board.power(SensorModel.INSTANT, SensorFault.none())), STANDARD);
    }

    EnergyMeter meter(EnergySource source, EnergyOptions options) {
        return meter(source, CALIBRATION, options);
    }

    EnergyMeter meter(EnergySource source, SensorCalibration calibration, EnergyOptions options) {
        return new EnergyMeter(source, calibration, options, board.hostTime(), seed);
    }

    static double value(Quantity quantity) {
        return quantity.estimate().orElseThrow().value();
    }

    static String reason(EnergyMeasurement measurement) {
        return measurement.joules() instanceof Quantity.Missing missing ? missing.reason() : "not missing";
    }
}
