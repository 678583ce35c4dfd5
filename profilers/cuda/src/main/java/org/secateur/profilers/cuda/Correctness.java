package org.secateur.profilers.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.secateur.profilers.core.reference.Twins;
import org.secateur.profilers.cuda.OperandShapes.Shape;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.Operation.SoftmaxLoss;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/**
 * Whether a GPU computes what it should: one launch of each kernel, in every pass, type and layout, against a slow
 * computation in double precision.
 */
public final class Correctness {
    /** Beyond every finite result: what is not a number is as wrong as can be. */
    private static final double NO_NUMBER = Double.MAX_VALUE;

    /** Activations of standard normal values times this reach well beyond the bound of ReLU6. */
    private static final float SPREAD = 6;

    private Correctness() {}

    /**
     * What came of one workload.
     *
     * @param error the largest difference from the reference, relative to 1 plus the largest result
     * @param allowed by the significant bits of operands and results: 24, 11, 11 and 8 in F32, TF32, F16 and BF16
     */
    public record Outcome(Workload workload, double error, double allowed) {
        /** Whether it is right. */
        public boolean right() {
            return error <= allowed;
        }
    }

    /** What is checked: small, with strides, paddings, dilations, groups and depthwise among them. */
    public static List<Workload> workloads() {
        Extent zero = Extent.of(0);
        Extent one = Extent.of(1);
        Extent two = Extent.of(2);
        List<Operation> operations = List.of(
                new Convolution(3, 4, 7, 6, 5, 3, 3, one, one, one, 1),
                new Convolution(2, 3, 9, 8, 4, 3, 3, two, one, one, 1),
                new Convolution(2, 4, 9, 9, 6, 3, 2, new Extent(2, 1), new Extent(2, 0), new Extent(2, 3), 2),
                new Convolution(2, 6, 5, 5, 6, 3, 3, one, one, one, 6),
                new Convolution(1, 5, 4, 4, 7, 1, 1, two, zero, one, 1),
                new Convolution(1, 16, 6, 6, 32, 3, 3, one, one, one, 1),
                new Linear(4, 7, 3),
                new BatchNorm(3, 8, 5, 2, true),
                new BatchNorm(3, 8, 5, 2, false),
                new Activation(2, 3, 4, 5, ActivationKind.RELU),
                new Activation(2, 3, 4, 5, ActivationKind.RELU6),
                new Activation(2, 3, 4, 5, new ActivationKind(0, 2)),
                new Pooling(2, 3, 7, 7, PoolingKind.MAX, Extent.of(3), two, one, false),
                new Pooling(2, 3, 6, 8, PoolingKind.AVERAGE, two, two, zero, false),
                new Pooling(2, 3, 7, 7, PoolingKind.PADDED_AVERAGE, Extent.of(3), two, one, false),
                new Pooling(2, 3, 8, 7, PoolingKind.MAX, Extent.of(3), two, zero, true),
                new Pooling(2, 3, 6, 8, PoolingKind.AVERAGE, Extent.of(3), two, zero, true),
                new Add(2, 3, 4, 5, Operand.TENSOR),
                new SoftmaxLoss(5, 4));
        return operations.stream()
                .flatMap(Correctness::passes)
                .flatMap(workload -> Stream.of(Layout.values()).flatMap(layout -> arithmetics(workload, layout)))
                .toList();
    }

    private static Stream<Workload> passes(Operation operation) {
        return operation.passes(true).stream()
                .filter(pass -> pass == Pass.FORWARD || !(operation instanceof Add))
                .filter(pass -> pass == Pass.FORWARD || !(operation instanceof BatchNorm o) || o.training())
                .map(pass -> Workload.of(operation, pass));
    }

    private static Stream<Workload> arithmetics(Workload w, Layout layout) {
        Stream<Workload> types = Stream.of(DataType.values())
                .map(type -> new Workload(w.operation(), w.pass(), type, MathMode.DEFAULT, layout));
        return w.operation() instanceof Convolution
                ? Stream.concat(
                        types, Stream.of(new Workload(w.operation(), w.pass(), DataType.F32, MathMode.TF32, layout)))
                : types;
    }

