package org.secateur.profilers.cuda;

import java.util.List;
import java.util.stream.Stream;
import org.secateur.profilers.core.reference.Twins;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;

/**
 * A convolution in one arithmetic, which must match its twin.
 *
 * @param error allowed, relative to the largest result: operands keep 24, 11, 11 and 8 significant bits in F32, TF32, F16
 *     and BF16, and the result of a 16-bit type is rounded once more
 */
record ConvolutionCase(Convolution shape, Layout layout, DataType type, MathMode math, double error) {
    private record Numerics(DataType type, MathMode math, double error) {}

    private static final List<Numerics> NUMERICS = List.of(
            new Numerics(DataType.F32, MathMode.DEFAULT, 1e-6),
            new Numerics(DataType.F32, MathMode.TF32, 3e-3),
            new Numerics(DataType.F16, MathMode.DEFAULT, 1e-3),
            new Numerics(DataType.BF16, MathMode.DEFAULT, 8e-3));

    /** Shapes with strides, paddings, dilations, groups and depthwise, in every layout and arithmetic. */
    static Stream<ConvolutionCase> all() {
        Extent one = Extent.of(1);
        List<Convolution> shapes = List.of(
                new Convolution(3, 4, 7, 6, 5, 3, 3, one, one, one, 1),
                new Convolution(2, 3, 9, 8, 4, 3, 3, Extent.of(2), one, one, 1),
                new Convolution(2, 4, 9, 9, 6, 3, 2, new Extent(2, 1), new Extent(2, 0), new Extent(2, 3), 2),
                new Convolution(2, 6, 5, 5, 6, 3, 3, one, one, one, 6),
                new Convolution(1, 5, 4, 4, 7, 1, 1, Extent.of(2), Extent.of(0), one, 1),
                new Convolution(1, 16, 6, 6, 32, 3, 3, one, one, one, 1));
        return shapes.stream()
                .flatMap(shape -> Stream.of(Layout.values())
                        .flatMap(layout -> NUMERICS.stream()
                                .map(n -> new ConvolutionCase(shape, layout, n.type(), n.math(), n.error()))));
    }

    /** Runs all passes and compares. */
    void check(CudaDevice device) {
        int[] x = {shape.n(), shape.c(), shape.h(), shape.w()};
        int[] w = {shape.k(), shape.c() / shape.groups(), shape.r(), shape.s()};
        int[] y = {shape.n(), shape.k(), shape.outputHeight(), shape.outputWidth()};
        OneLaunch forward = launch(device, Pass.FORWARD);
        OneLaunch.assertClose(
                forward.made(0, y), Twins.convolution(shape, forward.before(0, x), forward.before(1, w)), error);
        OneLaunch data = launch(device, Pass.BACKWARD_DATA);
        OneLaunch.assertClose(
                data.made(0, x), Twins.convolutionData(shape, data.before(0, y), data.before(1, w)), error);
        OneLaunch weights = launch(device, Pass.BACKWARD_WEIGHTS);
        OneLaunch.assertClose(
                weights.made(0, w), Twins.convolutionWeights(shape, weights.before(0, x), weights.before(1, y)), error);
    }

    private OneLaunch launch(CudaDevice device, Pass pass) {
        return OneLaunch.of(device, new Workload(shape, pass, type, math, layout));
    }
}
