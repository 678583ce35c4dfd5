package org.secateur.profilers.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ClockPairTest {
    @Test
    void aStampIsCarriedFromTheWallClockToTheMonotonicOne() {
        ClockPair pair = new ClockPair(7_000, 1_000_000);

        assertThat(pair.nanoTimeOf(1_000_000)).isEqualTo(7_000);
        assertThat(pair.nanoTimeOf(1_000_025)).isEqualTo(32_000);
        assertThat(pair.nanoTimeOf(999_999)).isEqualTo(6_000);
    }

    @Test
    void theReadingThatTookTheLeastCounts() {
        // Two readings a try; the third try is the shortest.
        Iterator<Long> nanos = List.of(
                        0L, 9_000L, 10_000L, 15_000L, 20_000L, 20_400L, 30_000L, 39_000L, 40_000L, 45_000L)
                .iterator();
        AtomicLong seconds = new AtomicLong();

        ClockPair pair = ClockPair.read(nanos::next, () -> Instant.ofEpochSecond(seconds.incrementAndGet()));

        assertThat(pair).isEqualTo(new ClockPair(20_200, 3_000_000));
    }
}
