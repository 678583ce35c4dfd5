package org.secateur.profilers.libtorch;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.energy.MeteredDevice;
import org.secateur.profilers.core.rapl.Rapl;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.Fingerprint;
import org.secateur.results.core.Request;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.WorkloadKey;

/**
 * The processor under libtorch, device {@code cpu}: it runs every workload in F32 and in BF16 by autocast, in default math,
 * NCHW and NHWC. The request's workspace limit does not apply, and algorithms are always deterministic.
 */
public final class LibTorchDevice implements MeteredDevice {
    static final String ID = "cpu";

    /** The seed of all buffers; results do not depend on it, power might. */
    private static final long SEED = 20_240_501;

    /** For machines that do not tell: more than most have. */
    private static final long UNKNOWN_CACHE_BYTES = 64L << 20;

    /** Raised when a kernel measures something else than before under the same workload. */
    private static final String MEASUREMENT_VERSION = "1";

    /** Variables that change how long kernels take, beside those of the allocator: huge pages, oneDNN's cap, binding. */
    private static final Set<String> TUNING =
            Set.of("THP_MEM_ALLOC_ENABLE", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "GOMP_CPU_AFFINITY");

    private final LibTorch library;
    private final HostProcessor processor;
    private final long cacheBytes;
    private final NormalPool pool;
    private boolean closed;

    /** The processor, with the last-level cache that it tells of. */
    public LibTorchDevice(LibTorch library) {
        this(library, HostProcessor.here().lastLevelCacheBytes().orElse(UNKNOWN_CACHE_BYTES));
    }

    /**
     * The processor.
     *
     * @param cacheBytes bytes of the last-level cache; COLD kernels rotate through at least twice as much
     */
    public LibTorchDevice(LibTorch library, long cacheBytes) {
        if (cacheBytes < 1) {
            throw new IllegalArgumentException("last-level cache of " + cacheBytes + " bytes: expected at least 1");
        }
        this.library = library;
        this.processor = HostProcessor.here();
        this.cacheBytes = cacheBytes;
        library.prepareThread();
        this.pool = new NormalPool(SEED);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String name() {
        return processor.model().orElse("unknown x86-64 processor");
    }

    @Override
    public String kind() {
        return "cpu";
    }

    /** The processor's packages by RAPL. */
    @Override
    public EnergySource energySource() {
        return Rapl.open(Rapl.POWERCAP, System::nanoTime).source();
    }

    @Override
    public Fingerprint fingerprint() {
        return Fingerprint.of(identity(System.getenv()), context());
    }

    Map<String, String> identity(Map<String, String> environment) {
        Map<String, String> identity = new TreeMap<>();
        identity.put("device", name());
        identity.put("instructionSet", library.instructionSet());
        identity.put("lastLevelCacheBytes", Long.toString(cacheBytes));
        identity.put("libtorch", library.version());
        identity.put("onednn", library.oneDnnVersion());
        identity.put("threads", Integer.toString(library.threads()));
        identity.put("ompWaitPolicy", environment.getOrDefault("OMP_WAIT_POLICY", "unset"));
        identity.put("ompProcBind", environment.getOrDefault("OMP_PROC_BIND", "unset"));
        identity.put("openblasThreads", environment.getOrDefault("OPENBLAS_NUM_THREADS", "unset"));
        identity.put("denormals", library.flushesDenormals() ? "flushed" : "kept");
        identity.put("measurementVersion", MEASUREMENT_VERSION);
        environment.forEach((name, value) -> {
            if (name.startsWith("MALLOC_") || TUNING.contains(name)) {
                identity.put(name, value);
            }
        });
        return identity;
    }

    private static Map<String, String> context() {
        return Map.of(
                "jvm", System.getProperty("java.vm.name") + " " + Runtime.version(),
                "kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"),
                "toolVersion",
                        Optional.ofNullable(LibTorchDevice.class.getPackage().getImplementationVersion())
                                .orElse("development"));
    }

    @Override
    public Kernel open(WorkloadKey key) {
        requireOpen();
        if (!key.request().dataDistribution().equals(Request.DEFAULT.dataDistribution())) {
            throw new IllegalArgumentException("data distribution "
                    + key.request().dataDistribution() + ": cpu has "
                    + Request.DEFAULT.dataDistribution() + " only");
        }
        return new WorkloadKernel(key.workload(), Rotation.of(key.regime(), cacheBytes), pool);
    }

    @Override
    public Kernel open(StepProgram program) {
        requireOpen();
        return new StepKernel(program, cacheBytes, pool);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("device " + ID + " is closed");
        }
        library.prepareThread();
    }

    @Override
    public Conditions conditions() {
        Map<String, Double> readings = new TreeMap<>();
        processor.clockHertz().ifPresent(value -> readings.put("coreClockHertz", value));
        processor.temperatureCelsius().ifPresent(value -> readings.put("temperatureCelsius", value));
        processor.load().ifPresent(value -> readings.put("loadAverage", value));
        return new Conditions(readings);
    }

    /** Frees the device's own buffers; kernels still open go on. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            pool.close();
        }
    }
}
