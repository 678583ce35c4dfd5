package org.secateur.results.core.cost;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;

/**
 * Costs from a table. An exact hit is the row itself. Between two measured neighbours that differ in their size only, an
 * elementwise operation is interpolated linearly, since its cost is affine in its size. A convolution or linear layer is
 * interpolated between rows that differ in batch or widths only, where all of them lie on one step of its staircase: see
 * {@link WidthBoxes}. Across an edge and outside the measured range the cost is UNAVAILABLE, with the neighbours named.
 */
public final class MeasuredCosts implements CostModel {
    /** Neighbours whose times differ by less than this share lie on one step; steps seen on CPUs are 20 % and more. */
    public static final double SAME_STEP = 0.05;

    private final CostTable table;
    private final Regime regime;
    private final Request request;
    private final Map<String, NavigableMap<Long, Measurement>> lines = new HashMap<>();
    private final WidthBoxes boxes = new WidthBoxes();

    /** The costs of a table in the COLD regime under the default request. */
    public MeasuredCosts(CostTable table) {
        this(table, Regime.COLD, Request.DEFAULT);
    }

    /** The costs of a table's rows of one regime and request. */
    public MeasuredCosts(CostTable table, Regime regime, Request request) {
        this.table = table;
        this.regime = regime;
        this.request = request;
        table.rows().forEach((key, row) -> {
            if (key.regime() == regime
                    && key.request().equals(request)
                    && row.seconds().estimate().isPresent()) {
                for (WidthLine line : WidthLine.through(key.workload())) {
                    lines.computeIfAbsent(line.family(), family -> new TreeMap<>())
                            .put(line.position(), row);
                }
                boxes.add(row);
            }
        });
    }

    @Override
    public String name() {
        return "measured table";
    }

    @Override
    public Cost predict(Workload workload) {
        Optional<Measurement> row = table.row(new WorkloadKey(workload, regime, request));
        if (row.isPresent() && row.get().seconds().estimate().isPresent()) {
            return new Cost(row.get().seconds(), row.get().joules(), row.get().flags());
        }
        Optional<Cost> inBox = WidthPoint.of(workload).flatMap(boxes::predict);
        if (inBox.isPresent()) {
            return inBox.get();
        }
        StringBuilder reasons = new StringBuilder("not measured on " + table.device() + ":");
        for (WidthLine line : WidthLine.through(workload)) {
            Optional<Between> between = between(line, reasons);
            if (between.isPresent() && WidthLine.isAffine(workload)) {
                return between.get().interpolated();
            }
            between.ifPresent(b -> reasons.append(b.edge()));
        }
        Quantity missing = row.map(Measurement::seconds).orElseGet(() -> Quantity.unavailable(reasons.toString()));
        return new Cost(missing, missing);
    }

    private Optional<Between> between(WidthLine line, StringBuilder reasons) {
        NavigableMap<Long, Measurement> rows = lines.get(line.family());
        if (rows == null) {
            reasons.append(" no row differs in " + line.axis() + " only;");
            return Optional.empty();
        }
        Map.Entry<Long, Measurement> below = rows.lowerEntry(line.position());
        Map.Entry<Long, Measurement> above = rows.higherEntry(line.position());
        if (below == null || above == null) {
            reasons.append(" " + line.axis() + "=" + line.position() + " lies outside the measured " + rows.firstKey()
                    + " to " + rows.lastKey() + ";");
            return Optional.empty();
        }
        return Optional.of(new Between(line, below.getKey(), below.getValue(), above.getKey(), above.getValue()));
    }

    /** A position with its two nearest measured neighbours. */
    private record Between(WidthLine line, long from, Measurement below, long to, Measurement above) {

        private static Estimate seconds(Measurement row) {
            return row.seconds().estimate().orElseThrow();
        }

        String edge() {
            return String.format(
                    Locale.ROOT,
                    " an edge lies between %s=%d (%.4g s) and %s=%d (%.4g s);",
                    line.axis(),
                    from,
                    seconds(below).value(),
                    line.axis(),
                    to,
                    seconds(above).value());
        }

        Cost interpolated() {
            double share = (double) (line.position() - from) / (to - from);
            List<Double> weights = List.of(1 - share, share);
            return new Cost(
                    Blend.of(List.of(below.seconds(), above.seconds()), parts -> Blend.mean(parts, weights)),
                    Blend.of(List.of(below.joules(), above.joules()), parts -> Blend.mean(parts, weights)),
                    Cost.flags(List.of(below, above)));
        }
    }
}
