package org.secateur.profilers.cuda;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.energy.Load;
import org.secateur.profilers.core.energy.MeteredDevice;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Request;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.WorkloadKey;

/**
 * An NVIDIA GPU under cuDNN, device {@code cuda:N}, where N is CUDA's own number. Launches are timed by the GPU's clock.
 * Used by the thread that opened it.
 */
public final class CudaDevice implements MeteredDevice {
    static final String PREFIX = "cuda";

    /** The seed of all buffers; results do not depend on it, power might. */
    private static final long SEED = 20_240_501;

    /** Raised when a kernel measures something else than before under the same workload. */
    private static final String MEASUREMENT_VERSION = "1";

    private final Resources resources = new Resources();
    private final int ordinal;
    private final Path cudnn;
    private final Gpu gpu;
    private final Board board;
    private final EventTimer timer;
    private final NormalPool pool;
    private final ConvolutionChoices choices = new ConvolutionChoices();
    private final String name;
    private final long cacheBytes;
    private final String powerLimit;
    private boolean closed;

    CudaDevice(CudaLibraries libraries, int ordinal) {
        this.ordinal = ordinal;
        cudnn = libraries.cudnn();
        try {
            gpu = resources.add(new Gpu(PREFIX + ":" + ordinal, ordinal));
            board = resources.add(Board.of(libraries.nvml(), gpu.uuid(), gpu.pciBusId()));
            timer = resources.add(new EventTimer(gpu));
            pool = resources.add(new NormalPool(gpu, SEED));
            name = gpu.name();
            cacheBytes = gpu.cacheBytes();
            powerLimit = board.powerLimit();
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    @Override
    public String id() {
        return gpu.id();
    }

    /** CUDA's own number of this GPU. */
    public int ordinal() {
        return ordinal;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return PREFIX;
    }

    @Override
    public Fingerprint fingerprint() {
        Map<String, String> identity = new TreeMap<>();
        identity.put("device", name);
        identity.put("uuid", gpu.uuid());
        identity.put("computeCapability", gpu.computeCapability());
        identity.put("lastLevelCacheBytes", Long.toString(cacheBytes));
        identity.put("cudaDriver", gpu.driverVersion());
        identity.put("driver", board.driver());
        identity.put("powerLimitWatts", powerLimit);
        identity.put("cudnn", Gpu.cudnnVersion());
        identity.put("measurementVersion", MEASUREMENT_VERSION);
        Map<String, String> context = new TreeMap<>();
        context.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version());
        context.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        context.put("cudnnLibrary", cudnn.toString());
        context.put("pciBusId", gpu.pciBusId());
        context.put(
                "toolVersion",
                Optional.ofNullable(CudaDevice.class.getPackage().getImplementationVersion())
                        .orElse("development"));
        return Fingerprint.of(identity, context);
    }

    @Override
    public Kernel open(WorkloadKey key) {
        requireOpen();
        Plans.check(key.workload());
        if (!key.request().dataDistribution().equals(Request.DEFAULT.dataDistribution())) {
            throw new IllegalArgumentException("data distribution "
                    + key.request().dataDistribution() + ": cuda has "
                    + Request.DEFAULT.dataDistribution() + " only");
        }
        return new WorkloadKernel(
                gpu, timer, key.workload(), key.request(), Rotation.of(key.regime(), cacheBytes), pool);
    }

    /** A real step: its data flows, and its optimizer moves parameters, though slowly. */
    @Override
    public Kernel open(StepProgram program) {
        return step(program, SgdRule.MEASURING);
    }

    /** A step with a rule of the caller's for its optimizer. */
    StepKernel step(StepProgram program, SgdRule rule) {
        requireOpen();
        return new StepKernel(gpu, timer, choices, program, rule, pool);
    }

    /**
     * Prepares a step that works on numbers of its owner's, who writes them next; the caller closes it before the device.
     *
     * @param layers its index maps' channels and its batch norms' numbers
     * @param lasso what a training step adds to the gradients
     * @throws IllegalArgumentException when there is no kernel for one of its workloads, or it is not in FP32
     */
    public CudaStep open(StepProgram program, LayerNumbers layers, GroupLasso lasso) {
        requireOpen();
        return new CudaStep(gpu, timer, choices, program, layers, lasso, pool);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("device " + gpu.id() + " is closed");
        }
    }

    @Override
    public int launchesPerTiming(Kernel kernel, int atLeast) {
        return kernel instanceof Replayable replayable ? EventTimer.launches(replayable, atLeast) : atLeast;
    }

    @Override
    public double secondsPerLaunch(Kernel kernel, int launches) {
        return kernel instanceof Replayable replayable
                ? timer.secondsPerLaunch(replayable, launches)
                : MeteredDevice.super.secondsPerLaunch(kernel, launches);
    }

    /** The counter of the board, which belongs to it as long as the device is open. */
    @Override
    public EnergySource energySource() {
        requireOpen();
        return board.energy();
    }

    /** A load that queues, so that the GPU works on while its sensors are read; another engine's launches are waited for. */
    @Override
    public Load load(Kernel kernel, HostTime time, double secondsPerLaunch) {
        return kernel instanceof Replayable
                ? load(kernel, time)
                : MeteredDevice.super.load(kernel, time, secondsPerLaunch);
    }

    /**
     * A load of a kernel of this device, for energy windows; the caller closes it before the kernel.
     *
     * @throws IllegalArgumentException when the kernel is another device's
     */
    public CudaLoad load(Kernel kernel, HostTime time) {
        requireOpen();
        if (kernel instanceof Replayable replayable) {
            return new CudaLoad(gpu, timer, replayable, time);
        }
        throw new IllegalArgumentException("kernel " + kernel.variant() + " is none of device " + gpu.id());
    }

    /** The memory that is free, and what the board tells: clocks, temperature, what lowered the clocks, other processes. */
    @Override
    public Conditions conditions() {
        Map<String, Double> readings = new TreeMap<>(board.conditions().readings());
        readings.put("freeMemoryBytes", (double) gpu.freeBytes());
        return new Conditions(readings);
    }

    @Override
    public Conditions disturbances() {
        return board.disturbances();
    }

    /** Releases the GPU; every kernel must have been closed before. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            resources.close();
        }
    }
}
