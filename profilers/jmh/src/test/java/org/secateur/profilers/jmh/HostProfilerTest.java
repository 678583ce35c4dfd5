package org.secateur.profilers.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.ProfilerException;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.host.Contention;

final class HostProfilerTest {
    private static final Contention START = new Contention(1, 10, 5, 100, 2);

    /** What ten seconds are called between two readings, of which the first is {@link #START}. */
    private static Map<String, Double> tenSeconds(Optional<Contention> after) throws ProfilerException {
        HostTime time = new Bench(1).time;
        ArrayDeque<Optional<Contention>> readings =
                new ArrayDeque<>(List.of(Optional.of(START), Optional.of(START), after));
        HostProfiler profiler = new HostProfiler("", readings::removeFirst, time);
        profiler.begin();
        time.sleep(10);
        Map<String, Double> scores = new TreeMap<>();
        profiler.end().forEach(result -> scores.put(result.getLabel(), result.getScore()));
        return scores;
    }

    @Test
    void sharesAreOfAllProcessorsTime() throws ProfilerException {
        // 20 s of processors: 0.1 stolen, 15 busy, of which 12 are our own; 40 switches.
        Map<String, Double> scores = tenSeconds(Optional.of(new Contention(1.1, 25, 17, 140, 2)));
        assertThat(scores.get("host.steal")).isCloseTo(0.005, within(1e-9));
        assertThat(scores.get("host.foreign")).isCloseTo(0.15, within(1e-9));
        assertThat(scores.get("host.own")).isCloseTo(0.6, within(1e-9));
        assertThat(scores.get("host.switches")).isCloseTo(2, within(1e-9));
        assertThat(scores.get("host.contended")).isEqualTo(0);
    }

    @Test
    void aStolenOrInterruptedIterationIsContended() throws ProfilerException {
        assertThat(tenSeconds(Optional.of(new Contention(1.3, 25, 20, 100, 2))).get("host.contended"))
                .isEqualTo(1);
        assertThat(tenSeconds(Optional.of(new Contention(1, 25, 20, 2200, 2))).get("host.contended"))
                .isEqualTo(1);
    }

    @Test
    void whatCannotBeReadIsNoZero() throws ProfilerException {
        assertThat(tenSeconds(Optional.empty()).values()).hasSize(5).allMatch(score -> score.isNaN());
    }

    @Test
    void withoutCountersItSaysWhyAtConstruction() {
        assertThatThrownBy(() -> new HostProfiler("", Optional::empty, HostTime.system()))
                .isInstanceOf(ProfilerException.class)
                .hasMessageContaining("/proc/stat");
        assertThatThrownBy(() -> new HostProfiler("steal=1", () -> Optional.of(START), HostTime.system()))
                .isInstanceOf(ProfilerException.class)
                .hasMessage("unknown option steal: there are none");
    }
}
