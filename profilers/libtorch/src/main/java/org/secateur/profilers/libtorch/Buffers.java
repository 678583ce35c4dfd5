package org.secateur.profilers.libtorch;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The buffers of one kernel, filled with standard normal values and never with zeros, since data changes power and
 * denormals change time. Four-dimensional ones lie in the format's layout, activations have its type, and all else is F32.
 * Tensors belong to the pointer scope that is open when they are made.
 */
final class Buffers implements AutoCloseable {
    private final NormalPool pool;
    private final TensorFormat format;
    private final Random labels = new Random(1);
    private final List<Tensor> tensors = new ArrayList<>();
    private final List<FlatParameters> parameters = new ArrayList<>();
    private final List<ChannelMap> maps = new ArrayList<>();

    Buffers(NormalPool pool, TensorFormat format) {
        this.pool = pool;
        this.format = format;
    }

    /** Type and layout of what is made. */
    TensorFormat format() {
        return format;
    }

    /** A tensor of standard normal values. */
    Tensor normal(long... shape) {
        return filled(format.uninitialised(shape));
    }

    /** A leaf of standard normal values that requires a gradient: a parameter, or logits. */
    Tensor leaf(long... shape) {
        Tensor leaf = normal(shape);
        leaf.set_requires_grad(true);
        return leaf;
    }

    /** Standard normal values that a layer reads or makes, or their gradients. */
    Tensor activation(long... shape) {
        return filled(format.uninitialisedActivation(shape));
    }

    /** The same as a leaf that requires a gradient: a layer's input. */
    Tensor input(long... shape) {
        Tensor input = activation(shape);
        input.set_requires_grad(true);
        return input;
    }

    /** The constants that are added to every image, {@code [channels, height, width]}. */
    Tensor constants(long channels, long height, long width) {
        return normal(1, channels, height, width).select(0, 0);
    }

    /** A weight in the type in which convolutions and linear layers compute with it. */
    Tensor asUsed(Tensor weight) {
        return format.isBrainFloat() ? weight.detach().to(ScalarType.BFloat16) : weight;
    }

    /** What brings the gradient of a parameter to the parameter's own type. */
    UnaryOperator<Tensor> toSingle() {
        return format.isBrainFloat() ? gradient -> gradient.to(ScalarType.Float) : gradient -> gradient;
    }

    private Tensor filled(Tensor tensor) {
        pool.fill(tensor);
        tensors.add(tensor);
        return tensor;
    }

    /** Variances: squares of standard normal values, plus a tenth. */
    Tensor variances(int channels) {
        Tensor tensor = normal(channels);
        tensor.mul_(tensor).add_(new Scalar(0.1f));
        return tensor;
    }

    /** A gradient to which every launch adds. */
    Tensor accumulator(long... shape) {
        Tensor tensor = format.uninitialised(shape);
        tensor.zero_();
        tensors.add(tensor);
        return tensor;
    }

    /** Labels below {@code classes}, {@code [n]}. */
    Tensor labels(int n, int classes) {
        Tensor tensor = HostTensors.labels(labels.ints(n, 0, classes).toArray());
        tensors.add(tensor);
        return tensor;
    }

    /** Parameters, gradients and momenta of these shapes. */
    FlatParameters parameters(List<long[]> shapes) {
        FlatParameters flat = new FlatParameters(shapes, format);
        parameters.add(flat);
        List<Tensor> parts = List.of(flat.values(), flat.gradients(), flat.momenta());
        parts.forEach(pool::fill);
        tensors.addAll(parts);
        return flat;
    }

    ChannelMap map(List<Integer> sources, int channels) {
        ChannelMap map = new ChannelMap(sources, channels, format);
        maps.add(map);
        return map;
    }

    /** Everything made so far, in order. */
    List<Tensor> tensors() {
        return tensors;
    }

    /** Bytes made so far. */
    long bytes() {
        return tensors.stream().mapToLong(Tensor::nbytes).sum();
    }

    /** Closes what does not belong to a pointer scope. */
    @Override
    public void close() {
        parameters.forEach(FlatParameters::close);
        maps.forEach(ChannelMap::close);
    }
}
