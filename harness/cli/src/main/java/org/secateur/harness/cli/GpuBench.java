package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.energy.MeteredDevice;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.MeasuringRun;

/** What the phases of a GPU's check measure with. Used by one thread. */
final class GpuBench {
    /** The arithmetic of most phases: what GPUs with tensor cores are fastest in. */
    static final Arithmetic HALF = new Arithmetic(DataType.F16, MathMode.DEFAULT, Layout.NHWC);

    /** What a timing of launches in a row lasts: far beyond an event's resolution. */
    private static final double TIMING_SECONDS = 0.005;

    private final Device device;
    private final Session session;
    private final GpuCheckFolder folder;
    private final long seed;
    private final Map<WorkloadKey, String> refused = new LinkedHashMap<>();
    private final MeasuringRun begun;
    private @Nullable Control control;

    GpuBench(Device device, Session session, GpuCheckFolder folder, long seed) {
        this.device = device;
        this.session = session;
        this.folder = folder;
        this.seed = seed;
        this.begun = Measuring.begin(session, "gpu-check", seed);
    }

    Device device() {
        return device;
    }

    GpuCheckFolder folder() {
        return folder;
    }

    long seed() {
        return seed;
    }

    /** The host's clock. */
    HostTime time() {
        return session.surroundings().hostTime();
    }

    /** A variable of the environment, or what stands for it. */
    String environment(String name, String otherwise) {
        return session.environment().getOrDefault(name, otherwise);
    }

    /**
     * The device, as one with sensors of energy.
     *
     * @throws SecateurException when it has none
     */
    MeteredDevice metered() {
        if (device instanceof MeteredDevice metered) {
            metered.energySource();
            return metered;
        }
        throw SecateurException.environment(
                "this device has no sensors of energy", device.id(), "check a GPU with NVIDIA's driver");
    }

    Sampler sampler(SamplerOptions options) {
        return new Sampler(options, session.surroundings(), Sampler.NO_ENERGY, seed);
    }

    /** The reference against itself, once in a process: what its rows are worth. */
    Control control() {
        Control known = control == null ? sampler(SamplerOptions.rough()).control(device) : control;
        control = known;
        return known;
    }

    /** A workload in half precision, on caches left warm. */
    static WorkloadKey hot(Operation operation) {
        Workload workload = new Workload(operation, Pass.FORWARD, HALF.dataType(), HALF.mathMode(), HALF.layout());
        return new WorkloadKey(workload, Regime.HOT, Request.DEFAULT);
    }

    /** As many launches in a row as last some milliseconds; warms the kernel up on the way. */
    int launches(Kernel kernel) {
        double seconds = device.secondsPerLaunch(kernel, device.launchesPerTiming(kernel, 1));
        for (int i = 0; i < 3; i++) {
            seconds = device.secondsPerLaunch(kernel, launches(kernel, seconds));
        }
        return launches(kernel, seconds);
    }

    private int launches(Kernel kernel, double seconds) {
        return device.launchesPerTiming(kernel, (int)
                Math.clamp(Math.ceil(TIMING_SECONDS / Math.max(seconds, 1e-9)), 1.0, 1e6));
    }

    /**
     * Measures those of the rows that the table does not hold, in groups, while there is time. A row without a kernel is
     * left out.
     *
     * @return whether none is missing any more
     */
    boolean measure(Collection<WorkloadKey> keys, Countdown countdown) {
        SamplerOptions options = SamplerOptions.rough();
        List<WorkloadKey> missing = keys.stream()
                .filter(key -> folder.table().row(key).isEmpty() && !refused.containsKey(key))
                .distinct()
                .toList();
        if (missing.isEmpty()) {
            return true;
        }
        Control valid = control();
        MeasuringRun run = begun.controlled(valid.reference()).under(options.numbers());
        int next = 0;
        double longest = 0;
        while (next < missing.size() && countdown.has(longest)) {
            int to = Math.min(missing.size(), next + options.openKernels());
            double start = session.seconds();
            List<Measurement> rows = new ArrayList<>();
            try {
                sampler(options)
                        .measure(
                                device,
                                missing.subList(next, to),
                                row -> rows.add(valid.judged(row)),
                                (key, reason) -> refused.put(key, String.valueOf(reason.getMessage())));
            } finally {
                folder.put(folder.table().with(rows, run));
            }
            longest = Math.max(longest, session.seconds() - start);
            next = to;
        }
        return next == missing.size();
    }

    CostTable table() {
        return folder.table();
    }

    /** Why a row was left out; empty where it was not. */
    Optional<String> refusal(WorkloadKey key) {
        return Optional.ofNullable(refused.get(key));
    }
}
