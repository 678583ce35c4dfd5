package org.secateur.results.core.cost;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;

/**
 * A guess for every workload from the nearest measured row, for planning what to measure and never for a claim. The row
 * is of the same family where there is one (same operation, pass, kernel, batch and spatial size), else of the same
 * operation and pass, else any of the same nature. Its cost is scaled by a power of the multiply-accumulates, with
 * channels rounded up to the vector quantum, or of the bytes where there are none. Only a table without any row of that
 * nature has no answer.
 * The interval is the row's own, scaled: the error of the scaling is not in it.
 */
public final class ScaledCosts implements CostModel {
    /** Its name in every quantity that it gives, after that of the model that told the row's, where one did. */
    public static final String MODEL = "scaled from nearest measurement";

    /**
     * Cost falls more slowly than work, since launching and filling vectors do not shrink with it: the slope of log cost
     * against log work over 844 convolution rows of pruned resnet20 on an AVX2 processor (docs/decisions/0006).
     */
    private static final double EXPONENT = 0.84;

    /** More than any two sizes differ by: a row of another layout or type is taken only where there is no other. */
    private static final double OTHER_ARITHMETIC = 1e3;

    private final int quantum;
    private final List<Measurement> rows = new ArrayList<>();
    private final Map<String, List<Measurement>> families = new HashMap<>();
    private final Map<String, List<Measurement>> operations = new HashMap<>();

    /** Guesses from a table's cold rows. {@code quantum} is the vector width in channels, for example 16. */
    public ScaledCosts(CostTable table, int quantum) {
        if (quantum < 1) {
            throw new IllegalArgumentException("quantum " + quantum + " must be at least 1");
        }
        this.quantum = quantum;
        table.rows().forEach((key, row) -> {
            if (key.regime() == Regime.COLD
                    && key.request().equals(Request.DEFAULT)
                    && row.seconds().estimate().isPresent()) {
                Workload workload = key.workload();
                rows.add(row);
                families.computeIfAbsent(WidthLine.family(workload), f -> new ArrayList<>())
                        .add(row);
                operations
                        .computeIfAbsent(kind(workload), f -> new ArrayList<>())
                        .add(row);
            }
        });
    }

    @Override
    public String name() {
        return MODEL;
    }

    @Override
    public Cost predict(Workload workload) {
        List<Measurement> candidates =
                families.getOrDefault(WidthLine.family(workload), operations.getOrDefault(kind(workload), rows));
        return candidates.stream()
                .filter(row -> hasMacs(row.key().workload()) == hasMacs(workload))
                .min(Comparator.comparingDouble(row -> distance(row.key().workload(), workload)))
                .map(row -> scaled(row, workload))
                .orElseGet(() -> {
                    Quantity missing = Quantity.unavailable("no measured row to scale from");
                    return new Cost(missing, missing);
                });
    }

    private Cost scaled(Measurement row, Workload workload) {
        if (row.key().workload().equals(workload)) {
            return new Cost(row.seconds(), row.joules(), row.flags());
        }
        double factor = Math.pow(size(workload) / size(row.key().workload()), EXPONENT);
        return new Cost(scaled(row.seconds(), factor), scaled(row.joules(), factor), row.flags());
    }

    private static Quantity scaled(Quantity quantity, double factor) {
        if (!(quantity instanceof Quantity.Known known)) {
            return quantity;
        }
        String model = known.provenance() instanceof Provenance.Modelled first ? first.model() + ", " + MODEL : MODEL;
        return Quantity.modelled(known.number().times(factor), model);
    }

    private static boolean hasMacs(Workload workload) {
        return workload.macs() > 0;
    }

    private static String kind(Workload workload) {
        String text = workload.text();
        return text.substring(0, text.indexOf(' ')) + " " + workload.pass().text();
    }

    /** How unlike two workloads are: the logarithms of their widths' ratios, and of their sizes'; arithmetic above all. */
    private double distance(Workload a, Workload b) {
        double[] x = widths(a);
        double[] y = widths(b);
        boolean alike = a.layout() == b.layout() && a.dataType() == b.dataType() && a.mathMode() == b.mathMode();
        double distance = Math.abs(Math.log(size(a) / size(b))) + (alike ? 0 : OTHER_ARITHMETIC);
        for (int i = 0; i < Math.min(x.length, y.length); i++) {
            distance += Math.abs(Math.log(x[i] / y[i]));
        }
        return distance;
    }

    private double size(Workload workload) {
        if (!hasMacs(workload)) {
            return workload.bytesMoved();
        }
        double size = workload.macs();
        for (double width : widths(workload)) {
            size *= Math.ceil(width / quantum) * quantum / width;
        }
        return size;
    }

    /** The widths that are rounded up to the quantum; none for an elementwise operation. */
    private static double[] widths(Workload workload) {
        return switch (workload.operation()) {
            case Convolution o ->
                WidthLine.isDepthwise(o)
                        ? new double[] {o.c()}
                        : new double[] {(double) o.c() / o.groups(), (double) o.k() / o.groups()};
            case Linear o -> new double[] {o.in(), o.out()};
            default -> new double[0];
        };
    }
}
