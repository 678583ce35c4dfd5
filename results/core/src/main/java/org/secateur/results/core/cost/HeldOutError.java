package org.secateur.results.core.cost;

import java.util.List;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * How far a table's interpolation is from measurement, over rows that it was not given: |predicted / measured - 1|.
 *
 * @param of what was predicted, for example {@code resnet20 at batch 128}
 * @param errors of the rows that could be predicted, ascending: median and 95th percentile follow from them
 * @param unpredicted how many further rows count as infinitely wrong, since they could not be predicted
 * @param asked how many rows were to be predicted
 * @param from what each was predicted from, in a few words
 */
public record HeldOutError(
        String of, Quantity median, Quantity p95, List<Double> errors, int unpredicted, int asked, String from) {
    private static final double CONFIDENCE = 0.95;

    public HeldOutError {
        errors = List.copyOf(errors);
    }

    /** No error, for a reason. */
    public static HeldOutError none(String reason, int asked) {
        Quantity none = Quantity.unavailable(reason);
        return new HeldOutError("", none, none, List.of(), 0, asked, "");
    }

    /**
     * Median and 95th percentile of errors, of which there is at least one, or a row that could not be predicted. The
     * median's interval ends below the infinite ones.
     */
    public static HeldOutError of(String of, List<Double> errors, int unpredicted, int asked, String from) {
        double[] sorted =
                errors.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int all = sorted.length + unpredicted;
        int rank = (int) Math.ceil(0.95 * all) - 1;
        Quantity beyond = Quantity.unavailable("only " + sorted.length + " of " + asked + " rows could be predicted");
        return new HeldOutError(
                of,
                all / 2 < sorted.length
                        ? Quantity.derived(OrderStatistics.median(sorted, unpredicted, CONFIDENCE))
                        : beyond,
                rank < sorted.length ? Quantity.derived(Estimate.exact(sorted[rank])) : beyond,
                errors.stream().sorted().toList(),
                unpredicted,
                asked,
                from);
    }

    /** The same, said of something. */
    public HeldOutError about(String what) {
        return new HeldOutError(what, median, p95, errors, unpredicted, asked, from);
    }

    /** How many of the rows could be predicted. */
    public int predicted() {
        return errors.size();
    }
}
