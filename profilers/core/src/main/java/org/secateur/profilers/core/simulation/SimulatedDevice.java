package org.secateur.profilers.core.simulation;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.BoardState;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.energy.LaunchLog;
import org.secateur.profilers.core.energy.Load;
import org.secateur.profilers.core.energy.MeteredDevice;
import org.secateur.profilers.core.host.Contention;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Variant;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/**
 * A device whose kernels take known seconds of virtual time, under a known {@link Disturbance}: the truth against which
 * the sampler is tested, in microseconds of real time. A whole step takes the sum of its workloads. On a
 * {@link SimulatedBoard} they also draw known power. Named {@code SIMULATED}, so that no report takes its numbers for
 * real ones.
 */
public final class SimulatedDevice implements MeteredDevice {
    private static final Instant START = Instant.parse("2025-01-01T00:00:00Z");
    private static final int PROCESSORS = 2;

    /** A queueing load keeps so much work ahead of the host: more than reading a sensor takes. */
    private static final double QUEUE_SECONDS = 0.010;

    private final ToDoubleFunction<Workload> secondsPerLaunch;
    private final ToDoubleFunction<Workload> watts;
    private final Disturbance disturbance;
    private final RandomGenerator random;
    private final VirtualClock clock;
    private final @Nullable SimulatedBoard board;
    private @Nullable EnergySource source;
    private double busyUntil;
    private double stolen;
    private double own;
    private double collected;
    private double switches;
    private int open;
    private int mostOpen;

    /** A device on which a launch takes what the function says, in seconds. */
    public SimulatedDevice(ToDoubleFunction<Workload> secondsPerLaunch, Disturbance disturbance, long seed) {
        this(secondsPerLaunch, w -> 0, disturbance, new VirtualClock(), null, seed);
    }

    /** A device on a board, where a launch also draws what the second function says, in watts beyond the idle power. */
    public SimulatedDevice(
            ToDoubleFunction<Workload> secondsPerLaunch,
            ToDoubleFunction<Workload> watts,
            Disturbance disturbance,
            SimulatedBoard board,
            long seed) {
        this(secondsPerLaunch, watts, disturbance, board.clock(), board, seed);
    }

    private SimulatedDevice(
            ToDoubleFunction<Workload> secondsPerLaunch,
            ToDoubleFunction<Workload> watts,
            Disturbance disturbance,
            VirtualClock clock,
            @Nullable SimulatedBoard board,
            long seed) {
        this.secondsPerLaunch = secondsPerLaunch;
        this.watts = watts;
        this.disturbance = disturbance;
        this.clock = clock;
        this.board = board;
        this.random = new SplittableRandom(seed);
    }

    /** The virtual clock and counters, for the sampler. */
    public Surroundings surroundings() {
        return new Surroundings(
                () -> Math.round(now() * 1e9),
                () -> START.plusNanos(Math.round(now() * 1e9)),
                () -> Optional.of(new Contention(stolen, own, own, Math.round(switches), PROCESSORS)),
                () -> collected,
                clock::pass);
    }

