package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.secateur.results.core.Block;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Bootstrap;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.HodgesLehmann;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * How far a table's times would differ under other statistics, over its rows: the Hodges-Lehmann estimate instead of the
 * median, and the BCa bootstrap's interval instead of that of order statistics. For information: neither is published.
 *
 * @param rows whose samples differ at all
 * @param medianShift of |Hodges-Lehmann / published - 1|, the median
 * @param worstShift the same, the worst
 * @param medianWidth of BCa's width / the published width, the median
 * @param worstWidth the same, the largest
 */
public record SecondOpinion(int rows, double medianShift, double worstShift, double medianWidth, double worstWidth) {
    private static final double CONFIDENCE = 0.95;

    /** Of a table; empty where no row has samples that differ. */
    public static Optional<SecondOpinion> of(CostTable table) {
        List<Double> shifts = new ArrayList<>();
        List<Double> widths = new ArrayList<>();
        for (Measurement row : table.rows().values()) {
            double[] medians =
                    row.blocks().stream().mapToDouble(Block::medianSeconds).toArray();
            if (medians.length > 1 && row.seconds() instanceof Quantity.Known seconds) {
                Estimate published = seconds.number();
                double width = published.high() - published.low();
                if (width > 0) {
                    Estimate bca = Bootstrap.bca(medians, OrderStatistics::median, CONFIDENCE, shifts.size());
                    shifts.add(Math.abs(HodgesLehmann.of(medians) / published.value() - 1));
                    widths.add((bca.high() - bca.low()) / width);
                }
            }
        }
        return shifts.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new SecondOpinion(shifts.size(), median(shifts), worst(shifts), median(widths), worst(widths)));
    }

    private static double median(List<Double> values) {
        return OrderStatistics.median(
                values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static double worst(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }
}
