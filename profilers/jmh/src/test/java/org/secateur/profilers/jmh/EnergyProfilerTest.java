package org.secateur.profilers.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.IterationResultMetaData;
import org.openjdk.jmh.results.ScalarResult;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.host.ProcessUsage;
import org.secateur.profilers.jmh.EnergyProfiler.Source;
import org.secateur.results.core.SecateurException;

final class EnergyProfilerTest {
    private static final Supplier<Source> NO_RAPL = absent("no RAPL zone", "run on the machine itself");
    private static final Supplier<Source> NO_NVML = absent("no NVIDIA driver", "install it");

    private static Source rapl() {
        return new Source(counter("rapl", 30), 1e-3);
    }

    private static Source nvml() {
        return new Source(counter("nvml", 7), 0.1);
    }

    private static Supplier<Source> absent(String what, String fix) {
        return () -> {
            throw SecateurException.environment(what, "this machine", fix);
        };
    }

    private static EnergyCounter counter(String id, double joules) {
        return new EnergyCounter() {
            @Override
            public String id() {
                return id;
            }

            @Override
            public double joules() {
                return joules;
            }

            @Override
            public double limitWatts() {
                return 500;
            }
        };
    }

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
        Bench bench = new Bench(1);
        EnergyProfiler profiler = new EnergyProfiler(bench.source(), bench.time, 2);
        profiler.begin();
        bench.load(6);
        Map<String, ScalarResult> results = end(profiler, operations(1000, 800));
        assertThat(results.keySet())
                .containsExactly(
                        "energy.simulated counter",
                        "energy.simulated counter.idle",
                        "energy.simulated counter.net",
                        "energy.simulated counter.power",
                        "energy.simulated counter.wide");
        assertThat(score(results, "")).isCloseTo(1.5, within(0.015));
        assertThat(score(results, ".net")).isCloseTo(1.5 - 0.36, within(0.015));
        assertThat(score(results, ".power")).isCloseTo(250, within(2.5));
        assertThat(score(results, ".idle")).isCloseTo(60, within(6.0));
        assertThat(score(results, ".wide")).isZero();
        assertThat(results.values().stream().map(ScalarResult::getScoreUnit))
                .containsExactly("J/op", "W", "J/op", "W", "iterations");
    }

    private static double score(Map<String, ScalarResult> results, String part) {
        ScalarResult result = results.get("energy.simulated counter" + part);
        assertThat(result).isNotNull();
        return result == null ? Double.NaN : result.getScore();
    }

    @Test
    void anIterationBelowFiveSecondsIsWide() {
        Bench bench = new Bench(1);
        EnergyProfiler profiler = new EnergyProfiler(bench.source(), bench.time, 2);
        profiler.begin();
        bench.load(2);
        assertThat(score(end(profiler, operations(10, 10)), ".wide")).isEqualTo(1);
    }

    @Test
    void withoutAnOperationThereIsNoEnergyPerOperation() {
        Bench bench = new Bench(1);
        EnergyProfiler profiler = new EnergyProfiler(bench.source(), bench.time, 2);
        profiler.begin();
        bench.load(6);
        assertThat(score(end(profiler, operations(0, 0)), "")).isNaN();
    }

    @Test
    void aModelCountsIdlePowerAndTheShareOfTheProcessorsInUse() throws ProfilerException {
        HostTime time = new Bench(1).time;
        double start = time.seconds();
        EnergyCounter model = new ModelledCounter(
                10, 90, 4, () -> Optional.of(new ProcessUsage(2 * (time.seconds() - start), 0)), time);
        EnergyProfiler profiler = new EnergyProfiler(new Source(model, 0), time, 1);
        profiler.begin();
        time.sleep(6);
        Map<String, ScalarResult> results = new TreeMap<>();
        profiler.end(operations(60, 60)).forEach(result -> results.put(result.getLabel(), result));
        // Two of four processors in use: 10 W + 80 W / 2, for 6 s, over 60 operations.
        ScalarResult joules = results.get("energy.modelled[cpu-utilisation 90.0 W busy, 10.0 W idle, assumed]");
        assertThat(joules).isNotNull();
        assertThat(joules == null ? 0 : joules.getScore()).isCloseTo(5, within(1e-6));
    }

    @Test
    void theSourceIsTheProcessorUnlessOnlyTheBoardCanBeRead() throws ProfilerException {
        assertThat(id("", EnergyProfilerTest::rapl, EnergyProfilerTest::nvml)).isEqualTo("rapl");
        assertThat(id("", NO_RAPL, EnergyProfilerTest::nvml)).isEqualTo("nvml");
        assertThat(id("source=nvml", EnergyProfilerTest::rapl, EnergyProfilerTest::nvml))
                .isEqualTo("nvml");
        assertThat(id("source=modelled;watts=65", NO_RAPL, NO_NVML))
                .isEqualTo("modelled[cpu-utilisation 65.0 W busy, 10.0 W idle, assumed]");
    }

    private static String id(String options, Supplier<Source> rapl, Supplier<Source> nvml) throws ProfilerException {
        return EnergyProfiler.source(options, rapl, nvml).counter().id();
    }

    @Test
    void whereNothingCanBeReadTheReasonsAreOneSentence() {
        assertThatThrownBy(() -> EnergyProfiler.source("", NO_RAPL, NO_NVML))
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
        assertThatThrownBy(() -> EnergyProfiler.source(options, NO_RAPL, NO_NVML))
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
