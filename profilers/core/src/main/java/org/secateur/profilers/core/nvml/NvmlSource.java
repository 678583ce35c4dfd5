package org.secateur.profilers.core.nvml;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.energy.BoardState;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.energy.PowerSensor;

/** One GPU's sensors as the measuring of energy needs them. */
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

    private static BoardState state(NvmlDevice device, long ownProcess) {
        Map<String, Double> throttled = new TreeMap<>();
        device.heldBackSeconds().forEach((reason, answer) -> {
            if (THROTTLING.contains(reason)) {
                answer.known().ifPresent(seconds -> throttled.put(reason.name(), seconds));
            }
        });
        return new BoardState(
                throttled,
                device.clockHertz(NvmlDevice.Clock.SM).known().orElse(null),
                device.temperatureCelsius().known().orElse(null),
                foreign(device, ownProcess));
    }

    /**
     * The processes beside our own. In a container the driver may number them otherwise: then one of them is taken for
     * ours, since one that only waits cannot be told from it; the idle power tells of one that works.
     */
    private static Set<Long> foreign(NvmlDevice device, long ownProcess) {
        Set<Long> ids = new TreeSet<>();
        device.computeProcesses().known().ifPresent(all -> all.forEach(process -> ids.add(process.pid())));
        if (!ids.remove(ownProcess) && ids.size() == 1) {
            ids.clear();
        }
        return ids;
    }

    private static String text(Answer<String> answer) {
        return answer.known().orElse("unknown");
    }
}