    /**
     * Launches a workload and compares.
     *
     * @param workload one of {@link #workloads()}
     * @throws IllegalArgumentException when the device has no kernel for it
     * @throws SecateurException when the device fails
     */
    public static Outcome check(CudaDevice device, Workload workload) {
        double error = error(Launched.of(device, workload));
        return new Outcome(workload, error, allowed(workload));
    }

    private static double allowed(Workload workload) {
        return switch (workload.dataType()) {
            case F32 -> workload.mathMode() == MathMode.TF32 ? 3e-3 : 1e-5;
            case F16 -> 2e-3;
            case BF16 -> 1.6e-2;
        };
    }

    /** What one launch read and wrote. */
    private record Launched(Workload workload, List<float[]> before, List<float[]> made) {
        static Launched of(CudaDevice device, Workload workload) {
            OperandShapes shapes = OperandShapes.of(workload);
            try (WorkloadKernel kernel =
                    (WorkloadKernel) device.open(new WorkloadKey(workload, Regime.HOT, Request.DEFAULT))) {
                Operands operands = kernel.operands().get(0);
                if (workload.operation() instanceof Activation o) {
                    spread(operands.read(0), shapes.reads().get(0), o.kind(), workload.pass());
                }
                List<float[]> before = read(operands.reads(), shapes.reads());
                kernel.launch();
                kernel.synchronize();
                return new Launched(workload, before, read(operands.writes(), shapes.writes()));
            }
        }

        /** Widens the input of an activation, or what stands for its output, to both sides of its bounds. */
        private static void spread(DeviceMemory memory, Shape shape, ActivationKind kind, Pass pass) {
            float[] values = Numbers.read(memory, shape.type(), (int) shape.elements());
            for (int i = 0; i < values.length; i++) {
                float wide = SPREAD * values[i];
                values[i] = pass == Pass.FORWARD ? wide : (float) kind.of(wide);
            }
            Numbers.write(memory, shape.type(), values);
        }

        private static List<float[]> read(List<DeviceMemory> memories, List<Shape> shapes) {
            List<float[]> values = new ArrayList<>();
            for (int i = 0; i < memories.size(); i++) {
                Shape shape = shapes.get(i);
                values.add(Numbers.read(memories.get(i), shape.type(), (int) shape.elements()));
            }
            return values;
        }

        float[] read(int place, int... shape) {
            return Tensors.rowMajor(before.get(place), workload.layout(), shape);
        }

        /** The error of what was written at a place, a tensor of this logical shape. */
        double error(int place, double[] expected, int... shape) {
            return difference(Tensors.rowMajor(made.get(place), workload.layout(), shape), expected);
        }

        boolean forward() {
            return workload.pass() == Pass.FORWARD;
        }
    }