    /** Virtual seconds since the start. */
    public double now() {
        return clock.seconds();
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

    /** A counter as processors have it, since its kernels do not queue; on a device with a board. */
    @Override
    public EnergySource energySource() {
        if (board == null) {
            throw SecateurException.environment(
                    "this simulated device has no board", name(), "give it one, or take joules from a model");
        }
        if (source == null) {
            source = new EnergySource(
                    name(), board.counter(SensorModel.PROCESSOR, SensorFault.none()), null, board::state, 0);
        }
        return source;
    }

    @Override
    public Kernel open(WorkloadKey key) {
        return kernel(secondsPerLaunch.applyAsDouble(key.workload()), watts.applyAsDouble(key.workload()));
    }

    @Override
    public Kernel open(StepProgram program) {
        double seconds = 0;
        double joules = 0;
        for (StepProgram.Instruction instruction : program.instructions()) {
            double part = secondsPerLaunch.applyAsDouble(instruction.workload());
            seconds += part;
            joules += part * watts.applyAsDouble(instruction.workload());
        }
        return kernel(seconds, seconds > 0 ? joules / seconds : 0);
    }

    /** A kernel of so many seconds a launch. */
    public Kernel kernel(double seconds) {
        return kernel(seconds, 0);
    }

    /** A kernel of so many seconds a launch, which draws so much power beyond the idle device's. */
    public Kernel kernel(double seconds, double kernelWatts) {
        open++;
        mostOpen = Math.max(mostOpen, open);
        return new SimulatedKernel(seconds, kernelWatts);
    }

    /**
     * A load that queues stretches of about {@code stretchSeconds} of a kernel's launches ahead of the host, with a gap
     * of {@code gapSeconds} after each.
     */
    public Load load(Kernel kernel, double stretchSeconds, double gapSeconds) {
        return new QueuedLoad((SimulatedKernel) kernel, stretchSeconds, gapSeconds);
    }

    @Override
    public Conditions conditions() {
        return new Conditions(Map.of("virtualSeconds", now()));
    }

    /** What the board says of itself; nothing without one. */
    @Override
    public Conditions disturbances() {
        if (board == null) {
            return Conditions.NONE;
        }
        BoardState state = board.state();
        Map<String, Double> readings = new TreeMap<>();
        state.throttledSeconds().forEach((reason, total) -> readings.put(Conditions.HELD_BACK + reason, total));
        state.clockHertz().ifPresent(hertz -> readings.put(Conditions.CORE_CLOCK, hertz));
        readings.put(
                Conditions.FOREIGN_PROCESSES, (double) state.foreignProcesses().size());
        return new Conditions(readings);
    }

    @Override
    public double secondsPerLaunch(Kernel kernel, int launches) {
        return ((SimulatedKernel) kernel).run(launches) / launches;
    }

    @Override
    public void close() {}

    private final class SimulatedKernel implements Kernel {
        private final double seconds;
        private final double kernelWatts;
        private double ranSeconds;
        private boolean launched;
        private boolean closed;

        SimulatedKernel(double seconds, double kernelWatts) {
            this.seconds = seconds;
            this.kernelWatts = kernelWatts;
        }

        /** Waits for {@code launches} launches and returns their seconds. */
        double run(int launches) {
            double start = Math.max(now(), busyUntil);
            double elapsed = enqueue(launches, start);
            clock.passUntil(start + elapsed);
            return elapsed;
        }

        /** Lets {@code launches} launches run from a moment on and returns their seconds, all under its state. */
        double enqueue(int launches, double start) {
            double transientFactor = launched
                    ? 1 + (disturbance.warmUpFactor() - 1) * Math.exp(-ranSeconds / disturbance.warmUpSeconds())
                    : disturbance.firstLaunchFactor();
            double steal = disturbance.steal().applyAsDouble(start);
            double processorSeconds = launches
                    * seconds
                    * transientFactor
                    * disturbance.drift().applyAsDouble(start)
                    * Math.exp(disturbance.noise() * random.nextGaussian())
                    * (board == null ? 1 : board.slowdown(start));
            double stopped = disturbance.stopped().applyAsDouble(start);
            double collecting = disturbance.collecting().applyAsDouble(start);
            double elapsed = processorSeconds / (1 - steal - stopped - collecting);
            switches += elapsed * PROCESSORS * disturbance.switchesPerSecond().applyAsDouble(start);
            stolen += elapsed * PROCESSORS * steal;
            own += (processorSeconds + elapsed * collecting) * PROCESSORS;
            collected += elapsed * collecting;
            ranSeconds += elapsed;
            launched = true;
            busyUntil = start + elapsed;
            if (board != null) {
                board.draw(start, busyUntil, kernelWatts);
            }
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

    /** Queues launches ahead of the host, as a stream of an accelerator does. */
    private final class QueuedLoad implements Load {
        private final SimulatedKernel kernel;
        private final double gapSeconds;
        private final int launches;
        private final LaunchLog log = new LaunchLog();

        QueuedLoad(SimulatedKernel kernel, double stretchSeconds, double gapSeconds) {
            this.kernel = kernel;
            this.gapSeconds = gapSeconds;
            this.launches = (int) Math.max(1, Math.round(stretchSeconds / kernel.seconds));
        }

        @Override
        public void run(double seconds) {
            double until = now() + seconds;
            while (busyUntil < until + QUEUE_SECONDS) {
                double start = Math.max(now(), busyUntil);
                kernel.enqueue(launches, start);
                log.add(start, busyUntil, launches);
                busyUntil += gapSeconds;
            }
            clock.passUntil(until);
        }

        @Override
        public void finish() {
            clock.passUntil(busyUntil);
        }

        @Override
        public Progress at(double seconds) {
            double deviceSeconds = board == null ? seconds : board.deviceSeconds(seconds);
            return new Progress(log.launches(seconds), log.busySeconds(seconds), deviceSeconds);
        }
    }
}
