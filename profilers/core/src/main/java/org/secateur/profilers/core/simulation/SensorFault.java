package org.secateur.profilers.core.simulation;

import org.secateur.results.core.SecateurException;

/** What becomes of a sensor's reading on the way to its reader. Serves one sensor. */
@FunctionalInterface
public interface SensorFault {
    /**
     * The reading reported instead of the true one.
     *
     * @throws SecateurException when the sensor cannot be read any more
     */
    double reported(double seconds, double reading);

    /** No fault. */
    static SensorFault none() {
        return (seconds, reading) -> reading;
    }

    /** The reading stands still from a moment on. */
    static SensorFault frozen(double from) {
        double[] before = {0};
        return (seconds, reading) -> {
            if (seconds < from) {
                before[0] = reading;
            }
            return before[0];
        };
    }

    /** The total begins again at zero at a moment. */
    static SensorFault reset(double at) {
        double[] origin = {Double.NaN};
        return (seconds, reading) -> {
            if (seconds < at) {
                return reading;
            }
            if (Double.isNaN(origin[0])) {
                origin[0] = reading;
            }
            return reading - origin[0];
        };
    }

    /** The reading is almost zero for a part of each period. */
    static SensorFault glitch(double periodSeconds, double lengthSeconds) {
        return (seconds, reading) -> seconds % periodSeconds < lengthSeconds ? 0.5 : reading;
    }

    /** The total jumps at a moment. */
    static SensorFault jump(double at, double by) {
        return (seconds, reading) -> seconds < at ? reading : reading + by;
    }

    /** The reading is not a number from a moment on. */
    static SensorFault notANumber(double from) {
        return (seconds, reading) -> seconds < from ? reading : Double.NaN;
    }

    /** The sensor is gone from a moment on. */
    static SensorFault lost(double from) {
        return (seconds, reading) -> {
            if (seconds >= from) {
                throw SecateurException.environment(
                        "the simulated device is lost", "SIMULATED", "this is what the test asked for");
            }
            return reading;
        };
    }
}
