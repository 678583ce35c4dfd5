package org.secateur.profilers.libtorch;

import static org.bytedeco.pytorch.global.torch.avg_pool2d_backward;
import static org.bytedeco.pytorch.global.torch.max_pool2d_with_indices;
import static org.bytedeco.pytorch.global.torch.max_pool2d_with_indices_backward;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.secateur.results.core.Operation.Concat;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.Pad;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.Pass;

/** Launches of operations that choose, average or move pixels. Buffers: inputs, then the output's gradient. */
final class PixelLaunches {
    private PixelLaunches() {}

    static Launch pooling(Pooling o, Pass pass, Buffers buffers) {
        Tensor x = buffers.input(o.n(), o.c(), o.h(), o.w());
        boolean padded = o.kind() == PoolingKind.PADDED_AVERAGE;
        if (pass == Pass.FORWARD) {
            return o.kind() == PoolingKind.MAX
                    ? () -> List.of(
                            TorchOperations.maxPool(x, o.window(), o.stride(), o.padding(), o.dilation(), o.ceil()))
                    : () -> List.of(
                            TorchOperations.averagePool(x, o.window(), o.stride(), o.padding(), o.ceil(), padded));
        }
        Tensor dy = buffers.activation(o.n(), o.c(), o.outputHeight(), o.outputWidth());
        long[] window = TorchOperations.longs(o.window());
        long[] stride = TorchOperations.longs(o.stride());
        long[] padding = TorchOperations.longs(o.padding());
        if (o.kind() == PoolingKind.MAX) {
            long[] dilation = TorchOperations.longs(o.dilation());
            Tensor indices = max_pool2d_with_indices(x, window, stride, padding, dilation, o.ceil())
                    .get1();
            return () -> List.of(
                    max_pool2d_with_indices_backward(dy, x, window, stride, padding, dilation, o.ceil(), indices));
        }
        if (TorchOperations.isGlobal(o.h(), o.w(), o.window(), o.padding())) {
            // The derivative of a mean: the gradient over the number of pixels, on every pixel.
            Scalar pixels = new Scalar((long) o.h() * o.w());
            return () -> List.of(dy.expand(o.n(), o.c(), o.h(), o.w()).div(pixels));
        }
        LongOptional noDivisor = new LongOptional();
        return () -> List.of(avg_pool2d_backward(dy, x, window, stride, padding, o.ceil(), padded, noDivisor));
    }

    /** Zeros; what else a network pads with takes as long. */
    static Launch pad(Pad o, Pass pass, Buffers buffers) {
        Tensor x = buffers.input(o.n(), o.c(), o.h(), o.w());
        if (pass == Pass.FORWARD) {
            return () -> List.of(TorchOperations.pad(x, o.before(), o.after(), 0));
        }
        Tensor dy = buffers.activation(o.n(), o.c(), o.outputHeight(), o.outputWidth());
        return Launches.gradient(TorchOperations.pad(x, o.before(), o.after(), 0), List.of(dy), List.of(x));
    }

    static Launch indexMap(IndexMap o, Pass pass, Buffers buffers) {
        Tensor x = buffers.input(o.n(), o.c(), o.h(), o.w());
        ChannelMap map = buffers.map(sources(o), o.c());
        if (pass == Pass.FORWARD) {
            return () -> List.of(TorchOperations.indexMap(x, map, o.stride()));
        }
        Tensor dy = buffers.activation(o.n(), o.k(), o.outputHeight(), o.outputWidth());
        return Launches.gradient(TorchOperations.indexMap(x, map, o.stride()), List.of(dy), List.of(x));
    }

    /**
     * A map of the operation's counts: where every input channel is kept, a run in the middle of the outputs (the dense
     * option-A shortcut); else channels scattered evenly over inputs and outputs, as pruning leaves them.
     */
    static List<Integer> sources(IndexMap o) {
        Integer[] sources = new Integer[o.k()];
        Arrays.fill(sources, ChannelMap.ZERO);
        boolean dense = o.mapped() == o.c();
        for (int i = 0; i < o.mapped(); i++) {
            int output = dense ? (o.k() - o.mapped()) / 2 + i : (int) ((long) i * o.k() / o.mapped());
            int source = dense ? i : (int) ((long) i * o.c() / o.mapped());
            sources[output] = source;
        }
        return List.of(sources);
    }

    static Launch concat(Concat o, Pass pass, Buffers buffers) {
        List<Tensor> inputs = o.channels().stream()
                .map(c -> buffers.input(o.n(), c, o.h(), o.w()))
                .toList();
        if (pass == Pass.FORWARD) {
            return () -> List.of(TorchOperations.concat(inputs));
        }
        int channels = o.channels().stream().mapToInt(Integer::intValue).sum();
        Tensor dy = buffers.activation(o.n(), channels, o.h(), o.w());
        return Launches.gradient(TorchOperations.concat(inputs), List.of(dy), inputs);
    }
}
