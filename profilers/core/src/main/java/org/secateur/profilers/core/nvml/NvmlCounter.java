package org.secateur.profilers.core.nvml;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.results.core.SecateurException;

/** The energy counters of GPUs, added up. Used by one thread, and only while its {@link Nvml} is open. */
public final class NvmlCounter implements EnergyCounter {
    /** Short bursts exceed the limit that is kept on average. */
    private static final double BURST = 2;

    /** More than any board takes; for those that tell no limit. */
    private static final double CEILING_WATTS = 2000;

    private final List<NvmlDevice> devices;
    private final double limitWatts;

    /** The counters of some boards, at least one. */
    public NvmlCounter(List<NvmlDevice> devices) {
        if (devices.isEmpty()) {
            throw new IllegalArgumentException("no board: at least one is needed");
        }
        this.devices = List.copyOf(devices);
        this.limitWatts = devices.stream()
                .mapToDouble(device -> device.powerLimitWatts()
                        .known()
                        .map(limit -> Math.min(BURST * limit, CEILING_WATTS))
                        .orElse(CEILING_WATTS))
                .sum();
    }

    /**
     * The counters of all boards of a machine.
     *
     * @throws SecateurException when there is none, or one cannot be asked
     */
    public static NvmlCounter ofAll(Nvml nvml) {
        int count = value(nvml.count(), "NVML");
        if (count == 0) {
            throw SecateurException.environment("NVML finds no GPU", "NVML", "see what nvidia-smi -L says");
        }
        List<NvmlDevice> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(value(nvml.device(i), "gpu" + i));
        }
        return new NvmlCounter(devices);
    }

    @Override
    public String id() {
        return "nvml";
    }

    @Override
    public double joules() {
        double sum = 0;
        for (NvmlDevice device : devices) {
            sum += value(device.energyJoules(), "its energy counter");
        }
        return sum;
    }

    @Override
    public double limitWatts() {
        return limitWatts;
    }

    /** The sum of the boards' enforced limits; empty where one does not tell it. */
    @Override
    public OptionalDouble powerLimitWatts() {
        double sum = 0;
        for (NvmlDevice device : devices) {
            Optional<Double> limit = device.powerLimitWatts().known();
            if (limit.isEmpty()) {
                return OptionalDouble.empty();
            }
            sum += limit.get();
        }
        return OptionalDouble.of(sum);
    }

    static <T> T value(Answer<T> answer, String on) {
        return switch (answer) {
            case Answer.Value<T> some -> some.value();
            case Answer.Failure<T> none ->
                throw SecateurException.environment(none.reason(), on, "see what nvidia-smi says, and measure again");
        };
    }
}
