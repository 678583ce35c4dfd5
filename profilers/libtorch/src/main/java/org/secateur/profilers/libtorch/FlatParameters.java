package org.secateur.profilers.libtorch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The trained parameters of a network, their gradients and momenta, each side by side in one flat tensor, so that an
 * optimizer step is a handful of operations whatever the number of parameters. Each parameter is a leaf whose gradient
 * is already there: backward adds to it in place. All zero at first. Used by one thread; whoever makes it closes it,
 * and its tensors die with it. Parameters that are only read have neither gradients nor momenta.
 */
public final class FlatParameters implements AutoCloseable {
    private final PointerScope scope;
    private final Tensor values;
    private final Tensor gradients;
    private final Tensor momenta;
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<Tensor> parameterGradients = new ArrayList<>();
    private final List<Tensor> parameterMomenta = new ArrayList<>();

    /**
     * Parameters of these shapes, in this order.
     *
     * @param format in whose memory they lie with their gradients and momenta, those of four dimensions in its layout
     * @throws IllegalArgumentException when there is none or one is empty
     */
    public FlatParameters(List<long[]> shapes, TensorFormat format) {
        this(shapes, format, true);
    }

    /**
     * Parameters of which only the values are there.
     *
     * @throws IllegalArgumentException when there is none or one is empty
     */
    public static FlatParameters readOnly(List<long[]> shapes, TensorFormat format) {
        return new FlatParameters(shapes, format, false);
    }

    private FlatParameters(List<long[]> shapes, TensorFormat format, boolean trained) {
        long total = 0;
        for (long[] shape : shapes) {
            if (elements(shape) < 1) {
                throw new IllegalArgumentException("parameter of shape " + Arrays.toString(shape) + " is empty");
            }
            total += elements(shape);
        }
        if (total == 0) {
            throw new IllegalArgumentException("no parameters: expected at least one");
        }
        try (PointerScope opened = new PointerScope()) {
            scope = opened.extend();
            values = format.flatZeros(total);
            gradients = format.flatZeros(trained ? total : 0);
            momenta = format.flatZeros(trained ? total : 0);
            long offset = 0;
            for (long[] shape : shapes) {
                long elements = elements(shape);
                Tensor parameter = format.shaped(values.narrow(0, offset, elements), shape)
                        .detach()
                        .set_requires_grad(trained);
                parameters.add(parameter);
                if (trained) {
                    Tensor gradient = format.shaped(gradients.narrow(0, offset, elements), shape);
                    parameter.mutable_grad().put(gradient);
                    parameterGradients.add(gradient);
                    parameterMomenta.add(format.shaped(momenta.narrow(0, offset, elements), shape));
                }
                offset += elements;
            }
        }
    }

    private static long elements(long[] shape) {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    /** How many parameter tensors there are. */
    public int size() {
        return parameters.size();
    }

    /** Parameter {@code i}, a leaf that requires a gradient unless it is only read; written to only without grad mode. */
    public Tensor parameter(int i) {
        return parameters.get(i);
    }

    /** The gradient of parameter {@code i}, the very tensor that backward adds to. */
    public Tensor gradient(int i) {
        return parameterGradients.get(i);
    }

    /** The momentum of parameter {@code i}. */
    public Tensor momentum(int i) {
        return parameterMomenta.get(i);
    }

    /** All parameters, {@code [elements]}. */
    public Tensor values() {
        return values;
    }

    /** All gradients, {@code [elements]}; none where parameters are only read. */
    public Tensor gradients() {
        return gradients;
    }

    /** All momenta, {@code [elements]}; none where parameters are only read. */
    public Tensor momenta() {
        return momenta;
    }

    @Override
    public void close() {
        scope.close();
    }
}
