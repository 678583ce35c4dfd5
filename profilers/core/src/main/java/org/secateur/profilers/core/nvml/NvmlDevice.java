package org.secateur.profilers.core.nvml;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.secateur.profilers.core.host.ClockPair;

/**
 * A GPU as NVML sees it. Every reading is taken anew, in SI units; one that the board or the driver does not offer is a
 * {@link Answer.Failure}, and so is every one after the GPU was lost.
 */
public final class NvmlDevice {
    /** A clock of the GPU ({@code nvmlClockType_t}). */
    public enum Clock {
        GRAPHICS(0),
        SM(1),
        MEMORY(2);

        private final int number;

        Clock(int number) {
            this.number = number;
        }
    }

    private static final int POWER_AVERAGE_FIELD = 185;
    private static final int POWER_INSTANT_FIELD = 186;

    private static final int TOTAL_POWER_SAMPLES = 0;
    private static final int GPU_TEMPERATURE = 0;

    private static final int SAMPLE_BYTES = 16;
    private static final int PROCESS_BYTES = 24;
    private static final int PROCESSES = 64;
    private static final int MOST_PROCESSES = 1 << 16;

    private final NvmlLibrary library;
    private final Pointer handle;

    NvmlDevice(NvmlLibrary library, Pointer handle) {
        this.library = library;
        this.handle = handle;
    }

    /** Its number among NVML's devices. */
    public Answer<Integer> index() {
        return library.unsignedInt("nvmlDeviceGetIndex", handle).map(Math::toIntExact);
    }

    /** The model's name. */
    public Answer<String> name() {
        return library.text("nvmlDeviceGetName", handle);
    }

    /** The same for this board for ever, for example {@code GPU-8f6f...}. */
    public Answer<String> uuid() {
        return library.text("nvmlDeviceGetUUID", handle);
    }

    /** Where it is plugged in, for example {@code 00000000:65:00.0}. */
    public Answer<String> pciBusId() {
        String function = "nvmlDeviceGetPciInfo_v3";
        // nvmlPciInfo_t: the old form of the id in 16 bytes, five numbers, and the id in 32 bytes
        try (Memory info = new Memory(68)) {
            return NvmlLibrary.answer(
                    function, library.call(function, handle, info), () -> info.getString(16 + 5 * 4, "US-ASCII"));
        }
    }

    /**
     * The energy since the driver was loaded. The value changes every 20 to 100 ms, and a reading takes up to
     * milliseconds: read it seldom.
     */
    public Answer<Double> energyJoules() {
        return library.unsignedLong("nvmlDeviceGetTotalEnergyConsumption", handle)
                .map(millijoules -> millijoules / 1e3);
    }

    /** The power over the driver's last short window, 25 to 100 ms. */
    public Answer<Double> instantPowerWatts() {
        return field(POWER_INSTANT_FIELD).map(milliwatts -> milliwatts / 1e3);
    }

    /** The mean power of the last second. */
    public Answer<Double> averagePowerWatts() {
        return field(POWER_AVERAGE_FIELD).map(milliwatts -> milliwatts / 1e3);
    }

    /** The power that it is kept below. */
    public Answer<Double> powerLimitWatts() {
        return library.unsignedInt("nvmlDeviceGetEnforcedPowerLimit", handle).map(milliwatts -> milliwatts / 1e3);
    }

    /** The present frequency of a clock. */
    public Answer<Double> clockHertz(Clock clock) {
        return library.unsignedInt("nvmlDeviceGetClockInfo", handle, clock.number)
                .map(megahertz -> megahertz * 1e6);
    }

    /** The temperature of the chip. */
    public Answer<Double> temperatureCelsius() {
        return library.unsignedInt("nvmlDeviceGetTemperature", handle, GPU_TEMPERATURE)
                .map(degrees -> (double) degrees);
    }

    /** For how long each reason has held the clocks back since the driver was loaded; only differences matter. */
    public Map<EventReason, Answer<Double>> heldBackSeconds() {
        List<EventReason> reasons = List.of(EventReason.values());
        int[] ids = reasons.stream().mapToInt(EventReason::field).toArray();
        List<Answer<Double>> answers = FieldValues.read(library, handle, ids);
        Map<EventReason, Answer<Double>> seconds = new EnumMap<>(EventReason.class);
        for (int i = 0; i < ids.length; i++) {
            seconds.put(reasons.get(i), answers.get(i).map(nanoseconds -> nanoseconds / 1e9));
        }
        return seconds;
    }

    private Answer<Double> field(int id) {
        return FieldValues.read(library, handle, id).get(0);
    }

    /**
     * The driver's own power samples, oldest first; empty when there are none yet.
     *
     * @param sinceEpochMicros the stamp of the last one seen; 0 for all
     * @param clocks read at the same time, for the stamps
     */
    public Answer<List<PowerSample>> powerSamples(long sinceEpochMicros, ClockPair clocks) {
        String function = "nvmlDeviceGetSamples";
        IntByReference type = new IntByReference();
        IntByReference count = new IntByReference();
        NvmlReturn code =
                library.call(function, handle, TOTAL_POWER_SAMPLES, sinceEpochMicros, type, count, Pointer.NULL);
        if (code.equals(NvmlReturn.SUCCESS) && count.getValue() > 0) {
            try (Memory samples = new Memory((long) count.getValue() * SAMPLE_BYTES)) {
                NvmlReturn filled =
                        library.call(function, handle, TOTAL_POWER_SAMPLES, sinceEpochMicros, type, count, samples);
                return none(filled)
                        ? new Answer.Value<>(List.of())
                        : NvmlLibrary.answer(
                                function, filled, () -> samples(samples, count.getValue(), type.getValue(), clocks));
            }
        }
        return none(code) ? new Answer.Value<>(List.of()) : NvmlLibrary.answer(function, code, List::of);
    }

    private static boolean none(NvmlReturn code) {
        return code.equals(NvmlReturn.NOT_FOUND);
    }

    private static List<PowerSample> samples(Memory memory, int count, int type, ClockPair clocks) {
        List<PowerSample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = (long) i * SAMPLE_BYTES;
            long stamp = memory.getLong(at);
            FieldValues.number(memory, at + 8, type)
                    .ifPresent(milliwatts ->
                            samples.add(new PowerSample(stamp, clocks.nanoTimeOf(stamp), milliwatts / 1e3)));
        }
        return samples;
    }

    /** Who computes on it; a container sees its own processes only. */
    public Answer<List<ComputeProcess>> computeProcesses() {
        String function = "nvmlDeviceGetComputeRunningProcesses_v3";
        IntByReference count = new IntByReference(PROCESSES);
        while (true) {
            int room = count.getValue();
            try (Memory processes = new Memory((long) room * PROCESS_BYTES)) {
                NvmlReturn code = library.call(function, handle, count, processes);
                if (!code.equals(NvmlReturn.INSUFFICIENT_SIZE) || room >= MOST_PROCESSES) {
                    return NvmlLibrary.answer(function, code, () -> processes(processes, count.getValue()));
                }
            }
            count.setValue(Math.min(MOST_PROCESSES, Math.max(2 * room, count.getValue()))); // more may come meanwhile
        }
    }

    private static List<ComputeProcess> processes(Memory memory, int count) {
        List<ComputeProcess> processes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = (long) i * PROCESS_BYTES;
            long bytes = memory.getLong(at + 8);
            processes.add(new ComputeProcess(
                    Integer.toUnsignedLong(memory.getInt(at)),
                    bytes == -1 ? OptionalLong.empty() : OptionalLong.of(bytes)));
        }
        return processes;
    }
}
