package org.secateur.profilers.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import org.junit.jupiter.api.Test;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.Load;
import org.secateur.profilers.core.energy.PowerSensor;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;

/** The truth itself. */
class SimulatedBoardTest {
    private final VirtualClock clock = new VirtualClock();

    private SimulatedBoard board(BoardModel model) {
        return new SimulatedBoard(model, clock, 1);
    }

    private static SimulatedDevice device(SimulatedBoard board) {
        return new SimulatedDevice(w -> w.macs() * 1e-6, w -> 100, Disturbance.NONE, board, 1);
    }

    @Test
    void idleAndWorkAddUpExactly() {
        SimulatedBoard board = board(BoardModel.PLAIN);
        Kernel kernel = device(board).kernel(0.5, 240);

        clock.pass(1);
        kernel.launch();
        kernel.launch();
        clock.pass(2);

        assertThat(clock.seconds()).isEqualTo(4, within(1e-12));
        assertThat(board.trueJoules()).isCloseTo(4 * 60 + 240, within(1e-6));
    }

    @Test
    void aQueueRunsOnWhileTheHostWaits() {
        SimulatedBoard board = board(BoardModel.PLAIN);
        SimulatedDevice device = device(board);
        Load load = device.load(device.kernel(0.001, 240), 0.005, 0);

        load.run(1);
        clock.pass(0.005);
        load.run(1);
        load.finish();

        Load.Progress progress = load.at(clock.seconds());
        assertThat(progress.busySeconds()).isCloseTo(clock.seconds(), within(1e-9));
        assertThat(progress.launches()).isCloseTo(clock.seconds() / 0.001, within(1e-6));
        assertThat(load.at(0.5004).launches()).isCloseTo(500.4, within(1e-6));
        assertThat(board.trueJoules()).isCloseTo(300 * clock.seconds(), within(1e-6));
    }

    @Test
    void whatTheSamplerRunsDrawsPower() {
        SimulatedBoard board = board(BoardModel.PLAIN);
        SimulatedDevice device = device(board);

        new Sampler(SamplerOptions.thorough(), device.surroundings(), Sampler.NO_ENERGY, 1)
                .time(device, () -> device.kernel(2e-3, 240));

        assertThat(board.trueJoules()).isCloseTo(300 * device.now(), withPercentage(1e-6));
    }

    @Test
    void aCounterTicksInStepsThatTrailTheTruth() {
        SimulatedBoard board = board(BoardModel.PLAIN);
        EnergyCounter counter = board.counter(SensorModel.COUNTER, SensorFault.none());
        clock.pass(1);
        double first = counter.joules();
        int changes = 0;
        double last = first;
        for (int i = 0; i < 200; i++) {
            clock.pass(0.0026);
            double now = counter.joules();
            changes += now > last ? 1 : 0;
            last = now;
        }

        assertThat(changes).isBetween(9, 11);
        assertThat(last - first).isCloseTo(60 * 0.1 * changes, within(1e-6));
    }

    @Test
    void aRunningMeanRisesLinearlyOverItsWindow() {
        SimulatedBoard board = board(BoardModel.PLAIN);
        PowerSensor average = board.power(SensorModel.AVERAGE, SensorFault.none());
        SimulatedDevice device = device(board);
        Load load = device.load(device.kernel(0.001, 240), 0.001, 0);
        clock.pass(2);
        assertThat(average.watts()).isEqualTo(60, within(1e-9));

        load.run(0.5);
        double half = average.watts();
        load.run(1);

        assertThat(half).isBetween(60 + 240 * 0.38, 60 + 240 * 0.51);
        assertThat(average.watts()).isEqualTo(300, within(1e-6));
    }

    @Test
    void loweredClocksSlowKernelsAndAreCounted() {
        SimulatedBoard board = board(BoardModel.PLAIN.withThrottling(t -> t > 1 ? 0.5 : 1, true));
        Kernel kernel = device(board).kernel(1, 240);

        kernel.launch();
        clock.pass(0.5);
        kernel.launch();

        assertThat(clock.seconds()).isCloseTo(3.5, within(1e-9));
        assertThat(board.state().throttledSeconds().get(SimulatedBoard.THROTTLE_REASON))
                .isCloseTo(2.5, within(0.002));
        assertThat(board.state().clockHertz().orElseThrow()).isEqualTo(0.99e9);
        assertThat(board.trueJoules()).isCloseTo(60 * 3.5 + 240 + 120 * 2, withPercentage(0.1));
    }

    @Test
    void temperatureApproachesItsSteadyStateAndLeaks() {
        SimulatedBoard board = board(BoardModel.PLAIN.withThermal(new BoardModel.Thermal(25, 25, 0.1, 10, 0)));

        clock.pass(10);

        // 60 W lift it by 6 degrees; after one time constant 63 % of that.
        assertThat(board.state().temperatureCelsius().orElseThrow())
                .isCloseTo(25 + 6 * (1 - Math.exp(-1)), within(0.01));
    }
}
