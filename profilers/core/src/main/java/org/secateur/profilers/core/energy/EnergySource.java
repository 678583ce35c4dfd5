package org.secateur.profilers.core.energy;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sensors of one device.
 *
 * @param device what a calibration belongs to: model, UUID and driver in one text
 * @param power a second, independent way to its energy; null where there is none
 * @param state the device's state now
 * @param absoluteError the relative error of the counter's gain that no repetition removes, for example 0.06 for NVML
 *     (arXiv 2312.02741): it is common to all measurements of one device and cancels in their ratios
 */
public record EnergySource(
        String device,
        EnergyCounter counter,
        @Nullable PowerSensor power,
        Supplier<BoardState> state,
        double absoluteError) {}
