package org.secateur.profilers.core.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;
import org.secateur.profilers.core.energy.BoardState;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.energy.PowerSensor;

/**
 * The power of a {@link SimulatedDevice} in virtual time, and sensors of it: the truth against which the measuring of
 * energy is tested. Power is integrated in steps of at most a millisecond, which end where kernels begin and end.
 */
public final class SimulatedBoard {
    /** A process that is not ours. */
    public static final long FOREIGN_PROCESS = 4711;

    /** The reason by which lowered clocks are counted. */
    public static final String THROTTLE_REASON = "SW_POWER_CAP";

    private static final double STEP_SECONDS = 1e-3;

    /** Steps remembered for the sensors' windows: four seconds of the longest ones. */
    private static final int HISTORY = 1 << 12;

    private record Draw(double from, double to, double watts) {}

    private final BoardModel model;
    private final VirtualClock clock;
    private final RandomGenerator random;
    private final Deque<Draw> draws = new ArrayDeque<>();
    private final List<SimulatedSensor> sensors = new ArrayList<>();
    private final double[] times = new double[HISTORY];
    private final double[] totals = new double[HISTORY];
    private int steps = 1;
    private double time;
    private double joules;
    private double celsius;
    private double throttledSeconds;

    /** A board whose time is that of a clock. */
    public SimulatedBoard(BoardModel model, VirtualClock clock, long seed) {
        this.model = model;
        this.clock = clock;
        this.random = new SplittableRandom(seed);
        this.celsius = model.thermal().startCelsius();
    }

    VirtualClock clock() {
        return clock;
    }

    /** The host's clock in the board's time, for a meter. */
    public HostTime hostTime() {
        return new HostTime(() -> Math.round(clock.seconds() * 1e9), clock::pass);
    }

    /** A kernel runs from one moment to another and draws so much; moments may lie ahead, in order. */
    void draw(double from, double to, double watts) {
        if (!draws.isEmpty()) {
            Draw last = draws.getLast();
            if (last.to() == from && last.watts() == watts) {
                draws.removeLast();
                draws.addLast(new Draw(last.from(), to, watts));
                return;
            }
        }
        draws.addLast(new Draw(from, to, watts));
    }

    /** How much longer a kernel takes that starts then. */
    double slowdown(double seconds) {
        return 1 / model.clock().applyAsDouble(seconds);
    }

    double deviceSeconds(double seconds) {
        return seconds * (1 + model.deviceClock());
    }

    /** True energy since the start, in joules. */
    public double trueJoules() {
        advance();
        return joules;
    }

    /** An energy counter. */
    public EnergyCounter counter(SensorModel sensorModel, SensorFault fault) {
        SimulatedSensor sensor = attach(sensorModel);
        return new EnergyCounter() {
            @Override
            public String id() {
                return "simulated counter";
            }

            @Override
            public double joules() {
                return read(sensorModel, fault, () -> sensor.joules(time));
            }

            @Override
            public double limitWatts() {
                return model.limitWatts();
            }

            @Override
            public OptionalDouble powerLimitWatts() {
                return OptionalDouble.of(model.limitWatts());
            }
        };
    }

    /** A power sensor. */
    public PowerSensor power(SensorModel sensorModel, SensorFault fault) {
        SimulatedSensor sensor = attach(sensorModel);
        return new PowerSensor() {
            @Override
            public String id() {
                return "simulated power";
            }

            @Override
            public double watts() {
                return read(sensorModel, fault, () -> sensor.watts(time));
            }
        };
    }

    private SimulatedSensor attach(SensorModel sensorModel) {
        advance();
        SimulatedSensor sensor = new SimulatedSensor(sensorModel, time, random);
        sensors.add(sensor);
        return sensor;
    }

    /** Reads a sensor in the middle of the call. */
    private double read(SensorModel sensorModel, SensorFault fault, DoubleSupplier reading) {
        clock.pass(sensorModel.callSeconds() / 2);
        advance();
        double reported = fault.reported(time, reading.getAsDouble());
        clock.pass(sensorModel.callSeconds() / 2);
        return reported;
    }

    /** Both sensors without a fault, with the board's state. */
    public EnergySource source(SensorModel counter, SensorModel power) {
        return source(counter(counter, SensorFault.none()), power(power, SensorFault.none()));
    }

    /** Sensors of this board with its state. */
    public EnergySource source(EnergyCounter counter, PowerSensor power) {
        return new EnergySource("SIMULATED", counter, power, this::state, 0);
    }

    /** What the board says of itself now. */
    public BoardState state() {
        advance();
        boolean foreign = model.foreignVisible() && model.foreignWatts().applyAsDouble(time) > 0;
        return new BoardState(
                model.throttleCounters() ? Map.of(THROTTLE_REASON, throttledSeconds) : Map.of(),
                BoardModel.FULL_CLOCK_HERTZ * model.clock().applyAsDouble(time),
                celsius,
                foreign ? Set.of(FOREIGN_PROCESS) : Set.of());
    }

    /** Lets power flow until now. */
    private void advance() {
        double now = clock.seconds();
        while (time < now) {
            while (!draws.isEmpty() && draws.getFirst().to() <= time) {
                draws.removeFirst();
            }
            double end = Math.min(now, time + STEP_SECONDS);
            double work = 0;
            if (!draws.isEmpty()) {
                Draw draw = draws.getFirst();
                boolean running = draw.from() <= time;
                work = running ? draw.watts() : 0;
                end = Math.min(end, running ? draw.to() : draw.from());
            }
            for (SimulatedSensor sensor : sensors) {
                end = Math.min(end, sensor.nextRenewal());
            }
            step(work, end);
        }
    }

    private void step(double work, double end) {
        double seconds = end - time;
        double middle = time + seconds / 2;
        BoardModel.Thermal thermal = model.thermal();
        double factor = model.clock().applyAsDouble(middle);
        double watts = model.idleWatts()
                + work * model.activity().applyAsDouble(middle) * factor
                + model.foreignWatts().applyAsDouble(middle)
                + thermal.leakWattsPerCelsius() * (celsius - BoardModel.LEAK_FREE_CELSIUS);
        double steady = thermal.ambientCelsius() + thermal.celsiusPerWatt() * watts;
        celsius += (steady - celsius) * seconds / thermal.seconds();
        throttledSeconds += factor < 1 ? seconds : 0;
        joules += watts * seconds;
        time = end;
        times[steps % HISTORY] = time;
        totals[steps % HISTORY] = joules;
        steps++;
        for (SimulatedSensor sensor : sensors) {
            sensor.advance(time, this::meanWatts);
        }
    }

    private double meanWatts(double from, double to) {
        return (joulesUntil(to) - joulesUntil(from)) / (to - from);
    }

    /** True energy until a moment not long past; before the start the board idled. */
    private double joulesUntil(double seconds) {
        if (seconds <= 0) {
            return model.idleWatts() * seconds;
        }
        int low = Math.max(0, steps - HISTORY);
        int high = steps - 1;
        if (times[low % HISTORY] > seconds || times[high % HISTORY] < seconds) {
            throw new IllegalStateException("energy until " + seconds + " s is not known at " + time + " s any more");
        }
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (times[middle % HISTORY] <= seconds) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double start = times[low % HISTORY];
        double end = times[high % HISTORY];
        double share = end > start ? (seconds - start) / (end - start) : 1;
        return totals[low % HISTORY] + share * (totals[high % HISTORY] - totals[low % HISTORY]);
    }
}
