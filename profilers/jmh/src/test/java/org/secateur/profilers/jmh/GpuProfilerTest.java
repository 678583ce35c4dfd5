package org.secateur.profilers.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.ProfilerException;

final class GpuProfilerTest {
    private static FakeProbe board() {
        return FakeProbe.of(
                "nvml",
                new TreeMap<>(Map.of(
                        "smClockHertz", 1.98e9,
                        "temperatureCelsius", 40.0,
                        "thermalSlowdownSeconds", 3.0,
                        "totalEnergyJoules", 5.0)));
    }

    private static Map<String, Double> end(GpuProfiler profiler) {
        Map<String, Double> scores = new TreeMap<>();
        profiler.end()
                .forEach(result -> scores.put(result.getLabel() + " " + result.getScoreUnit(), result.getScore()));
        return scores;
    }

    @Test
    void clocksAndTemperatureAreThoseAfterTheLoadAndThrottlingIsADifference() throws ProfilerException {
        FakeProbe board = board();
        GpuProfiler profiler = new GpuProfiler("", board);
        profiler.begin();
        board.readings.put("smClockHertz", 1.5e9);
        board.readings.put("temperatureCelsius", 71.0);
        board.readings.put("thermalSlowdownSeconds", 3.25);
        assertThat(end(profiler))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("gpu.smClock Hz", 1.5e9, "gpu.temperature degC", 71.0, "gpu.thermalSlowdown s", 0.25));
    }

    @Test
    void aReadingThatIsGoneIsNoZero() throws ProfilerException {
        FakeProbe board = board();
        GpuProfiler profiler = new GpuProfiler("", board);
        profiler.begin();
        board.readings.clear();
        assertThat(end(profiler).values()).hasSize(3).allMatch(score -> score.isNaN());
    }

    @Test
    void withoutAGpuItSaysWhyAtConstruction() {
        assertThatThrownBy(() -> new GpuProfiler("", FakeProbe.absent("nvml", "no NVIDIA driver", "install it")))
                .isInstanceOf(ProfilerException.class)
                .hasMessage("no NVIDIA driver: install it");
        assertThatThrownBy(() -> new GpuProfiler("", FakeProbe.of("nvml", Map.of("totalEnergyJoules", 1.0))))
                .isInstanceOf(ProfilerException.class)
                .hasMessageContaining("neither clocks nor temperature");
        assertThatThrownBy(() -> new GpuProfiler("index=1", board()))
                .isInstanceOf(ProfilerException.class)
                .hasMessage("unknown option index: there are none");
    }
}
