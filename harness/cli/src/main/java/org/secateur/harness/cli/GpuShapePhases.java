package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.secateur.harness.cli.Prediction.Verification;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.cost.StepCost;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.store.QuantityJson;

/** The phases that ask what shapes cost: the staircase of one convolution's width, and the steps of whole networks. */
final class GpuShapePhases {
    static final Arithmetic TF32 = new Arithmetic(DataType.F32, MathMode.TF32, Layout.NHWC);

    private static final int LEAST = 16;
    private static final int MOST = 256;

    /** A time that is so much higher than at the width before is on another step: see {@link MeasuredCosts#SAME_STEP}. */
    private static final double EDGE = 1 + MeasuredCosts.SAME_STEP;

    /** A whole step is measured until it is this narrow, or for so long. */
    static final double STEP_SECONDS = 3;

    /** What preparing it takes for each of its rows, whose algorithms are searched again. */
    private static final double PREPARING_SECONDS = 0.2;

    private final GpuBench bench;

    GpuShapePhases(GpuBench bench) {
        this.bench = bench;
    }

    /** What a whole step of so many rows takes, with preparing it. */
    static double stepSeconds(int rows) {
        return STEP_SECONDS + PREPARING_SECONDS * rows;
    }

    private static WorkloadKey width(int k) {
        Extent one = Extent.of(1);
        Arithmetic half = GpuBench.HALF;
        return WorkloadKey.cold(new Workload(
                new Convolution(32, 64, 28, 28, k, 3, 3, one, one, one, 1),
                Pass.FORWARD,
                half.dataType(),
                half.mathMode(),
                half.layout()));
    }

    /** Where the time of a convolution rises with its output channels: both sides of multiples of 16, then of 8. */
    GpuFindings staircase(Countdown time) {
        GpuFindings found = new GpuFindings();
        List<Integer> widths = Stream.concat(
                        IntStream.rangeClosed(LEAST / 16, MOST / 16)
                                .boxed()
                                .flatMap(i -> Stream.of(16 * i, 16 * i + 1)),
                        IntStream.rangeClosed(LEAST / 16, MOST / 16 - 1)
                                .boxed()
                                .flatMap(i -> Stream.of(16 * i + 8, 16 * i + 9)))
                .filter(k -> k <= MOST)
                .toList();
        if (!bench.measure(widths.stream().map(GpuShapePhases::width).toList(), time)) {
            found.incomplete();
        }
        NavigableMap<Integer, Double> seconds = new TreeMap<>();
        for (int k : widths) {
            bench.table()
                    .row(width(k))
                    .map(Measurement::seconds)
                    .flatMap(Quantity::estimate)
                    .ifPresent(e -> seconds.put(k, e.value()));
        }
        List<Object> points = new ArrayList<>();
        List<Object> edges = new ArrayList<>();
        Map.Entry<Integer, Double> before = seconds.firstEntry();
        for (Map.Entry<Integer, Double> at : seconds.entrySet()) {
            points.add(List.of(at.getKey(), at.getValue()));
            if (before != null && at.getValue() > EDGE * before.getValue()) {
                Map<String, Object> edge = new LinkedHashMap<>();
                edge.put("below", before.getKey());
                edge.put("above", at.getKey());
                edge.put("ratio", at.getValue() / before.getValue());
                edges.add(edge);
            }
            before = at;
        }
        return found.put("workload", width(LEAST).workload().text())
                .put("points", points)
                .put("edges", edges);
    }

    /** A network's own rows, their sum, and its whole step. */
    GpuFindings network(String name, int batch, Arithmetic arithmetic, Countdown time) {
        Network network = Zoo.network(name);
        StepProgram program = arithmetic.training(network, batch);
        Set<WorkloadKey> keys = new LinkedHashSet<>();
        program.instructions().forEach(i -> keys.add(WorkloadKey.cold(i.workload())));
        GpuFindings found = new GpuFindings();
        double reserved = stepSeconds(keys.size());
        if (!bench.measure(keys, new Countdown(time.clock(), time.end() - reserved))) {
            found.incomplete();
        }
        StepCost sum = StepCost.predict(program, new MeasuredCosts(bench.table()));
        String by = WholeKernels.by(bench.device());
        Verification verification = Verification.missing(Quantity.unavailable("there was no time for it"), by);
        if (time.has(reserved)) {
            SamplerOptions options = SamplerOptions.thorough().withCapSeconds(STEP_SECONDS);
            verification = Verification.of(
                    sum.total().seconds(),
                    bench.sampler(options)
                            .time(bench.device(), () -> bench.device().open(program)),
                    by);
        } else {
            found.incomplete();
        }
        List<String> refused = keys.stream()
                .flatMap(key ->
                        bench.refusal(key).stream().map(reason -> key.workload().text() + ": " + reason))
                .toList();
        return found.put("network", name)
                .put("batch", batch)
                .put("arithmetic", arithmetic.json())
                .put("rows", keys.size())
                .put("missing", sum.coverage().missing())
                .put("refused", refused)
                .put("predictedSeconds", sum.total().seconds())
                .put("measuredSeconds", QuantityJson.of(verification.measuredSeconds(), verification.flags()))
                .put("relativeError", QuantityJson.of(verification.relativeError(), verification.flags()))
                .put("imagesPerSecond", verification.measuredSeconds().map(seconds -> rate(seconds, batch)));
    }

    private static Estimate rate(Estimate seconds, int batch) {
        return seconds.rate(batch);
    }
}
