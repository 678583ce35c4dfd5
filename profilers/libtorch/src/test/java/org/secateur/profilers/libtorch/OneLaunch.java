package org.secateur.profilers.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;

/**
 * The buffers of one launch before it, after it, and what it made, each as NCHW.
 *
 * @param inLayout whether all that was made with four dimensions lies in the layout that was asked for
 */
record OneLaunch(List<float[]> before, List<float[]> after, List<float[]> made, List<long[]> labels, boolean inLayout) {

    @SuppressWarnings("try") // grad mode only has to be set
    static OneLaunch of(Operation operation, Pass pass, TensorFormat format) {
        Workload workload = new Workload(operation, pass, format.dataType(), MathMode.DEFAULT, format.layout());
        try (PointerScope scope = new PointerScope();
                NormalPool pool = new NormalPool(3);
                Buffers buffers = new Buffers(pool, Launches.format(workload));
                AutoGradMode mode = new AutoGradMode(true)) {
            Launch launch = Launches.prepare(workload, buffers);
            List<long[]> labels = new ArrayList<>();
            List<Tensor> floats = new ArrayList<>();
            for (Tensor tensor : buffers.tensors()) {
                if (tensor.scalar_type().intern() == ScalarType.Long) {
                    long[] values = new long[(int) tensor.numel()];
                    new LongPointer(tensor.data_ptr()).get(values);
                    labels.add(values);
                } else {
                    floats.add(tensor);
                }
            }
            List<float[]> before = values(floats);
            List<Tensor> made = launch.run();
            return new OneLaunch(
                    before,
                    values(floats),
                    values(made),
                    labels,
                    made.stream().allMatch(tensor -> isIn(format.layout(), tensor)));
        }
    }

    private static List<float[]> values(List<Tensor> tensors) {
        return tensors.stream()
                .map(tensor -> HostTensors.floats(TorchOperations.single(tensor)))
                .toList();
    }

    private static boolean isIn(Layout layout, Tensor tensor) {
        return tensor.dim() != 4
                || tensor.is_contiguous(layout == Layout.NHWC ? MemoryFormat.ChannelsLast : MemoryFormat.Contiguous);
    }

    static void assertClose(float[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < actual.length; i++) {
            // Sums of at most a few hundred products in single precision, in any order.
            assertThat((double) actual[i]).as("element %d", i).isCloseTo(expected[i], within(1e-5 * (1 + largest)));
        }
    }

    static double[] doubles(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }
}
