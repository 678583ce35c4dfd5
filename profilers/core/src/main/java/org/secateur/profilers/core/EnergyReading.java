package org.secateur.profilers.core;

/**
 * A running total of energy at one moment; what matters is the difference of two readings.
 *
 * @param joules used since the counter was opened
 * @param nanoTime when, on the clock of {@link System#nanoTime()}
 */
public record EnergyReading(double joules, long nanoTime) {}
