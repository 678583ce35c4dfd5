package org.secateur.profilers.core.nvml;

/**
 * An entry of the driver's ring of power samples.
 *
 * @param epochMicros the driver's stamp, in microseconds since 1970; the next call asks for what is newer
 * @param nanoTime the same moment on the clock of {@link System#nanoTime()}
 */
public record PowerSample(long epochMicros, long nanoTime, double watts) {}
