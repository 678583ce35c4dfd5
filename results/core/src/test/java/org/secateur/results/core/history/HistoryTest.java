package org.secateur.results.core.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;

class HistoryTest {
    private static final double DELTA = 0.01;

    private static Point point(double value, Map<String, String> context, Flag... flags) {
        return new Point(
                new Quantity.Known(Estimate.exact(value), Provenance.MEASURED),
                Set.of(flags),
                "night",
                Optional.empty(),
                new TreeMap<>(context));
    }

    /** Points at these levels with a noise of 0.5 %. */
    private static List<Point> points(int count, long seed, IntToDoubleFunction level) {
        Random random = new Random(seed);
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            points.add(point(level.applyAsDouble(i) * Math.exp(0.005 * random.nextGaussian()), Map.of()));
        }
        return points;
    }

    private static Series series(List<Point> points) {
        return new Series("device", "subject", "timeSeconds", points);
    }

    private static History judged(List<Point> points) {
        return History.of(List.of(series(points)), DELTA, 1).getFirst();
    }

    @Test
    void aSlowDownIsToldWithItsPlaceAndRatio() {
        History history = judged(points(30, 1, i -> i < 18 ? 2e-3 : 2e-3 * 1.05));

        LevelChange change = history.newestChange().orElseThrow();
        assertThat(change.at()).isEqualTo(18);
        assertThat(change.before()).isEqualTo(17);
        assertThat(change.higher()).isTrue();
        assertThat(change.material(DELTA)).isTrue();
        assertThat(change.material(0.06)).isFalse();
        assertThat(change.ratio().value()).isCloseTo(1.05, within(0.006));
        assertThat(change.ratio().low()).isBetween(1.03, 1.05);
        assertThat(change.ratio().high()).isBetween(1.05, 1.07);
        assertThat(change.ratio().confidence()).isBetween(0.95, 0.96);
        assertThat(history.noise().orElseThrow()).as("within levels").isBetween(0.003, 0.008);
    }

    @Test
    void eachChangeIsOfTheLevelsBesideIt() {
        History history = judged(points(45, 2, i -> i < 15 ? 1 : i < 30 ? 1.1 : 0.9));

        assertThat(history.changes()).extracting(LevelChange::at).containsExactly(15, 30);
        assertThat(history.changes().get(0).ratio().value()).isCloseTo(1.1, within(0.006));
        assertThat(history.changes().get(1).ratio().value()).isCloseTo(0.9 / 1.1, within(0.006));
        assertThat(history.changes().get(1).higher()).isFalse();
        assertThat(history.changes().get(1).material(DELTA)).isTrue();
    }

    @Test
    void pointsThatDoNotCountAreLeftOutAndPlacesAreThoseOfAll() {
        List<Point> points = points(30, 3, i -> i < 18 ? 1 : 1.05);
        points.add(18, point(1, Map.of(), Flag.IMPLAUSIBLE));
        points.add(5, point(9, Map.of(), Flag.INVALID, Flag.WIDE));

        History history = judged(points);

        assertThat(history.leftOut()).isEqualTo(2);
        assertThat(history.newestChange().orElseThrow().before()).isEqualTo(18);
        assertThat(history.newestChange().orElseThrow().at()).isEqualTo(20);
        points.add(point(1.05, Map.of(), Flag.INVALID));
        assertThat(judged(points).newest()).isEmpty();
        assertThat(judged(List.of(point(1, Map.of(), Flag.INVALID))).noise()).isEmpty();
    }

    /** With 300 series no p-value of 999 permutations would hold at a rate of 5 %. */
    @Test
    void oneChangeAmongManySeriesIsFoundAndChanceIsNot() {
        List<Series> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int own = i;
            all.add(series(points(24, 100 + i, at -> own == 7 && at >= 12 ? 1.04 : 1)));
        }

        List<History> histories = History.of(all, DELTA, 1);

        assertThat(histories).hasSize(300);
        LevelChange change = histories.get(7).newestChange().orElseThrow();
        assertThat(change.adjustedPValue()).isLessThanOrEqualTo(0.05).isGreaterThan(change.pValue());
        assertThat(histories.stream().filter(h -> h.newestChange().isPresent())).hasSizeLessThanOrEqualTo(2);
        assertThat(histories.stream().flatMap(h -> h.newest().stream()).filter(History.Newest::unusual))
                .hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void theNewestPointIsHeldAgainstThoseBeforeIt() {
        List<Point> points = points(12, 4, i -> i < 11 ? 1 : 1.08);
        assertThat(judged(points).changes()).isEmpty();
        assertThat(judged(points).newest().orElseThrow().unusual()).isTrue();
        assertThat(judged(points).newest().orElseThrow().ratio()).isCloseTo(1.08, within(0.015));
        History usual = judged(points(12, 5, i -> 1));
        assertThat(usual.newest().orElseThrow().unusual()).isFalse();
        assertThat(judged(points(5, 6, i -> 1)).newest()).isEmpty();
        List<Point> equal = points(12, 6, i -> 1);
        equal.replaceAll(p -> point(1, Map.of()));
        equal.add(point(1.009, Map.of()));
        assertThat(judged(equal).newest().orElseThrow().unusual())
                .as("less than counts")
                .isFalse();
    }

    /** What lies on an older level is not what the newest point is held against. */
    @Test
    void afterAChangeTheNewLevelIsUsual() {
        History history = judged(points(40, 8, i -> i < 25 ? 1 : 1.2));
        assertThat(history.changes()).hasSize(1);
        assertThat(history.newest().orElseThrow().unusual()).isFalse();
    }

    @Test
    void whatElseChangedIsTold() {
        Point old = point(1, Map.of("libtorch", "2.1", "jvm", "21", "gone", "x"));
        Point renewed = point(1, Map.of("libtorch", "2.2", "jvm", "21", "new", "y"));
        assertThat(old.differences(renewed)).isEqualTo(Map.of("libtorch", "2.1 / 2.2"));
    }

    @Test
    void valuesAreAboveZero() {
        assertThatThrownBy(() -> point(0, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("night");
    }
}
