package org.secateur.profilers.core;

import org.secateur.results.core.Conditions;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.WorkloadKey;

/** Something that runs workloads: {@code cpu} or {@code cuda:N}. Used by one thread; whoever opens it closes it. */
public interface Device extends AutoCloseable {
    /** The name on the command line, for example {@code cpu}. */
    String id();

    /** The model's own name, for example {@code AMD EPYC}. */
    String name();

    /** {@code cpu} or {@code cuda}. */
    String kind();

    /** What a table measured here belongs to. */
    Fingerprint fingerprint();

    /**
     * Prepares a workload in a cache regime.
     *
     * @throws IllegalArgumentException when this device has no kernel for it
     */
    Kernel open(WorkloadKey key);

    /** Prepares a whole step. */
    Kernel open(StepProgram program);

    /** Readings of the present state (clocks, temperature, load); what is unknown is absent. */
    Conditions conditions();

    /**
     * Those of the {@link #conditions()} that tell whether the device itself was disturbed: running totals of time with
     * lowered clocks, the clock, and other processes. They are read before and after each block of time, and so must
     * cost little beside ten milliseconds; none where the device does not tell.
     */
    default Conditions disturbances() {
        return Conditions.NONE;
    }

    /**
     * How many launches to time together where at least so many are wanted; a device that enqueues them in groups rounds
     * up.
     */
    default int launchesPerTiming(Kernel kernel, int atLeast) {
        return atLeast;
    }

    /**
     * Runs {@code launches} launches back to back and returns the mean seconds of one. The host's clock by default; a
     * device with its own clock overrides it.
     */
    default double secondsPerLaunch(Kernel kernel, int launches) {
        long start = System.nanoTime();
        for (int i = 0; i < launches; i++) {
            kernel.launch();
        }
        kernel.synchronize();
        return (System.nanoTime() - start) / 1e9 / launches;
    }

    @Override
    void close();
}
