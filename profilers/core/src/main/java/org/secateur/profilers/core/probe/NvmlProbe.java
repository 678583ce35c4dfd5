package org.secateur.profilers.core.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.nvml.Answer;
import org.secateur.profilers.core.nvml.Nvml;
import org.secateur.profilers.core.nvml.NvmlDevice;
import org.secateur.profilers.core.nvml.NvmlDevice.Clock;
import org.secateur.results.core.SecateurException;

/**
 * NVIDIA's GPUs through the driver's management library, each reading under {@code gpuN.}, where N is NVML's number and
 * not CUDA's. What a board does not offer is absent from the readings, and a fact. Whoever makes it closes it.
 */
public final class NvmlProbe implements Probe, AutoCloseable {
    /** The library that NVIDIA's driver installs. */
    public static final String LIBRARY = Nvml.LIBRARY;

    /** Enough for a mean; a call takes up to milliseconds. */
    private static final int CALLS = 5;

    private final @Nullable Nvml nvml;
    private final List<NvmlDevice> devices = new ArrayList<>();
    private final Map<String, String> facts = new TreeMap<>();
    private final Status status;
    private final OptionalDouble periodSeconds;
    private final OptionalDouble callSeconds;

    /** Opens {@code library}, normally {@link #LIBRARY}, and listens to the first GPU's energy counter for a second. */
    public NvmlProbe(String library) {
        this(library, System::nanoTime, LockSupport::parkNanos);
    }

    NvmlProbe(String library, LongSupplier nanoTime, LongConsumer pause) {
        Nvml opened = null;
        Status found;
        try {
            opened = Nvml.open(library);
            found = look(opened);
        } catch (SecateurException e) {
            found = new Status.Unavailable(e.what(), e.fix());
        }
        this.nvml = opened;
        this.status = found;
        boolean counts = !devices.isEmpty() && energy().isPresent();
        this.periodSeconds = counts ? TickPeriod.seconds(this::energy, nanoTime, pause) : OptionalDouble.empty();
        this.callSeconds = counts ? OptionalDouble.of(cost(nanoTime)) : OptionalDouble.empty();
    }

    private Status look(Nvml opened) {
        opened.driverVersion().known().ifPresent(version -> facts.put("driver", version));
        opened.version().known().ifPresent(version -> facts.put("nvml", version));
        int count = 0;
        List<String> lost = new ArrayList<>();
        switch (opened.count()) {
            case Answer.Value<Integer> some -> count = some.value();
            case Answer.Failure<Integer> none -> lost.add(none.reason());
        }
        for (int i = 0; i < count; i++) {
            switch (opened.device(i)) {
                case Answer.Value<NvmlDevice> some -> add("gpu" + i, some.value());
                case Answer.Failure<NvmlDevice> none -> {
                    lost.add("gpu" + i + ": " + none.reason());
                    facts.put("gpu" + i, none.reason());
                }
            }
        }
        if (!devices.isEmpty()) {
            return Status.AVAILABLE;
        }
        return lost.isEmpty()
                ? new Status.Unavailable("NVML finds no GPU", "see what nvidia-smi -L says")
                : new Status.Unavailable(String.join("; ", lost), "restart the machine, or see what nvidia-smi says");
    }

    private void add(String name, NvmlDevice device) {
        devices.add(device);
        facts.put(name, String.join(", ", text(device.name()), text(device.uuid()), text(device.pciBusId())));
        Map<String, List<String>> missing = new TreeMap<>();
        readings(device).forEach((reading, answer) -> {
            if (answer instanceof Answer.Failure<Double> none) {
                missing.computeIfAbsent(none.code().text(), code -> new ArrayList<>())
                        .add(reading);
            }
        });
        if (!missing.isEmpty()) {
            facts.put(
                    name + ".unavailable",
                    missing.entrySet().stream()
                            .map(reason -> reason.getKey() + " (" + String.join(", ", reason.getValue()) + ")")
                            .collect(Collectors.joining("; ")));
        }
    }

    private static String text(Answer<String> answer) {
        return switch (answer) {
            case Answer.Value<String> some -> some.value();
            case Answer.Failure<String> none -> none.reason();
        };
    }

    private OptionalDouble energy() {
        return devices.get(0).energyJoules().known().stream()
                .mapToDouble(Double::doubleValue)
                .findFirst();
    }

    private double cost(LongSupplier nanoTime) {
        long start = nanoTime.getAsLong();
        for (int i = 0; i < CALLS; i++) {
            energy();
        }
        return (nanoTime.getAsLong() - start) / 1e9 / CALLS;
    }

    @Override
    public String id() {
        return "nvml";
    }

    @Override
    public Status status() {
        return status;
    }

    /** How often the first GPU's energy counter changes. */
    @Override
    public OptionalDouble periodSeconds() {
        return periodSeconds;
    }

    /** What a reading of the first GPU's energy counter costs. */
    @Override
    public OptionalDouble callSeconds() {
        return callSeconds;
    }

    /** The units in which the driver answers. */
    @Override
    public Map<String, Double> resolution() {
        return devices.isEmpty()
                ? Map.of()
                : Map.of("energyJoules", 1e-3, "powerWatts", 1e-3, "clockHertz", 1e6, "temperatureCelsius", 1.0);
    }

    /** Versions; of each GPU its name, UUID and PCI bus id, and what is {@code unavailable} on it and why. */
    @Override
    public Map<String, String> facts() {
        return Map.copyOf(facts);
    }

    @Override
    public Map<String, Double> readings() {
        Map<String, Double> readings = new TreeMap<>();
        for (NvmlDevice device : devices) {
            device.index()
                    .known()
                    .ifPresent(index -> readings(device)
                            .forEach((name, answer) -> answer.known()
                                    .ifPresent(value -> readings.put("gpu" + index + "." + name, value))));
        }
        return readings;
    }

    private static Map<String, Answer<Double>> readings(NvmlDevice device) {
        Map<String, Answer<Double>> readings = new TreeMap<>();
        readings.put("energyJoules", device.energyJoules());
        readings.put("instantPowerWatts", device.instantPowerWatts());
        readings.put("averagePowerWatts", device.averagePowerWatts());
        readings.put("powerLimitWatts", device.powerLimitWatts());
        readings.put("temperatureCelsius", device.temperatureCelsius());
        Arrays.stream(Clock.values())
                .forEach(clock ->
                        readings.put(clock.name().toLowerCase(Locale.ROOT) + "ClockHertz", device.clockHertz(clock)));
        readings.put("computeProcesses", device.computeProcesses().map(processes -> (double) processes.size()));
        device.heldBackSeconds().forEach((reason, seconds) -> readings.put(reason.reading(), seconds));
        return readings;
    }

    /** Releases the driver's library. */
    @Override
    public void close() {
        devices.clear();
        if (nvml != null) {
            nvml.close();
        }
    }
}
