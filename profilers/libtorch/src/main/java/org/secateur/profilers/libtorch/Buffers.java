package org.secateur.profilers.libtorch;

import static org.bytedeco.pytorch.global.torch.empty;
import static org.bytedeco.pytorch.global.torch.zeros;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The buffers of one kernel, filled with standard normal values and never with zeros, since data changes power and
 * denormals change time. Tensors belong to the pointer scope that is open when they are made.
 */
final class Buffers implements AutoCloseable {
    private final NormalPool pool;
    private final Random labels = new Random(1);
    private final List<Tensor> tensors = new ArrayList<>();
    private final List<FlatParameters> parameters = new ArrayList<>();
    private final List<ChannelMap> maps = new ArrayList<>();

    Buffers(NormalPool pool) {
        this.pool = pool;
    }

    /** A tensor of standard normal values. */
    Tensor normal(long... shape) {
        Tensor tensor = empty(shape);
        pool.fill(tensor);
        tensors.add(tensor);
        return tensor;
    }

    /** A leaf of standard normal values that requires a gradient: an input or a parameter. */
    Tensor leaf(long... shape) {
        normal(shape).set_requires_grad(true);
        return tensors.get(tensors.size() - 1);
    }

    /** Variances: squares of standard normal values, plus a tenth. */
    Tensor variances(int channels) {
        Tensor tensor = normal(channels);
        tensor.mul_(tensor).add_(new Scalar(0.1f));
        return tensor;
    }

    /** A gradient to which every launch adds. */
    Tensor accumulator(long... shape) {
        Tensor tensor = zeros(shape);
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
        FlatParameters flat = new FlatParameters(shapes);
        parameters.add(flat);
        List<Tensor> parts = List.of(flat.values(), flat.gradients(), flat.momenta());
        parts.forEach(pool::fill);
        tensors.addAll(parts);
        return flat;
    }

    ChannelMap map(List<Integer> sources, int channels) {
        ChannelMap map = new ChannelMap(sources, channels);
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
