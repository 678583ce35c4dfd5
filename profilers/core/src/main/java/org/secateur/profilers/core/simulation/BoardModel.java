package org.secateur.profilers.core.simulation;

import java.util.function.DoubleUnaryOperator;

/**
 * The true power of a {@link SimulatedBoard}, in watts:
 *
 * <pre>idle + work * activity(t) * clock(t) + foreign(t) + leak * (temperature - 25 degrees)</pre>
 *
 * where {@code work} is what the running kernel draws and t the virtual time in seconds.
 *
 * @param idleWatts without any work, at 25 degrees
 * @param limitWatts what the board can draw at most; only its sensors' readers are told
 * @param activity factor on what kernels draw, 1 on average
 * @param foreignWatts what another process draws
 * @param foreignVisible whether that process shows in the list of processes
 * @param clock factor on the clock, 1 unless throttled; kernels take longer by its inverse
 * @param throttleCounters whether the board counts the time with lowered clocks
 * @param deviceClock how much faster the device's own clock runs than the host's, for example 1e-3
 */
public record BoardModel(
        double idleWatts,
        double limitWatts,
        DoubleUnaryOperator activity,
        DoubleUnaryOperator foreignWatts,
        boolean foreignVisible,
        DoubleUnaryOperator clock,
        boolean throttleCounters,
        double deviceClock,
        Thermal thermal) {
    /** The clock when it is not lowered. */
    static final double FULL_CLOCK_HERTZ = 1.98e9;

    /** The temperature at which there is no leak. */
    static final double LEAK_FREE_CELSIUS = 25;

    /**
     * A single thermal mass, in degrees Celsius.
     *
     * @param startCelsius at the start
     * @param ambientCelsius towards which it cools without power
     * @param celsiusPerWatt by which each watt lifts its steady state
     * @param seconds its time constant
     * @param leakWattsPerCelsius power that each degree above 25 costs
     */
    public record Thermal(
            double startCelsius,
            double ambientCelsius,
            double celsiusPerWatt,
            double seconds,
            double leakWattsPerCelsius) {
        /** A board whose temperature neither changes nor matters. */
        public static final Thermal NONE = new Thermal(LEAK_FREE_CELSIUS, LEAK_FREE_CELSIUS, 0, 1, 0);
    }

    /** An accelerator of 60 W idle and at most 500 W, without any disturbance. */
    public static final BoardModel PLAIN = new BoardModel(60, 500, t -> 1, t -> 0, true, t -> 1, true, 0, Thermal.NONE);

    /** The same with kernels whose power varies with time. */
    public BoardModel withActivity(DoubleUnaryOperator factor) {
        return new BoardModel(
                idleWatts,
                limitWatts,
                factor,
                foreignWatts,
                foreignVisible,
                clock,
                throttleCounters,
                deviceClock,
                thermal);
    }

    /** The same with another process on it. */
    public BoardModel withForeign(DoubleUnaryOperator watts, boolean visible) {
        return new BoardModel(
                idleWatts, limitWatts, activity, watts, visible, clock, throttleCounters, deviceClock, thermal);
    }

    /** The same with clocks that are lowered at times. */
    public BoardModel withThrottling(DoubleUnaryOperator factor, boolean counted) {
        return new BoardModel(
                idleWatts, limitWatts, activity, foreignWatts, foreignVisible, factor, counted, deviceClock, thermal);
    }

    /** The same with a clock of its own that runs faster than the host's. */
    public BoardModel withDeviceClock(double faster) {
        return new BoardModel(
                idleWatts,
                limitWatts,
                activity,
                foreignWatts,
                foreignVisible,
                clock,
                throttleCounters,
                faster,
                thermal);
    }

    /** The same with a temperature. */
    public BoardModel withThermal(Thermal mass) {
        return new BoardModel(
                idleWatts,
                limitWatts,
                activity,
                foreignWatts,
                foreignVisible,
                clock,
                throttleCounters,
                deviceClock,
                mass);
    }
}
