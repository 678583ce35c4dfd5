package org.secateur.profilers.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.jmh.IterationMeter.Energy;
import org.secateur.results.core.SecateurException;

/** The meter on a board whose energy is known. */
final class IterationMeterTest {
    private static final int SEEDS = 300;

    /** An iteration: JMH gets ready for 5 ms, the load runs, and then the board takes {@code watts}. */
    private static Energy iteration(Bench bench, double seconds, double watts) {
        IterationMeter meter = meter(bench);
        meter.open();
        bench.time.sleep(0.005);
        bench.load(seconds, watts);
        return meter.close();
    }

    private static IterationMeter meter(Bench bench) {
        return new IterationMeter(bench.counter, Bench.PERIOD_SECONDS, bench.time);
    }

    /** A load that ends anywhere between two changes of the counter, over all seeds evenly. */
    private static double seconds(double least, long seed) {
        return least + Bench.PERIOD_SECONDS * (seed + 0.5) / SEEDS;
    }

    private static DoubleStream errors(double least, double watts, double lagSeconds) {
        return LongStream.range(0, SEEDS).mapToDouble(seed -> {
            double seconds = seconds(least, seed);
            return iteration(new Bench(seed, lagSeconds), seconds, watts).joules() / (seconds * Bench.LOAD_WATTS) - 1;
        });
    }

    @Test
    void theEnergyOfFiveSecondsIsRecoveredWithinHalfAPercent() {
        assertThat(errors(5, Bench.IDLE_WATTS, 0)).allMatch(error -> Math.abs(error) < 0.005);
    }

    /** Clocks stay up for a while, and threads may spin: then the idle power before the load would be the wrong one. */
    @Test
    void theWaitIsSubtractedAtThePowerRightAfterTheLoad() {
        assertThat(errors(5, 200, 0)).allMatch(error -> Math.abs(error) < 0.005);
        double uncorrected = LongStream.range(0, SEEDS)
                .mapToDouble(seed -> {
                    double seconds = seconds(5, seed);
                    Energy energy = iteration(new Bench(seed), seconds, 200);
                    return (energy.joules() + energy.idleWatts() * energy.waitSeconds()) / (seconds * Bench.LOAD_WATTS)
                            - 1;
                })
                .average()
                .orElseThrow();
        // Half a period at 200 W is 10 J of 1,250.
        assertThat(uncorrected).isCloseTo(0.008, within(0.002));
        assertThat(errors(5, 200, 0).average().orElseThrow()).isCloseTo(0, within(0.001));
    }

    @Test
    void theIdlePowerRightAfterTheLoadIsSeen() {
        Energy energy = iteration(new Bench(1), 5, 200);
        assertThat(energy.idleWatts()).isCloseTo(200, within(200 * 0.1));
        assertThat(energy.waitSeconds()).isBetween(0.0, 0.11);
        assertThat(energy.seconds()).isCloseTo(5.005, within(0.02));
        assertThat(energy.watts()).isCloseTo(Bench.LOAD_WATTS, within(Bench.LOAD_WATTS * 0.01));
    }

    @Test
    void twiceTheWorkTakesTwiceTheEnergy() {
        for (long seed = 0; seed < SEEDS; seed++) {
            double once = iteration(new Bench(seed), 5, 100).joules();
            double twice = iteration(new Bench(seed + SEEDS), 10, 100).joules();
            assertThat(twice / once).isCloseTo(2, within(0.02));
        }
    }

    /** The bias that is stated: a sensor's lag moves up to that time of the load, above idle, out of the window. */
    @Test
    void aLaggingSensorMissesUpToItsLag() {
        double lag = 0.1;
        double worst = lag * (Bench.LOAD_WATTS - Bench.IDLE_WATTS) / (5 * Bench.LOAD_WATTS);
        double[] errors = errors(5, Bench.IDLE_WATTS, lag).toArray();
        assertThat(DoubleStream.of(errors)).allMatch(error -> error < 0.002 && error > -worst - 0.002);
        double mean = DoubleStream.of(errors).average().orElseThrow();
        assertThat(mean).isLessThan(-worst / 2);
        assertThat(errors(10, Bench.IDLE_WATTS, lag).average().orElseThrow()).isCloseTo(mean / 2, within(0.001));
    }

    @Test
    void theIdlePowerBeforeTheLoadIsThatOfTheBoard() {
        assertThat(meter(new Bench(3)).idleWatts(2)).isCloseTo(Bench.IDLE_WATTS, within(Bench.IDLE_WATTS * 0.01));
    }

    @Test
    void aCounterThatStandsStillGivesNoNumber() {
        assertThat(faulty(() -> 1234).joules()).isNaN();
    }

    @Test
    void aCounterThatWentBackGivesNoNumber() {
        double[] total = {1e6};
        assertThat(faulty(() -> total[0] -= 1).joules()).isNaN();
    }

    @Test
    void aCounterThatCannotBeReadGivesNoNumber() {
        assertThat(faulty(() -> Double.NaN).joules()).isNaN();
        assertThat(faulty(() -> {
                            throw SecateurException.environment("it is gone", "the board", "measure again");
                        })
                        .joules())
                .isNaN();
    }

    private static Energy faulty(DoubleSupplier joules) {
        HostTime time = new Bench(1).time;
        EnergyCounter counter = new EnergyCounter() {
            @Override
            public String id() {
                return "faulty";
            }

            @Override
            public double joules() {
                return joules.getAsDouble();
            }

            @Override
            public double limitWatts() {
                return 500;
            }
        };
        IterationMeter meter = new IterationMeter(counter, Bench.PERIOD_SECONDS, time);
        meter.open();
        time.sleep(5);
        return meter.close();
    }
}
