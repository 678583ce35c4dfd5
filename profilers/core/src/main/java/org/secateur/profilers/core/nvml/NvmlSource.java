package org.secateur.profilers.core.nvml;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.energy.BoardState;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.energy.PowerSensor;
import org.secateur.profilers.core.nvml.NvmlDevice.Clock;
import org.secateur.results.core.Conditions;

/** One GPU's sensors as the measuring of energy and of time needs them. */
public final class NvmlSource {
    /** How far the counter's gain is off on single boards (Yang, Adamek and Armour, arXiv 2312.02741, 5 to 6 %). */
    private static final double ABSOLUTE_ERROR = 0.06;

    /** Those that lower clocks below what was asked for. The voltage's reliability bounds every boost, always. */
    private static final Set<EventReason> THROTTLING = EnumSet.of(
            EventReason.POWER,
            EventReason.THERMAL,
            EventReason.BOARD_LIMIT,
            EventReason.SOFTWARE_THERMAL,
            EventReason.HARDWARE_THERMAL,
            EventReason.POWER_BRAKE);

    private NvmlSource() {}

    /**
     * The energy counter, the instant power where the board offers it, and the state of a board.
     *
     * @param nvml open as long as the source is used
     * @param ownProcess this process's id
     */
    public static EnergySource of(Nvml nvml, NvmlDevice device, long ownProcess) {
        String name = text(device.name()) + " " + text(device.uuid()) + " driver " + text(nvml.driverVersion());
        return new EnergySource(
                name, new NvmlCounter(List.of(device)), power(device), () -> state(device, ownProcess), ABSOLUTE_ERROR);
    }

    private static @Nullable PowerSensor power(NvmlDevice device) {
        if (device.instantPowerWatts().known().isEmpty()) {
            return null;
        }
        return new PowerSensor() {
            @Override
            public String id() {
                return "nvml instant";
            }

            @Override
            public double watts() {
                return NvmlCounter.value(device.instantPowerWatts(), "its power sensor");
            }
        };
    }

    /**
     * The state of a board as readings: {@code coreClockHertz}, {@code memoryClockHertz}, {@code temperatureCelsius}, how
     * long each reason has lowered the clocks so far ({@code heldBackByPowerSeconds} and so on), and the number of
     * {@code foreignProcesses}. What the board does not tell is absent.
     *
     * @param ownProcess this process's id
     */
    public static Conditions conditions(NvmlDevice device, long ownProcess) {
        Map<String, Double> readings =
                new TreeMap<>(disturbances(device, ownProcess).readings());
        device.clockHertz(Clock.MEMORY).known().ifPresent(hertz -> readings.put("memoryClockHertz", hertz));
        device.temperatureCelsius().known().ifPresent(celsius -> readings.put("temperatureCelsius", celsius));
        return new Conditions(readings);
    }

    /** Those of the {@link #conditions} that tell whether a block of time was disturbed. */
    public static Conditions disturbances(NvmlDevice device, long ownProcess) {
        Map<String, Double> readings = new TreeMap<>();
        device.clockHertz(Clock.SM).known().ifPresent(hertz -> readings.put(Conditions.CORE_CLOCK, hertz));
        throttledSeconds(device).forEach((reason, seconds) -> readings.put(reason.reading(), seconds));
        foreign(device, ownProcess).ifPresent(ids -> readings.put(Conditions.FOREIGN_PROCESSES, (double) ids.size()));
        return new Conditions(readings);
    }

    private static BoardState state(NvmlDevice device, long ownProcess) {
        Map<String, Double> throttled = new TreeMap<>();
        throttledSeconds(device).forEach((reason, seconds) -> throttled.put(reason.name(), seconds));
        return new BoardState(
                throttled,
                device.clockHertz(Clock.SM).known().orElse(null),
                device.temperatureCelsius().known().orElse(null),
                foreign(device, ownProcess).orElse(Set.of()));
    }

    private static Map<EventReason, Double> throttledSeconds(NvmlDevice device) {
        Map<EventReason, Double> throttled = new EnumMap<>(EventReason.class);
        device.heldBackSeconds().forEach((reason, answer) -> {
            if (THROTTLING.contains(reason)) {
                answer.known().ifPresent(seconds -> throttled.put(reason, seconds));
            }
        });
        return throttled;
    }

    /**
     * The processes beside our own, where the board tells. In a container the driver may number them otherwise: then one of them is taken for
     * ours, since one that only waits cannot be told from it; the idle power tells of one that works.
     */
    private static Optional<Set<Long>> foreign(NvmlDevice device, long ownProcess) {
        return device.computeProcesses().known().map(all -> {
            Set<Long> ids = new TreeSet<>();
            all.forEach(process -> ids.add(process.pid()));
            if (!ids.remove(ownProcess) && ids.size() == 1) {
                ids.clear();
            }
            return ids;
        });
    }

    private static String text(Answer<String> answer) {
        return answer.known().orElse("unknown");
    }
}
