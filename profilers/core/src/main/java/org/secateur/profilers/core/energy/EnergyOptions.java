package org.secateur.profilers.core.energy;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How energy is measured. Every default stands in {@link #standard()} and {@link #quick()}, with its reason.
 *
 * @param trials windows of each load
 * @param windowSeconds what the shortest window lasts at least; the others are half as long again, and twice as long
 * @param windowTicks ticks of the counter that a window spans at least
 * @param leadInSeconds of the same load before a window, at least; three times the sensor's rise where that is longer
 * @param restSeconds between trials, on average, of random length
 * @param readsPerEdge readings of the counter at each end of a window, at most
 * @param readHertz the highest rate of such readings
 * @param startCelsius temperature at which each trial starts, within 1 degree; null for whatever it is
 * @param halfWidth the interval's relative half-width above which the result is ENERGY_WIDE
 * @param gapShare of a window in which the device may idle
 * @param discardShare of the trials that may be rejected
 * @param disagreeShare by which counter and integrated power may differ
 * @param interceptShare of a window's energy that the intercept of energy over launches may be
 * @param foreignWatts by which idle power may exceed the calibrated one
 */
public record EnergyOptions(
        int trials,
        double windowSeconds,
        int windowTicks,
        double leadInSeconds,
        double restSeconds,
        int readsPerEdge,
        double readHertz,
        @Nullable Double startCelsius,
        double halfWidth,
        double gapShare,
        double discardShare,
        double disagreeShare,
        double interceptShare,
        double foreignWatts) {
    public EnergyOptions {
        if (trials < 1 || !(windowSeconds > 0) || windowTicks < 1 || readsPerEdge < 2 || !(readHertz > 0)) {
            throw new IllegalArgumentException(trials + " trials of " + windowSeconds + " s and " + windowTicks
                    + " ticks, " + readsPerEdge + " reads an edge at " + readHertz
                    + " Hz: all must be positive, and at least 2 reads");
        }
        if (!(leadInSeconds >= 0) || !(restSeconds >= 0) || !(discardShare >= 0 && discardShare < 1)) {
            throw new IllegalArgumentException("lead-in " + leadInSeconds + " s, rest " + restSeconds
                    + " s, discards up to " + discardShare + ": none may be negative, and the last is below 1");
        }
    }

    /**
     * For numbers that are kept, about a minute a load.
     *
     * <ul>
     *   <li>Six trials: the fewest that admit an interval of 95 %.
     *   <li>Windows of 5, 7.5 and 10 s and at least 50 ticks: below 5 s the counter of one board was biased by 4 % and
     *       more, and fifty ticks of 100 ms leave a sensor that sees a quarter of the time an error below 0.5 %.
     *   <li>Lead-in of 2 s: twice the longest running mean seen (1 s).
     *   <li>At most 30 reads an edge at 200 Hz: they cost 2.4 ms each and may disturb; 30 of them span a tick and a half.
     *   <li>±1 %: what six windows of 5 s and more repeat to. Gaps up to 1 %: above, sampling may alias. One fifth of the
     *       trials rejected, 3 % between counter and integral, 1 % intercept, 15 W: see the procedure.
     * </ul>
     */
    public static EnergyOptions standard() {
        return new EnergyOptions(6, 5, 50, 2, 1, 30, 200, null, 0.01, 0.01, 0.2, 0.03, 0.01, 15);
    }

    /** One window, which admits no interval: always ENERGY_WIDE. */
    public static EnergyOptions quick() {
        return standard().withTrials(1);
    }

    /** The same with so many trials. */
    public EnergyOptions withTrials(int count) {
        return with(count, leadInSeconds, restSeconds, startCelsius);
    }

    /** The same with another lead-in and rest, in seconds. */
    public EnergyOptions withLeadIn(double leadIn, double rest) {
        return with(trials, leadIn, rest, startCelsius);
    }

    /** The same with trials that start at a temperature. */
    public EnergyOptions startingAt(double celsius) {
        return with(trials, leadInSeconds, restSeconds, celsius);
    }

    private EnergyOptions with(int count, double leadIn, double rest, @Nullable Double celsius) {
        return new EnergyOptions(
                count,
                windowSeconds,
                windowTicks,
                leadIn,
                rest,
                readsPerEdge,
                readHertz,
                celsius,
                halfWidth,
                gapShare,
                discardShare,
                disagreeShare,
                interceptShare,
                foreignWatts);
    }

    /** The temperature at which trials start, where one is set. */
    OptionalDouble start() {
        return startCelsius == null ? OptionalDouble.empty() : OptionalDouble.of(startCelsius);
    }
}