    private static double difference(float[] actual, double[] expected) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs(actual[i] - expected[i]) / (1 + largest);
            worst = Double.isFinite(difference) ? Math.max(worst, difference) : NO_NUMBER;
        }
        return worst;
    }

    private static double error(Launched l) {
        return switch (l.workload().operation()) {
            case Convolution o -> convolution(o, l);
            case Linear o -> linear(o, l);
            case BatchNorm o -> batchNorm(o, l);
            case Activation o -> activation(o, l);
            case Pooling o -> pooling(o, l);
            case Add o -> sum(l);
            case SoftmaxLoss o -> loss(o, l);
            case Operation.Concat o -> throw unknown(l);
            case Operation.IndexMap o -> throw unknown(l);
            case Operation.Pad o -> throw unknown(l);
            case Operation.OptimizerStep o -> throw unknown(l);
        };
    }

    private static IllegalArgumentException unknown(Launched l) {
        return new IllegalArgumentException("workload " + l.workload().text() + ": it has no reference here");
    }

    private static double convolution(Convolution o, Launched l) {
        int[] x = {o.n(), o.c(), o.h(), o.w()};
        int[] w = {o.k(), o.c() / o.groups(), o.r(), o.s()};
        int[] y = {o.n(), o.k(), o.outputHeight(), o.outputWidth()};
        return switch (l.workload().pass()) {
            case FORWARD -> l.error(0, Twins.convolution(o, l.read(0, x), l.read(1, w)), y);
            case BACKWARD_DATA -> l.error(0, Twins.convolutionData(o, l.read(0, y), l.read(1, w)), x);
            default -> l.error(0, Twins.convolutionWeights(o, l.read(0, x), l.read(1, y)), w);
        };
    }

    private static double linear(Linear o, Launched l) {
        float[] a = l.before().get(0);
        float[] b = l.before().get(1);
        int in = o.in();
        int out = o.out();
        double[] expected = switch (l.workload().pass()) {
            case FORWARD -> Twins.product(o.n(), in, out, (i, k) -> a[i * in + k], (k, j) -> b[j * in + k]);
            case BACKWARD_DATA -> Twins.product(o.n(), out, in, (i, k) -> a[i * out + k], (k, j) -> b[k * in + j]);
            default -> Twins.product(out, o.n(), in, (i, k) -> b[k * out + i], (k, j) -> a[k * in + j]);
        };
        if (l.forward()) {
            for (int i = 0; i < expected.length; i++) {
                expected[i] += l.before().get(2)[i % out];
            }
        }
        return difference(l.made().get(0), expected);
    }

    private static double batchNorm(BatchNorm o, Launched l) {
        int[] shape = {o.n(), o.c(), o.h(), o.w()};
        float[] x = l.read(0, shape);
        List<float[]> b = l.before();
        double[][] batch = Twins.moments(o, x);
        if (!l.forward()) {
            double[][] gradients = Twins.batchNormBackward(o, x, b.get(2), l.read(1, shape), batch[0], batch[1]);
            return Math.max(
                    l.error(0, gradients[0], shape),
                    Math.max(
                            difference(l.made().get(1), gradients[1]),
                            difference(l.made().get(2), gradients[2])));
        }
        double[] mean = o.training() ? batch[0] : doubles(b.get(3));
        double[] variance = o.training() ? batch[1] : doubles(b.get(4));
        return l.error(0, Twins.batchNorm(o, x, b.get(1), b.get(2), mean, variance), shape);
    }

    private static double[] doubles(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    private static double activation(Activation o, Launched l) {
        float[] values = l.before().get(0);
        double[] expected = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            boolean inside =
                    values[i] > o.kind().least() && values[i] < o.kind().most();
            expected[i] =
                    l.forward() ? o.kind().of(values[i]) : inside ? l.before().get(1)[i] : 0;
        }
        return difference(l.made().get(0), expected);
    }

    private static double pooling(Pooling o, Launched l) {
        int[] x = {o.n(), o.c(), o.h(), o.w()};
        int[] y = {o.n(), o.c(), o.outputHeight(), o.outputWidth()};
        float[] dy = l.forward() ? new float[o.n() * o.c() * o.outputHeight() * o.outputWidth()] : l.read(2, y);
        double[][] both = Twins.pooling(o, l.read(0, x), dy);
        return l.forward() ? l.error(0, both[0], y) : l.error(0, both[1], x);
    }

    private static double sum(Launched l) {
        double[] expected = doubles(l.before().get(0));
        for (int i = 0; i < expected.length; i++) {
            expected[i] += l.before().get(1)[i];
        }
        return difference(l.made().get(0), expected);
    }

    /** Backward reads logarithms of probabilities, which are logits that give the same probabilities. */
    private static double loss(SoftmaxLoss o, Launched l) {
        float[] oneHot = l.before().get(1);
        long[] labels = new long[o.n()];
        for (int i = 0; i < oneHot.length; i++) {
            if (oneHot[i] != 0) {
                labels[i / o.classes()] = i % o.classes();
            }
        }
        double[] twin = Twins.softmaxLoss(o.n(), o.classes(), l.before().get(0), labels);
        return l.forward()
                ? difference(l.made().get(0), new double[] {twin[0]})
                : difference(l.made().get(0), Arrays.copyOfRange(twin, 1, twin.length));
    }
}
