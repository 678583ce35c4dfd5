package org.secateur.profilers.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.IterationResultMetaData;
import org.openjdk.jmh.results.ScalarResult;
import org.secateur.profilers.core.host.ProcessUsage;
import org.secateur.profilers.core.probe.Probe;

final class EnergyProfilerTest {
    private static final Probe NO_RAPL = FakeProbe.absent("rapl", "no RAPL zone", "run on the machine itself");
    private static final Probe NO_NVML = FakeProbe.absent("nvml", "no NVIDIA driver", "install it");
    private static final Probe RAPL = FakeProbe.of(
            "rapl",
            new TreeMap<>(Map.of(
                    "package-0.energyJoules", 10.0,
                    "package-1.energyJoules", 20.0,
                    "package-0.core.energyJoules", 4.0,
                    "psys.energyJoules", 100.0)));
    private static final Probe NVML =
            FakeProbe.of("nvml", Map.of("totalEnergyJoules", 7.0, "temperatureCelsius", 40.0));

    private static IterationResult operations(int all, int measured) {
        return new IterationResult(null, null, new IterationResultMetaData(all, measured));
    }

    private static Map<String, ScalarResult> end(EnergyProfiler profiler, IterationResult iteration) {
        Map<String, ScalarResult> results = new TreeMap<>();
        profiler.end(iteration).forEach(result -> results.put(result.getLabel(), result));
        return results;
    }

    @Test
    void theEnergyIsSharedByAllOperationsOfTheIteration() {
        SimulatedBoard board = new SimulatedBoard(1, 0);
        EnergyProfiler profiler = new EnergyProfiler(board, board, 2);
        profiler.begin();
        board.load(6, 250);
        Map<String, ScalarResult> results = end(profiler, operations(1000, 800));
        assertThat(results.keySet())
                .containsExactly(
                        "energy.simulated",
                        "energy.simulated.idle",
                        "energy.simulated.net",
                        "energy.simulated.power",
                        "energy.simulated.wide");
        assertThat(score(results, "")).isCloseTo(1.5, within(0.015));
        assertThat(score(results, ".net")).isCloseTo(1.5 - 0.36, within(0.015));
        assertThat(score(results, ".power")).isCloseTo(250, within(2.5));
        assertThat(score(results, ".idle")).isCloseTo(60, within(6.0));
        assertThat(score(results, ".wide")).isZero();
        assertThat(results.values().stream().map(ScalarResult::getScoreUnit))
                .containsExactly("J/op", "W", "J/op", "W", "iterations");
    }

    private static double score(Map<String, ScalarResult> results, String part) {
        ScalarResult result = results.get("energy.simulated" + part);
        assertThat(result).isNotNull();
        return result == null ? Double.NaN : result.getScore();
    }

    @Test
    void anIterationBelowFiveSecondsIsWide() {
        SimulatedBoard board = new SimulatedBoard(1, 0);
        EnergyProfiler profiler = new EnergyProfiler(board, board, 2);
        profiler.begin();
        board.load(2, 250);
        assertThat(score(end(profiler, operations(10, 10)), ".wide")).isEqualTo(1);
    }

    @Test
    void withoutAnOperationThereIsNoEnergyPerOperation() {
        SimulatedBoard board = new SimulatedBoard(1, 0);
        EnergyProfiler profiler = new EnergyProfiler(board, board, 2);
        profiler.begin();
        board.load(6, 250);
        assertThat(score(end(profiler, operations(0, 0)), "")).isNaN();
    }

