package org.secateur.results.core.cost;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;

/**
 * Costs from a table. An exact hit is the row itself. Between two measured neighbours that differ in one width only, an
 * elementwise operation is interpolated linearly, since its cost is affine in its size; a convolution or linear layer
 * only where the neighbours agree within {@value #SAME_STEP}, since then both lie on one step of its staircase. Across
 * an edge and outside the measured range the cost is UNAVAILABLE, with the neighbours named.
 */
public final class MeasuredCosts implements CostModel {
    /** Neighbours whose times differ by less than this share lie on one step; steps seen on CPUs are 20 % and more. */
    public static final double SAME_STEP = 0.05;

    private final CostTable table;
    private final Regime regime;
    private final Request request;
    private final Map<String, NavigableMap<Long, Measurement>> lines = new HashMap<>();

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
        if (row.isPresent()) {
            return new Cost(row.get().seconds(), row.get().joules());
        }
        StringBuilder reasons = new StringBuilder("not measured on " + table.device() + ":");
        boolean affine = WidthLine.isAffine(workload);
        Optional<Between> best = Optional.empty();
        for (WidthLine line : WidthLine.through(workload)) {
            Optional<Between> between = between(line, reasons);
            if (between.isPresent() && !affine && !between.get().sameStep()) {
                reasons.append(between.get().edge());
            } else if (between.isPresent()
                    && (best.isEmpty() || between.get().gap() < best.get().gap())) {
                best = between;
            }
        }
        return best.map(between -> between.interpolated(affine)).orElseGet(() -> {
            Quantity missing = Quantity.unavailable(reasons.toString());
            return new Cost(missing, missing);
        });
    }

    private Optional<Between> between(WidthLine line, StringBuilder reasons) {
        NavigableMap<Long, Measurement> rows = lines.get(line.family());
        if (rows == null) {
            reasons.append(" no row differs in %s only;".formatted(line.axis()));
            return Optional.empty();
        }
        Map.Entry<Long, Measurement> below = rows.lowerEntry(line.position());
        Map.Entry<Long, Measurement> above = rows.higherEntry(line.position());
        if (below == null || above == null) {
            reasons.append(" %s=%d lies outside the measured %d to %d;"
                    .formatted(line.axis(), line.position(), rows.firstKey(), rows.lastKey()));
            return Optional.empty();
        }
        return Optional.of(new Between(line, below.getKey(), below.getValue(), above.getKey(), above.getValue()));
    }

    /** A position with its two nearest measured neighbours. */
    private record Between(WidthLine line, long from, Measurement below, long to, Measurement above) {

        private static Estimate seconds(Measurement row) {
            return row.seconds().estimate().orElseThrow();
        }

        /** How far apart the neighbours are, relative to their position. */
        double gap() {
            return Math.log((double) to / from);
        }

        boolean sameStep() {
            return Math.abs(Math.log(seconds(above).value() / seconds(below).value())) <= Math.log1p(SAME_STEP);
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

        Cost interpolated(boolean affine) {
            BinaryOperator<Estimate> combine = affine ? this::mix : this::hull;
            return new Cost(
                    combined(below.seconds(), above.seconds(), combine),
                    combined(below.joules(), above.joules(), combine));
        }

        /** On a flat step: the value between the two, in the interval that holds both. */
        private Estimate hull(Estimate a, Estimate b) {
            Estimate mixed = mix(a, b);
            return new Estimate(
                    mixed.value(),
                    Math.min(a.low(), b.low()),
                    Math.max(a.high(), b.high()),
                    mixed.confidence(),
                    mixed.blocks());
        }

        /** The weighted mean of values and bounds: the errors of neighbours are taken to go together. */
        private Estimate mix(Estimate a, Estimate b) {
            double share = (double) (line.position() - from) / (to - from);
            return new Estimate(
                    a.value() + share * (b.value() - a.value()),
                    a.low() + share * (b.low() - a.low()),
                    a.high() + share * (b.high() - a.high()),
                    Math.min(a.confidence(), b.confidence()),
                    Math.min(a.blocks(), b.blocks()));
        }

        private static Quantity combined(Quantity below, Quantity above, BinaryOperator<Estimate> combine) {
            if (!(below instanceof Quantity.Known a)) {
                return below;
            }
            if (!(above instanceof Quantity.Known b)) {
                return above;
            }
            Provenance weaker = a.provenance() instanceof Provenance.Modelled ? a.provenance() : b.provenance();
            Estimate estimate = combine.apply(a.number(), b.number());
            return weaker instanceof Provenance.Modelled modelled
                    ? Quantity.modelled(estimate, modelled.model())
                    : Quantity.derived(estimate);
        }
    }
}
