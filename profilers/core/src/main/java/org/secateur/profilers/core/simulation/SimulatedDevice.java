package org.secateur.profilers.core.simulation;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.host.Contention;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/**
 * A device whose kernels take known seconds of virtual time, under a known {@link Disturbance}: the truth against which
 * the sampler is tested, in microseconds of real time. A whole step takes the sum of its workloads. Named
 * {@code SIMULATED}, so that no report takes its numbers for real ones.
 */
public final class SimulatedDevice implements Device {
    private static final Instant START = Instant.parse("2025-01-01T00:00:00Z");
    private static final int PROCESSORS = 2;

    private final ToDoubleFunction<Workload> secondsPerLaunch;
    private final Disturbance disturbance;
    private final RandomGenerator random;
    private double now;
    private double stolen;
    private double own;
    private double collected;
    private double switches;
    private int open;
    private int mostOpen;

    /** A device on which a launch takes what the function says, in seconds. */
    public SimulatedDevice(ToDoubleFunction<Workload> secondsPerLaunch, Disturbance disturbance, long seed) {
        this.secondsPerLaunch = secondsPerLaunch;
        this.disturbance = disturbance;
        this.random = new SplittableRandom(seed);
    }

    /** The virtual clock and counters, for the sampler. */
    public Surroundings surroundings() {
        return new Surroundings(
                () -> Math.round(now * 1e9),
                () -> START.plusNanos(Math.round(now * 1e9)),
                () -> Optional.of(new Contention(stolen, own, own, Math.round(switches), PROCESSORS)),
                () -> collected);
    }

    /** Virtual seconds since the start. */
    public double now() {
        return now;
    }

    /** Kernels open now. */
    public int open() {
        return open;
    }

    /** The most kernels that were ever open together. */
    public int mostOpen() {
        return mostOpen;
    }

    @Override
    public String id() {
        return "simulated";
    }

    @Override
    public String name() {
        return "SIMULATED";
    }

    @Override
    public String kind() {
        return "simulated";
    }

    @Override
    public Fingerprint fingerprint() {
        return Fingerprint.of(Map.of("device", "SIMULATED"), Map.of());
    }

    @Override
    public Kernel open(WorkloadKey key) {
        return kernel(secondsPerLaunch.applyAsDouble(key.workload()));
    }

    @Override
    public Kernel open(StepProgram program) {
        return kernel(program.instructions().stream()
                .mapToDouble(i -> secondsPerLaunch.applyAsDouble(i.workload()))
                .sum());
    }

    /** A kernel of so many seconds a launch. */
    public Kernel kernel(double seconds) {
        open++;
        mostOpen = Math.max(mostOpen, open);
        return new SimulatedKernel(seconds);
    }

    @Override
    public Conditions conditions() {
        return new Conditions(Map.of("virtualSeconds", now));
    }

    @Override
    public double secondsPerLaunch(Kernel kernel, int launches) {
        return ((SimulatedKernel) kernel).run(launches) / launches;
    }

    @Override
    public void close() {}

    private final class SimulatedKernel implements Kernel {
        private final double seconds;
        private double ranSeconds;
        private boolean launched;
        private boolean closed;

        SimulatedKernel(double seconds) {
            this.seconds = seconds;
        }

        /** Lets {@code launches} launches pass and returns their seconds, all under the state at their start. */
        double run(int launches) {
            double transientFactor = launched
                    ? 1 + (disturbance.warmUpFactor() - 1) * Math.exp(-ranSeconds / disturbance.warmUpSeconds())
                    : disturbance.firstLaunchFactor();
            double steal = disturbance.steal().applyAsDouble(now);
            double processorSeconds = launches
                    * seconds
                    * transientFactor
                    * disturbance.drift().applyAsDouble(now)
                    * Math.exp(disturbance.noise() * random.nextGaussian());
            double stopped = disturbance.stopped().applyAsDouble(now);
            double collecting = disturbance.collecting().applyAsDouble(now);
            double elapsed = processorSeconds / (1 - steal - stopped - collecting);
            switches += elapsed * PROCESSORS * disturbance.switchesPerSecond().applyAsDouble(now);
            stolen += elapsed * PROCESSORS * steal;
            own += (processorSeconds + elapsed * collecting) * PROCESSORS;
            collected += elapsed * collecting;
            ranSeconds += elapsed;
            now += elapsed;
            launched = true;
            return elapsed;
        }

        @Override
        public void launch() {
            run(1);
        }

        @Override
        public void synchronize() {}

        @Override
        public Variant variant() {
            return new Variant("simulated", 0, true);
        }

        @Override
        public void close() {
            if (closed) {
                throw new IllegalStateException("this kernel is closed already");
            }
            closed = true;
            open--;
        }
    }
}