    @Test
    void aModelCountsIdlePowerAndTheShareOfTheProcessorsInUse() throws ProfilerException {
        SimulatedBoard clock = new SimulatedBoard(1, 0);
        double start = clock.seconds();
        EnergyCounter model = new ModelledCounter(
                10, 90, 4, () -> Optional.of(new ProcessUsage(2 * (clock.seconds() - start), 0)), clock);
        EnergyProfiler profiler = new EnergyProfiler(model, clock, 1);
        profiler.begin();
        clock.pause(6);
        Map<String, ScalarResult> results = new TreeMap<>();
        profiler.end(operations(60, 60)).forEach(result -> results.put(result.getLabel(), result));
        // Two of four processors in use: 10 W + 80 W / 2, for 6 s, over 60 operations.
        ScalarResult joules = results.get("energy.modelled[cpu-utilisation 90.0 W busy, 10.0 W idle, assumed]");
        assertThat(joules).isNotNull();
        assertThat(joules == null ? 0 : joules.getScore()).isCloseTo(5, within(1e-9));
    }

    @Test
    void packagesAddUpWithoutTheirPartsAndWithoutTheSystem() throws ProfilerException {
        EnergyCounter rapl = EnergyProfiler.counter("source=rapl", RAPL, NO_NVML);
        assertThat(rapl.joules()).isEqualTo(30);
        assertThat(rapl.name()).isEqualTo("rapl");
    }

    @Test
    void theSourceIsTheProcessorUnlessOnlyTheBoardCanBeRead() throws ProfilerException {
        assertThat(EnergyProfiler.counter("", RAPL, NVML).name()).isEqualTo("rapl");
        assertThat(EnergyProfiler.counter("", NO_RAPL, NVML).name()).isEqualTo("nvml");
        assertThat(EnergyProfiler.counter("source=nvml", RAPL, NVML).joules()).isEqualTo(7);
        assertThat(EnergyProfiler.counter("source=modelled;watts=65", NO_RAPL, NO_NVML)
                        .name())
                .isEqualTo("modelled[cpu-utilisation 65.0 W busy, 10.0 W idle, assumed]");
    }

    @Test
    void aReadingThatIsGoneIsNoZero() throws ProfilerException {
        FakeProbe probe = FakeProbe.of("rapl", Map.of("package-0.energyJoules", 10.0));
        EnergyCounter rapl = EnergyProfiler.counter("source=rapl", probe, NO_NVML);
        probe.readings.clear();
        assertThat(rapl.joules()).isNaN();
    }

    @Test
    void whereNothingCanBeReadTheReasonsAreOneSentence() {
        assertThatThrownBy(() -> EnergyProfiler.counter("", NO_RAPL, NO_NVML))
                .isInstanceOf(ProfilerException.class)
                .hasMessage("no energy can be measured here: no RAPL zone: run on the machine itself; "
                        + "no NVIDIA driver: install it; source=modelled;watts=W gives joules by a model of the"
                        + " processor");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "source=rapl | no RAPL zone: run on the machine itself",
                "source=nvml | no NVIDIA driver: install it",
                "source=meter | source=meter: expected auto, rapl, nvml or modelled",
                "sorce=rapl | unknown option sorce: expected idle, idleWatts, source, watts",
                "source | option source has no value: write source=VALUE",
                "source= | option source has no value: write source=VALUE",
                "source=modelled;source=rapl | option source is given twice",
                "source=modelled | source=modelled needs the processor's power: add watts=W",
                "watts=65 | watts and idleWatts are for source=modelled only, and the source is auto",
                "source=modelled;watts=much | option watts=much: expected a number from 0.0 to 100000.0",
                "source=modelled;watts=5 | a power of 10.0 W idle and 5.0 W busy: expected 0 <= idleWatts < watts"
            })
    void aWrongOptionIsRefusedWithOneSentence(String options, String sentence) {
        assertThatThrownBy(() -> EnergyProfiler.counter(options, NO_RAPL, NO_NVML))
                .isInstanceOf(ProfilerException.class)
                .hasMessage(sentence);
    }

    @Test
    void helpTellsEveryOption() {
        assertThatThrownBy(() -> new EnergyProfiler("help"))
                .isInstanceOf(ProfilerException.class)
                .hasMessageContainingAll("source", "watts", "idleWatts", "idle ");
    }
}
