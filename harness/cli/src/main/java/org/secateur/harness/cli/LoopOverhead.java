package org.secateur.harness.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.harness.loop.EpochPoint;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.OrderStatistics;

/** The part of the training steps' time that the loop around libtorch took, over the epochs of one network. */
final class LoopOverhead {
    private LoopOverhead() {}

    /** Fractions of a step, or why there are none. */
    static Object json(List<EpochPoint> history) {
        if (history.isEmpty()) {
            return Quantity.unavailable("this network was not trained in this run");
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("median", median(history));
        json.put("worst", worst(history));
        return json;
    }

    /** For people; the history has at least one epoch. */
    static String text(List<EpochPoint> history) {
        return Text.percent(median(history)) + ", at worst " + Text.percent(worst(history));
    }

    private static double median(List<EpochPoint> history) {
        return OrderStatistics.median(shares(history));
    }

    private static double worst(List<EpochPoint> history) {
        return Arrays.stream(shares(history)).max().orElseThrow();
    }

    private static double[] shares(List<EpochPoint> history) {
        return history.stream().mapToDouble(EpochPoint::loopOverhead).toArray();
    }
}
