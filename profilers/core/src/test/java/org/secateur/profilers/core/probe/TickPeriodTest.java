package org.secateur.profilers.core.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class TickPeriodTest {
    private final AtomicLong time = new AtomicLong();
    private final AtomicInteger readings = new AtomicInteger();

    /** The period of a counter that shows a value by the time in nanoseconds. */
    private OptionalDouble period(LongUnaryOperator counter) {
        return TickPeriod.seconds(
                () -> {
                    readings.incrementAndGet();
                    return OptionalDouble.of((double) counter.applyAsLong(time.get()));
                },
                time::get,
                time::addAndGet);
    }

    @Test
    void aTickOfTwentyOrAHundredMillisecondsIsFound() {
        assertThat(period(now -> (now + 3_000_000) / 100_000_000).orElseThrow()).isCloseTo(0.1, within(2e-3));
        assertThat(period(now -> now / 20_000_000).orElseThrow()).isCloseTo(0.02, within(2e-3));
    }

    @Test
    void readingsComeAtMostTwoHundredTimesASecond() {
        period(now -> now / 100_000_000);

        assertThat(readings.get()).isLessThanOrEqualTo((int) (time.get() / 5_000_000) + 1);
    }

    @Test
    void aCounterThatRestsOrIsLostHasNoPeriod() {
        assertThat(period(now -> 42)).isEmpty();
        assertThat(period(now -> now / 900_000_000)).isEmpty();
        assertThat(TickPeriod.seconds(OptionalDouble::empty, time::get, time::addAndGet))
                .isEmpty();
        assertThat(TickPeriod.seconds(
                        () -> readings.incrementAndGet() % 5 == 0
                                ? OptionalDouble.empty()
                                : OptionalDouble.of((double) readings.get()),
                        time::get,
                        time::addAndGet))
                .isEmpty();
    }
}
